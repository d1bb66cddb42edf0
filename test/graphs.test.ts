/**
 * Whole training steps of random networks: the engine against the reference, fused and not fused. Cases try one op at a
 * time; this is for what happens between them: fusion, order, memory used again, effects, rows beyond the batch.
 */

import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import type { Backend, Buffer } from "../src/backends/backend.js";
import { referenceBackend } from "../src/backends/reference/reference.js";
import { WasmBackend } from "../src/backends/wasm/wasm-backend.js";
import { arrayType, type TypedArray } from "../src/core/dtype.js";
import { sizeOf } from "../src/core/shape.js";
import { mean } from "../src/graph/compose.js";
import { gradient } from "../src/graph/gradient.js";
import { type Graph, variablesOf } from "../src/graph/graph.js";
import { constant, input, read, table } from "../src/graph/leaves.js";
import { accumulate } from "../src/graph/ops/accumulate.js";
import { add } from "../src/graph/ops/add.js";
import { averagePool2d } from "../src/graph/ops/averagePool2d.js";
import { reduceSum } from "../src/graph/ops/broadcastTo.js";
import { cast } from "../src/graph/ops/cast.js";
import { checkFinite } from "../src/graph/ops/checkFinite.js";
import { conv2d } from "../src/graph/ops/conv2d.js";
import { divide } from "../src/graph/ops/divide.js";
import { dropout } from "../src/graph/ops/dropout.js";
import { gatherRows } from "../src/graph/ops/gatherRows.js";
import { increment } from "../src/graph/ops/increment.js";
import { matmul } from "../src/graph/ops/matmul.js";
import { maximum } from "../src/graph/ops/maximum.js";
import { maxPool2d } from "../src/graph/ops/maxPool2d.js";
import { multiply } from "../src/graph/ops/multiply.js";
import { relu } from "../src/graph/ops/relu.js";
import { reshape } from "../src/graph/ops/reshape.js";
import { sgdUpdate } from "../src/graph/ops/sgdUpdate.js";
import { sigmoid } from "../src/graph/ops/sigmoid.js";
import { softmax } from "../src/graph/ops/softmax.js";
import { sparseCategoricalCrossentropy } from "../src/graph/ops/sparseCategoricalCrossentropy.js";
import { subtract } from "../src/graph/ops/subtract.js";
import { tanh } from "../src/graph/ops/tanh.js";
import { transpose } from "../src/graph/ops/transpose.js";
import { printGraph } from "../src/graph/print.js";
import { type Tensor, Variable } from "../src/graph/tensor.js";
import { uniformsOf } from "./cases/fill.js";

const classes = 5;
const pictures = 23;
const side = 6;

/** A network of the layers that the numbers choose, with its training step. */
function randomStep(choices: readonly number[]): Graph {
  const state = read(new Variable("state", [4], "int32"));
  const weights: Tensor[] = [];
  const weight = (...shape: number[]): Tensor => {
    weights.push(read(new Variable(`weight ${weights.length}`, shape, "float32")));
    return weights.at(-1)!;
  };
  const plain = { transposeA: false, transposeB: false };
  const product = (x: Tensor, units: number): Tensor =>
    add([matmul([x, weight(x.shape[1]!, units)], plain), weight(units)]);
  /** [rows, n] as pictures of one row, whatever n is. */
  const wide = (x: Tensor, f: (picture: Tensor) => Tensor): Tensor => {
    const y = f(reshape([x], { shape: [null, 1, x.shape[1]!, 1] }));
    return reshape([y], { shape: [null, sizeOf(y.shape.slice(1) as number[])] });
  };
  const along = (x: Tensor) => reduceSum([x], { axes: [1], keepDims: true });
  const window = { strides: [1, 2], padding: "same" } as const;
  const layers: ((x: Tensor, k: number) => Tensor)[] = [
    (x, k) => relu([product(x, 1 + k)]),
    (x, k) => tanh([product(x, 3 + 2 * k)]),
    (x) => add([x, sigmoid([product(x, x.shape[1]!)])]),
    (x) => softmax([x]),
    (x, k) => dropout([x, state], { rate: 0.3, stream: k }),
    (x) => wide(x, (picture) => relu([add([conv2d([picture, weight(1, 3, 1, 4)], window), weight(4)])])),
    (x) => wide(x, (picture) => conv2d([picture, weight(1, 1, 1, 3)], { strides: [1, 1], padding: "valid" })),
    (x) => wide(x, (picture) => maxPool2d([picture], { poolSize: [1, 2], ...window })),
    (x) => wide(x, (picture) => averagePool2d([picture], { poolSize: [1, 3], ...window, strides: [1, 1] })),
    (x) => subtract([x, divide([along(x), constant(x.shape[1]!)])]),
    (x) => multiply([x, weight(x.shape[1]!)]),
    (x) => divide([x, add([constant(1), along(multiply([x, x]))])]),
    (x) => subtract([x, mean(x, { axes: [0], keepDims: true })]),
    (x) => maximum([x, multiply([x, constant(0.2)])]),
    (x) => {
      const n = x.shape[1]!;
      const turned = transpose([reshape([x], { shape: [null, 1, n] })], { permutation: [0, 2, 1] });
      return tanh([reshape([add([turned, weight(n, 2)])], { shape: [null, 2 * n] })]);
    },
  ];
  const indices = input("indices", [null], "int32");
  const bytes = gatherRows([table("pictures", [side, side], "uint8"), indices]);
  const labels = gatherRows([table("labels", [], "uint8"), indices]);
  let x = multiply([cast([reshape([bytes], { shape: [null, side * side] })], { dtype: "float32" }), constant(1 / 255)]);
  for (const choice of choices) {
    x = layers[choice % layers.length]!(x, choice % 7);
    // Conv and turn make rows longer; keep them short.
    if (x.shape[1]! > 60) x = tanh([product(x, 11)]);
  }
  const p = softmax([product(x, classes)]);
  const losses = sparseCategoricalCrossentropy([p, labels]);
  const loss = mean(losses);
  const updates = gradient(loss, weights).map((g, i) => sgdUpdate([weights[i]!, g, constant(0.05)]));
  return {
    name: "train",
    outputs: { p, losses, loss },
    effects: [
      checkFinite([loss], { what: "loss" }),
      ...updates,
      accumulate([read(new Variable("total", [], "float64")), losses]),
      increment([state], { index: 3, by: 1 }),
    ],
  };
}

