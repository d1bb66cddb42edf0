/** What layers say of inputs that do not fit them, and the weights that they need. */

import { describe, expect, it } from "vitest";
import { ShapeError } from "../../core/errors.js";
import { input as inputLeaf } from "../../graph/leaves.js";
import type { Layer } from "../layer.js";
import { layers } from "./index.js";

describe("shapes that do not fit", () => {
  it.each<[string, Layer, (number | null)[], string]>([
    [
      "conv2d of vectors",
      layers.conv2d({ filters: 1, kernelSize: 3 }),
      [null, 784],
      "conv2d: pictures [batch, height, width, channels] expected, received shape [null, 784].",
    ],
    [
      "a kernel larger than the picture",
      layers.conv2d({ filters: 1, kernelSize: 5, name: "first" }),
      [null, 3, 8, 1],
      'first: a window of [5, 5] does not fit into pictures of [3, 8]. Use a smaller one, or padding "same".',
    ],
    [
      "pooling of vectors",
      layers.maxPooling2d(),
      [null, 10],
      "maxPooling2d: pictures [batch, height, width, channels] expected, received shape [null, 10].",
    ],
    [
      "global pooling of vectors",
      layers.globalAveragePooling2d(),
      [null, 10],
      "globalAveragePooling2d: pictures [batch, height, width, channels] expected, received shape [null, 10].",
    ],
    [
      "dense of single numbers",
      layers.dense({ units: 1 }),
      [null],
      "dense: an input of [batch, features] expected, received [null]. Add an axis to it.",
    ],
    [
      "reshape to another size",
      layers.reshape({ targetShape: [5] }),
      [null, 6],
      "reshape: [null, 6] has 6 elements an example and cannot become [5], which has 5.",
    ],
    [
      "reshape to multiples that are none",
      layers.reshape({ targetShape: [4, -1] }),
      [null, 6],
      "reshape: [null, 6] has 6 elements an example and cannot become [4, -1], whose other axes take multiples of 4.",
    ],
    [
      "pictures without their channel",
      layers.input({ shape: [28, 28, 1] }),
      [null, 28, 28],
      "input: the model expects [null, 28, 28, 1], received [null, 28, 28]. Add the channel axis with expandDims(-1).",
    ],
    [
      "pictures of another size",
      layers.input({ shape: [28, 28, 1] }),
      [null, 32, 32, 3],
      "input: the model expects [null, 28, 28, 1], received [null, 32, 32, 3].",
    ],
    ["no batch axis", layers.flatten(), [], "flatten: an input with a batch axis expected, received []."],
  ])("%s", (_, layer, shape, message) => {
    expect(() => layer.outputShape(shape)).toThrow(ShapeError);
    expect(() => layer.outputShape(shape)).toThrow(new ShapeError(message));
    expect(() => layer.weightSpecs(shape)).toThrow(ShapeError);
    expect(() => layer.outputShape(shape, "third_1")).toThrow(/^third_1: /);
  });

  it("a layer refuses weights that were made for another input", () => {
    const x = inputLeaf("x", [null, 8, 8, 3], "float32");
    const weights = { kernel: inputLeaf("kernel", [3, 3, 1, 2], "float32"), bias: inputLeaf("bias", [2], "float32") };
    const layer = layers.conv2d({ filters: 2, kernelSize: 3 });
    expect(() => layer.call(x, weights, undefined, "conv2d_1")).toThrow(
      "conv2d_1: an input of [null, 8, 8, 3] needs kernel [3, 3, 3, 2], but this layer's kernel is [3, 3, 1, 2].",
    );
    expect(() => layer.call(x)).toThrow(
      "conv2d: an input of [null, 8, 8, 3] needs kernel [3, 3, 3, 2], but this layer's kernel is missing.",
    );
  });
});

describe("weights", () => {
  it("are Keras's, in its order", () => {
    const shapes = (layer: Layer, input: (number | null)[]) =>
      layer
        .weightSpecs(input)
        .map(({ name, shape, initializer, trainable }) => [name, shape, initializer.name, trainable]);
    expect(shapes(layers.dense({ units: 4 }), [null, 3])).toEqual([
      ["kernel", [3, 4], "glorotUniform", true],
      ["bias", [4], "zeros", true],
    ]);
    expect(
      shapes(layers.conv2d({ filters: 8, kernelSize: [3, 5], kernelInitializer: "he_normal" }), [null, 9, 9, 2]),
    ).toEqual([
      ["kernel", [3, 5, 2, 8], "heNormal", true],
      ["bias", [8], "zeros", true],
    ]);
    expect(shapes(layers.dense({ units: 4, useBias: false }), [null, 3])).toHaveLength(1);
    expect(shapes(layers.flatten(), [null, 3])).toEqual([]);
  });
});
