import type { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { handmade } from "../../../test/support/handmade-program.js";
import { engine, works } from "../../../test/support/test-engine.js";
import { EngineError } from "../../core/errors.js";
import type { Graph } from "../../graph/graph.js";
import { input, read, table } from "../../graph/leaves.js";
import { ops } from "../../graph/ops/index.js";
import { type Tensor, Variable } from "../../graph/tensor.js";
import type { Buffer } from "../backend.js";
import { lowerGraph } from "./lower.js";
import { startOf } from "./place.js";
import type { WasmProgram } from "./program.js";
import type { WasmBackend } from "./wasm-backend.js";

const plain = { transposeA: false, transposeB: false };

describe("what is kept", () => {
  const state = { kind: "variable", variable: new Variable("w", [16, 16], "float32") } as const;
  const other = { kind: "variable", variable: new Variable("v", [16, 16], "float32") } as const;

  it("is what is made of variables that the program does not write, and what is made of that", () => {
    const { schedule, kept, arena } = handmade("kept", (builder) => {
      const [packed, twice, changed, sum, rows] = [1, 2, 3, 4, 5].map(() => builder.scratch(2048));
      builder.emit("packPanels", { x: startOf(state), y: packed!, k: 16, n: 16, stride: 16 });
      builder.emit("unary", { x: packed!, y: twice!, op: 0, n: 256 });
      builder.emit("packPanels", { x: startOf(other), y: changed!, k: 16, n: 16, stride: 16 });
      builder.emit("rowCount", { y: rows! });
      builder.emit("fill", { y: sum!, value: 0, n: { perRow: 1 } });
      builder.emit("unary", { x: startOf(state), y: sum!, op: 0, n: 4 });
      builder.emit("unary", { x: twice!, y: rows!, op: 0, n: { perRow: 1 } });
      builder.begin({ op: "assign", effect: 0 });
      builder.emit("copy", { x: twice!, y: startOf(other), n: 1024 });
    });
    const names = [...kept.calls].map((i) => schedule.calls[i]!.values).map(({ x, op }) => (op === 0 ? "unary" : x));
    expect(names).toEqual([startOf(state), "unary"]);
    expect(kept.variables).toEqual([state.variable]);
    expect(kept.bytes).toBe(4096);
    expect([...kept.offsets.keys()].filter((block) => arena.offsets.has(block))).toEqual([]);
  });
});

describe("a normalisation that does not learn, behind a convolution", () => {
  const variable = (name: string, shape: readonly number[]) => read(new Variable(name, shape, "float32"));
  const kernel = variable("kernel", [3, 3, 16, 16]);
  const [scale, shift] = [variable("scale", [16]), variable("shift", [16])];
  const x = input("x", [null, 14, 14, 16], "float32");
  const convolved = ops.conv2d([x, kernel], { strides: [1, 1], padding: "valid" });
  const calls = (y: Tensor, effects: readonly Tensor[] = []) => {
    const graph: Graph = { name: "g", outputs: { y }, effects };
    const { schedule, kept } = lowerGraph(graph, { capacity: 2, fuse: true, log: undefined });
    const shown = schedule.calls.map(({ kernel: name, values }) => `${name} ${String(values.points)}`);
    return shown.filter((_, i) => !kept.calls.has(i));
  };

  it("costs nothing, and leaves the convolution its algorithm", () => {
    const alone = calls(ops.add([convolved, shift]));
    expect(alone.length).toBeGreaterThan(0);
    expect(calls(ops.relu([ops.add([ops.multiply([convolved, scale]), shift])]))).toEqual(alone);
  });

  it("is a walk of its own where the kernel changes", () => {
    const normalized = ops.add([ops.multiply([convolved, scale]), shift]);
    const trained = calls(normalized, [ops.assign([kernel, ops.add([kernel, kernel])])]);
    expect(trained.filter((call) => call.startsWith("scaleChannels"))).toHaveLength(1);
  });
});

/** y = x w, and the other way round of changing w: w = w + w by a program. */
async function product(backend: WasmBackend) {
  const [k, n] = [70, 50];
  const w = new Variable("w", [k, n], "float32");
  const x = input("x", [null, k], "float32");
  const variables = new Map<Variable, Buffer>([[w, await backend.allocate("float32", [k, n])]]);
  const forward: Graph = { name: "forward", outputs: { y: ops.matmul([x, read(w)], plain) }, effects: [] };
  const double: Graph = {
    name: "double",
    outputs: { x: ops.negate([x]) },
    effects: [ops.assign([read(w), ops.add([read(w), read(w)])])],
  };
  const [from, to] = [await backend.allocate("float32", [9, k]), await backend.allocate("float32", [9, n])];
  await backend.write(from, new Float32Array(9 * k).fill(1));
  const inputs = { x: { buffer: from } };
  const program = await backend.lower(forward, { capacity: 4, variables });
  const doubling = await backend.lower(double, { capacity: 4, variables });
  return {
    program,
    set: (value: number) => backend.write(variables.get(w)!, new Float32Array(k * n).fill(value)),
    /** In steps of 4, 4 and 1 rows. */
    forward: async () => {
      await backend.run(program, { inputs, outputs: { y: { buffer: to } }, rows: 9, batch: 4 });
      return new Set(await backend.read(to));
    },
    double: () => backend.run(doubling, { inputs, rows: 1, batch: 1 }),
  };
}

describe.each([true, false])("results that are kept, memory shared: %s", (shared) => {
  it.each([1, 2])("are made anew when a variable was written, and not before; threads %d", async (threads) => {
    const backend = engine({ threads: shared ? threads : 1, shared });
    const { program, set, forward, double } = await product(backend);
    const { kept } = (program as WasmProgram).lowered;
    expect(kept.calls.size).toBe(1);
    for (const value of [1, 3, Number.NaN, -1]) {
      await set(value);
      for (let again = 0; again < 5; again++) {
        expect((program as WasmProgram).stale).toBe(again === 0);
        expect(await forward()).toEqual(new Set([70 * value]));
      }
      await double();
      expect((program as WasmProgram).stale).toBe(true);
      expect(await forward()).toEqual(new Set([140 * value]));
    }
  });

  it("survive others, and an arena that moves", async () => {
    const backend = engine({ shared, threads: 1 });
    const { set, forward } = await product(backend);
    await set(2);
    expect(await forward()).toEqual(new Set([140]));
    const large = await backend.load(
      handmade("large", (builder) => {
        builder.emit("fill", { y: builder.scratch(4e6), value: 7, n: 1e6 });
      }),
    );
    await backend.run(large, { rows: 1, batch: 1 });
    expect(await forward()).toEqual(new Set([140]));
    await works(backend);
  });
});

describe("a small program that has run before", () => {
  it("runs in the calling thread; its trap is reported, and nothing else suffers", async () => {
    const workers: Worker[] = [];
    const add = (worker: Worker): void => void workers.push(worker);
    process.on("worker", add);
    try {
      const backend = engine({ threads: 1 });
      const rows = ops.gatherRows([table("t", [3], "float32"), input("i", [null], "int32")]);
      const program = await backend.lower(
        { name: "pick", outputs: { y: rows }, effects: [] },
        { capacity: 1, variables: new Map() },
      );
      const [from, index, to] = [
        await backend.allocate("float32", [2, 3]),
        await backend.allocate("int32", [1]),
        await backend.allocate("float32", [1, 3]),
      ];
      await backend.write(from, Float32Array.of(1, 2, 3, 4, 5, 6));
      const pick = async (i: number) => {
        await backend.write(index, Int32Array.of(i));
        const job = {
          inputs: { i: { buffer: index } },
          tables: { t: from },
          outputs: { y: { buffer: to } },
          rows: 1,
          batch: 1,
        };
        await backend.run(program, job);
        return [...(await backend.read(to))];
      };
      for (let again = 0; again < 6; again++)
        expect(await pick(again % 2)).toEqual(again % 2 === 0 ? [1, 2, 3] : [4, 5, 6]);
      for (let again = 0; again < 2; again++) {
        const failure = pick(150_000_000);
        await expect(failure).rejects.toThrow(EngineError);
        await expect(failure).rejects.toThrow(/kernel trapped in kernel gatherRows \(gatherRows\) of program "pick"/);
        expect(await pick(1)).toEqual([4, 5, 6]);
      }
      await works(backend);
      // A pool whose worker had trapped would have been replaced.
      expect(workers).toHaveLength(1);
    } finally {
      process.off("worker", add);
    }
  });
});
