/** What a loss makes of a batch, and losses of the user's own. */

import { describe, expect, it } from "vitest";
import { numbers } from "../../../test/support/evaluate.js";
import { OptionError, ShapeError } from "../../core/errors.js";
import { mean, sum } from "../../graph/compose.js";
import { input } from "../../graph/leaves.js";
import { absolute } from "../../graph/ops/absolute.js";
import { subtract } from "../../graph/ops/subtract.js";
import type { Tensor } from "../../graph/tensor.js";
import { type Loss, losses, resolveLoss } from "./index.js";

const y = input("y", [null, 2], "float32");
const p = input("p", [null, 2], "float32");
const bindings = {
  rows: 3,
  inputs: new Map([
    [y, [0, 0, 0, 0, 0, 0]],
    [p, [1, 3, 0, 2, 1, 5]],
  ]),
};
const rowsOf = (loss: Loss): number[] => numbers(loss.call(y, p), bindings);

describe("reduction", () => {
  it("gives one number a row, whose mean is the batch's loss", () => {
    expect(rowsOf(losses.meanAbsoluteError())).toEqual([2, 1, 3]);
    expect(rowsOf(losses.meanAbsoluteError({ reduction: "mean" }))).toEqual([2, 1, 3]);
    // The sum of all is 6, and so is the mean of these.
    expect(rowsOf(losses.meanAbsoluteError({ reduction: "sum" }))).toEqual([6, 3, 9]);
  });

  it("leaves rows of ignoreClass out, of all labels if need be", () => {
    const labels = input("labels", [null], "int32");
    const of = (classes: number[], reduction: "mean" | "sum") =>
      numbers(losses.sparseCategoricalCrossentropy({ fromLogits: true, ignoreClass: 9, reduction }).call(labels, p), {
        rows: 3,
        inputs: new Map([
          [labels, classes],
          [p, [0, 0, 7, 8, 0, 0]],
        ]),
      });
    const close = (values: number[]) => values.map((v) => expect.closeTo(v, 6));
    expect(of([0, 9, 1], "mean")).toEqual(close([Math.LN2 * 1.5, 0, Math.LN2 * 1.5]));
    expect(of([0, 9, 1], "sum")).toEqual(close([Math.LN2 * 3, 0, Math.LN2 * 3]));
    expect(of([9, 9, 9], "mean")).toEqual([0, 0, 0]);
  });

  it("refuses what leaves no single number", () => {
    expect(() => losses.meanSquaredError({ reduction: "none" as never })).toThrow(
      new OptionError(
        'meanSquaredError: reduction must be one of "sumOverBatchSize", "mean", "sum", received "none"; training needs one number to make small',
      ),
    );
    expect(() => losses.meanSquaredError({ reduction: "summ" as never })).toThrow(/did you mean "sum"\?$/);
    // @ts-expect-error not a reduction
    expect(() => losses.hinge({ reduction: "median" })).toThrow(OptionError);
  });
});

describe("a loss of the user's own", () => {
  const distance = (yTrue: Tensor, yPred: Tensor): Tensor => absolute([subtract([yTrue, yPred])]);

  it("is a function of tensors, of which the mean is taken", () => {
    const loss = resolveLoss(distance);
    expect([loss.name, loss.labels, loss.config]).toEqual(["distance", "values", null]);
    expect(rowsOf(loss)).toEqual([2, 1, 3]);
    expect(rowsOf(resolveLoss({ call: distance, reduction: "sum" }))).toEqual([12, 6, 18]);
    expect(resolveLoss({ call: distance, labels: "classes", name: "far" })).toMatchObject({
      labels: "classes",
      name: "far",
    });
  });

  it("may take the mean itself", () => {
    expect(rowsOf(resolveLoss((a, b) => mean(distance(a, b))))).toEqual([2, 2, 2]);
  });

  it("is refused where it makes no numbers for the rows", () => {
    const made = (call: (yTrue: Tensor, yPred: Tensor) => Tensor) => () => rowsOf(resolveLoss({ call, name: "mine" }));
    expect(made((a, b) => sum(distance(a, b), { axes: [0] }))).toThrow(
      new ShapeError(
        "mine: a loss of your own must make a tensor of [null, ...] (numbers for each row of the batch) or [] (their mean), received [2].",
      ),
    );
    expect(made(() => 3 as never)).toThrow(/received 3\.$/);
    expect(() => resolveLoss({ call: distance, label: "classes" } as never)).toThrow(
      'compile: a loss of your own: unknown option "label"; did you mean "labels"?',
    );
  });
});
