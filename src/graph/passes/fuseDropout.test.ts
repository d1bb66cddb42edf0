import { describe, expect, it } from "vitest";
import { expectSameValues, opsOf } from "../../../test/support/graph-values.js";
import { gradient } from "../gradient.js";
import type { Graph } from "../graph.js";
import { input } from "../leaves.js";
import { reduceSum } from "../ops/broadcastTo.js";
import { dropout } from "../ops/dropout.js";
import { relu, reluGradient } from "../ops/relu.js";
import { square } from "../ops/square.js";
import type { Tensor } from "../tensor.js";
import { fuseDropout } from "./fuseDropout.js";

const x = input("x", [null, 5], "float32");
const state = input("state", [4], "int32");
const y = relu([x]);

function fused(outputs: Record<string, Tensor>): Graph {
  const graph = { name: "g", outputs, effects: [] };
  const result = fuseDropout(graph);
  expectSameValues(result, graph);
  return result;
}

/** The gradient of the sum of squares. */
function dx(dropped: Tensor): Tensor {
  return gradient(reduceSum([square([dropped])], { axes: [0, 1], keepDims: false }), [x])[0]!;
}

describe("fuseDropout", () => {
  it("draws no random numbers for the gradient of dropout behind relu", () => {
    const graph = fused({ dx: dx(dropout([y, state], { rate: 0.3, stream: 1 })) });
    expect(opsOf(graph)).toMatchObject({ dropout: 1, reluGradient: 1 });
    expect(graph.outputs.dx!.op).toBe("multiply");
  });

  it("leaves another dropout's gradient, and one that something else needs", () => {
    const dropped = dropout([y, state], { rate: 0.3, stream: 1 });
    for (const other of [
      { rate: 0.3, stream: 2 },
      { rate: 0.4, stream: 1 },
    ]) {
      const dy = dropout([square([dropped]), state], other);
      expect(opsOf(fused({ dx: reluGradient([y, dy]) }))).toMatchObject({ dropout: 2, reluGradient: 1 });
    }
    const dy = dropout([square([dropped]), state], { rate: 0.3, stream: 1 });
    expect(opsOf(fused({ dx: reluGradient([y, dy]), dy }))).toMatchObject({ dropout: 2 });
  });

  it("leaves a gradient that comes before the dropout it would need", () => {
    const dy = dropout([x, state], { rate: 0.3, stream: 1 });
    const early = reluGradient([y, dy]);
    const late = dropout([y, state], { rate: 0.3, stream: 1 });
    expect(opsOf(fused({ early, late }))).toMatchObject({ dropout: 2 });
  });
});
