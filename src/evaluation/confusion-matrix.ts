/** Which class is taken for which. Not its picture: that is plot/. */

import type { NDArray } from "../core/ndarray.js";
import { fromTyped } from "../core/ndarray-create.js";
import { oneOf, optional, optionsOf } from "../core/options.js";
import { sum } from "./averages.js";
import { columnSums, countPairs } from "./label-counts.js";
import {
  type Labels,
  labelsOption,
  readLabelList,
  readLabelPair,
  sampleWeightOption,
  type Weights,
  warningOption,
} from "./labels.js";

/** Options of `confusionMatrix`. */
export interface ConfusionMatrixOptions {
  /** The labels of rows and columns, in this order; samples of other labels do not count. Default: all that occur, sorted. */
  readonly labels?: Labels;
  /** Divides by the row's sum ("true"), the column's ("pred"), or that of all ("all"); 0 where that is 0. Default: counts. */
  readonly normalize?: "true" | "pred" | "all";
  /** What each sample counts, shape [n]. Default: one each. */
  readonly sampleWeight?: Weights;
  /** Is told what may be wrong with correct input; nothing is printed. Default: not told. */
  readonly onWarning?: (message: string) => void;
}

const check = optionsOf("confusionMatrix", {
  labels: optional(labelsOption),
  normalize: optional(oneOf(["true", "pred", "all"])),
  sampleWeight: optional(sampleWeightOption),
  onWarning: optional(warningOption),
});

/**
 * C[i][j]: how many samples of class i were predicted to be of class j. Rows are true classes, columns predicted ones.
 *
 * `yTrue` and `yPred` are labels of shape [n] or [n, 1]. Follows scikit-learn's `confusion_matrix`; unlike there, a
 * label that comes twice in `labels` is an error.
 * @returns an array of shape [labels, labels]: int32 counts, or float64 with `normalize` or `sampleWeight`.
 * @throws DataError where labels are missing, of different number or kind, or not labels, or none of `labels` occurs in
 * `yTrue`. @throws ShapeError where an array has more than one column. @throws OptionError for a wrong option.
 *
 * @example
 * confusionMatrix([2, 0, 2, 2, 0, 1], [0, 0, 2, 2, 0, 2]); // array([[2, 0, 0], [0, 0, 1], [1, 0, 2]])
 */
export function confusionMatrix(
  yTrue: Labels,
  yPred: Labels,
  options: ConfusionMatrixOptions = {},
): NDArray<"int32" | "float64"> {
  const op = "confusionMatrix";
  const { labels, normalize, sampleWeight, onWarning } = check.read(options);
  const pair = readLabelPair(op, yTrue, yPred, sampleWeight);
  const shown = labels === undefined ? pair.present : readLabelList(op, labels, pair);
  const matrix = countPairs(op, pair, shown, onWarning);
  const counted = normalize === undefined && pair.weights === null;
  const data = (normalize === undefined ? matrix : normalized(matrix, normalize)).flat();
  const shape = [shown.length, shown.length];
  return counted ? fromTyped(Int32Array.from(data), shape) : fromTyped(Float64Array.from(data), shape);
}

function normalized(matrix: readonly (readonly number[])[], by: "true" | "pred" | "all"): number[][] {
  const columns = columnSums(matrix);
  const all = sum(matrix.flat());
  return matrix.map((row) => {
    const rowSum = sum(row);
    return row.map((count, column) => finite(count / { true: rowSum, pred: columns[column]!, all }[by]));
  });
}

/** 0 / 0 is 0; an infinity, which only weights that cancel out give, is the largest number, as numpy's nan_to_num has it. */
function finite(value: number): number {
  if (Number.isNaN(value)) return 0;
  return Number.isFinite(value) ? value : Math.sign(value) * Number.MAX_VALUE;
}
