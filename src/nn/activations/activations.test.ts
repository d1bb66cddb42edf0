/** Activations by name, with options and as functions, and what is refused. Values: test/goldens-activations.test.ts. */

import { describe, expect, it } from "vitest";
import { numbers } from "../../../test/support/evaluate.js";
import { OptionError, ShapeError } from "../../core/errors.js";
import { input } from "../../graph/leaves.js";
import { layers } from "../layers/index.js";
import { activationOption, activations } from "./index.js";

const x = input("x", [null, 3], "float32");
const { read } = activationOption();

describe("activations", () => {
  it.each([
    ["relu6", "relu6"],
    ["leakyRelu", "leakyRelu"],
    ["leaky_relu", "leakyRelu"],
    ["log_softmax", "logSoftmax"],
    ["swish", "silu"],
    ["hard_swish", "hardSilu"],
    ["hardSwish", "hardSilu"],
    ["hard_sigmoid", "hardSigmoid"],
  ])("%s is found", (name, expected) => {
    expect(read(name)).toMatchObject({ name: expected, config: {} });
  });

  it("take options, which a layer writes down where they are not the default", () => {
    const steep = { className: "leakyRelu", config: { negativeSlope: 0.5 } };
    const y = activations.leakyRelu(x, { negativeSlope: 0.5 });
    expect(numbers(y, { inputs: new Map([[x, [-2, 0, 3]]]) })).toEqual([-1, 0, 3]);
    const config = (activation: Parameters<typeof layers.activation>[0]["activation"]) =>
      layers.activation({ activation }).config.activation;
    expect(config(steep)).toEqual(steep);
    expect(config({ className: "leaky_relu", config: { negativeSlope: 0.2 } })).toBe("leakyRelu");
    expect(config(activations.gelu)).toBe("gelu");
    expect(config("hard_swish")).toBe("hardSilu");
  });

  it("refuse bad options by name", () => {
    expect(() => activations.elu(x, { alpha: -1 })).toThrow(
      new OptionError("elu: alpha must be a finite number, 0 or more, received -1."),
    );
    expect(() => activations.celu(x, { alpha: 0 })).toThrow(OptionError);
    // @ts-expect-error not an option of gelu
    expect(() => activations.gelu(x, { approx: true })).toThrow(
      'gelu: unknown option "approx"; did you mean "approximate"?',
    );
    expect(() => layers.activation({ activation: { className: "elu", config: { alhpa: 1 } } })).toThrow(
      /activation: activation must be .*; elu: unknown option "alhpa"; did you mean "alpha"\?$/,
    );
    // @ts-expect-error not the name of an activation
    expect(() => layers.activation({ activation: "gleu" })).toThrow(/did you mean "gelu"\?$/);
  });

  it("go along the axes of an example only", () => {
    expect(() => activations.softmax(x, { axis: 0 })).toThrow(
      new ShapeError("softmax: axis 0 of [null, 3] is the batch, whose examples stay apart."),
    );
    expect(() => activations.logSoftmax(x, { axis: 2 })).toThrow(/^logSoftmax: axis 2 does not exist/);
    expect(() => layers.softmax({ axis: [1, -2], name: "out" }).call(x)).toThrow(
      /^out: axis -2 of \[null, 3\] is the batch/,
    );
    expect(() => layers.pReLU({ sharedAxes: [2], name: "slope" }).outputShape([null, 3])).toThrow(
      new ShapeError("slope: sharedAxes has 2, but the axes of [null, 3] behind the batch go from 1 to 1."),
    );
  });
});
