/** The area under any curve given by its points. Not of a classifier's scores: that is roc-auc-score.ts. */

import { DataError } from "../core/errors.js";
import { sum } from "./averages.js";
import { requireSameLength } from "./labels.js";
import { readNumbers, type Scores } from "./scores.js";

const op = "auc";

/**
 * The area under a curve by the trapezoidal rule: Σ (x[i+1] - x[i]) · (y[i] + y[i+1]) / 2, with the sign turned where x
 * falls.
 *
 * `x` and `y` are numbers of shape [n] or [n, 1], n ≥ 2; x rises or falls, and may stand still. Follows scikit-learn's
 * `auc`. NaN gives NaN.
 * @throws DataError where there are fewer than two points, x turns, lengths differ, or something is no number.
 * @throws ShapeError where an array has more than one column.
 *
 * @example
 * auc([0, 0.5, 1], [0, 1, 1]); // 0.75
 * auc([1, 0], [1, 1]); // 1
 */
export function auc(x: Scores, y: Scores): number {
  const [xs, ys] = [readNumbers(op, "x", x), readNumbers(op, "y", y)];
  requireSameLength(op, ["x", xs.length], ["y", ys.length], "numbers");
  if (xs.length < 2) throw new DataError(`${op}: at least 2 points are needed, received ${xs.length}.`);
  const turn = xs.findIndex((value, i) => i > 0 && value < xs[i - 1]!);
  const rise = xs.findIndex((value, i) => i > 0 && !(value <= xs[i - 1]!));
  if (turn >= 0 && rise >= 0) {
    throw new DataError(
      `${op}: x must rise or fall, received ${xs[rise - 1]}, ${xs[rise]} at index ${rise} and ${xs[turn - 1]}, ${xs[turn]} at index ${turn}.`,
    );
  }
  return (turn >= 0 ? -1 : 1) * areaUnder(xs, ys);
}

/** The area under points whose x rises. */
export function areaUnder(x: readonly number[], y: readonly number[]): number {
  return sum(x.slice(1).map((right, i) => ((right - x[i]!) * (y[i + 1]! + y[i]!)) / 2));
}
