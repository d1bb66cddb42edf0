import { beforeEach, describe, expect, it } from "vitest";
import { DataError, EngineError, OptionError, StateError } from "../../core/errors.js";
import type { Graph } from "../../graph/graph.js";
import { constant, input, read, table } from "../../graph/leaves.js";
import { accumulate } from "../../graph/ops/accumulate.js";
import { adamUpdate } from "../../graph/ops/adamUpdate.js";
import { add } from "../../graph/ops/add.js";
import { assign } from "../../graph/ops/assign.js";
import { reduceSum } from "../../graph/ops/broadcastTo.js";
import { checkFinite } from "../../graph/ops/checkFinite.js";
import { gatherRows } from "../../graph/ops/gatherRows.js";
import { increment } from "../../graph/ops/increment.js";
import { log } from "../../graph/ops/log.js";
import { momentumUpdate } from "../../graph/ops/momentumUpdate.js";
import { multiply } from "../../graph/ops/multiply.js";
import { rowCount } from "../../graph/ops/rowCount.js";
import { sgdUpdate } from "../../graph/ops/sgdUpdate.js";
import { Variable } from "../../graph/tensor.js";
import type { Backend, Buffer } from "../backend.js";
import { referenceBackend } from "./reference.js";

let backend: Backend;
beforeEach(() => {
  backend = referenceBackend();
});

const floats = (...values: number[]): Float32Array => Float32Array.from(values);
const total = (x: Parameters<typeof rowCount>[0][0]) =>
  reduceSum([x], { axes: x.shape.map((_, axis) => axis), keepDims: false });

async function filled(values: Float32Array | Int32Array | Uint8Array, shape: number[] = [values.length]) {
  const dtype = values instanceof Float32Array ? "float32" : values instanceof Int32Array ? "int32" : "uint8";
  const buffer = await backend.allocate(dtype, shape);
  await backend.write(buffer, values);
  return buffer;
}

/** Lowers a graph with a new buffer for each variable. */
async function lowered(graph: Partial<Graph>, variables: readonly Variable[] = [], capacity = 4) {
  const memory = new Map<Variable, Buffer>();
  for (const variable of variables) memory.set(variable, await backend.allocate(variable.dtype, variable.shape));
  const whole = { name: "test", outputs: {}, effects: [], ...graph };
  return { memory, program: await backend.lower(whole, { capacity, variables: memory }) };
}

describe("buffers", () => {
  it("begin as zeros and keep what is written, each dtype in its own typed array", async () => {
    const buffer = await backend.allocate("int32", [2, 2]);
    expect(await backend.read(buffer)).toEqual(new Int32Array(4));
    await backend.write(buffer, Int32Array.of(7, -8), 1);
    expect(await backend.read(buffer)).toEqual(Int32Array.of(0, 7, -8, 0));
    expect(await backend.read(buffer, 1, 2)).toEqual(Int32Array.of(7, -8));
    expect(await backend.read(await filled(floats(0.1)))).toEqual(floats(0.1));
    const flags = await backend.allocate("bool", [2]);
    await backend.write(flags, Uint8Array.of(3, 0));
    expect(await backend.read(flags)).toEqual(Uint8Array.of(1, 0));
    expect(await backend.read(await backend.allocate("float64", []))).toEqual(new Float64Array(1));
  });

  it("are not changed by what a caller does to its array afterwards", async () => {
    const buffer = await backend.allocate("float32", [1]);
    const mine = floats(1);
    const written = backend.write(buffer, mine);
    mine[0] = 2;
    await written;
    const copy = await backend.read(buffer);
    copy[0] = 3;
    expect(await backend.read(buffer)).toEqual(floats(1));
  });

  it("refuse what does not fit, and use after free", async () => {
    const buffer = await backend.allocate("float32", [2]);
    await expect(backend.write(buffer, floats(1, 2, 3))).rejects.toThrow(DataError);
    await expect(backend.write(buffer, floats(1, 2), 1)).rejects.toThrow("2 elements from element 1");
    await expect(backend.write(buffer, Int32Array.of(1))).rejects.toThrow("Float32Array expected");
    await expect(backend.read(buffer, 0, 3)).rejects.toThrow(DataError);
    await expect(backend.read(buffer, -1)).rejects.toThrow(DataError);
    backend.free(buffer);
    backend.free(buffer);
    await expect(backend.write(buffer, floats(1))).rejects.toThrow(StateError);
    await expect(backend.read(buffer)).rejects.toThrow("was freed");
    await expect(backend.allocate("float16" as never, [1])).rejects.toThrow(OptionError);
    await expect(backend.allocate("float32", [-1])).rejects.toThrow(OptionError);
    await expect(backend.allocate("float32", [2 ** 40])).rejects.toThrow(EngineError);
  });

  it("are counted, and gone after close", async () => {
    const buffer = await backend.allocate("float32", [8]);
    expect((await backend.describe()).memory.used).toBe(64);
    await backend.close();
    await expect(backend.read(buffer)).rejects.toThrow(StateError);
    expect(await backend.describe()).toMatchObject({ name: "reference", threads: 1, memory: { used: 0 } });
  });
});

