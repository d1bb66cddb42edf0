/** How far two who label the same samples agree, beyond chance. */

import { custom, inRange, nullable, oneOf, optional, optionsOf, withDefault } from "../core/options.js";
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

/** Options of `cohenKappaScore`. */
export interface CohenKappaScoreOptions {
  /** The classes, in the order in which they are near to each other; others do not count. Default: all that occur, sorted. */
  readonly labels?: Labels;
  /** How grave it is to be d classes apart: 1 (null), d ("linear") or d² ("quadratic"). Default null. */
  readonly weights?: "linear" | "quadratic" | null;
  /** What each sample counts, shape [n]. Default: one each. */
  readonly sampleWeight?: Weights;
  /** What a score that is 0 / 0 becomes: NaN, or a number from -1 to 1. Default NaN. */
  readonly replaceUndefinedBy?: number;
  /** Is told what may be wrong with correct input, in scikit-learn's words; nothing is printed. Default: not told. */
  readonly onWarning?: (message: string) => void;
}

const op = "cohenKappaScore";

const fromMinusOneToOne = inRange(-1, 1);

const check = optionsOf(op, {
  labels: optional(labelsOption),
  weights: withDefault(nullable(oneOf(["linear", "quadratic"])), null),
  sampleWeight: optional(sampleWeightOption),
  replaceUndefinedBy: withDefault(
    custom<number>("NaN or a number from -1 to 1", (value) =>
      Number.isNaN(value) ? Number.NaN : fromMinusOneToOne.read(value),
    ),
    Number.NaN,
  ),
  onWarning: optional(warningOption),
});

/**
 * Cohen's kappa: 1 - Σ w[i][j] · C[i][j] / Σ w[i][j] · E[i][j], with C how often the one says i where the other says j,
 * E[i][j] = Σ C[i] · Σ C[:, j] / Σ C what chance would give, and w[i][j] 0 for i = j. 1 is full agreement, 0 chance.
 *
 * `y1` and `y2` are labels of shape [n] or [n, 1]; which is which does not matter. Follows scikit-learn's
 * `cohen_kappa_score`. Undefined where both name one and the same class alone, or none of `labels` in common.
 *
 * Sources: J. Cohen, A coefficient of agreement for nominal scales, 1960; Weighted kappa, 1968.
 * @throws DataError where labels are missing, of different number or kind, or not labels, or none of `labels` occurs in
 * `y1`; for weights that are not finite numbers, one a sample, or all 0. @throws ShapeError where an array has more than one column.
 * @throws OptionError for a wrong option.
 *
 * @example
 * cohenKappaScore([0, 1, 0, 1], [0, 1, 0, 0]); // 0.5
 * cohenKappaScore([0, 1, 2, 2], [0, 2, 2, 1], { weights: "quadratic" }); // 7 / 11
 */
export function cohenKappaScore(y1: Labels, y2: Labels, options: CohenKappaScoreOptions = {}): number {
  const { labels, weights, sampleWeight, replaceUndefinedBy, onWarning } = check.read(options);
  const pair = readLabelPair(op, y1, y2, sampleWeight, ["y1", "y2"]);
  const classes = labels === undefined ? pair.present : readLabelList(op, labels, pair);
  const matrix = countPairs(op, pair, classes, onWarning, "y1");
  const [first, second] = [matrix.map((row) => sum(row)), columnSums(matrix)];
  const all = sum(second);
  const nothing = (why: string) => {
    onWarning?.(
      `${why} ${op} is undefined and set to the value defined by the replaceUndefinedBy option, which is set to ${replaceUndefinedBy}.`,
    );
    return replaceUndefinedBy;
  };
  if (all === 0) return nothing("y2 contains no labels that are present in both y1 and labels.");
  const distance = (i: number, j: number) =>
    weights === null ? Number(i !== j) : weights === "linear" ? Math.abs(i - j) : (i - j) ** 2;
  const total = (count: (i: number, j: number) => number) =>
    sum(classes.flatMap((_, i) => classes.map((_, j) => distance(i, j) * count(i, j))));
  const disagreement = total((i, j) => matrix[i]![j]!);
  const byChance = total((i, j) => (second[i]! * first[j]!) / all);
  if (byChance === 0) return nothing("y1, y2 and labels have only one label in common.");
  return 1 - disagreement / byChance;
}
