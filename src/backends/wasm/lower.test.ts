import { describe, expect, it } from "vitest";
import { engine } from "../../../test/support/test-engine.js";
import type { DType, TypedArray } from "../../core/dtype.js";
import { sizeOf } from "../../core/shape.js";
import { isBatched } from "../../graph/dimensions.js";
import { type Graph, roots, topological, variablesOf } from "../../graph/graph.js";
import { constant, input, read, readAfter } from "../../graph/leaves.js";
import { ops } from "../../graph/ops/index.js";
import { type Tensor, Variable } from "../../graph/tensor.js";
import type { Backend, Buffer } from "../backend.js";
import { referenceBackend } from "../reference/reference.js";
import { lowerGraph } from "./lower.js";

const [w, v, u] = ["w", "v", "u"].map((name) => new Variable(name, [2, 3], "float32")) as [
  Variable,
  Variable,
  Variable,
];
const x = input("x", [null, 3], "float32");

/** Runs a graph twice on 7 rows: all outputs, and all variables afterwards. Everything begins as 1, 2, 3, ... */
async function run(backend: Backend, graph: Graph, fuse = true): Promise<Record<string, TypedArray>> {
  const counted = async (dtype: DType, shape: readonly number[]): Promise<Buffer> => {
    const buffer = await backend.allocate(dtype, shape);
    const values = await backend.read(buffer);
    await backend.write(buffer, values.map((_, i) => i + 1) as TypedArray);
    return buffer;
  };
  const variables = new Map<Variable, Buffer>();
  for (const variable of variablesOf(graph)) variables.set(variable, await counted(variable.dtype, variable.shape));
  const inputs: Record<string, { buffer: Buffer }> = {};
  for (const leaf of topological(roots(graph)).filter(({ op }) => op === "input")) {
    const [, ...rest] = leaf.shape as number[];
    inputs[leaf.attributes.name as string] = { buffer: await counted(leaf.dtype, [7, ...rest]) };
  }
  const outputs: Record<string, { buffer: Buffer }> = {};
  for (const [name, { shape, dtype }] of Object.entries(graph.outputs)) {
    const concrete = (isBatched(shape) ? [7, ...shape.slice(1)] : shape) as number[];
    outputs[name] = { buffer: await counted(dtype, concrete) };
  }
  const program = await backend.lower(graph, { capacity: 4, variables, fuse });
  for (let again = 0; again < 2; again++) await backend.run(program, { inputs, outputs, rows: 7, batch: 3 });
  const left: Record<string, TypedArray> = {};
  for (const [name, { buffer }] of Object.entries(outputs)) left[name] = await backend.read(buffer);
  for (const [variable, buffer] of variables) left[variable.name] = await backend.read(buffer);
  return left;
}

const plain = { transposeA: false, transposeB: false };
const gradient3 = constant([0.5, 0, 0, 0, 0.25, 0, 0, 0, 0.5], [3, 3]);

async function agrees(graph: Graph): Promise<void> {
  const expected = await run(referenceBackend(), graph);
  for (const fuse of [true, false]) expect(await run(engine(), graph, fuse)).toEqual(expected);
}

