/** How improbable the true classes were held to be. Not the loss that training lowers: that is nn/losses. */

import { boolean, optional, optionsOf, withDefault } from "../core/options.js";
import { meanOrSum } from "./averages.js";
import { type Labels, labelsOption, sampleWeightOption, type Weights, warningOption } from "./labels.js";
import { readProbabilities } from "./probabilities.js";
import { type ClassScores, readScored, type Scores } from "./scores.js";

/** Options of `logLoss`. */
export interface LogLossOptions {
  /** Default true: the mean over samples. False: the sum. */
  readonly normalize?: boolean;
  /** What each sample counts, shape [n]. Default: one each. */
  readonly sampleWeight?: Weights;
  /** All classes, where not all occur in `yTrue`. The columns of `yProba` are in their sorted order. Default: all that occur. */
  readonly labels?: Labels;
  /** Is told what may be wrong with correct input, in scikit-learn's words; nothing is printed. Default: not told. */
  readonly onWarning?: (message: string) => void;
}

const op = "logLoss";

const check = optionsOf(op, {
  normalize: withDefault(boolean(), true),
  sampleWeight: optional(sampleWeightOption),
  labels: optional(labelsOption),
  onWarning: optional(warningOption),
});

/**
 * -Σ w[i] · ln p[i] / Σ w[i], with p[i] the probability given to the true class of sample i, kept eps away from 0 and 1:
 * eps = 2^-52, or 2^-23 for float32.
 *
 * `yTrue` are labels of shape [n] or [n, 1]; `yProba` probabilities of shape [n, classes], the columns in the order of the
 * sorted labels, or for two classes [n] or [n, 1]: those of the second. Follows scikit-learn's `log_loss`; everything is
 * computed in float64.
 * @throws DataError where labels or probabilities are missing, of different number, not labels, or not from 0 to 1; where
 * one label alone occurs and `labels` does not name the others; where weights are not finite numbers, one a sample, or sum
 * to 0. @throws ShapeError where there is not a column for each class. @throws OptionError for a wrong option.
 *
 * @example
 * logLoss(["spam", "ham", "ham", "spam"], [[0.1, 0.9], [0.9, 0.1], [0.8, 0.2], [0.35, 0.65]]); // 0.216161...
 */
export function logLoss(yTrue: Labels, yProba: Scores | ClassScores, options: LogLossOptions = {}): number {
  const { normalize, sampleWeight, labels, onWarning } = check.read(options);
  const scored = readScored(op, yTrue, ["yProba", yProba], sampleWeight);
  const { classes, values, truth } = readProbabilities(op, scored, labels, onWarning);
  const { epsilon } = scored.scores;
  const losses = truth.map((column, sample) => {
    const probability = values[sample * classes + column]!;
    return -Math.log(Math.min(Math.max(probability, epsilon), 1 - epsilon));
  });
  return meanOrSum(op, losses, scored.weights, normalize);
}
