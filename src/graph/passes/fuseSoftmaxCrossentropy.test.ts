import { describe, expect, it } from "vitest";
import { expectSameValues, opsOf } from "../../../test/support/graph-values.js";
import { mean } from "../compose.js";
import { gradient } from "../gradient.js";
import type { Graph } from "../graph.js";
import { input } from "../leaves.js";
import { exp } from "../ops/exp.js";
import { softmax, softmaxGradient } from "../ops/softmax.js";
import {
  sparseCategoricalCrossentropy,
  sparseCategoricalCrossentropyGradient,
} from "../ops/sparseCategoricalCrossentropy.js";
import type { Tensor } from "../tensor.js";
import { fuseSoftmaxCrossentropy } from "./fuseSoftmaxCrossentropy.js";

const x = input("x", [null, 3], "float32");
const labels = input("labels", [null], "uint8");
const g = input("g", [null], "float32");
const p = softmax([x]);

function fused(outputs: Record<string, Tensor>): Graph {
  const graph = { name: "g", outputs, effects: [] };
  const result = fuseSoftmaxCrossentropy(graph);
  expectSameValues(result, graph);
  return result;
}

describe("fuseSoftmaxCrossentropy", () => {
  it("fuses the two gradients of a classifier's end", () => {
    const loss = mean(sparseCategoricalCrossentropy([p, labels]));
    const [dx] = gradient(loss, [x]);
    const graph = fused({ loss, dx: dx! });
    expect(graph.outputs.dx!.op).toBe("softmaxCrossentropyGradient");
    expect(opsOf(graph)).not.toHaveProperty("softmaxGradient");
    expect(opsOf(graph)).not.toHaveProperty("sparseCategoricalCrossentropyGradient");
  });

  it("leaves them where the probabilities are others, or their gradient is needed too", () => {
    const dp = sparseCategoricalCrossentropyGradient([p, labels, g]);
    expect(fused({ dx: softmaxGradient([exp([x]), dp]) }).outputs.dx!.op).toBe("softmaxGradient");
    expect(fused({ dx: softmaxGradient([p, dp]), dp }).outputs.dx!.op).toBe("softmaxGradient");
    expect(fused({ dx: softmaxGradient([p, x]) }).outputs.dx!.op).toBe("softmaxGradient");
  });
});
