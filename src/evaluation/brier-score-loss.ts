/** The mean squared error of probabilities. Not of any numbers: as a training loss that is nn/losses. */

import { DataError } from "../core/errors.js";
import { boolean, either, oneOf, optional, optionsOf, withDefault } from "../core/options.js";
import { meanOrSum } from "./averages.js";
import {
  type Label,
  type Labels,
  labelOption,
  labelsOption,
  sampleWeightOption,
  type Weights,
  warningOption,
} from "./labels.js";
import { areStandard, positiveLabelOf } from "./positive-class.js";
import { type Probabilities, readProbabilities, requireProbabilities, withComplement } from "./probabilities.js";
import { type ClassScores, readScored, type Scored, type Scores } from "./scores.js";

/** Options of `brierScoreLoss`. */
export interface BrierScoreLossOptions {
  /** What each sample counts, shape [n]. Default: one each. */
  readonly sampleWeight?: Weights;
  /** One probability a sample: the label it is of. Default: 1 where the labels are 0 and 1 or -1 and 1, else the greater number. */
  readonly posLabel?: Label;
  /** A probability of each class: all classes, where not all occur. The columns are in their sorted order. */
  readonly labels?: Labels;
  /** Whether the sum over classes is halved, so that it is at most 1; "auto": for two classes. Default "auto". */
  readonly scaleByHalf?: boolean | "auto";
  /** Is told what may be wrong with correct input, in scikit-learn's words; nothing is printed. Default: not told. */
  readonly onWarning?: (message: string) => void;
}

const op = "brierScoreLoss";

const check = optionsOf(op, {
  sampleWeight: optional(sampleWeightOption),
  posLabel: optional(labelOption),
  labels: optional(labelsOption),
  scaleByHalf: withDefault(either(boolean(), oneOf(["auto"])), "auto"),
  onWarning: optional(warningOption),
});

/**
 * Σ w[i] · Σ over classes c of (p[i][c] - (yTrue[i] = c))² / Σ w[i], halved for two classes, where it is
 * (p - (yTrue = posLabel))².
 *
 * `yTrue` are labels of shape [n] or [n, 1]; `yProba` probabilities of shape [n] or [n, 1], of the label `posLabel` of two,
 * or of shape [n, classes], the columns in the order of the sorted labels. Follows scikit-learn's `brier_score_loss`;
 * everything is computed in float64.
 *
 * Source: G. W. Brier, Verification of forecasts expressed in terms of probability, 1950.
 * @throws DataError where labels or probabilities are missing, of different number, not labels, or not from 0 to 1, or one
 * column meets more than two labels; where one label alone occurs in several columns and `labels` does not name the
 * others; where weights are not finite numbers, one a sample, or sum to 0. @throws ShapeError where there is not a column
 * for each class. @throws OptionError for a wrong option, and where strings need `posLabel`.
 *
 * @example
 * brierScoreLoss([0, 1, 1, 0], [0.25, 0.75, 0.5, 0.25]); // 0.109375
 * brierScoreLoss(["ham", "spam"], [0.25, 0.5], { posLabel: "spam" }); // 0.15625
 */
export function brierScoreLoss(
  yTrue: Labels,
  yProba: Scores | ClassScores,
  options: BrierScoreLossOptions = {},
): number {
  const { sampleWeight, posLabel, labels, scaleByHalf, onWarning } = check.read(options);
  const scored = readScored(op, yTrue, ["yProba", yProba], sampleWeight);
  const { classes, values, truth } =
    scored.scores.columns === 1
      ? binaryProbabilities(scored, posLabel)
      : readProbabilities(op, scored, labels, onWarning);
  const errors = truth.map((column, sample) => {
    const row = values.slice(sample * classes, (sample + 1) * classes);
    return row.reduce((total, probability, i) => total + (Number(i === column) - probability) ** 2, 0);
  });
  const half = scaleByHalf === "auto" ? classes === 2 : scaleByHalf;
  return meanOrSum(op, errors, scored.weights, true) * (half ? 0.5 : 1);
}

function binaryProbabilities({ yTrue, present, scores }: Scored, posLabel: Label | undefined): Probabilities {
  if (present.length > 2) {
    throw new DataError(
      `${op}: yProba must have a column for each class where there are more than two, received one for ${present.length}.`,
    );
  }
  requireProbabilities(op, "yProba", scores.values);
  // Of two numbers that are neither 0 and 1 nor -1 and 1, the greater one.
  const greatest = areStandard(present) || typeof present[0] === "string" ? undefined : present.at(-1);
  const positive = positiveLabelOf(op, present, posLabel ?? greatest);
  return {
    classes: 2,
    values: withComplement(scores.values),
    truth: yTrue.map((label) => Number(label === positive)),
  };
}
