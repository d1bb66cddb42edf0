/** The order of calls and what `read` returns: one rule for every backend (backends/backend.ts). */

import { afterAll, describe, expect, it } from "vitest";
import type { Backend } from "../src/backends/backend.js";
import { referenceBackend } from "../src/backends/reference/reference.js";
import { WasmBackend } from "../src/backends/wasm/wasm-backend.js";
import { DataError, StateError } from "../src/core/errors.js";
import type { Graph } from "../src/graph/graph.js";
import { input } from "../src/graph/leaves.js";
import { ops } from "../src/graph/ops/index.js";

const backends: Record<string, Backend> = {
  reference: referenceBackend(),
  "wasm, memory shared": new WasmBackend({ threads: 2, module: "auto", shared: true, threadCost: 1 }),
  "wasm, memory of a worker": new WasmBackend({ threads: 1, module: "auto", shared: false }),
};

describe.each(Object.entries(backends))("%s", (_name, backend) => {
  afterAll(() => backend.close());

  it("does what was called before free and release, and refuses what is called behind them", async () => {
    const x = input("x", [null], "float32");
    const graph: Graph = { name: "double", outputs: { y: ops.add([x, x]) }, effects: [] };
    const program = await backend.lower(graph, { capacity: 3, variables: new Map() });
    const [from, to] = [await backend.allocate("float32", [3]), await backend.allocate("float32", [3])];
    const job = { inputs: { x: { buffer: from } }, outputs: { y: { buffer: to } }, rows: 3, batch: 2 };
    const write = backend.write(from, Float32Array.of(1, 2, 3));
    const run = backend.run(program, job);
    const read = backend.read(to);
    backend.release(program);
    backend.free(from, to);
    await write;
    expect(await run).toMatchObject({ steps: 2 });
    expect(await read).toEqual(Float32Array.of(2, 4, 6));
    await expect(backend.read(to)).rejects.toThrow(StateError);
    await expect(backend.write(from, Float32Array.of(1))).rejects.toThrow(StateError);
    await expect(backend.run(program, job)).rejects.toThrow(StateError);
  });

  it("reads into an array of the caller's", async () => {
    const buffer = await backend.allocate("int32", [5]);
    await backend.write(buffer, Int32Array.of(1, 2, 3, 4, 5));
    const into = new Int32Array(4).fill(9);
    expect(await backend.read(buffer, 2, 3, into)).toBe(into);
    expect([...into]).toEqual([3, 4, 5, 9]);
    await expect(backend.read(buffer, 0, 5, into)).rejects.toThrow(
      new DataError("read: a Int32Array of at least 5 elements expected, received a Int32Array of 4."),
    );
    await expect(backend.read(buffer, 0, 1, new Float32Array(4))).rejects.toThrow(DataError);
    backend.free(buffer);
  });

  it("ends what was called before close", async () => {
    const buffer = await backend.allocate("int32", [2]);
    const write = backend.write(buffer, Int32Array.of(7, 8));
    const read = backend.read(buffer);
    await backend.close();
    await write;
    expect(await read).toEqual(Int32Array.of(7, 8));
    await expect(backend.read(buffer)).rejects.toThrow(StateError);
  });
});