describe("jobs", () => {
  it("advance their rows by a batch a step, the last one smaller, and fill their outputs", async () => {
    const x = input("x", [null, 2], "float32");
    const { program } = await lowered({
      outputs: { twice: multiply([x, constant(2)]), rows: rowCount([x]), unused: total(x) },
    });
    const twice = await backend.allocate("float32", [8, 2]);
    const rows = await backend.allocate("float32", []);
    const result = await backend.run(program, {
      inputs: { x: { buffer: await filled(floats(...Array.from({ length: 14 }, (_, i) => i)), [7, 2]), firstRow: 2 } },
      outputs: { twice: { buffer: twice, firstRow: 1 }, rows: { buffer: rows } },
      rows: 5,
      batch: 3,
    });
    expect(result).toEqual({ steps: 2, finite: true });
    expect([...(await backend.read(twice))]).toEqual([0, 0, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 0, 0, 0, 0]);
    expect([...(await backend.read(rows))]).toEqual([2]);
  });

  it("read tables whole", async () => {
    const rows = gatherRows([table("pictures", [2], "uint8"), input("order", [null], "int32")]);
    const { program } = await lowered({ outputs: { rows } });
    const buffer = await backend.allocate("uint8", [3, 2]);
    const job = {
      tables: { pictures: await filled(Uint8Array.of(1, 2, 3, 4, 5, 6), [3, 2]) },
      outputs: { rows: { buffer } },
      rows: 3,
      batch: 2,
    };
    await backend.run(program, { ...job, inputs: { order: { buffer: await filled(Int32Array.of(2, 0, 1)) } } });
    expect([...(await backend.read(buffer))]).toEqual([5, 6, 1, 2, 3, 4]);
    const wrong = { order: { buffer: await filled(Int32Array.of(2, 3, 1)) } };
    await expect(backend.run(program, { ...job, inputs: wrong })).rejects.toThrow("row 3 does not exist");
  });

  it("keep float64 between calls and round when read", async () => {
    const v = new Variable("v", [], "float32");
    const { program, memory } = await lowered({ effects: [assign([read(v), add([read(v), constant(1e-9)])])] }, [v]);
    await backend.write(memory.get(v)!, floats(1));
    for (let i = 0; i < 100; i++) await backend.run(program, { rows: 1, batch: 1 });
    expect(await backend.read(memory.get(v)!)).toEqual(floats(1 + 1e-7));
  });

  it("wrap whole numbers around", async () => {
    const v = new Variable("v", [2], "int32");
    const { program, memory } = await lowered({ effects: [increment([read(v)], { index: 1, by: 1 })] }, [v]);
    await backend.write(memory.get(v)!, Int32Array.of(5, 2 ** 31 - 1));
    await backend.run(program, { rows: 1, batch: 1 });
    expect([...(await backend.read(memory.get(v)!))]).toEqual([5, -(2 ** 31)]);
  });

  it("run in the order they were asked for, and after a failed one", async () => {
    const v = new Variable("v", [], "float32");
    const { program, memory } = await lowered({ effects: [assign([read(v), multiply([read(v), constant(2)])])] }, [v]);
    const buffer = memory.get(v)!;
    const calls = [
      backend.write(buffer, floats(1)),
      backend.run(program, { rows: 1, batch: 1 }),
      backend.run(program, { rows: 0, batch: 1 }),
      backend.run(program, { rows: 3, batch: 1 }),
      backend.read(buffer),
    ];
    const ends = await Promise.allSettled(calls);
    expect(ends.map((end) => end.status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled", "fulfilled"]);
    expect(ends[4]).toMatchObject({ value: floats(16) });
  });
});

describe("effects", () => {
  it("all see the variables as they were at the start of the step", async () => {
    const [a, b] = [new Variable("a", [], "float32"), new Variable("b", [], "float32")];
    const { program, memory } = await lowered(
      {
        outputs: { a: read(a) },
        effects: [assign([read(a), read(b)]), assign([read(b), read(a)])],
      },
      [a, b],
    );
    await backend.write(memory.get(a)!, floats(1));
    await backend.write(memory.get(b)!, floats(2));
    const out = await backend.allocate("float32", []);
    await backend.run(program, { rows: 1, batch: 1, outputs: { a: { buffer: out } } });
    expect([await backend.read(memory.get(a)!), await backend.read(memory.get(b)!)]).toEqual([floats(2), floats(1)]);
    expect(await backend.read(out)).toEqual(floats(1));
  });

  it("accumulate over the steps, in float64 and in whole numbers", async () => {
    const [sum, count] = [new Variable("sum", [], "float64"), new Variable("count", [], "int32")];
    const x = input("x", [null], "float32");
    const y = input("y", [null], "int32");
    const { program, memory } = await lowered({ effects: [accumulate([read(sum), x]), accumulate([read(count), y])] }, [
      sum,
      count,
    ]);
    const inputs = {
      x: { buffer: await filled(floats(1, 2, 3)) },
      y: { buffer: await filled(Int32Array.of(4, 5, 6)) },
    };
    await backend.run(program, { inputs, rows: 3, batch: 2 });
    expect(await backend.read(memory.get(sum)!)).toEqual(Float64Array.of(6));
    expect(await backend.read(memory.get(count)!)).toEqual(Int32Array.of(15));
  });

  it("behind a failed checkFinite do not happen, those before it do, and the job ends", async () => {
    const [before, after] = [new Variable("before", [], "int32"), new Variable("after", [], "int32")];
    const x = input("x", [null], "float32");
    const { program, memory } = await lowered(
      {
        effects: [
          increment([read(before)], { index: 0, by: 1 }),
          checkFinite([total(log([x]))], { what: "loss" }),
          increment([read(after)], { index: 0, by: 1 }),
        ],
      },
      [before, after],
    );
    const buffer = await filled(floats(1, 2, 3, 0, 5));
    const result = await backend.run(program, { inputs: { x: { buffer } }, rows: 5, batch: 1 });
    expect(result).toEqual({ steps: 3, finite: false });
    expect([...(await backend.read(memory.get(before)!))]).toEqual([4]);
    expect([...(await backend.read(memory.get(after)!))]).toEqual([3]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1e38])("end the job where an update meets %d", async (bad) => {
    const w = new Variable("w", [2], "float32");
    const g = input("g", [null, 2], "float32");
    const { program } = await lowered(
      { effects: [sgdUpdate([read(w), reduceSum([g], { axes: [0], keepDims: false }), constant(10)])] },
      [w],
    );
    const buffer = await filled(floats(1, 1, 1, bad, 1, 1), [3, 2]);
    const result = await backend.run(program, { inputs: { g: { buffer } }, rows: 3, batch: 1 });
    expect(result).toEqual({ steps: 1, finite: false });
  });
});

describe("optimizers", () => {
  const w = new Variable("w", [1], "float32");
  const [m, v] = [new Variable("m", [1], "float32"), new Variable("v", [1], "float32")];
  const t = new Variable("t", [], "int32");
  const g = multiply([read(w), read(w)]);

  /** w after 1, 2 and 3 steps from 2, with the gradient w². */
  async function path(effects: Graph["effects"]): Promise<number[]> {
    const { program, memory } = await lowered({ effects, outputs: {} }, [w, m, v, t]);
    await backend.write(memory.get(w)!, floats(2));
    const seen: number[] = [];
    for (let i = 0; i < 3; i++) {
      await backend.run(program, { rows: 1, batch: 1 });
      seen.push((await backend.read(memory.get(w)!))[0]!);
    }
    return seen;
  }

  it("follow Keras's formulas", async () => {
    const close = (list: number[]) => list.map((value) => expect.closeTo(value, 6));
    expect(await path([sgdUpdate([read(w), g, constant(0.1)])])).toEqual(close([1.6, 1.344, 1.1633664]));
    const slots = [read(w), read(m), g, constant(0.1)] as const;
    // velocity: -0.4, then 0.5 * -0.4 - 0.256 = -0.456, then 0.5 * -0.456 - 0.1 * 1.144² = -0.3588736
    expect(await path([momentumUpdate(slots, { momentum: 0.5, nesterov: false })])).toEqual(
      close([1.6, 1.144, 0.7851264]),
    );
    // w after: 2 + 0.5 * -0.4 - 0.4 = 1.4; velocity -0.2 - 0.196 = -0.396, w 1.4 - 0.198 - 0.196 = 1.006; ...
    const third = 1.006 + 0.5 * (0.5 * -0.396 - 0.1 * 1.006 ** 2) - 0.1 * 1.006 ** 2;
    expect(await path([momentumUpdate(slots, { momentum: 0.5, nesterov: true })])).toEqual(close([1.4, 1.006, third]));
  });

  it("adam moves by the learning rate at first and counts iterations from the variable", async () => {
    const adam = adamUpdate([read(w), read(m), read(v), g, constant(0.1), read(t)], {
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-7,
    });
    const seen = await path([adam, increment([read(t)], { index: 0, by: 1 })]);
    const expected: number[] = [];
    let [x, first, second] = [2, 0, 0];
    for (let step = 1; step <= 3; step++) {
      const slope = x * x;
      first = 0.9 * first + 0.1 * slope;
      second = 0.999 * second + 0.001 * slope * slope;
      const rate = (0.1 * Math.sqrt(1 - 0.999 ** step)) / (1 - 0.9 ** step);
      x -= (rate * first) / (Math.sqrt(second) + 1e-7);
      expected.push(x);
    }
    expect(seen).toEqual(expected.map((value) => expect.closeTo(value, 6)));
    expect(seen[0]).toBeCloseTo(1.9, 5);
  });
});

describe("what is refused", () => {
  const x = input("x", [null, 2], "float32");
  const outputs = { y: multiply([x, constant(2)]) };

  it("programs without memory for their variables, or with that of others", async () => {
    const v = new Variable("v", [2], "float32");
    const graph = { name: "g", outputs: { v: read(v) }, effects: [] };
    const lower = (buffer: Buffer) => backend.lower(graph, { capacity: 1, variables: new Map([[v, buffer]]) });
    await expect(backend.lower(graph, { capacity: 1, variables: new Map() })).rejects.toThrow(
      'variable "v" has no buffer',
    );
    await expect(lower(await backend.allocate("float32", [3]))).rejects.toThrow(StateError);
    await expect(lower(await backend.allocate("int32", [2]))).rejects.toThrow(StateError);
    const freed = await backend.allocate("float32", [2]);
    backend.free(freed);
    await expect(lower(freed)).rejects.toThrow("was freed");
    await expect(lower({ dtype: "float32", shape: [2] })).rejects.toThrow("not one of this backend");
    await expect(backend.lower(graph, { capacity: 0, variables: new Map() })).rejects.toThrow(OptionError);
  });

  it("jobs that do not fit", async () => {
    const { program } = await lowered({ outputs });
    const buffer = await filled(floats(1, 2, 3, 4, 5, 6), [3, 2]);
    const inputs = { x: { buffer } };
    const run = (job: object) => backend.run(program, { inputs, rows: 3, batch: 2, ...job });
    await expect(run({})).resolves.toEqual({ steps: 2, finite: true });
    await expect(run({ batch: 5 })).rejects.toThrow("capacity of 4");
    await expect(run({ batch: 0 })).rejects.toThrow(OptionError);
    await expect(run({ rows: 1.5 })).rejects.toThrow(OptionError);
    await expect(run({ rows: 4 })).rejects.toThrow('input "x": 4 rows from row 0 on expected, the buffer has 3');
    await expect(run({ inputs: {} })).rejects.toThrow('input "x" is not bound');
    await expect(run({ inputs: { ...inputs, z: { buffer } } })).rejects.toThrow('no input "z"');
    await expect(run({ inputs: { x: { buffer, firstRow: 1 } } })).rejects.toThrow(DataError);
    await expect(run({ inputs: { x: { buffer, firstRow: -1 } } })).rejects.toThrow(DataError);
    await expect(run({ inputs: { x: { buffer: await filled(floats(1, 2, 3)) } } })).rejects.toThrow(DataError);
    await expect(run({ outputs: { z: { buffer } } })).rejects.toThrow('no output "z"');
    await expect(run({ outputs: { y: { buffer, firstRow: 1 } } })).rejects.toThrow('output "y"');
    await expect(run({ tables: { t: buffer } })).rejects.toThrow('no table "t"; the graph has: none');
    backend.free(buffer);
    await expect(run({})).rejects.toThrow(StateError);
    backend.release(program);
    await expect(run({})).rejects.toThrow("released");
  });

  it("variables freed after lowering", async () => {
    const v = new Variable("v", [], "float32");
    const { program, memory } = await lowered({ outputs: { v: read(v) } }, [v]);
    backend.free(memory.get(v)!);
    await expect(backend.run(program, { rows: 1, batch: 1 })).rejects.toThrow('variable "v": the buffer float32 []');
  });
});
