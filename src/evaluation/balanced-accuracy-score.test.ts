import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { testCases } from "../../test/support/evaluation-goldens.js";
import { labelPairs } from "../../test/support/score-samples.js";
import { DataError, OptionError } from "../core/errors.js";
import { balancedAccuracyScore } from "./balanced-accuracy-score.js";
import { precisionRecallFscoreSupport } from "./precision-recall-fscore-support.js";

testCases("balanced-accuracy-score", balancedAccuracyScore);

test("what cannot be used is refused by name", () => {
  const call = (one: unknown, other: unknown, options?: object) =>
    expect(() => balancedAccuracyScore(one as never, other as never, options));
  call([0, 1], [0]).toThrow(
    /^balancedAccuracyScore: yTrue and yPred must have the same length, received 2 and 1 labels/,
  );
  call([], []).toThrow(/yTrue is empty/);
  call([0, 1], ["0", "1"]).toThrow(DataError);
  call(
    [0, 1],
    [
      [0, 1],
      [1, 0],
    ],
  ).toThrow(/argmax\(1\)/);
  call([0, 1], [0, 1], { sampleWeight: [1] }).toThrow(/one weight for each of 2 samples, received 1/);
  call([0, 1], [0, 1], { sampleweight: [1, 1] }).toThrow(/did you mean "sampleWeight"/);
  call([0, 1], [0, 1], { onWarning: true }).toThrow(OptionError);
  call([0, 1], [0, 1], { adjusted: 1 }).toThrow(/adjusted must be true or false, received 1/);
});

describe("identities", () => {
  test("adjusted, one class has no chance to be measured by", () => {
    expect(balancedAccuracyScore([0, 0], [0, 0], { adjusted: true })).toBeNaN();
    expect(balancedAccuracyScore([0, 0], [0, 1], { adjusted: true })).toBe(Number.NEGATIVE_INFINITY);
  });

  test("is the mean recall of the classes that are true, and adjusted 0 for a guess of one class", () => {
    fc.assert(
      fc.property(labelPairs, ({ yTrue, yPred }) => {
        const labels = [...new Set(yTrue)].sort();
        const { recall } = precisionRecallFscoreSupport(yTrue, yPred, { labels, average: "macro" });
        expect(balancedAccuracyScore(yTrue, yPred)).toBeCloseTo(recall, 12);
        const guess = yTrue.map(() => yTrue[0]!);
        if (labels.length > 1) expect(balancedAccuracyScore(yTrue, guess, { adjusted: true })).toBeCloseTo(0, 12);
      }),
    );
  });
});
