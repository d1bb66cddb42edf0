import { describe, expect, it } from "vitest";
import { expectSameValues, opsOf } from "../../../test/support/graph-values.js";
import { gradient } from "../gradient.js";
import type { Graph } from "../graph.js";
import { constant, input, read } from "../leaves.js";
import { add } from "../ops/add.js";
import { reduceSum } from "../ops/broadcastTo.js";
import { conv2d } from "../ops/conv2d.js";
import { relu } from "../ops/relu.js";
import { subtract } from "../ops/subtract.js";
import { type Tensor, Variable } from "../tensor.js";
import { fuseConv2d } from "./fuseConv2d.js";

const window = { strides: [2, 1], padding: "same" } as const;
const x = input("x", [null, 5, 4, 2], "float32");
const kernel = read(new Variable("kernel", [3, 3, 2, 3], "float32"));
const bias = read(new Variable("bias", [3], "float32"));
const product = conv2d([x, kernel], window);
/** Some of its results are negative. */
const sum = add([product, subtract([bias, constant(4)])]);

function fused(outputs: Record<string, Tensor>): Graph {
  const graph = { name: "g", outputs, effects: [] };
  const result = fuseConv2d(graph);
  expectSameValues(result, graph);
  return result;
}

describe("fuseConv2d", () => {
  it("fuses convolution, bias and relu, and keeps the window", () => {
    const { outputs } = fused({ y: relu([sum]) });
    expect(outputs.y).toMatchObject({ op: "conv2dBias", attributes: { ...window, activation: "relu" } });
  });

  it("fuses convolution and bias", () => {
    expect(fused({ y: sum }).outputs.y).toMatchObject({ op: "conv2dBias", attributes: { activation: "linear" } });
  });

  it("keeps what something else needs as well", () => {
    expect(opsOf(fused({ y: relu([sum]), product }))).toMatchObject({ conv2d: 1, add: 1, relu: 1 });
    expect(opsOf(fused({ y: relu([sum]), sum }))).toMatchObject({ conv2dBias: 1, relu: 1 });
  });

  it("works in training", () => {
    const loss = reduceSum([relu([sum])], { axes: [0, 1, 2, 3], keepDims: false });
    const [dx, dk, db] = gradient(loss, [x, kernel, bias]);
    const graph = fused({ loss, dx: dx!, dk: dk!, db: db! });
    expect(opsOf(graph)).toMatchObject({ conv2dBias: 1, conv2dInputGradient: 1, conv2dFilterGradient: 1 });
  });
});
