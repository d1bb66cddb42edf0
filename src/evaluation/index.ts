/** The table of contents of evaluation/. */

export { type AccuracyScoreOptions, accuracyScore } from "./accuracy-score.js";
export { auc } from "./auc.js";
export { type AveragePrecisionScoreOptions, averagePrecisionScore } from "./average-precision-score.js";
export { type BalancedAccuracyScoreOptions, balancedAccuracyScore } from "./balanced-accuracy-score.js";
export { type BrierScoreLossOptions, brierScoreLoss } from "./brier-score-loss.js";
export { type CalibrationCurve, type CalibrationCurveOptions, calibrationCurve } from "./calibration-curve.js";
export type { ClassAverage } from "./class-averages.js";
export {
  type ClassificationReport,
  type ClassificationReportOptions,
  classificationReport,
  type ReportScores,
} from "./classification-report.js";
export { type CohenKappaScoreOptions, cohenKappaScore } from "./cohen-kappa-score.js";
export { type ConfusionMatrixOptions, confusionMatrix } from "./confusion-matrix.js";
export type { Label, Labels, Weights } from "./labels.js";
export { type LogLossOptions, logLoss } from "./log-loss.js";
export { type MatthewsCorrcoefOptions, matthewsCorrcoef } from "./matthews-corrcoef.js";
export {
  type PrecisionRecallCurve,
  type PrecisionRecallCurveOptions,
  precisionRecallCurve,
} from "./precision-recall-curve.js";
export {
  type Average,
  type AveragedScores,
  type PrecisionRecallFscoreSupportOptions,
  precisionRecallFscoreSupport,
  type ScoresByClass,
  type ZeroDivision,
} from "./precision-recall-fscore-support.js";
export { type RocAucScoreOptions, rocAucScore } from "./roc-auc-score.js";
export { type RocCurve, type RocCurveOptions, rocCurve } from "./roc-curve.js";
export type { ClassScores, Scores } from "./scores.js";
export { type TopKAccuracyScoreOptions, topKAccuracyScore } from "./top-k-accuracy-score.js";
