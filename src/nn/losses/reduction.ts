/**
 * How one loss is made of the losses of a batch, and how that becomes one number a row: what leaves a training step is
 * numbers a row, whose mean over the rows of the batch is the batch's loss (models/graphs.ts).
 */

import { type OptionCheck, oneOf, withDefault } from "../../core/options.js";
import { mean, sum } from "../../graph/compose.js";
import { constant } from "../../graph/leaves.js";
import { cast } from "../../graph/ops/cast.js";
import { divide } from "../../graph/ops/divide.js";
import { maximum } from "../../graph/ops/maximum.js";
import { multiply } from "../../graph/ops/multiply.js";
import { rowCount } from "../../graph/ops/rowCount.js";
import type { Tensor } from "../../graph/tensor.js";

/** "sumOverBatchSize" and "mean", which are the same: the mean of all; "sum": the sum of all. */
export type Reduction = "sumOverBatchSize" | "mean" | "sum";

/** The option of every loss. Keras's "none" would leave many numbers, of which none is the one to make small. */
export const reductionOption: OptionCheck<Reduction, Reduction, "default"> = (() => {
  const check = oneOf<Reduction>(["sumOverBatchSize", "mean", "sum"]);
  return withDefault(
    {
      ...check,
      refuses: [...check.refuses, "none", "sum_over_batch_size"],
      hint: (value) =>
        value === "none" || value === null ? "training needs one number to make small" : check.hint?.(value),
    },
    "sumOverBatchSize",
  );
})();

/** The losses of a batch before reduction. */
export interface Values {
  /** [batch, ...], float32; 0 where not valid. */
  readonly values: Tensor;
  /** Which of them count, bool of the same shape; absent: all. */
  readonly valid?: Tensor;
}

/** One number a row, whose mean over the rows of this step is the batch's loss. */
export function rowsOf({ values, valid }: Values, reduction: Reduction): Tensor {
  if (reduction === "sum") return multiply([sumOfRows(values), rowCount([values])]);
  if (valid === undefined) return meanOfRows(values);
  // The mean of those that count is their sum over their number, spread over all rows; 0 where none counts.
  const count = maximum([sum(cast([valid], { dtype: "float32" })), constant(1)]);
  return multiply([sumOfRows(values), divide([rowCount([values]), count])]);
}

/** One number a row: the mean of each over all other axes. */
export function meanOfRows(x: Tensor): Tensor {
  return x.shape.length === 1 ? x : mean(x, { axes: axesOfRows(x) });
}

function sumOfRows(x: Tensor): Tensor {
  return x.shape.length === 1 ? x : sum(x, { axes: axesOfRows(x) });
}

function axesOfRows(x: Tensor): number[] {
  return x.shape.slice(1).map((_, i) => i + 1);
}
