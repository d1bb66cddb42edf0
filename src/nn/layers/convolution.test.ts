/** The layers of convolution: config and gradient by checkLayer, and what they refuse. Values against Keras: test/goldens-convolutions.test.ts. */

import { describe, expect, it } from "vitest";
import { checkLayer } from "../../../test/support/checkLayer.js";
import { OptionError, ShapeError } from "../../core/errors.js";
import type { Layer } from "../layer.js";
import { layers } from "./index.js";

describe("layers of convolution", () => {
  it.each<[string, Layer, readonly number[]]>([
    [
      "dilated",
      layers.conv2d({ filters: 2, kernelSize: 2, dilationRate: [2, 1], padding: "same", activation: "tanh" }),
      [2, 4, 3, 2],
    ],
    [
      "in groups",
      layers.conv2d({ filters: 4, kernelSize: [2, 3], groups: 2, strides: 2, name: "grouped" }),
      [1, 5, 5, 4],
    ],
    [
      "depthwise",
      layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, strides: 2, padding: "same" }),
      [2, 4, 5, 2],
    ],
    [
      "depthwise, dilated",
      layers.depthwiseConv2d({ kernelSize: 2, dilationRate: 2, strides: 2, useBias: false }),
      [1, 5, 6, 3],
    ],
    [
      "separable",
      layers.separableConv2d({ filters: 3, kernelSize: 2, depthMultiplier: 2, activation: "elu" }),
      [1, 4, 3, 2],
    ],
    ["transposed", layers.conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2, padding: "same" }), [2, 2, 3, 2]],
    [
      "transposed, with outputPadding",
      layers.conv2dTranspose({ filters: 1, kernelSize: [3, 2], strides: 2, outputPadding: [1, 0], useBias: false }),
      [1, 3, 2, 2],
    ],
    ["transposed, dilated", layers.conv2dTranspose({ filters: 2, kernelSize: 2, dilationRate: [3, 2] }), [1, 3, 2, 2]],
  ])("%s", (_, layer, input) => {
    checkLayer(layer, { input });
  });

  it("make float32 of bytes", () => {
    for (const layer of [
      layers.depthwiseConv2d({ kernelSize: 2 }),
      layers.separableConv2d({ filters: 1, kernelSize: 2 }),
      layers.conv2dTranspose({ filters: 1, kernelSize: 2 }),
    ]) {
      checkLayer(layer, { input: [1, 2, 2, 2], dtype: "uint8", values: [1, 2, 3, 4, 5, 6, 7, 255] });
    }
  });

  it("have their own initializer for each weight", () => {
    const initial = (layer: Layer) =>
      layer.weightSpecs([null, 5, 5, 3]).map(({ name, shape, initializer }) => [name, shape, initializer.name]);
    const depthwise = { kernelSize: 3, depthMultiplier: 2, depthwiseInitializer: "heNormal" } as const;
    expect(initial(layers.depthwiseConv2d({ ...depthwise, biasInitializer: "ones" }))).toEqual([
      ["kernel", [3, 3, 3, 2], "heNormal"],
      ["bias", [6], "ones"],
    ]);
    expect(initial(layers.separableConv2d({ ...depthwise, filters: 4, pointwiseInitializer: "lecunUniform" }))).toEqual(
      [
        ["depthwise_kernel", [3, 3, 3, 2], "heNormal"],
        ["pointwise_kernel", [1, 1, 6, 4], "lecunUniform"],
        ["bias", [4], "zeros"],
      ],
    );
    expect(initial(layers.conv2dTranspose({ filters: 4, kernelSize: [2, 3], useBias: false }))).toEqual([
      ["kernel", [2, 3, 4, 3], "glorotUniform"],
    ]);
  });
});

