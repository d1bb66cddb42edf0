/** The graphs that layers make are the ones that graph/passes/fuse.ts knows: one kernel a layer in the notebook's networks. */

import { describe, expect, it } from "vitest";
import { mean, sum } from "../../graph/compose.js";
import { gradient } from "../../graph/gradient.js";
import { type Graph, roots, topological } from "../../graph/graph.js";
import { input, read } from "../../graph/leaves.js";
import { square } from "../../graph/ops/square.js";
import { fuse } from "../../graph/passes/fuse.js";
import { simplify } from "../../graph/passes/simplify.js";
import type { Tensor } from "../../graph/tensor.js";
import type { Layer } from "../layer.js";
import { losses } from "../losses/index.js";
import { layers } from "./index.js";

function stack(x: Tensor, parts: readonly Layer[]): Tensor {
  return parts.reduce((tensor, layer, i) => {
    const weights = layer
      .weightSpecs(tensor.shape)
      .map(({ name, shape }) => [name, input(`${i}/${name}`, shape, "float32")]);
    return layer.call(tensor, Object.fromEntries(weights));
  }, x);
}

function opsOf(outputs: Graph["outputs"]): string[] {
  const fused = fuse(simplify({ name: "test", outputs, effects: [] }));
  return topological(roots(fused))
    .map(({ op }) => op)
    .filter((op) => op !== "input" && op !== "constant");
}

describe("fusion", () => {
  it("of an MLP on bytes", () => {
    const x = input("x", [null, 28, 28, 1], "uint8");
    const y = stack(x, [
      layers.rescaling({ scale: 1 / 255, offset: -0.5 }),
      layers.flatten(),
      layers.dense({ units: 8, activation: "relu" }),
      layers.dropout({ rate: 0.5 }),
      layers.dense({ units: 10, activation: "softmax" }),
    ]);
    expect(opsOf({ y })).toEqual(["castScale", "reshape", "dense", "dense", "softmax"]);
  });

  it("of a CNN", () => {
    const x = input("x", [null, 28, 28, 1], "float32");
    const y = stack(x, [
      layers.conv2d({ filters: 4, kernelSize: 3, activation: "relu" }),
      layers.maxPooling2d(),
      layers.conv2d({ filters: 4, kernelSize: 3 }),
    ]);
    expect(opsOf({ y })).toEqual(["conv2dMaxPool", "conv2dBias"]);
  });

  it("of batch normalisation into what it follows, where it does not learn", () => {
    const x = input("x", [null, 8, 8, 3], "float32");
    const y = [
      layers.conv2d({ filters: 4, kernelSize: 3, useBias: false }),
      layers.batchNormalization(),
      layers.reLU(),
      layers.flatten(),
      layers.dense({ units: 5 }),
      layers.batchNormalization({ scale: false }),
      layers.activation({ activation: "relu6" }),
      layers.dense({ units: 2, activation: "relu" }),
      layers.batchNormalization({ center: false }),
    ].reduce((tensor, layer, i) => {
      const weights = layer.build(tensor.shape, `layer ${i}`).map(({ name, variable }) => [name, read(variable)]);
      return layer.call(tensor, Object.fromEntries(weights));
    }, x as Tensor);
    const walks = opsOf({ y }).filter(
      (op) => !["variable", "add", "subtract", "multiply", "divide", "sqrt"].includes(op),
    );
    expect(walks).toEqual(["conv2dBias", "reshape", "dense", "activation", "dense", "scaleChannels"]);
  });

  it("of convolutions in groups, dilated and depthwise", () => {
    const x = input("x", [null, 16, 16, 4], "float32");
    const y = stack(x, [
      layers.conv2d({ filters: 8, kernelSize: 3, dilationRate: 2, activation: "relu" }),
      layers.conv2d({ filters: 8, kernelSize: 3, groups: 2, activation: "relu" }),
      layers.maxPooling2d(),
      layers.depthwiseConv2d({ kernelSize: 3, activation: "relu" }),
      layers.separableConv2d({ filters: 4, kernelSize: 3, activation: "relu" }),
    ]);
    const convolutions = opsOf({ y }).filter((op) => op !== "reshape");
    expect(convolutions).toEqual(["conv2dBias", "conv2dMaxPool", "conv2dBias", "conv2d", "conv2dBias"]);
  });

  it("of the gradients of a depthwise convolution with relu", () => {
    const x = input("x", [null, 6, 6, 4], "float32");
    const weights = { kernel: input("kernel", [3, 3, 4, 1], "float32"), bias: input("bias", [4], "float32") };
    const y = layers.depthwiseConv2d({ kernelSize: 3, activation: "relu" }).call(x, weights);
    const by = gradient(sum(square([y])), [x, weights.kernel, weights.bias]);
    const found = opsOf(Object.fromEntries(by.map((tensor, i) => [`d${i}`, tensor!])));
    expect(found).toContain("conv2dReluGradients");
    for (const apart of ["conv2dInputGradient", "conv2dFilterGradient", "reluGradient", "reduceSum"]) {
      expect(found).not.toContain(apart);
    }
  });

  it("of the gradient of softmax and crossentropy", () => {
    const x = input("x", [null, 10], "float32");
    const y = losses
      .sparseCategoricalCrossentropy()
      .call(input("y", [null], "int32"), layers.activation({ activation: "softmax" }).call(x));
    const [dx] = gradient(mean(y), [x]);
    expect(opsOf({ dx: dx! })).toContain("softmaxCrossentropyGradient");
    expect(opsOf({ dx: dx! })).not.toContain("softmaxGradient");
  });
});
