import { describe, expect, it } from "vitest";
import { expectSameValues, opsOf } from "../../../test/support/graph-values.js";
import { gradient } from "../gradient.js";
import type { Graph } from "../graph.js";
import { constant, input, read } from "../leaves.js";
import { add } from "../ops/add.js";
import { reduceSum } from "../ops/broadcastTo.js";
import { exp } from "../ops/exp.js";
import { matmul } from "../ops/matmul.js";
import { relu } from "../ops/relu.js";
import { subtract } from "../ops/subtract.js";
import { type Tensor, Variable } from "../tensor.js";
import { fuseDense } from "./fuseDense.js";

const x = input("x", [null, 3], "float32");
const w = read(new Variable("w", [3, 5], "float32"));
const bias = read(new Variable("bias", [5], "float32"));
const product = matmul([x, w], { transposeA: false, transposeB: false });
/** Some of its results are negative. */
const sum = add([product, subtract([bias, constant(2)])]);

function fused(outputs: Record<string, Tensor>): Graph {
  const graph = { name: "g", outputs, effects: [] };
  const result = fuseDense(graph);
  expectSameValues(result, graph);
  return result;
}

describe("fuseDense", () => {
  it("fuses product, bias and relu", () => {
    const { outputs } = fused({ y: relu([sum]) });
    expect(outputs.y).toMatchObject({ op: "dense", attributes: { activation: "relu", transposeB: false } });
  });

  it("fuses product and bias, the bias on either side", () => {
    expect(fused({ y: sum }).outputs.y).toMatchObject({ op: "dense", attributes: { activation: "linear" } });
    expect(fused({ y: add([bias, product]) }).outputs.y!.op).toBe("dense");
    expect(fused({ y: exp([sum]) }).outputs.y!.inputs[0]!.op).toBe("dense");
  });

  it.each([
    [true, false, [5, 4], [5, 6]],
    [false, true, [4, 5], [6, 5]],
    [true, true, [5, 4], [6, 5]],
  ])("keeps transposes: %s, %s", (transposeA, transposeB, a, b) => {
    const [left, right] = [a, b].map((shape, i) => read(new Variable(`matrix ${i}`, shape, "float32")));
    const y = add([matmul([left!, right!], { transposeA, transposeB }), read(new Variable("b", [6], "float32"))]);
    expect(fused({ y }).outputs.y).toMatchObject({ op: "dense", attributes: { transposeA, transposeB } });
  });

  it("fuses one after the other", () => {
    const v = read(new Variable("v", [5, 2], "float32"));
    const next = matmul([relu([sum]), v], { transposeA: false, transposeB: false });
    const y = add([next, read(new Variable("c", [2], "float32"))]);
    expect(opsOf(fused({ y }))).toMatchObject({ dense: 2 });
  });

  it("keeps what something else needs as well", () => {
    expect(opsOf(fused({ y: sum, product }))).toMatchObject({ matmul: 1, add: 1 });
    expect(opsOf(fused({ y: relu([sum]), z: exp([product]) }))).toMatchObject({ matmul: 1, add: 1, relu: 1 });
    // The sum is needed, but the product only by it.
    expect(opsOf(fused({ y: relu([sum]), sum }))).toMatchObject({ dense: 1, relu: 1 });
    expect(fused({ y: add([product, product]) }).outputs.y!.op).toBe("add");
  });

  it("leaves sums that are not with a bias", () => {
    for (const other of [constant(1), read(new Variable("row", [1, 5], "float32")), input("z", [null, 5], "float32")]) {
      expect(fused({ y: add([product, other]) }).outputs.y!.op).toBe("add");
    }
  });

  it("works in training: the gradient of relu needs its result alone", () => {
    const loss = reduceSum([relu([sum])], { axes: [0, 1], keepDims: false });
    const [dw, db, dx] = gradient(loss, [w, bias, x]);
    const graph = fused({ loss, dw: dw!, db: db!, dx: dx! });
    expect(opsOf(graph)).toMatchObject({ dense: 1, reluGradient: 1, matmul: 2 });
  });
});
