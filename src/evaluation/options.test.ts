/** Names of options that there are not, in each function that takes some: no type lets them through, and no call. */

import { describe, expect, test } from "vitest";
import { OptionError } from "../core/errors.js";
import {
  auc,
  averagePrecisionScore,
  balancedAccuracyScore,
  brierScoreLoss,
  calibrationCurve,
  cohenKappaScore,
  logLoss,
  matthewsCorrcoef,
  precisionRecallCurve,
  rocAucScore,
  rocCurve,
  topKAccuracyScore,
} from "./index.js";

const labels = [0, 1];
const numbers = [0.2, 0.7];
const rows = [
  [0.1, 0.2, 0.7],
  [0.4, 0.5, 0.1],
  [0.3, 0.6, 0.1],
];

describe("an option that there is not is refused by its name, and by its type", () => {
  const refused = (call: () => unknown, name: string): void => {
    expect(call).toThrow(OptionError);
    expect(call).toThrow(`unknown option "${name}"`);
  };

  test("averagePrecisionScore", () => {
    // @ts-expect-error scikit-learn's spelling
    refused(() => averagePrecisionScore(labels, numbers, { pos_label: 1 }), "pos_label");
  });
  test("balancedAccuracyScore", () => {
    // @ts-expect-error not its word
    refused(() => balancedAccuracyScore(labels, labels, { adjust: true }), "adjust");
  });
  test("brierScoreLoss", () => {
    // @ts-expect-error scikit-learn's spelling
    refused(() => brierScoreLoss(labels, numbers, { scale_by_half: true }), "scale_by_half");
  });
  test("calibrationCurve", () => {
    // @ts-expect-error scikit-learn's spelling
    refused(() => calibrationCurve(labels, numbers, { n_bins: 3 }), "n_bins");
  });
  test("cohenKappaScore", () => {
    // @ts-expect-error not its word
    refused(() => cohenKappaScore(labels, labels, { weight: "linear" }), "weight");
  });
  test("logLoss", () => {
    // @ts-expect-error British spelling
    refused(() => logLoss(labels, numbers, { normalise: true }), "normalise");
  });
  test("matthewsCorrcoef", () => {
    // @ts-expect-error small letters
    refused(() => matthewsCorrcoef(labels, labels, { sampleweight: [1, 1] }), "sampleweight");
  });
  test("precisionRecallCurve", () => {
    // @ts-expect-error scikit-learn's spelling
    refused(() => precisionRecallCurve(labels, numbers, { drop_intermediate: true }), "drop_intermediate");
  });
  test("rocAucScore", () => {
    // @ts-expect-error scikit-learn's spelling
    refused(() => rocAucScore(labels, numbers, { max_fpr: 0.5 }), "max_fpr");
  });
  test("rocCurve", () => {
    // @ts-expect-error a letter in another place
    refused(() => rocCurve(labels, numbers, { posLable: 1 }), "posLable");
  });
  test("topKAccuracyScore", () => {
    // @ts-expect-error the metric's word
    refused(() => topKAccuracyScore([0, 1, 2], rows, { topK: 1 }), "topK");
  });
  test("auc takes none: its type lets no third argument through", () => {
    // @ts-expect-error no options
    expect(auc([0, 1], [0, 1], {})).toBe(0.5);
  });
});
