/** Regularizers by name, with options, of one's own, and what is refused. Values: test/goldens-weights.test.ts. */

import { describe, expect, it } from "vitest";
import { numbers } from "../../../test/support/evaluate.js";
import { OptionError, ShapeError } from "../../core/errors.js";
import { input, read as readVariable } from "../../graph/leaves.js";
import { type Tensor, Variable } from "../../graph/tensor.js";
import { layers } from "../layers/index.js";
import { ops } from "../ops.js";
import { activityPenalty, type Regularizer, regularizerOption, regularizers, weightPenalty } from "./index.js";

const { read } = regularizerOption();
const weight = new Variable("w", [2, 3], "float32");
const variables = new Map([[weight, Float64Array.of(1, -2, 3, 0, -1, 2)]]);
const penaltyOf = (regularizer: Regularizer): number[] =>
  numbers(weightPenalty(regularizer, readVariable(weight), "w"), { variables });

describe("regularizers", () => {
  it.each([
    ["l1", "l1", { l1: 0.01 }],
    ["L2", "l2", { l2: 0.01 }],
    ["l1l2", "l1l2", { l1: 0, l2: 0 }],
    ["l1_l2", "l1l2", { l1: 0, l2: 0 }],
    ["L1L2", "l1l2", { l1: 0, l2: 0 }],
    ["orthogonal_regularizer", "orthogonalRegularizer", { factor: 0.01, mode: "rows" }],
    ["OrthogonalRegularizer", "orthogonalRegularizer", { factor: 0.01, mode: "rows" }],
  ])("%s is found", (name, expected, config) => {
    expect(read(name)).toMatchObject({ name: expected, config });
  });

  it("are also given as they are, uncalled, described, or not at all", () => {
    const own = regularizers.l1({ l1: 0.5 });
    expect(read(own)).toBe(own);
    expect(read(regularizers.l1)!.config).toEqual({ l1: 0.01 });
    expect(read({ className: "L1L2", config: { l1: 0.25, l2: null } })!.config).toEqual({ l1: 0.25, l2: 0 });
    expect(read(null)).toBeNull();
  });

  it.each(Object.entries(regularizers))("%s makes a config round trip and refuses bad options", (call, make) => {
    const regularizer = make.read({});
    const again = read(JSON.parse(JSON.stringify({ className: make.className, config: regularizer.config })))!;
    expect([again.name, again.config]).toEqual([call, regularizer.config]);
    expect(penaltyOf(again)).toEqual(penaltyOf(regularizer));
    for (const [option, check] of Object.entries(make.table) as [string, { refuses: readonly unknown[] }][]) {
      for (const value of check.refuses) {
        expect(() => make.read({ [option]: value })).toThrow(OptionError);
        expect(() => make.read({ [option]: value })).toThrow(`${call}: ${option} must be `);
      }
    }
  });

  it("of one's own make a scalar, or numbers that add up to it", () => {
    const mean = read((x: Tensor) => ops.mean(x))!;
    expect([mean.name, mean.config, ...penaltyOf(mean)]).toEqual(["unnamed", null, 0.5]);
    expect(
      penaltyOf(
        read(function squares(x: Tensor) {
          return ops.square(x);
        })!,
      ),
    ).toEqual([19]);
    expect(() => penaltyOf(read(() => 3)!)).toThrow(
      new ShapeError("w: a regularizer of your own must make a tensor, unnamed made 3."),
    );
  });

  it("of outputs count over the rows of a batch", () => {
    const y = input("y", [null, 2], "float32");
    const penalty = activityPenalty(regularizers.l2({ l2: 0.5 }), y, "dense");
    expect(numbers(penalty, { rows: 4, inputs: new Map([[y, [1, 1, 2, 0, 0, 0, 1, 3]]]) })).toEqual([2]);
  });

  it("the orthogonal one is for matrices of several vectors", () => {
    const call = (shape: readonly number[], mode: "rows" | "columns" = "rows") =>
      regularizers
        .orthogonalRegularizer({ mode })
        .call(readVariable(new Variable("k", shape, "float32")), "dense/kernel");
    const message = "dense/kernel: orthogonalRegularizer expects a matrix of at least two";
    expect(() => call([3, 3, 1, 2])).toThrow(new ShapeError(`${message} rows, received [3, 3, 1, 2].`));
    expect(() => call([1, 4])).toThrow(new ShapeError(`${message} rows, received [1, 4].`));
    expect(() => call([4, 1], "columns")).toThrow(new ShapeError(`${message} columns, received [4, 1].`));
  });
});

describe("as options of layers", () => {
  it("are written down, but for functions of one's own", () => {
    const layer = layers.dense({
      units: 1,
      kernelRegularizer: "l2",
      biasRegularizer: regularizers.l1({ l1: 1 }),
      activityRegularizer: "l1",
    });
    expect(layer.config).toMatchObject({
      kernelRegularizer: { className: "l2", config: { l2: 0.01 } },
      biasRegularizer: { className: "l1", config: { l1: 1 } },
      activityRegularizer: { className: "l1", config: { l1: 0.01 } },
    });
    expect(layers.flatten({ activityRegularizer: null }).config.activityRegularizer).toBeNull();
    expect("activityRegularizer" in layers.flatten().config).toBe(false);
    expect(() => layers.dense({ units: 1, kernelRegularizer: (x) => ops.sum(x) }).config).toThrow(
      /^dense: kernelRegularizer is a function of your own/,
    );
  });

  it("are refused by name, and have types", () => {
    // @ts-expect-error not a regularizer
    expect(() => layers.dense({ units: 1, kernelRegularizer: "orthogonalRegularizr" })).toThrow(
      /dense: kernelRegularizer must be .* received "orthogonalRegularizr"; did you mean "orthogonalRegularizer"\?$/,
    );
    expect(() => layers.dense({ units: 1, biasRegularizer: { className: "L2", config: { l2: -1 } } })).toThrow(
      /; l2: l2 must be a finite number, 0 or more, received -1$/,
    );
    // @ts-expect-error its alpha has no bias
    expect(() => layers.pReLU({ biasRegularizer: "l2" })).toThrow('pReLU: unknown option "biasRegularizer"');
    // @ts-expect-error nothing is made of an input
    expect(() => layers.input({ shape: [1], activityRegularizer: "l2" })).toThrow(
      'input: unknown option "activityRegularizer"',
    );
    // @ts-expect-error makes no tensor
    layers.dense({ units: 1, kernelRegularizer: () => 3 });
    // @ts-expect-error no such mode
    expect(() => regularizers.orthogonalRegularizer({ mode: "row" })).toThrow(/did you mean "rows"\?$/);
    layers.conv2d({ filters: 1, kernelSize: 1, kernelRegularizer: "l1_l2", activityRegularizer: regularizers.l2 });
  });
});
