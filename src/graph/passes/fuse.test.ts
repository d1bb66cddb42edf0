import { describe, expect, it } from "vitest";
import { expectSameValues, opsOf } from "../../../test/support/graph-values.js";
import { mean } from "../compose.js";
import { gradient } from "../gradient.js";
import type { Graph } from "../graph.js";
import { constant, input, read, table } from "../leaves.js";
import { adamUpdate } from "../ops/adamUpdate.js";
import { add } from "../ops/add.js";
import { cast } from "../ops/cast.js";
import { checkFinite } from "../ops/checkFinite.js";
import { conv2d } from "../ops/conv2d.js";
import { dropout } from "../ops/dropout.js";
import { gatherRows } from "../ops/gatherRows.js";
import { increment } from "../ops/increment.js";
import { matmul } from "../ops/matmul.js";
import { maxPool2d } from "../ops/maxPool2d.js";
import { multiply } from "../ops/multiply.js";
import { relu } from "../ops/relu.js";
import { reshape } from "../ops/reshape.js";
import { softmax } from "../ops/softmax.js";
import { sparseCategoricalCrossentropy } from "../ops/sparseCategoricalCrossentropy.js";
import { type Tensor, Variable } from "../tensor.js";
import { fuse } from "./fuse.js";
import { simplify } from "./simplify.js";

/** A training step of a small convolutional network, on shuffled bytes. */
function trainingStep(): Graph {
  const state = read(new Variable("state", [4], "int32"));
  const iterations = read(new Variable("iterations", [], "int32"));
  const rate = read(new Variable("rate", [], "float32"));
  const indices = input("indices", [null], "int32");
  const pictures = gatherRows([table("pictures", [6, 6, 1], "uint8"), indices]);
  const labels = gatherRows([table("labels", [], "uint8"), indices]);
  const weights: Tensor[] = [];
  const weight = (...shape: number[]): Tensor => {
    weights.push(read(new Variable(`weight ${weights.length}`, shape, "float32")));
    return weights.at(-1)!;
  };
  const window = { strides: [1, 1], padding: "valid" } as const;
  const plain = { transposeA: false, transposeB: false };
  const x = multiply([cast([pictures], { dtype: "float32" }), constant(1 / 255)]);
  const convolved = relu([add([conv2d([x, weight(3, 3, 1, 4)], window), weight(4)])]);
  const pooled = maxPool2d([convolved], { poolSize: [2, 2], strides: [2, 2], padding: "valid" });
  const flat = reshape([pooled], { shape: [null, 16] });
  const hidden = relu([add([matmul([flat, weight(16, 5)], plain), weight(5)])]);
  const dropped = dropout([hidden, state], { rate: 0.5, stream: 7 });
  const p = softmax([add([matmul([dropped, weight(5, 3)], plain), weight(3)])]);
  const losses = sparseCategoricalCrossentropy([p, labels]);
  const loss = mean(losses);
  const gradients = gradient(loss, weights);
  const updates = weights.map((w, i) => {
    const slot = (name: string): Tensor => read(new Variable(`${name} ${i}`, w.shape as number[], "float32"));
    const attributes = { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };
    return adamUpdate([w, slot("m"), slot("v"), gradients[i]!, rate, iterations], attributes);
  });
  const counters = [increment([iterations], { index: 0, by: 1 }), increment([state], { index: 3, by: 1 })];
  return {
    name: "train",
    outputs: { losses, p },
    effects: [checkFinite([loss], { what: "loss" }), ...updates, ...counters],
  };
}

describe("fuse", () => {
  it("fuses a whole training step and changes none of its values", () => {
    const graph = trainingStep();
    const fused = fuse(simplify(graph));
    expectSameValues(fused, graph);
    expect(opsOf(fused)).toEqual({
      variable: 21,
      input: 1,
      table: 2,
      gatherRows: 1,
      gatherScale: 1,
      conv2dMaxPool: 1,
      conv2dMaxPoolGradients: 1,
      part: 3,
      reshape: 2,
      dense: 2,
      dropout: 1,
      softmax: 1,
      sparseCategoricalCrossentropy: 1,
      rowCount: 1,
      constant: 2,
      reduceSum: 3,
      divide: 2,
      broadcastTo: 1,
      softmaxCrossentropyGradient: 1,
      matmul: 4,
      multiply: 1,
      reluGradient: 1,
      checkFinite: 1,
      adamUpdate: 6,
      increment: 2,
    });
  });

  it("is done after one go", () => {
    const fused = fuse(simplify(trainingStep()));
    expect(opsOf(fuse(fused))).toEqual(opsOf(fused));
  });
});
