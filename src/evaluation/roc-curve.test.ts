import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { testCases } from "../../test/support/evaluation-goldens.js";
import { refusesCurve, refusesScores } from "../../test/support/refusals.js";
import { twoClasses } from "../../test/support/score-samples.js";
import { auc } from "./auc.js";
import { rocCurve } from "./roc-curve.js";

testCases("roc-curve", rocCurve);

refusesScores(rocCurve);
refusesCurve(rocCurve);

describe("identities", () => {
  test("the curve rises from (0, 0) to (1, 1) over falling thresholds", () => {
    fc.assert(
      fc.property(twoClasses, fc.boolean(), ({ yTrue, yScore }, dropIntermediate) => {
        const { fpr, tpr, thresholds } = rocCurve(yTrue, yScore, { dropIntermediate });
        expect([fpr[0], tpr[0], thresholds[0]]).toEqual([0, 0, Number.POSITIVE_INFINITY]);
        expect([fpr.at(-1), tpr.at(-1), thresholds.at(-1)]).toEqual([1, 1, Math.min(...yScore)]);
        for (let i = 1; i < fpr.length; i++) {
          expect(fpr[i]).toBeGreaterThanOrEqual(fpr[i - 1]!);
          expect(tpr[i]).toBeGreaterThanOrEqual(tpr[i - 1]!);
          expect(thresholds[i]).toBeLessThan(thresholds[i - 1]!);
        }
      }),
    );
  });

  test("each point is what its threshold gives, counted afresh", () => {
    fc.assert(
      fc.property(twoClasses, ({ yTrue, yScore }) => {
        const { fpr, tpr, thresholds } = rocCurve(yTrue, yScore, { dropIntermediate: false });
        const rate = (label: number, threshold: number) => {
          const own = yScore.filter((_, i) => yTrue[i] === label);
          return own.filter((score) => score >= threshold).length / own.length;
        };
        expect(fpr).toEqual(thresholds.map((threshold) => rate(0, threshold)));
        expect(tpr).toEqual(thresholds.map((threshold) => rate(1, threshold)));
        expect(thresholds).toHaveLength(new Set(yScore).size + 1);
      }),
    );
  });

  test("points that are left out change no area, and a weight of 2 counts as the sample twice", () => {
    fc.assert(
      fc.property(twoClasses, ({ yTrue, yScore }) => {
        const all = rocCurve(yTrue, yScore, { dropIntermediate: false });
        const some = rocCurve(yTrue, yScore);
        expect(auc(some.fpr, some.tpr)).toBeCloseTo(auc(all.fpr, all.tpr), 12);
        const twice = rocCurve([...yTrue, ...yTrue.slice(1)], [...yScore, ...yScore.slice(1)]);
        expect(rocCurve(yTrue, yScore, { sampleWeight: yTrue.map((_, i) => (i === 0 ? 1 : 2)) })).toEqual(twice);
      }),
    );
  });

  test("the order of samples, and any rising function of scores, change no rate", () => {
    fc.assert(
      fc.property(twoClasses, ({ yTrue, yScore }) => {
        const { fpr, tpr } = rocCurve(yTrue, yScore);
        const turned = rocCurve(
          yTrue.toReversed(),
          yScore.toReversed().map((score) => Math.fround(score) ** 3),
        );
        expect([turned.fpr, turned.tpr]).toEqual([fpr, tpr]);
      }),
    );
  });
});