/** Runs a job of several steps and gives all outputs and variables. */
async function train(backend: Backend, graph: Graph, fuse: boolean): Promise<Map<string, TypedArray>> {
  const made: Buffer[] = [];
  const filled = async (
    name: string,
    dtype: "float32" | "int32" | "uint8" | "float64",
    shape: number[],
    f: (u: number, i: number) => number,
  ) => {
    const uniform = uniformsOf(3, name);
    const data = new arrayType[dtype](sizeOf(shape));
    data.forEach((_, i) => {
      data[i] = f(uniform(), i);
    });
    const buffer = await backend.allocate(dtype, shape);
    await backend.write(buffer, data);
    made.push(buffer);
    return buffer;
  };
  const variables = new Map<Variable, Buffer>();
  for (const variable of variablesOf(graph)) {
    const { name, dtype, shape } = variable;
    const spread = 1 / Math.sqrt(shape[0] ?? 1);
    const value = dtype === "float32" ? (u: number) => (2 * u - 1) * spread : () => 0;
    variables.set(variable, await filled(name, dtype as "float32", [...shape], value));
  }
  const rows = 17;
  const outputs = {
    p: { buffer: await filled("p", "float32", [rows, classes], () => -1) },
    losses: { buffer: await filled("losses", "float32", [rows], () => -1) },
    loss: { buffer: await filled("loss", "float32", [], () => -1) },
  };
  const program = await backend.lower(graph, { capacity: 8, variables, fuse });
  const result = await backend.run(program, {
    inputs: { indices: { buffer: await filled("indices", "int32", [rows], (u) => Math.floor(u * pictures)) } },
    tables: {
      pictures: await filled("pictures", "uint8", [pictures, side, side], (u) => (u < 0.5 ? 0 : u * 256)),
      labels: await filled("labels", "uint8", [pictures], (u) => u * classes),
    },
    outputs,
    rows,
    batch: 7,
  });
  expect(result).toMatchObject({ steps: 3, finite: true });
  const values = new Map<string, TypedArray>();
  for (const [name, { buffer }] of Object.entries(outputs)) values.set(name, await backend.read(buffer));
  for (const [variable, buffer] of variables) values.set(variable.name, await backend.read(buffer));
  backend.release(program);
  backend.free(...made);
  return values;
}

/** The largest difference of two arrays, in parts of the largest value. */
function distance(a: TypedArray, b: TypedArray): number {
  let most = 0;
  let size = 1e-3;
  b.forEach((v, i) => {
    most = Math.max(most, Number.isFinite(a[i]) ? Math.abs(a[i]! - v) : Number.POSITIVE_INFINITY);
    size = Math.max(size, Math.abs(v));
  });
  return most / size;
}

describe("training steps of random networks", () => {
  const reference = referenceBackend();
  const engines = [1, 2].map(
    // However small the program, all threads take part.
    (threads) => new WasmBackend({ threads, module: "auto", shared: true, threadCost: 1 }),
  );
  afterAll(() => Promise.all(engines.map((engine) => engine.close())));

  it("agree with the reference, fused or not, and to the bit for 1 and 2 threads", async () => {
    const networks = fc.array(fc.nat(1000), { minLength: 1, maxLength: 8 });
    const property = fc.asyncProperty(networks, async (choices) => {
      const graph = randomStep(choices);
      const expected = await train(reference, graph, true);
      const [one, two] = [await train(engines[0]!, graph, true), await train(engines[1]!, graph, true)];
      const unfused = await train(engines[0]!, graph, false);
      for (const [name, values] of expected) {
        const what = `${name} of\n${printGraph(graph)}`;
        expect(distance(one.get(name)!, values), what).toBeLessThan(2e-5);
        expect(distance(unfused.get(name)!, values), what).toBeLessThan(2e-5);
        expect(two.get(name), what).toEqual(one.get(name));
      }
    });
    await fc.assert(property, { seed: 1, numRuns: 40 });
  });
});
