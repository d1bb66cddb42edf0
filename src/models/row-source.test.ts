import { describe, expect, it } from "vitest";
import { referenceBackend } from "../backends/reference/reference.js";
import { gatheredSource, type RowSource, residentSource, streamedSource, upload } from "./row-source.js";
import type { RowData } from "./rows.js";

const rows = 11;
const x: RowData = { data: Uint8Array.from({ length: rows * 3 }, (_, i) => i), dtype: "uint8", rowShape: [3], rows };
const y: RowData = { data: Int32Array.from({ length: rows }, (_, i) => i * 10), dtype: "int32", rowShape: [], rows };
const order = Int32Array.of(5, 3, 0, 10, 7, 1, 2, 9, 4, 8, 6);

/** What the engine holds of `y` for a job. */
async function labels(backend: ReturnType<typeof referenceBackend>, source: RowSource, from: number, count: number) {
  const { inputs } = await source.bind(from, count);
  const { buffer, firstRow = 0 } = inputs!.y!;
  return [...(await backend.read(buffer, firstRow, count))];
}

describe("rows on their way to the engine", () => {
  it("streams rows in the order of the epoch, whatever part is asked for, and gathers ahead", async () => {
    const backend = referenceBackend();
    const source = await streamedSource(backend, { x, y }, 4);
    for (const epoch of [order, order.toReversed()]) {
      await source.begin(epoch);
      const seen: number[] = [];
      for (const [from, count] of [
        [0, 4],
        [4, 4],
        [8, 3],
      ] as const) {
        seen.push(...(await labels(backend, source, from, count)));
        // Time for what is gathered ahead.
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      expect(seen).toEqual([...epoch].map((row) => row * 10));
      // Back again, as after a step that went wrong.
      expect(await labels(backend, source, 4, 2)).toEqual([...epoch.subarray(4, 6)].map((row) => row * 10));
    }
    source.free();
    await expect(source.bind(0, 1)).rejects.toThrow(/freed/);
  });

  it("streams rows in their own order without one", async () => {
    const backend = referenceBackend();
    const source = await streamedSource(backend, { x, y }, 4);
    expect(await labels(backend, source, 4, 3)).toEqual([40, 50, 60]);
    expect(source.chunk).toBe(12);
  });

  it("binds resident rows from a first row on, and tables with an index", async () => {
    const backend = referenceBackend();
    const buffers = await upload(backend, { x, y });
    expect(await labels(backend, residentSource(buffers, 3), 2, 2)).toEqual([50, 60]);
    const gathered = await gatheredSource(backend, buffers, rows);
    await gathered.begin(order);
    const { tables, inputs } = await gathered.bind(3, 2);
    expect(tables).toBe(buffers);
    expect(inputs!.indices!.firstRow).toBe(3);
    expect([...(await backend.read(inputs!.indices!.buffer))]).toEqual([...order]);
  });
});