describe("options that do not go together", () => {
  it.each<[string, () => Layer, string]>([
    [
      "strides with dilations",
      () => layers.conv2d({ filters: 1, kernelSize: 3, strides: [1, 2], dilationRate: [2, 1] }),
      "conv2d: strides above 1 go with a dilationRate of 1 only, received strides [1, 2] and dilationRate [2, 1].",
    ],
    [
      "transposed strides with dilations",
      () => layers.conv2dTranspose({ filters: 1, kernelSize: 3, strides: 2, dilationRate: 2 }),
      "conv2dTranspose: strides above 1 go with a dilationRate of 1 only, received strides [2, 2] and dilationRate [2, 2].",
    ],
    [
      "filters that groups do not divide",
      () => layers.conv2d({ filters: 4, kernelSize: 3, groups: 3 }),
      "conv2d: groups must divide filters, received 3 groups and 4 filters.",
    ],
    [
      "an outputPadding as large as the strides",
      () => layers.conv2dTranspose({ filters: 1, kernelSize: 3, strides: [2, 1], outputPadding: 1 }),
      "conv2dTranspose: outputPadding must be less than strides, received [1, 1] and strides [2, 1].",
    ],
  ])("%s", (_, make, message) => {
    expect(make).toThrow(new OptionError(message));
  });
});

describe("pictures that do not fit", () => {
  it.each<[string, Layer, (number | null)[], string]>([
    [
      "channels that groups do not divide",
      layers.conv2d({ filters: 4, kernelSize: 3, groups: 2, name: "first" }),
      [null, 8, 8, 3],
      "first: channels that 2 groups divide expected, received 3 (input [null, 8, 8, 3]).",
    ],
    [
      "a dilated kernel that is larger than the picture",
      layers.conv2d({ filters: 4, kernelSize: 3, dilationRate: 2 }),
      [null, 8, 4, 3],
      'conv2d: a window of [5, 5] does not fit into pictures of [8, 4]. Use a smaller one, or padding "same".',
    ],
    [
      "depthwise convolution of vectors",
      layers.depthwiseConv2d({ kernelSize: 3 }),
      [null, 784],
      "depthwiseConv2d: pictures [batch, height, width, channels] expected, received shape [null, 784].",
    ],
    [
      "a separable kernel that is larger than the picture",
      layers.separableConv2d({ filters: 2, kernelSize: [2, 9] }),
      [null, 8, 8, 3],
      'separableConv2d: a window of [2, 9] does not fit into pictures of [8, 8]. Use a smaller one, or padding "same".',
    ],
    [
      "transposed convolution of vectors",
      layers.conv2dTranspose({ filters: 2, kernelSize: 2 }),
      [null, 8],
      "conv2dTranspose: pictures [batch, height, width, channels] expected, received shape [null, 8].",
    ],
    [
      "an outputPadding that no convolution comes from",
      layers.conv2dTranspose({ filters: 2, kernelSize: 4, strides: 2, padding: "same", outputPadding: 0 }),
      [null, 8, 8, 3],
      'conv2dTranspose: no length makes 8 by a kernel of 4 with padding "same", strides 2 and outputPadding 0: 14 makes 7 (input [null, 8, 8, 3]). Use a larger outputPadding, or none.',
    ],
  ])("%s", (_, layer, shape, message) => {
    expect(() => layer.outputShape(shape)).toThrow(new ShapeError(message));
  });
});

it("types refuse what is no option or no value of one", () => {
  // @ts-expect-error a depthwise convolution has no filters
  expect(() => layers.depthwiseConv2d({ kernelSize: 3, filters: 2 })).toThrow('unknown option "filters"');
  // @ts-expect-error not a padding
  expect(() => layers.depthwiseConv2d({ kernelSize: 3, padding: "smae" })).toThrow('did you mean "same"?');
  // @ts-expect-error filters are missing
  expect(() => layers.separableConv2d({ kernelSize: 3 })).toThrow("separableConv2d: filters is missing");
  // @ts-expect-error Keras's spelling
  expect(() => layers.conv2dTranspose({ filters: 1, kernelSize: 3, output_padding: 1 })).toThrow(
    'unknown option "output_padding"; did you mean "outputPadding"?',
  );
  // @ts-expect-error three numbers for two axes
  expect(() => layers.conv2d({ filters: 1, kernelSize: 3, dilationRate: [1, 1, 1] })).toThrow("dilationRate must be");
});
