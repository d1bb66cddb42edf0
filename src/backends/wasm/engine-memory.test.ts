import { describe, expect, it } from "vitest";
import { engine, works } from "../../../test/support/test-engine.js";
import { EngineError, StateError } from "../../core/errors.js";
import type { Graph } from "../../graph/graph.js";
import { input } from "../../graph/leaves.js";
import { ops } from "../../graph/ops/index.js";
import { EngineMemory } from "./engine-memory.js";
import { ALIGNMENT } from "./layout.js";
import type { Port } from "./port.js";

describe("memory", () => {
  it.each([true, false])("that runs out says how much was asked, used and possible; shared: %s", async (shared) => {
    const backend = engine({ shared, limits: [64], threads: 1 });
    const first = await backend.allocate("uint8", [3 * 2 ** 20]);
    const second = backend.allocate("float32", [1024, 1024]);
    await expect(second).rejects.toThrow(EngineError);
    await expect(second).rejects.toThrow(
      /a buffer float32 \[1024, 1024\] asked for 4 MB \(4194304 bytes\); 3 MB are in use, .* 4 MB is the limit/,
    );
    backend.free(first);
    await backend.allocate("uint8", [3 * 2 ** 20]);
    await works(backend);
  });

  it("that runs out asks for a collection and tries again", async () => {
    const backend = engine({ limits: [64], threads: 1 });
    const dropped = await backend.allocate("uint8", [3 * 2 ** 20]);
    const global = globalThis as { gc?: () => void };
    const before = global.gc;
    let asked = 0;
    // As a collection does for a model that was dropped: what it held is freed a little later.
    global.gc = () => {
      asked++;
      void Promise.resolve().then(() => backend.free(dropped));
    };
    try {
      expect((await backend.allocate("float32", [1024, 700])).shape).toEqual([1024, 700]);
      expect(asked).toBe(1);
      await expect(backend.allocate("float32", [1024, 1024])).rejects.toThrow(EngineError);
      expect(asked).toBe(2);
    } finally {
      global.gc = before as () => void;
      if (before === undefined) delete global.gc;
    }
  });

  it("hands out no block that ends at 2^32, where 32-bit addresses begin anew", async () => {
    const port = { size: 2 ** 32 - 2 ** 16, maximum: 2 ** 32 };
    const memory = new EngineMemory({
      ...port,
      grow: async (bytes: number) => {
        port.size = bytes;
        return true;
      },
      get size() {
        return port.size;
      },
    } as unknown as Port);
    const all = 2 ** 32 - 1024;
    await expect(memory.allocate(all, "all")).rejects.toThrow(/all asked for 4,096 MB/);
    const address = await memory.allocate(all - ALIGNMENT, "all but the last line");
    expect(address + all - ALIGNMENT).toBe(2 ** 32 - ALIGNMENT);
    await expect(memory.allocate(1, "one more")).rejects.toThrow(EngineError);
  });

  it("is reused: hundreds of programs and buffers grow nothing", async () => {
    const backend = engine({ threads: 1 });
    await works(backend);
    const { memory: before } = await backend.describe();
    for (let i = 0; i < 300; i++) await works(backend);
    const { memory: after } = await backend.describe();
    expect(after).toEqual(before);
  });

  it("is of zeros, also where it was used before", async () => {
    const backend = engine({ threads: 1 });
    const first = await backend.allocate("float32", [100]);
    await backend.write(first, new Float32Array(100).fill(3));
    backend.free(first, first);
    const second = await backend.allocate("float32", [100]);
    expect(await backend.read(second)).toEqual(new Float32Array(100));
    await expect(backend.read(first)).rejects.toThrow(StateError);
  });

  it("of a buffer that is freed in use stays until its last use has ended", async () => {
    const backend = engine({ threads: 1 });
    const buffer = await backend.allocate("int32", [2]);
    const write = backend.write(buffer, Int32Array.of(4, 5));
    const read = backend.read(buffer);
    backend.free(buffer);
    const next = backend.allocate("int32", [2]);
    await write;
    expect(await read).toEqual(Int32Array.of(4, 5));
    expect(await backend.read(await next)).toEqual(Int32Array.of(0, 0));
  });

  it("moves its arena when a larger program comes, and earlier programs still work", async () => {
    const backend = engine();
    const x = input("x", [null, 50], "float32");
    const graph: Graph = { name: "sum", outputs: { y: ops.add([ops.exp([x]), ops.relu([x])]) }, effects: [] };
    const from = await backend.allocate("float32", [400, 50]);
    const to = await backend.allocate("float32", [400, 50]);
    const values = Float32Array.from({ length: 20_000 }, (_, i) => Math.sin(i));
    await backend.write(from, values);
    const bound = { inputs: { x: { buffer: from } }, outputs: { y: { buffer: to } } };
    const small = await backend.lower(graph, { capacity: 3, variables: new Map() });
    const large = await backend.lower(graph, { capacity: 400, variables: new Map() });
    await backend.run(small, { ...bound, rows: 400, batch: 3 });
    const expected = await backend.read(to);
    for (const program of [large, small, large, small]) {
      await backend.write(to, new Float32Array(20_000));
      await backend.run(program, { ...bound, rows: 400, batch: program.capacity });
      expect(await backend.read(to)).toEqual(expected);
    }
    backend.release(large);
    await backend.write(to, new Float32Array(20_000));
    await backend.run(small, { ...bound, rows: 400, batch: 2 });
    expect(await backend.read(to)).toEqual(expected);
  });

  it("of a program that is given back in the middle of another's job stays out of its way", async () => {
    const backend = engine();
    const x = input("x", [null, 50], "float32");
    const graph = (n: number): Graph => {
      let y = x;
      for (let i = 0; i < n; i++) y = ops.add([ops.exp([y]), ops.relu([y])]);
      return { name: "deep", outputs: { y: ops.tanh([y]) }, effects: [] };
    };
    const from = await backend.allocate("float32", [400, 50]);
    const to = await backend.allocate("float32", [400, 50]);
    await backend.write(
      from,
      Float32Array.from({ length: 20_000 }, (_, i) => Math.sin(i) - 1),
    );
    const bound = { inputs: { x: { buffer: from } }, outputs: { y: { buffer: to } }, rows: 400 };
    const small = await backend.lower(graph(2), { capacity: 5, variables: new Map() });
    await backend.run(small, { ...bound, batch: 5 });
    const expected = await backend.read(to);
    for (let i = 0; i < 5; i++) {
      const large = await backend.lower(graph(3), { capacity: 400, variables: new Map() });
      await backend.run(large, { ...bound, batch: 400 });
      await backend.write(to, new Float32Array(20_000));
      const job = backend.run(small, { ...bound, batch: 5 });
      const other = backend.lower(graph(1), { capacity: 300, variables: new Map() });
      backend.release(large);
      await job;
      expect(await backend.read(to)).toEqual(expected);
      backend.release(await other);
    }
  });

  it("is given back with the largest program", async () => {
    const backend = engine({ threads: 1 });
    await works(backend);
    const { memory: before } = await backend.describe();
    const x = input("x", [null, 50], "float32");
    const graph: Graph = { name: "large", outputs: { y: ops.exp([x]) }, effects: [] };
    const program = await backend.lower(graph, { capacity: 10_000, variables: new Map() });
    const rows = await backend.allocate("float32", [10_000, 50]);
    await backend.run(program, { inputs: { x: { buffer: rows } }, rows: 10_000, batch: 10_000 });
    backend.free(rows);
    expect((await backend.describe()).memory.used).toBeGreaterThan(before.used + 10_000 * 50 * 4);
    backend.release(program);
    expect((await backend.describe()).memory.used).toBeLessThanOrEqual(before.used);
  });
});
