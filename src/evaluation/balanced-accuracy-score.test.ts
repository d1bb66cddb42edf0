import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { testCases } from "../../test/support/evaluation-goldens.js";
import { callsOf, refusesLabels } from "../../test/support/refusals.js";
import { labelPairs } from "../../test/support/score-samples.js";
import { balancedAccuracyScore } from "./balanced-accuracy-score.js";
import { precisionRecallFscoreSupport } from "./precision-recall-fscore-support.js";

testCases("balanced-accuracy-score", balancedAccuracyScore);

refusesLabels(balancedAccuracyScore, ["yTrue", "yPred"]);

test("what else cannot be used is refused by name", () => {
  const call = callsOf(balancedAccuracyScore);
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
