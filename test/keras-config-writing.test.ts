/** What of a model Keras has no words for is refused when its configuration is written. */

import { describe, expect, it } from "vitest";
import { layers, modelFromKerasConfig, OptionError, sequential } from "../src/index.js";
import { readLayer } from "../src/models/keras-config/layer.js";
import { backend } from "./support/keras-configs.js";

describe("what cannot be written is refused", () => {
  const withActivation = (activation: unknown) =>
    sequential([layers.input({ shape: [4] }), layers.dense({ units: 2, activation: activation as "relu" })], {
      backend,
    });

  it("a function of one's own", () => {
    expect(() => withActivation((x: never) => x).toKerasConfig()).toThrow("activation is a function of your own");
  });

  it("lambda, and reading it too", () => {
    const lambda = layers.lambda({ function: (x) => x });
    expect(() => sequential([layers.input({ shape: [4] }), lambda], { backend }).toKerasConfig()).toThrow(
      "function is a function of your own",
    );
    expect(() => readLayer("Lambda", { name: "lambda", function: { class_name: "__lambda__" } }, "")).toThrow(
      OptionError,
    );
  });

  it("an option that Keras forgets", () => {
    const gain = { className: "identity", config: { gain: 2 } };
    const made = layers.dense({ units: 2, kernelInitializer: gain });
    expect(() => sequential([layers.input({ shape: [4] }), made], { backend }).toKerasConfig()).toThrow(
      'dense: Keras does not write gain of the initializer "identity", so it must be the default.',
    );
  });

  it("an activation with options that Keras has no words for", () => {
    const celu = { className: "celu", config: { alpha: 0.5 } };
    expect(() => withActivation(celu).toKerasConfig()).toThrow(
      'dense: Keras has no words for the activation "celu" with options of its own',
    );
    const relu = { className: "relu", config: { maxValue: 2 } };
    const written = withActivation(relu).toKerasConfig();
    expect(modelFromKerasConfig(written, { backend }).toConfig().config.layers[1]!.config.activation).toEqual({
      className: "relu",
      config: { maxValue: 2 },
    });
  });
});
