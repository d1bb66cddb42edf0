/** What every layer has: trainable, weights, input and output; and what is noticed when one is called. */

import { describe, expect, it } from "vitest";
import { OptionError, ShapeError, StateError } from "../core/errors.js";
import { layers, model, sequential, zeros } from "../index.js";
import { layerFromConfig } from "./layers/index.js";

const vector = () => layers.input({ shape: [4] });
const picture = () => layers.input({ shape: [8, 8, 3] });

describe("a layer", () => {
  it("is not trained where it says so, which its config keeps as it is now", () => {
    const layer = layers.dense({ units: 3, trainable: false, name: "fixed" });
    expect([layer.trainable, layer.name, layer.config.trainable]).toEqual([false, "fixed", false]);
    const made = sequential([vector(), layer, layers.dense({ units: 2 })]);
    expect(made.trainableWeights.map(({ variable }) => variable.name)).toEqual(["dense/kernel", "dense/bias"]);
    expect(layerFromConfig({ className: "Dense", config: layer.config }).trainable).toBe(false);
    layer.trainable = true;
    expect(layer.config).not.toHaveProperty("trainable");
    expect(made.trainableWeights.length).toBe(4);
    expect(() => layers.dense({ units: 3, trainable: 1 as never })).toThrow(OptionError);
    expect(() => {
      layer.trainable = "no" as never;
    }).toThrow(new OptionError('fixed: trainable must be true or false, received "no".'));
  });

  it("has weights once it is in a model, and counts them", () => {
    const layer = layers.batchNormalization();
    expect(layer.weights).toEqual([]);
    expect(() => layer.countParams()).toThrow(
      new StateError("batchNormalization: countParams: the layer is in no model yet, so it has no weights."),
    );
    sequential([vector(), layer]);
    const names = (list: typeof layer.weights) => list.map(({ name, shape }) => [name, ...shape]);
    expect(names(layer.weights)).toEqual([
      ["gamma", 4],
      ["beta", 4],
      ["moving_mean", 4],
      ["moving_variance", 4],
    ]);
    expect(names(layer.trainableWeights)).toEqual(names(layer.weights.slice(0, 2)));
    expect(names(layer.nonTrainableWeights)).toEqual(names(layer.weights.slice(2)));
    expect([layer.countParams(), vector().countParams()]).toEqual([16, 0]);
  });

  it("has the input and the output of its only call", () => {
    const [a, b] = [vector(), vector()];
    const dense = layers.dense({ units: 3, name: "dense" });
    expect(() => dense.input).toThrow(new StateError("dense: the layer was not called yet, so it has no input."));
    const y = dense(a);
    expect([dense.output, dense.input.made.layer]).toEqual([y, a]);
    dense(b);
    expect(() => dense.input).toThrow("dense: the layer was called 2 times");
    const sum = layers.add({ name: "sum" });
    sum([a, b]);
    expect(() => sum.input).toThrow(new OptionError("sum: the layer was called on 2 inputs."));
  });
});

describe("a model", () => {
  it("has input and output where it has one of each", () => {
    const [a, b] = [vector(), vector()];
    const one = model({ inputs: [a], outputs: [layers.dense({ units: 2 })(a)] });
    expect([one.input.shape, one.output.shape]).toEqual([
      [null, 4],
      [null, 2],
    ]);
    const two = model({ inputs: [a, b], outputs: [layers.dense({ units: 2 })(a), layers.dense({ units: 2 })(b)] });
    expect(() => two.input).toThrow(new OptionError("functional: use inputs; the model has 2 inputs."));
    expect(() => two.outputShape).toThrow(new OptionError("functional: use outputs; the model has 2 outputs."));
  });

  it("may be made not trainable", () => {
    const made = sequential([vector(), layers.dense({ units: 2 })], { trainable: false, name: "still" });
    expect([made.trainable, made.layers[1]!.trainable, made.trainableWeights.length]).toEqual([false, false, 0]);
    expect(made.nonTrainableWeights.length).toBe(2);
  });
});