describe("lowering", () => {
  it("hands out inputs, variables, constants, one tensor twice, and the same bytes under another shape", async () => {
    const doubled = ops.add([x, x]);
    await agrees({
      name: "outputs",
      outputs: {
        input: x,
        variable: read(w),
        constant: constant([4, 5, 6], [3]),
        number: constant(7),
        doubled,
        again: doubled,
        shaped: ops.reshape([doubled], { shape: [null, 1, 3] }),
        turned: ops.reshape([read(w)], { shape: [6] }),
      },
      effects: [],
    });
  });

  it("lets a second round of effects see what the first wrote, and nothing else see it", async () => {
    const [now, rate] = [readAfter(w), constant(0.25)];
    const gradient = ops.reshape([ops.matmul([read(w), constant([1, 2, 0, 1, 0, 3, 0, 1, 1], [3, 3])], plain)], {
      shape: [2, 3],
    });
    await agrees({
      name: "rounds",
      outputs: { old: read(w), used: ops.matmul([x, ops.reshape([read(w)], { shape: [3, 2] })], plain) },
      effects: [
        // The second round stands before the first: order among rounds does not come from the list.
        ops.assign([read(w), ops.add([ops.maximum([now, constant(-1.5)]), ops.matmul([now, gradient3], plain)])]),
        ops.sgdUpdate([read(w), gradient, rate]),
        ops.assign([read(v), read(w)]),
        ops.assign([read(u), ops.add([now, readAfter(v)])]),
      ],
    });
  });

  it("has no second round where the first stops the job", async () => {
    const stop = ops.checkFinite([ops.log([constant(-1)])], { what: "it" });
    await agrees({ name: "stopped", outputs: {}, effects: [stop, ops.assign([read(w), readAfter(v)])] });
  });

  it("lets effects see variables as at the start of the step, in any order", async () => {
    const old = ops.add([read(w), constant(0.5)]);
    await agrees({
      name: "order",
      outputs: { old: read(w), later: ops.multiply([read(w), read(v)]) },
      effects: [ops.assign([read(w), ops.add([read(w), read(v)])]), ops.assign([read(v), old])],
    });
  });

  it("swaps variables, two and three in a circle, also under another shape", async () => {
    await agrees({
      name: "swap",
      outputs: {},
      effects: [ops.assign([read(w), read(v)]), ops.assign([read(v), read(w)])],
    });
    const turned = (variable: Variable): Tensor =>
      ops.reshape([ops.reshape([read(variable)], { shape: [3, 2] })], { shape: [2, 3] });
    await agrees({
      name: "circle",
      outputs: { w: read(w) },
      effects: [ops.assign([read(w), turned(v)]), ops.assign([read(v), turned(u)]), ops.assign([read(u), turned(w)])],
    });
  });

  it("packs one matrix for every shape it is used in", async () => {
    const m = new Variable("m", [4, 6], "float32");
    const other = ops.reshape([read(m)], { shape: [3, 8] });
    const plain = { transposeA: false, transposeB: false };
    await agrees({
      name: "packs",
      outputs: {
        a: ops.matmul([x, other], plain),
        b: ops.matmul([ops.matmul([x, other], plain), ops.reshape([read(m)], { shape: [8, 3] })], plain),
        c: ops.matmul([x, ops.reshape([read(m)], { shape: [8, 3] })], { transposeA: false, transposeB: true }),
      },
      effects: [],
    });
  });

  it("runs a graph of nothing", async () => {
    await agrees({ name: "nothing", outputs: {}, effects: [] });
  });

  it("runs no op whose result is not used, and copies out only what is wanted", async () => {
    const graph: Graph = { name: "two", outputs: { y: ops.exp([x]), z: ops.log([x]) }, effects: [] };
    const backend = engine();
    const rows = await backend.allocate("float32", [2, 3]);
    const y = await backend.allocate("float32", [2, 3]);
    const program = await backend.lower(graph, { capacity: 2, variables: new Map() });
    const bound = { inputs: { x: { buffer: rows } }, rows: 2, batch: 2 };
    await backend.run(program, { ...bound, outputs: { y: { buffer: y } } });
    expect(await backend.read(y)).toEqual(new Float32Array(6).fill(1));
    await backend.write(y, new Float32Array(6));
    await backend.run(program, { ...bound, outputs: { z: { buffer: y } } });
    expect(await backend.read(y)).toEqual(new Float32Array(6).fill(Number.NEGATIVE_INFINITY));
    await backend.write(y, new Float32Array(6));
    await backend.run(program, bound);
    expect(await backend.read(y)).toEqual(new Float32Array(6));
  });

  it("keeps neighbouring rows of what is bound", async () => {
    const graph: Graph = { name: "rows", outputs: { y: ops.negate([x]) }, effects: [] };
    const backend = engine();
    const rows = await backend.allocate("float32", [10, 3]);
    await backend.write(
      rows,
      Float32Array.from({ length: 30 }, (_, i) => i + 1),
    );
    const y = await backend.allocate("float32", [10, 3]);
    await backend.write(y, new Float32Array(30).fill(9));
    const program = await backend.lower(graph, { capacity: 4, variables: new Map() });
    await backend.run(program, {
      inputs: { x: { buffer: rows, firstRow: 1 } },
      outputs: { y: { buffer: y, firstRow: 3 } },
      rows: 5,
      batch: 4,
    });
    const expected = Float32Array.from({ length: 30 }, (_, i) => (i >= 9 && i < 24 ? -(i - 9 + 4) : 9));
    expect(await backend.read(y)).toEqual(expected);
  });

  it("shares the arena among what does not live at the same time", () => {
    let y: Tensor = x;
    for (let i = 0; i < 50; i++) y = ops.exp([y]);
    const { arena } = lowerGraph(
      { name: "chain", outputs: { y }, effects: [] },
      { capacity: 1000, fuse: true, log: undefined },
    );
    expect(arena.bytes).toBeLessThan(3 * (4 * 3 * 1000 + 128));
    expect(sizeOf([1000, 3]) * 4).toBeLessThan(arena.bytes);
  });
});
