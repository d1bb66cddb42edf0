/** The table of contents of evaluation/. */

export { type AccuracyScoreOptions, accuracyScore } from "./accuracy-score.js";
export {
  type ClassificationReport,
  type ClassificationReportOptions,
  classificationReport,
  type ReportScores,
} from "./classification-report.js";
export { type ConfusionMatrixOptions, confusionMatrix } from "./confusion-matrix.js";
export type { Label, Labels, Weights } from "./labels.js";
export {
  type Average,
  type AveragedScores,
  type PrecisionRecallFscoreSupportOptions,
  precisionRecallFscoreSupport,
  type ScoresByClass,
  type ZeroDivision,
} from "./precision-recall-fscore-support.js";
