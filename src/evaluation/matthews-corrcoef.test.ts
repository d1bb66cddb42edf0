import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { testCases } from "../../test/support/evaluation-goldens.js";
import { refusesLabels } from "../../test/support/refusals.js";
import { labelPairs } from "../../test/support/score-samples.js";
import { matthewsCorrcoef } from "./matthews-corrcoef.js";

testCases("matthews-corrcoef", matthewsCorrcoef);

refusesLabels(matthewsCorrcoef, ["yTrue", "yPred"]);

describe("identities", () => {
  test("is symmetric, does not depend on names, and lies from -1 to 1", () => {
    fc.assert(
      fc.property(labelPairs, ({ yTrue, yPred }) => {
        const score = matthewsCorrcoef(yTrue, yPred);
        expect(matthewsCorrcoef(yPred, yTrue)).toBeCloseTo(score, 12);
        const [a, b] = [yTrue, yPred].map((labels) => labels.map((label) => "ebdac"[label]!)) as [string[], string[]];
        expect(matthewsCorrcoef(a, b)).toBeCloseTo(score, 12);
        expect(Math.abs(score)).toBeLessThanOrEqual(1 + 1e-12);
        if (new Set(yTrue).size > 1) expect(matthewsCorrcoef(yTrue, yTrue)).toBeCloseTo(1, 12);
      }),
    );
  });

  test("of two classes is Pearson's correlation, and turns its sign with one of them", () => {
    fc.assert(
      fc.property(labelPairs, (both) => {
        const [x, y] = [both.yTrue.map((label) => label % 2), both.yPred.map((label) => label % 2)];
        const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
        const covariance = (a: number[], b: number[]) => mean(a.map((value, i) => value * b[i]!)) - mean(a) * mean(b);
        const spread = covariance(x, x) * covariance(y, y);
        const score = matthewsCorrcoef(x, y);
        expect(score).toBeCloseTo(spread < 1e-12 ? 0 : covariance(x, y) / Math.sqrt(spread), 9);
        const turned = y.map((label) => 1 - label);
        expect(matthewsCorrcoef(x, turned)).toBeCloseTo(-score, 12);
      }),
    );
  });
});
