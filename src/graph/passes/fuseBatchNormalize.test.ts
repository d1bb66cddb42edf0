import { describe, expect, it } from "vitest";
import { expectSameValues, opsOf } from "../../../test/support/graph-values.js";
import { sum } from "../compose.js";
import { gradient } from "../gradient.js";
import type { Graph } from "../graph.js";
import { constant, input, read } from "../leaves.js";
import { activation } from "../ops/activation.js";
import { assign } from "../ops/assign.js";
import { batchNormalize, meanResult, varianceResult } from "../ops/batchNormalize.js";
import { exp } from "../ops/exp.js";
import { multiply } from "../ops/multiply.js";
import { relu } from "../ops/relu.js";
import { subtract } from "../ops/subtract.js";
import { type Tensor, Variable } from "../tensor.js";
import { fuse } from "./fuse.js";
import { fuseBatchNormalize } from "./fuseBatchNormalize.js";
import { simplify } from "./simplify.js";

const x = input("x", [null, 3, 5], "float32");
const gamma = read(new Variable("gamma", [5], "float32"));
const beta = read(new Variable("beta", [5], "float32"));
const moving = new Variable("moving", [5], "float32");
const weighting = input("weighting", [null, 3, 5], "float32");
/** Some of its results are negative; times 8, some are above 6. */
const normalized = batchNormalize(
  [multiply([x, constant(8)]), multiply([gamma, constant(8)]), subtract([beta, constant(1)])],
  {
    epsilon: 1e-3,
    activation: "linear",
  },
);
const relu6 = (of: Tensor): Tensor => activation([of], { formula: "rectify", parameters: [0, 0, 6] });
const activations = { relu: (of: Tensor) => relu([of]), relu6 };

function fused(outputs: Record<string, Tensor>, effects: readonly Tensor[] = []): Graph {
  const graph = { name: "g", outputs, effects };
  const result = fuseBatchNormalize(graph);
  expectSameValues(result, graph);
  expectSameValues(fuse(simplify(graph)), graph);
  return result;
}

describe("fuseBatchNormalize", () => {
  it.each(["relu", "relu6"] as const)("fuses %s, forward and backward", (name) => {
    const y = activations[name](normalized);
    const loss = sum(multiply([y, weighting]));
    const [dx, dgamma, dbeta] = gradient(loss, [x, gamma, beta]);
    const statistics = [meanResult, varianceResult].map((result) => batchNormalize.part(normalized, result));
    const graph = fused({ loss, dx: dx!, dgamma: dgamma!, dbeta: dbeta!, variance: statistics[1]! }, [
      assign([read(moving), statistics[0]!]),
    ]);
    const left = opsOf(graph);
    expect(left).toMatchObject({ batchNormalize: 1, batchNormalizeGradients: 1 });
    for (const gone of ["relu", "reluGradient", "activation", "activationGradient"]) expect(left[gone]).toBeUndefined();
  });

  it("leaves an activation whose normalisation something else needs", () => {
    expect(opsOf(fused({ y: relu([normalized]), z: exp([normalized]) }))).toMatchObject({ relu: 1, batchNormalize: 1 });
    expect(opsOf(fused({ y: relu([normalized]), normalized }))).toMatchObject({ relu: 1, batchNormalize: 1 });
    expect(opsOf(fused({ y: relu([normalized]), z: relu6(normalized) }))).toMatchObject({ relu: 1, activation: 1 });
  });

  it("leaves a gradient that something else needs", () => {
    const y = relu6(normalized);
    const loss = sum(multiply([y, weighting]));
    const [dx, before] = gradient(loss, [x, normalized]);
    const left = opsOf(fused({ dx: dx!, before: before! }));
    expect(left).toMatchObject({ activationGradient: 1, batchNormalizeGradients: 1 });
    const [dy] = gradient(sum(multiply([relu([normalized]), weighting])), [normalized]);
    expect(opsOf(fused({ dy: dy! }))).toMatchObject({ reluGradient: 1, batchNormalize: 1 });
  });

  it("leaves other activations", () => {
    const other = activation([normalized], { formula: "rectify", parameters: [0.1, 0, 6] });
    expect(opsOf(fused({ y: other }))).toMatchObject({ activation: 1, batchNormalize: 1 });
  });
});