it("padding and the interpolation of upSampling2d are taken in any case, as by Keras", () => {
  const upper = "SAME" as "same";
  for (const layer of [
    layers.conv2d({ filters: 1, kernelSize: 3, padding: upper }),
    layers.depthwiseConv2d({ kernelSize: 3, padding: "Valid" as "valid" }),
    layers.separableConv2d({ filters: 1, kernelSize: 3, padding: upper }),
    layers.conv2dTranspose({ filters: 1, kernelSize: 3, padding: upper }),
    layers.maxPooling2d({ padding: upper }),
    layers.averagePooling2d({ padding: upper }),
  ]) {
    expect(layer.config.padding).toMatch(/^(same|valid)$/);
  }
  expect(layers.upSampling2d({ interpolation: "BILINEAR" as "bilinear" }).config.interpolation).toBe("bilinear");
  expect(() => layers.maxPooling2d({ padding: "causal" as "same" })).toThrow('padding must be one of "valid", "same"');
  // @ts-expect-error the types have small letters
  layers.conv2d({ filters: 1, kernelSize: 3, padding: "SAME" });
});

describe("trouble is noticed when a layer is called, by its name and its input", () => {
  it.each([
    [
      "softmax",
      () => layers.softmax({ axis: 3 })(vector()),
      "softmax: axis 3 does not exist in an input of [null, 4]; use 1 or -1.",
    ],
    [
      "activation",
      () =>
        layers.dense({ units: 3, activation: { className: "softmax", config: { axis: 5 } }, name: "out" })(vector()),
      "out: an input of [null, 4] does not go through it: softmax: axis 5 does not exist in 2 dimensions; use -2 to 1.",
    ],
    [
      "batchNormalization",
      () => layers.batchNormalization({ axis: 4 })(picture()),
      "batchNormalization: axis 4 does not exist in an input of [null, 8, 8, 3]; use 1 to 3, or -3 to -1.",
    ],
    [
      "concatenate",
      () => layers.concatenate({ axis: 2 })([vector(), vector()]),
      "concatenate: axis 2 does not exist in an input of [null, 4]; use 1 or -1.",
    ],
    ["permute", () => layers.permute({ dims: [2, 1] })(vector()), /^permute: .*\[2, 1\].*\[null, 4\]/],
    ["reshape", () => layers.reshape({ targetShape: [3] })(vector()), /^reshape: \[null, 4\] has 4 .*\[3\]/],
    ["cropping2d", () => layers.cropping2d({ cropping: 4 })(picture()), /^cropping2d: .*\[null, 8, 8, 3\]/],
    ["resizing", () => layers.resizing({ height: 2, width: 2 })(vector()), /^resizing: .*\[null, 4\]/],
    ["conv2d", () => layers.conv2d({ filters: 1, kernelSize: 9 })(picture()), /^conv2d: /],
    [
      "groups",
      () => layers.groupNormalization({ groups: 2 })(picture()),
      /^groupNormalization: 2 groups .*\[null, 8, 8, 3\]/,
    ],
  ])("%s", (_, call, message) => {
    expect(call).toThrow(ShapeError);
    expect(call).toThrow(typeof message === "string" ? new ShapeError(message) : message);
  });

  it("in words that say what to do", async () => {
    const made = sequential([vector(), layers.dense({ units: 2 })]);
    expect(() => sequential(vector() as never)).toThrow(
      new OptionError("sequential: a list of layers expected, as in sequential([a, b]), received an InputLayer layer."),
    );
    expect(() => layers.input({ shape: [null, 28, 28] as never })).toThrow("; leave the batch out: [28, 28]");
    expect(() => layers.dense({ units: 2 })(made as never)).toThrow(
      new OptionError(
        "dense: the output of a layer expected, received a model that was not called. Call it on its input first: layers.dense({ units: 10 })(x).",
      ),
    );
    await expect(made.predict(zeros([4]))).rejects.toThrow("Make one example a batch with x.expandDims(0).");
    expect(() => layers.conv2d({ filters: 1, kernel_size: 3 } as never)).toThrow('did you mean "kernelSize"?');
    expect(() => made.summary({ layerRange: ["dens0", "x"] })).toThrow(
      new OptionError('summary: layerRange: unknown layer "dens0"; did you mean "dense"?'),
    );
  });

  it("in a sequential model by the name that it has there", () => {
    expect(() => sequential([vector(), layers.dense({ units: 2 }), layers.softmax({ axis: 2 })])).toThrow(
      new ShapeError("softmax: axis 2 does not exist in an input of [null, 2]; use 1 or -1."),
    );
  });
});
