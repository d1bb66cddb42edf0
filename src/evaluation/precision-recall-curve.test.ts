import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { testCases } from "../../test/support/evaluation-goldens.js";
import { refusesCurve, refusesScores } from "../../test/support/refusals.js";
import { twoClasses } from "../../test/support/score-samples.js";
import { precisionRecallCurve } from "./precision-recall-curve.js";

testCases("precision-recall-curve", precisionRecallCurve);

refusesScores(precisionRecallCurve);
refusesCurve(precisionRecallCurve);

describe("identities", () => {
  test("each point is what its threshold gives, counted afresh; the last is (1, 0)", () => {
    fc.assert(
      fc.property(twoClasses, ({ yTrue, yScore }) => {
        const { precision, recall, thresholds } = precisionRecallCurve(yTrue, yScore);
        const taken = (threshold: number) => yTrue.filter((_, i) => yScore[i]! >= threshold);
        const positives = (labels: number[]) => labels.filter((label) => label === 1).length;
        expect(precision).toEqual([...thresholds.map((t) => positives(taken(t)) / taken(t).length), 1]);
        expect(recall).toEqual([...thresholds.map((t) => positives(taken(t)) / positives(yTrue)), 0]);
        expect(thresholds).toEqual([...new Set(yScore)].sort((a, b) => a - b));
      }),
    );
  });

  test("dropIntermediate keeps the two ends of every recall", () => {
    fc.assert(
      fc.property(twoClasses, ({ yTrue, yScore }) => {
        const all = precisionRecallCurve(yTrue, yScore);
        const some = precisionRecallCurve(yTrue, yScore, { dropIntermediate: true });
        const ends = (curve: typeof all, recall: number) => {
          const own = curve.thresholds.filter((_, i) => curve.recall[i] === recall);
          return [own[0], own.at(-1)];
        };
        expect(new Set(some.recall)).toEqual(new Set(all.recall));
        for (const recall of new Set(some.recall.slice(0, -1))) expect(ends(some, recall)).toEqual(ends(all, recall));
        for (const recall of new Set(some.recall.slice(0, -1)))
          expect(some.recall.slice(0, -1).filter((one) => one === recall).length).toBeLessThanOrEqual(2);
      }),
    );
  });

  test("a weight of 2 counts as the sample twice", () => {
    fc.assert(
      fc.property(twoClasses, ({ yTrue, yScore }) => {
        const twice = precisionRecallCurve([...yTrue, ...yTrue.slice(1)], [...yScore, ...yScore.slice(1)]);
        const sampleWeight = yTrue.map((_, i) => (i === 0 ? 1 : 2));
        expect(precisionRecallCurve(yTrue, yScore, { sampleWeight })).toEqual(twice);
      }),
    );
  });
});
