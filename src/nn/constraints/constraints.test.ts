/** Constraints by name, with options, of one's own, and what is refused. Values: test/goldens-weights.test.ts. */

import { describe, expect, it } from "vitest";
import { numbers } from "../../../test/support/evaluate.js";
import { OptionError, ShapeError } from "../../core/errors.js";
import { read as readVariable } from "../../graph/leaves.js";
import { type Tensor, Variable } from "../../graph/tensor.js";
import { layers } from "../layers/index.js";
import { ops } from "../ops.js";
import { type Constraint, constraintOption, constraints } from "./index.js";

const { read } = constraintOption();
const weight = new Variable("w", [2, 2], "float32");
const variables = new Map([[weight, Float64Array.of(3, -1, 4, 0)]]);
const bounded = (constraint: Constraint): number[] =>
  numbers(constraint.call(readVariable(weight), "w"), { variables });

describe("constraints", () => {
  it.each([
    ["maxNorm", "maxNorm", { maxValue: 2, axis: 0 }],
    ["max_norm", "maxNorm", { maxValue: 2, axis: 0 }],
    ["NonNeg", "nonNeg", {}],
    ["non_neg", "nonNeg", {}],
    ["UnitNorm", "unitNorm", { axis: 0 }],
    ["min_max_norm", "minMaxNorm", { minValue: 0, maxValue: 1, rate: 1, axis: 0 }],
  ])("%s is found", (name, expected, config) => {
    expect(read(name)).toMatchObject({ name: expected, config });
  });

  it("are also given as they are, uncalled, described, or not at all", () => {
    const own = constraints.unitNorm({ axis: [0, 1] });
    expect(read(own)).toBe(own);
    expect(read(constraints.nonNeg)!.name).toBe("nonNeg");
    expect(read({ className: "MaxNorm", config: { maxValue: 5 } })!.config).toEqual({ maxValue: 5, axis: 0 });
    expect(read(null)).toBeNull();
  });

  it.each(Object.entries(constraints))("%s makes a config round trip and refuses bad options", (call, make) => {
    const constraint = make.read({});
    const again = read(JSON.parse(JSON.stringify({ className: make.className, config: constraint.config })))!;
    expect([again.name, again.config]).toEqual([call, constraint.config]);
    expect(bounded(again)).toEqual(bounded(constraint));
    for (const [option, check] of Object.entries(make.table) as [string, { refuses: readonly unknown[] }][]) {
      for (const value of check.refuses) {
        expect(() => make.read({ [option]: value })).toThrow(OptionError);
        expect(() => make.read({ [option]: value })).toThrow(`${call}: ${option} must be `);
      }
    }
  });

  it("need axes that the weight has, and bounds in order", () => {
    expect(() => bounded(constraints.maxNorm({ axis: 2 }))).toThrow(/^w: axis 2 does not exist in 2 dimensions/);
    expect(() => constraints.minMaxNorm({ minValue: 2, maxValue: 1 })).toThrow(
      new OptionError("minMaxNorm: minValue must not be above maxValue, received minValue 2, maxValue 1."),
    );
    const axis = [0];
    const { config } = constraints.maxNorm({ axis });
    axis[0] = 1;
    expect(config!.axis).toEqual([0]);
  });

  it("of one's own make a tensor like the weight", () => {
    const half = read((w: Tensor) => ops.divide(w, 2))!;
    expect([half.config, ...bounded(half)]).toEqual([null, 1.5, -0.5, 2, 0]);
    const message = "w: a constraint of your own must make a tensor like the weight, float32 [2, 2];";
    for (const [make, made] of [
      [(w: Tensor) => ops.sum(w), "float32 []"],
      [(w: Tensor) => ops.greater(w, 0), "bool [2, 2]"],
      [() => 0, "0"],
    ] as const) {
      expect(() => bounded(read(make)!)).toThrow(new ShapeError(`${message} unnamed made ${made}.`));
    }
  });

  it("as options of layers are written down, refused by name, and have types", () => {
    const layer = layers.conv2d({
      filters: 1,
      kernelSize: 1,
      kernelConstraint: constraints.maxNorm({ axis: [0, 1, 2] }),
      biasConstraint: "non_neg",
    });
    expect(layer.config).toMatchObject({
      kernelConstraint: { className: "maxNorm", config: { maxValue: 2, axis: [0, 1, 2] } },
      biasConstraint: "nonNeg",
    });
    expect(() => layers.dense({ units: 1, kernelConstraint: (w) => w }).config).toThrow(
      /^dense: kernelConstraint is a function of your own/,
    );
    // @ts-expect-error not a constraint
    expect(() => layers.dense({ units: 1, kernelConstraint: "maxNrom" })).toThrow(
      /dense: kernelConstraint must be .* received "maxNrom"; did you mean "maxNorm"\?$/,
    );
    // @ts-expect-error makes no tensor
    layers.dense({ units: 1, kernelConstraint: () => 3 });
    // @ts-expect-error Keras's spelling
    expect(() => constraints.maxNorm({ max_value: 1 })).toThrow(
      'maxNorm: unknown option "max_value"; did you mean "maxValue"?',
    );
  });
});
