/**
 * Random programs of walks, sums and writes: done tile by tile in chains, in memory that is handed on, they give the very
 * bits that they give call by call, on any number of threads and steps.
 */

import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { lowerGraph } from "../src/backends/wasm/lower.js";
import { WasmBackend } from "../src/backends/wasm/wasm-backend.js";
import type { TypedArray } from "../src/core/dtype.js";
import type { Graph } from "../src/graph/graph.js";
import { constant, input, read } from "../src/graph/leaves.js";
import { ops } from "../src/graph/ops/index.js";
import { type Tensor, Variable } from "../src/graph/tensor.js";
import { moduleNames } from "./cases/engines.js";
import { uniformsOf } from "./cases/fill.js";
import { races } from "./support/races.js";

const [rows, channels, steps] = [700, 24, 2];
const capacity = rows;
const weightShape = [160, 120];

/** One step of making a program: which op, and of which of the values there are. */
const step = fc.record({ op: fc.nat(13), a: fc.nat(1000), b: fc.nat(1000) });
const program = fc.record({
  values: fc.array(step, { minLength: 3, maxLength: 14 }),
  state: fc.array(step, { minLength: 1, maxLength: 6 }),
  outputs: fc.array(fc.nat(1000), { minLength: 1, maxLength: 3 }),
  writes: fc.array(fc.nat(1000), { minLength: 1, maxLength: 3 }),
});
type Program = typeof program extends fc.Arbitrary<infer P> ? P : never;

/** A value more, of values of one shape; `row` is broadcast over them. */
function next(values: readonly Tensor[], row: Tensor, { op, a, b }: { op: number; a: number; b: number }): Tensor {
  const [x, y] = [values[a % values.length]!, values[b % values.length]!];
  const half = constant(0.5);
  const made: (() => Tensor)[] = [
    () => ops.add([x, y]),
    () => ops.multiply([x, half]),
    () => ops.relu([x]),
    () => ops.tanh([x]),
    () => ops.subtract([x, row]),
    () => ops.multiply([row, x]),
    () => ops.maximum([x, y]),
    () => ops.clip([x], { minimum: -0.7, maximum: 0.6 }),
    () => ops.select([ops.greater([x, y]), x, ops.negate([y])]),
    () => ops.reluGradient([x, y]),
    () => ops.cast([ops.greaterEqual([x, half])], { dtype: "float32" }),
    () => ops.activation([x], { formula: "softsign", parameters: [] }),
    () => ops.subtract([x, ops.reduceSum([y], { axes: [1], keepDims: true })]),
    () => ops.sigmoidGradient([x, y]),
  ];
  return made[op % made.length]!();
}

function graphOf({ values, state, outputs, writes }: Program): { graph: Graph; variables: Variable[] } {
  const variables = ["w", "v"].map((name) => new Variable(name, weightShape, "float32"));
  const wide = new Variable("row", [weightShape[1]!], "float32");
  const narrow = new Variable("channels", [channels], "float32");
  const pool: Tensor[] = [input("x", [null, channels], "float32"), input("z", [null, channels], "float32")];
  for (const one of values) pool.push(next(pool, read(narrow), one));
  const normalized = ops.batchNormalize([pool.at(-1)!, read(narrow), read(narrow)], {
    epsilon: 0.1,
    activation: "linear",
  });
  pool.push(normalized, ops.add([normalized, pool[0]!]));
  const states: Tensor[] = variables.map(read);
  for (const one of state) states.push(next(states, read(wide), one));
  const graph: Graph = {
    name: "walks",
    // All inputs are there to be bound.
    outputs: Object.fromEntries([
      ["inputs", ops.add([pool[0]!, pool[1]!])],
      ...outputs.map((o, i) => [`y${i}`, pool[pool.length - 1 - (o % pool.length)]!]),
    ]),
    effects: writes.slice(0, 2).map((value, i) => ops.assign([read(variables[i]!), states[value % states.length]!])),
  };
  return { graph, variables: [...variables, wide, narrow] };
}

function filled(size: number, name: string): Float32Array {
  const uniform = uniformsOf(3, name);
  return Float32Array.from({ length: size }, () => 2 * uniform() - 1);
}

async function run(backend: WasmBackend, { graph, variables }: ReturnType<typeof graphOf>, fuse: boolean) {
  const size = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);
  const held = new Map<Variable, Awaited<ReturnType<WasmBackend["allocate"]>>>();
  for (const variable of variables) {
    const buffer = await backend.allocate("float32", variable.shape);
    await backend.write(buffer, filled(size(variable.shape), variable.name));
    held.set(variable, buffer);
  }
  const inputs: Record<string, { buffer: Awaited<ReturnType<WasmBackend["allocate"]>> }> = {};
  for (const name of ["x", "z"]) {
    inputs[name] = { buffer: await backend.allocate("float32", [rows, channels]) };
    await backend.write(inputs[name].buffer, filled(rows * channels, name));
  }
  const outputs: typeof inputs = {};
  for (const name of Object.keys(graph.outputs)) {
    outputs[name] = { buffer: await backend.allocate("float32", [rows, channels]) };
  }
  const program = await backend.lower(graph, { capacity, variables: held, fuse });
  // The second step has fewer rows.
  await backend.run(program, { inputs, outputs, rows, batch: Math.ceil(rows / steps) + 30 });
  const found: Record<string, TypedArray> = {};
  for (const [name, { buffer }] of Object.entries(outputs)) found[name] = await backend.read(buffer);
  for (const [variable, buffer] of held) found[variable.name] = await backend.read(buffer);
  backend.release(program);
  backend.free(...held.values(), ...Object.values({ ...inputs, ...outputs }).map(({ buffer }) => buffer));
  return found;
}

function sameBits(a: TypedArray, b: TypedArray): boolean {
  const [x, y] = [a, b].map(
    ({ buffer, byteOffset, byteLength }) => new BigUint64Array(buffer, byteOffset, byteLength / 8),
  );
  return x!.length === y!.length && x!.every((word, i) => word === y![i]);
}

describe.each(moduleNames)("random walks, %s", (module) => {
  const engines = [1, 2, 3].map((threads) => new WasmBackend({ threads, module, shared: true, threadCost: 1 }));
  afterAll(() => Promise.all(engines.map((engine) => engine.close())));

  it("give the same bits in chains as call by call, on 1, 2 and 3 threads", async () => {
    let chained = 0;
    const property = fc.asyncProperty(program, async (made) => {
      const graph = graphOf(made);
      const lowered = lowerGraph(graph.graph, { capacity, fuse: true, log: undefined });
      chained += lowered.schedule.chained.filter((link) => link).length;
      expect(races(lowered)).toEqual([]);
      const expected = await run(engines[0]!, graph, false);
      for (const engine of engines) {
        const found = await run(engine, graph, true);
        const differing = Object.keys(expected).filter((name) => !sameBits(found[name]!, expected[name]!));
        expect(differing).toEqual([]);
      }
    });
    await fc.assert(property, { numRuns: 30, seed: 1 });
    expect(chained).toBeGreaterThan(60);
  }, 120_000);
});
