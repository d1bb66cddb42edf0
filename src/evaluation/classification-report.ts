/** The table of scores that scikit-learn prints, as text or as numbers. Not the scores themselves. */

import { OptionError } from "../core/errors.js";
import { formatFixed, maxFixedDigits } from "../core/fixed.js";
import { boolean, custom, integer, optional, optionsOf, withDefault } from "../core/options.js";
import { sum } from "./averages.js";
import {
  type Label,
  type Labels,
  labelsOption,
  readLabelList,
  readLabelPair,
  sampleWeightOption,
  type Weights,
  warningOption,
} from "./labels.js";
import {
  averagedScores,
  type ScoreRules,
  scoresOf,
  type ZeroDivision,
  zeroDivisionOption,
} from "./precision-recall-fscore-support.js";

/** Options of `classificationReport`. */
export interface ClassificationReportOptions {
  /** The classes of the report, in this order. Default: all that occur, sorted. */
  readonly labels?: Labels;
  /** What to call the classes, one name a label. Default: the labels. */
  readonly targetNames?: readonly string[];
  /** Decimals of the scores in the text, 0 to 50. Default 2. */
  readonly digits?: number;
  /** Numbers instead of text. Default false. */
  readonly outputDict?: boolean;
  /** What a quotient with nothing below the line becomes: 0, 1, NaN, or "warn" (0 and a warning). Default "warn". */
  readonly zeroDivision?: ZeroDivision;
  /** What each sample counts, shape [n]. Default: one each. */
  readonly sampleWeight?: Weights;
  /** Is told of quotients without a value, each kind once; nothing is printed. Default: not told. */
  readonly onWarning?: (message: string) => void;
}

/** A line of the report. */
export interface ReportScores {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** How many samples (or the sum of their weights). */
  readonly support: number;
}

/** The report as numbers, not rounded. */
export interface ClassificationReport {
  readonly perClass: readonly (ReportScores & { readonly label: Label; readonly name: string })[];
  /** The fraction that is right; null where `labels` leaves out some that occur, for then it is not what is averaged. */
  readonly accuracy: number | null;
  /** Only where there is no accuracy, which it would equal. */
  readonly microAvg: ReportScores | null;
  readonly macroAvg: ReportScores;
  readonly weightedAvg: ReportScores;
}

const op = "classificationReport";

const check = optionsOf(op, {
  labels: optional(labelsOption),
  targetNames: optional(
    custom<readonly string[]>("an array of strings", (value) =>
      Array.isArray(value) && value.every((name) => typeof name === "string") ? value : undefined,
    ),
  ),
  digits: withDefault(integer({ min: 0, max: maxFixedDigits }), 2),
  outputDict: withDefault(boolean(), false),
  zeroDivision: withDefault(zeroDivisionOption, "warn"),
  sampleWeight: optional(sampleWeightOption),
  onWarning: optional(warningOption),
});

/**
 * Precision, recall, F1-score and support of each class, then accuracy, macro and weighted averages: as text, which
 * equals that of scikit-learn's `classification_report` character for character and ends with a line end, or with
 * `outputDict: true` as numbers.
 *
 * `yTrue` and `yPred` are labels of shape [n] or [n, 1]. Where `labels` leaves out some that occur, there is a "micro
 * avg" instead of accuracy, as in scikit-learn. Two things differ from it: a number of `targetNames` other than that of
 * labels is always an error, and labels in float arrays are printed as whole numbers.
 * @throws DataError where labels are missing, of different number or kind, or not labels; for weights that are not
 * finite numbers, one a sample, or all 0. @throws ShapeError where an array has more than one column.
 * @throws OptionError for a wrong option.
 *
 * @example
 * console.log(classificationReport([0, 1, 2, 2, 2], [0, 0, 2, 2, 1], { targetNames: ["zero", "one", "two"] }));
 * //               precision    recall  f1-score   support
 * //
 * //         zero       0.50      1.00      0.67         1
 * //          one       0.00      0.00      0.00         1
 * //          two       1.00      0.67      0.80         3
 * //
 * //     accuracy                           0.60         5
 * //    macro avg       0.50      0.56      0.49         5
 * // weighted avg       0.70      0.60      0.61         5
 */
