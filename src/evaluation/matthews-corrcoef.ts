/** The correlation of true and predicted classes. */

import { optional, optionsOf } from "../core/options.js";
import { sum } from "./averages.js";
import { columnSums, countPairs } from "./label-counts.js";
import { type Labels, readLabelPair, sampleWeightOption, type Weights, warningOption } from "./labels.js";

/** Options of `matthewsCorrcoef`. */
export interface MatthewsCorrcoefOptions {
  /** What each sample counts, shape [n]. Default: one each. */
  readonly sampleWeight?: Weights;
  /** Is told what may be wrong with correct input; nothing is printed. Default: not told. */
  readonly onWarning?: (message: string) => void;
}

const op = "matthewsCorrcoef";

const check = optionsOf(op, { sampleWeight: optional(sampleWeightOption), onWarning: optional(warningOption) });

/**
 * The Matthews correlation coefficient, for any number of classes: (c · n - Σ t · p) / √((n² - Σ p²) (n² - Σ t²)), with
 * n samples, c of them right, t truly of a class and p predicted to be of it. 1 is right, 0 is chance; for two classes -1
 * is wrong throughout. 0 where all are of one class, or all are predicted to be.
 *
 * `yTrue` and `yPred` are labels of shape [n] or [n, 1]. Follows scikit-learn's `matthews_corrcoef`.
 *
 * Source: J. Gorodkin, Comparing two K-category assignments by a K-category correlation coefficient, 2004.
 * @throws DataError where labels are missing, of different number or kind, or not labels; for weights that are not
 * finite numbers, one a sample, or all 0. @throws ShapeError where an array has more than one column.
 * @throws OptionError for a wrong option.
 *
 * @example
 * matthewsCorrcoef([1, 1, 1, -1], [1, -1, 1, 1]); // -1 / 3
 */
export function matthewsCorrcoef(yTrue: Labels, yPred: Labels, options: MatthewsCorrcoefOptions = {}): number {
  const { sampleWeight, onWarning } = check.read(options);
  const pair = readLabelPair(op, yTrue, yPred, sampleWeight);
  const matrix = countPairs(op, pair, pair.present, onWarning);
  const [actual, predicted] = [matrix.map((row) => sum(row)), columnSums(matrix)];
  const right = sum(matrix.map((row, i) => row[i]!));
  const all = sum(predicted);
  const products = (a: readonly number[], b: readonly number[]) => sum(a.map((value, i) => value * b[i]!));
  const spread = (all ** 2 - products(predicted, predicted)) * (all ** 2 - products(actual, actual));
  return spread === 0 ? 0 : (right * all - products(actual, predicted)) / Math.sqrt(spread);
}
