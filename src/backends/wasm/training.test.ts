import { afterAll, describe, expect, it } from "vitest";
import type { TypedArray } from "../../core/dtype.js";
import { mean } from "../../graph/compose.js";
import { gradient } from "../../graph/gradient.js";
import type { Graph } from "../../graph/graph.js";
import { constant, input, read, table } from "../../graph/leaves.js";
import { ops } from "../../graph/ops/index.js";
import { Variable } from "../../graph/tensor.js";
import type { Backend } from "../backend.js";
import { referenceBackend } from "../reference/reference.js";
import { WasmBackend } from "./wasm-backend.js";

const LAYERS = [20, 33, 17, 5];
const ROWS = 70;
const BATCH = 16;

/** A training step of a small multilayer perceptron on gathered bytes, with dropout and Adam. */
function mlp() {
  const sizes = LAYERS.slice(1).map((units, i) => [LAYERS[i]!, units] as const);
  const weights = sizes.flatMap(([from, to], i) => [
    new Variable(`w${i}`, [from, to], "float32"),
    new Variable(`b${i}`, [to], "float32"),
  ]);
  const slots = weights.map((w) => [0, 1].map((i) => new Variable(`${w.name}/${i}`, w.shape, "float32")));
  const rate = new Variable("rate", [], "float32");
  const iterations = new Variable("iterations", [], "int32");
  const random = new Variable("random", [4], "int32");
  const total = new Variable("total", [], "float64");

  const pictures = table("pictures", [LAYERS[0]!], "uint8");
  const labels = table("labels", [], "uint8");
  const indices = input("indices", [null], "int32");
  const x = ops.multiply([ops.cast([ops.gatherRows([pictures, indices])], { dtype: "float32" }), constant(1 / 255)]);
  const y = ops.gatherRows([labels, indices]);
  const read_ = weights.map(read);
  let hidden = x;
  sizes.forEach((_, i) => {
    const product = ops.matmul([hidden, read_[2 * i]!], { transposeA: false, transposeB: false });
    hidden = ops.add([product, read_[2 * i + 1]!]);
    if (i + 1 < sizes.length) hidden = ops.relu([hidden]);
    if (i === 1) hidden = ops.dropout([hidden, read(random)], { rate: 0.25, stream: 77 });
  });
  const p = ops.softmax([hidden]);
  const losses = ops.sparseCategoricalCrossentropy([p, y]);
  const loss = mean(losses);
  const gradients = gradient(loss, read_);
  const graph: Graph = {
    name: "train",
    outputs: { loss: losses, prediction: p },
    effects: [
      ops.checkFinite([loss], { what: "loss" }),
      ...weights.map((_, i) =>
        ops.adamUpdate(
          [read_[i]!, read(slots[i]![0]!), read(slots[i]![1]!), gradients[i]!, read(rate), read(iterations)],
          { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
        ),
      ),
      ops.increment([read(iterations)], { index: 0, by: 1 }),
      ops.increment([read(random)], { index: 3, by: 1 }),
      ops.accumulate([read(total), losses]),
    ],
  };
  return { graph, variables: [...weights, ...slots.flat(), rate, iterations, random, total], rate, random };
}

/** Numbers in [-0.5, 0.5), the same each time. */
function numbers(count: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  });
}

/** Trains two epochs: everything that is left in memory, and the outputs. */
async function train(backend: Backend, fuse = true): Promise<Record<string, TypedArray>> {
  const { graph, variables, rate, random } = mlp();
  const buffers = new Map();
  for (const [i, variable] of variables.entries()) {
    const buffer = await backend.allocate(variable.dtype, variable.shape);
    buffers.set(variable, buffer);
    if (variable.name.startsWith("w") && !variable.name.includes("/")) {
      await backend.write(buffer, numbers(variable.shape[0]! * variable.shape[1]!, i + 1));
    }
  }
  await backend.write(buffers.get(rate), Float32Array.of(0.01));
  await backend.write(buffers.get(random), Int32Array.of(5, 6, 0, 0));
  const pictures = await backend.allocate("uint8", [ROWS, LAYERS[0]!]);
  await backend.write(
    pictures,
    Uint8Array.from(numbers(ROWS * LAYERS[0]!, 9), (v) => (v + 0.5) * 256),
  );
  const labels = await backend.allocate("uint8", [ROWS]);
  await backend.write(
    labels,
    Uint8Array.from({ length: ROWS }, (_, i) => i % 5),
  );
  const order = await backend.allocate("int32", [ROWS]);
  await backend.write(
    order,
    Int32Array.from({ length: ROWS }, (_, i) => (i * 37) % ROWS),
  );
  const loss = await backend.allocate("float32", [ROWS]);
  const prediction = await backend.allocate("float32", [ROWS, 5]);
  const program = await backend.lower(graph, { capacity: BATCH, variables: buffers, fuse });
  for (let epoch = 0; epoch < 2; epoch++) {
    const result = await backend.run(program, {
      tables: { pictures, labels },
      inputs: { indices: { buffer: order } },
      outputs: { loss: { buffer: loss }, ...(epoch === 0 ? {} : { prediction: { buffer: prediction } }) },
      rows: ROWS,
      batch: BATCH,
    });
    expect(result).toEqual({ steps: Math.ceil(ROWS / BATCH), finite: true });
  }
  const left: Record<string, TypedArray> = {
    loss: await backend.read(loss),
    prediction: await backend.read(prediction),
  };
  for (const [variable, buffer] of buffers) left[variable.name] = await backend.read(buffer);
  return left;
}

describe("a training program", () => {
  const backends: Backend[] = [];
  afterAll(async () => {
    for (const backend of backends) await backend.close();
  });
  const engine = (threads: number): Backend => {
    // However small the program, all threads take part.
    const backend = new WasmBackend({ threads, module: "auto", shared: true, threadCost: 1 });
    backends.push(backend);
    return backend;
  };

  it("agrees with the reference, and is the same to the bit for 1, 2, 3 and 8 threads", async () => {
    const one = await train(engine(1));
    const expected = await train(referenceBackend());
    expect(Object.keys(one)).toEqual(Object.keys(expected));
    for (const [name, values] of Object.entries(expected)) {
      expect(one[name]!.length).toBe(values.length);
      values.forEach((value, i) => {
        expect(Math.abs(one[name]![i]! - value), `${name}[${i}]`).toBeLessThanOrEqual(2e-4 * (1 + Math.abs(value)));
      });
    }
    for (const threads of [2, 3, 8]) expect(await train(engine(threads))).toEqual(one);
  });

  it("is the same to the bit where a worker owns the memory", async () => {
    const alone = new WasmBackend({ threads: 1, module: "auto", shared: false });
    backends.push(alone);
    expect(await train(alone)).toEqual(await train(engine(2)));
  });

  it("agrees with the reference unfused", async () => {
    const apart = await train(engine(2), false);
    const expected = await train(referenceBackend());
    for (const [name, values] of Object.entries(expected)) {
      values.forEach((value, i) => {
        expect(Math.abs(apart[name]![i]! - value), `${name}[${i}]`).toBeLessThanOrEqual(2e-4 * (1 + Math.abs(value)));
      });
    }
  });
});
