/** The options of every layer: what is refused, what is suggested, what a config keeps of them. */

import { describe, expect, it } from "vitest";
import { OptionError } from "../../core/errors.js";
import type { Tensor } from "../../graph/tensor.js";
import { activations } from "../activations/index.js";
import { layerFromConfig, layers } from "./index.js";

describe("options", () => {
  const required: Readonly<Record<string, object>> = {
    activation: { activation: "relu" },
    alphaDropout: { rate: 0.5 },
    centerCrop: { height: 1, width: 1 },
    conv2d: { filters: 1, kernelSize: 1 },
    conv2dTranspose: { filters: 1, kernelSize: 1 },
    depthwiseConv2d: { kernelSize: 1 },
    separableConv2d: { filters: 1, kernelSize: 1 },
    dense: { units: 1 },
    dropout: { rate: 0.5 },
    gaussianDropout: { rate: 0.5 },
    gaussianNoise: { stddev: 0.5 },
    input: { shape: [1] },
    lambda: { function: (x: Tensor) => x },
    permute: { dims: [1] },
    rescaling: { scale: 1 },
    reshape: { targetShape: [1] },
    resizing: { height: 1, width: 1 },
    spatialDropout2d: { rate: 0.5 },
  };

  it.each(Object.entries(layers))("%s refuses every bad value of every option, and unknown ones", (call, factory) => {
    const good = required[call] ?? {};
    expect(factory.read(good)).toBeDefined();
    for (const [option, check] of Object.entries(factory.table)) {
      expect(check.refuses.length).toBeGreaterThan(0);
      for (const value of check.refuses) {
        expect(() => factory.read({ ...good, [option]: value }), `${option}: ${value}`).toThrow(OptionError);
        expect(() => factory.read({ ...good, [option]: value })).toThrow(`${call}: ${option} must be `);
      }
    }
    expect(() => factory.read({ ...good, nmae: "x" })).toThrow(`${call}: unknown option "nmae"; did you mean "name"?`);
    for (const option of Object.keys(good)) {
      const { [option]: _, ...rest } = good as Record<string, unknown>;
      expect(() => factory.read(rest)).toThrow(`${call}: ${option} is missing`);
    }
  });

  it("suggests the nearest activation and initializer", () => {
    // @ts-expect-error not an activation
    expect(() => layers.dense({ units: 1, activation: "rleu" })).toThrow(/received "rleu"; did you mean "relu"\?$/);
    // @ts-expect-error not an initializer
    expect(() => layers.dense({ units: 1, kernelInitializer: "glorotunifrom" })).toThrow(
      /dense: kernelInitializer must be .* received "glorotunifrom"; did you mean "glorotUniform"\?$/,
    );
  });

  it("are not changed by changing what was given", () => {
    const kernelSize: [number, number] = [3, 3];
    const layer = layers.conv2d({ filters: 1, kernelSize });
    kernelSize[0] = 7;
    expect(layer.config.kernelSize).toEqual([3, 3]);
  });
});

describe("layerFromConfig", () => {
  it("writes options down in plain values, defaults filled in", () => {
    expect(layers.dense({ units: 3, activation: activations.relu, name: "out" }).config).toEqual({
      units: 3,
      activation: "relu",
      useBias: true,
      kernelInitializer: "glorotUniform",
      kernelRegularizer: null,
      kernelConstraint: null,
      biasInitializer: "zeros",
      biasRegularizer: null,
      biasConstraint: null,
      name: "out",
    });
  });

  it("suggests the nearest class, by Keras's name or by the function's", () => {
    expect(() => layerFromConfig({ className: "Desne", config: {} })).toThrow(
      new OptionError('unknown layer "Desne"; did you mean "dense"?'),
    );
    expect(() => layerFromConfig({ className: "LSTM", config: {} })).toThrow(
      /unknown layer "LSTM"; known: activation, /,
    );
    expect(layerFromConfig({ className: "maxPooling2d", config: {} }).className).toBe("MaxPooling2D");
  });

  it("refuses options that the layer refuses", () => {
    expect(() => layerFromConfig({ className: "Dense", config: { units: -1 } })).toThrow(
      "dense: units must be a whole number, 1 or more, received -1.",
    );
    expect(() => layerFromConfig({ className: "Dense" } as never)).toThrow(OptionError);
    expect(() => layerFromConfig(null as never)).toThrow(OptionError);
  });
});