export function classificationReport(
  yTrue: Labels,
  yPred: Labels,
  options: ClassificationReportOptions & { readonly outputDict: true },
): ClassificationReport;
export function classificationReport(
  yTrue: Labels,
  yPred: Labels,
  options?: ClassificationReportOptions & { readonly outputDict?: false },
): string;
export function classificationReport(
  yTrue: Labels,
  yPred: Labels,
  options?: ClassificationReportOptions,
): string | ClassificationReport;
export function classificationReport(
  yTrue: Labels,
  yPred: Labels,
  options: ClassificationReportOptions = {},
): string | ClassificationReport {
  const { labels, targetNames, digits, outputDict, zeroDivision, sampleWeight, onWarning } = check.read(options);
  const pair = readLabelPair(op, yTrue, yPred, sampleWeight);
  const shown = labels === undefined ? pair.present : readLabelList(op, labels, pair);
  const names = targetNames ?? shown.map(String);
  if (names.length !== shown.length) {
    throw new OptionError(
      `${op}: targetNames must hold one name for each of ${shown.length} labels, received ${names.length}; name the classes with labels if not all occur.`,
    );
  }

  const told = new Set<string>();
  const warn = (message: string) => {
    if (!told.has(message)) onWarning?.(message);
    told.add(message);
  };
  const rules: ScoreRules = { average: null, zeroDivision, beta: 1, warn };
  const scores = scoresOf(pair, shown, rules);
  const support = sum(scores.support);
  const averageLine = (average: "micro" | "macro" | "weighted"): ReportScores => {
    const perClass = average === "micro" ? scoresOf(pair, shown, { ...rules, average }) : scores;
    const { precision, recall, fscore } = averagedScores(perClass, average);
    return { precision, recall, f1: fscore, support };
  };
  const micro = averageLine("micro");
  const microIsAccuracy = pair.present.every((label) => shown.includes(label));
  const report: ClassificationReport = {
    perClass: shown.map((label, i) => ({
      label,
      name: names[i]!,
      precision: scores.precision[i]!,
      recall: scores.recall[i]!,
      f1: scores.fscore[i]!,
      support: scores.support[i]!,
    })),
    accuracy: microIsAccuracy ? micro.precision : null,
    microAvg: microIsAccuracy ? null : micro,
    macroAvg: averageLine("macro"),
    weightedAvg: averageLine("weighted"),
  };
  if (outputDict) return report;
  // scikit-learn's counts are floats, and print as such, with weights and also where not one prediction is right.
  const wholeCounts = pair.weights === null && pair.yTrue.some((label, i) => label === pair.yPred[i]);
  return reportText(report, micro, digits, wholeCounts ? String : formatFloat);
}

function reportText(
  { perClass, accuracy, macroAvg, weightedAvg }: ClassificationReport,
  micro: ReportScores,
  digits: number,
  formatSupport: (support: number) => string,
): string {
  const width = Math.max("weighted avg".length, digits, ...perClass.map(({ name }) => lengthOf(name)));
  const line = (heading: string, cells: readonly string[]) =>
    `${" ".repeat(width - lengthOf(heading))}${heading} ${cells.map((cell) => ` ${cell.padStart(9)}`).join("")}\n`;
  const scoresLine = (heading: string, { precision, recall, f1, support }: ReportScores) =>
    line(heading, [...[precision, recall, f1].map((score) => formatFixed(score, digits)), formatSupport(support)]);

  const first =
    accuracy === null
      ? scoresLine("micro avg", micro)
      : line("accuracy", ["", "", formatFixed(micro.f1, digits), formatSupport(micro.support)]);
  const averages = [first, scoresLine("macro avg", macroAvg), scoresLine("weighted avg", weightedAvg)];
  const header = line("", ["precision", "recall", "f1-score", "support"]);
  const classes = perClass.map((scores) => scoresLine(scores.name, scores));
  return `${header}\n${classes.join("")}\n${averages.join("")}`;
}

function lengthOf(text: string): number {
  return [...text].length;
}

/** A float as Python prints it: `3.0`, `0.1`, `1e-05`, `1e+16`. */
function formatFloat(value: number): string {
  const [digits, exponent] = value.toExponential().split("e") as [string, string];
  const power = Number(exponent);
  if (power < -4 || power >= 16) return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
