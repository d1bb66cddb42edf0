import { describe, expect, it } from "vitest";
import { expectSameValues, opsOf } from "../../../test/support/graph-values.js";
import type { Graph } from "../graph.js";
import { constant, input, read } from "../leaves.js";
import { activation } from "../ops/activation.js";
import { add } from "../ops/add.js";
import { assign } from "../ops/assign.js";
import { reduceSum } from "../ops/broadcastTo.js";
import { conv2d } from "../ops/conv2d.js";
import { exp } from "../ops/exp.js";
import { matmul } from "../ops/matmul.js";
import { multiply } from "../ops/multiply.js";
import { relu } from "../ops/relu.js";
import { reshape } from "../ops/reshape.js";
import { subtract } from "../ops/subtract.js";
import { type Tensor, Variable } from "../tensor.js";
import { foldScale } from "./foldScale.js";
import { fuse } from "./fuse.js";
import { fuseConv2d } from "./fuseConv2d.js";
import { fuseDense } from "./fuseDense.js";
import { fuseScaleChannels } from "./fuseScaleChannels.js";
import { simplify } from "./simplify.js";

const variable = (name: string, shape: readonly number[]): Tensor => read(new Variable(name, shape, "float32"));
const picture = input("picture", [null, 5, 5, 2], "float32");
const kernel = variable("kernel", [3, 3, 2, 4]);
const convolved = conv2d([picture, kernel], { strides: [1, 1], padding: "same" });
const rows = input("rows", [null, 3], "float32");
const product = matmul([rows, variable("w", [3, 4])], { transposeA: false, transposeB: false });
const bias = variable("bias", [4]);
const scale = variable("scale", [4]);
const shift = subtract([variable("shift", [4]), constant(3)]);
const scaled = (of: Tensor): Tensor => add([multiply([of, scale]), shift]);

function fused(outputs: Record<string, Tensor>, effects: readonly Tensor[] = []): Graph {
  const graph = { name: "g", outputs, effects };
  const result = [fuseScaleChannels, fuseDense, fuseConv2d, foldScale].reduce((now, pass) => pass(now), graph as Graph);
  expectSameValues(result, graph);
  expectSameValues(fuse(simplify(graph)), graph);
  return result;
}

describe("fuseScaleChannels", () => {
  it("fuses a factor, a term and an activation, whatever their sides", () => {
    const other = input("four", [null, 4], "float32");
    expect(fused({ y: scaled(other) }).outputs.y!.op).toBe("scaleChannels");
    const turned = relu([add([shift, multiply([scale, other])])]);
    expect(fused({ y: turned }).outputs.y).toMatchObject({ op: "scaleChannels", attributes: { activation: "relu" } });
    const six = activation([scaled(other)], { formula: "rectify", parameters: [0, 0, 6] });
    expect(fused({ y: six }).outputs.y).toMatchObject({ op: "scaleChannels", attributes: { activation: "relu6" } });
  });

  it("leaves what is of other shapes, or needed elsewhere", () => {
    const other = input("four", [null, 4], "float32");
    const product = multiply([other, scale]);
    expect(opsOf(fused({ y: add([product, shift]), product })).scaleChannels).toBeUndefined();
    expect(opsOf(fused({ y: add([multiply([other, constant(2)]), shift]) })).scaleChannels).toBeUndefined();
    expect(opsOf(fused({ y: add([multiply([other, scale]), other]) })).scaleChannels).toBeUndefined();
    const line = input("line", [null], "float32");
    expect(opsOf(fused({ y: add([multiply([line, constant(2)]), constant(1)]) })).scaleChannels).toBeUndefined();
  });
});

describe("foldScale", () => {
  it.each([
    ["a convolution", convolved, "conv2dBias"],
    ["a convolution with bias", add([convolved, bias]), "conv2dBias"],
    ["a product", product, "dense"],
    ["a product with bias", add([product, bias]), "dense"],
  ])("folds into %s", (_, y, op) => {
    expect(fused({ y: scaled(y) }).outputs.y).toMatchObject({ op, attributes: { activation: "linear" } });
    expect(fused({ y: relu([scaled(y)]) }).outputs.y).toMatchObject({ op, attributes: { activation: "relu" } });
    const six = activation([scaled(y)], { formula: "rectify", parameters: [0, 0, 6] });
    expect(fused({ y: six }).outputs.y).toMatchObject({ op: "activation", inputs: [{ op }] });
  });

  it("folds through a reshape that leaves the channels", () => {
    const flat = reshape([convolved], { shape: [null, 25, 4] });
    expect(opsOf(fused({ y: relu([scaled(flat)]) }))).toMatchObject({ conv2dBias: 1, reshape: 1 });
    const other = reshape([convolved], { shape: [null, 5, 20] });
    const wide = [variable("s", [20]), variable("t", [20])] as const;
    expect(opsOf(fused({ y: add([multiply([other, wide[0]]), wide[1]]) }))).toMatchObject({
      scaleChannels: 1,
      conv2d: 1,
    });
  });

  it("leaves a product that something else needs, or that is activated", () => {
    expect(opsOf(fused({ y: scaled(convolved), z: exp([convolved]) }))).toMatchObject({ scaleChannels: 1, conv2d: 1 });
    expect(opsOf(fused({ y: scaled(relu([add([convolved, bias])])) }))).toMatchObject({ scaleChannels: 1 });
    const turned = matmul([rows, variable("turned", [4, 3])], { transposeA: false, transposeB: true });
    expect(opsOf(fused({ y: scaled(turned) }))).toMatchObject({ scaleChannels: 1, matmul: 1 });
  });

  it("leaves what changes from step to step", () => {
    const trained = assign([kernel, multiply([kernel, constant(2)])]);
    expect(opsOf(fused({ y: scaled(convolved) }, [trained]))).toMatchObject({ scaleChannels: 1, conv2d: 1 });
    const given = reduceSum([input("given", [null, 4], "float32")], { axes: [0], keepDims: false });
    const y = add([multiply([convolved, given]), shift]);
    expect(opsOf(fused({ y }))).toMatchObject({ scaleChannels: 1, conv2d: 1 });
  });
});
