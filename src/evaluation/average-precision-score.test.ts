import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { testCases } from "../../test/support/evaluation-goldens.js";
import { callsOf, refusesPosLabel, refusesScores } from "../../test/support/refusals.js";
import { severalClasses, twoClasses } from "../../test/support/score-samples.js";
import { OptionError } from "../core/errors.js";
import { averagePrecisionScore } from "./average-precision-score.js";

testCases("average-precision-score", averagePrecisionScore);

refusesScores(averagePrecisionScore);
refusesPosLabel(averagePrecisionScore);

test("what else cannot be used is refused by name", () => {
  const call = callsOf(averagePrecisionScore);
  call([0, 2], [0.1, 0.2]).toThrow(/posLabel must be one of \[0,2\], received 1/);
  call([0, 1, 2], [0.1, 0.2, 0.3]).toThrow(/one column for each of 3 classes in yTrue, received 1/);
  call(
    [0, 1, 2],
    [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ],
    { posLabel: 2 },
  ).toThrow(/posLabel is for two classes alone, received 2/);
  call([0, 1], [0.1, 0.2], { average: "samples" }).toThrow(OptionError);
});

describe("identities", () => {
  test("a perfect order is 1, no order is worse than the worst, and none at all is the part of positive samples", () => {
    fc.assert(
      fc.property(twoClasses, ({ yTrue, yScore }) => {
        expect(averagePrecisionScore(yTrue, yTrue)).toBe(1);
        const turned = yTrue.map((label, i) => (label === 1 ? -1 - i : i));
        const score = averagePrecisionScore(yTrue, yScore);
        expect(score).toBeGreaterThanOrEqual(averagePrecisionScore(yTrue, turned) - 1e-12);
        expect(score).toBeLessThanOrEqual(1);
        const constant = yTrue.map(() => 3);
        const positives = yTrue.reduce((a, b) => a + b);
        expect(averagePrecisionScore(yTrue, constant)).toBeCloseTo(positives / yTrue.length, 12);
      }),
    );
  });

  test("without ties it is the mean, over positive samples, of precision at their rank", () => {
    fc.assert(
      fc.property(twoClasses, ({ yTrue }) => {
        const yScore = yTrue.map((_, i) => ((i * 37) % 101) - i / 1000);
        const ranked = yTrue.map((_, i) => i).sort((a, b) => yScore[b]! - yScore[a]!);
        const precisions = ranked.flatMap((sample, rank) => {
          const right = ranked.slice(0, rank + 1).filter((i) => yTrue[i] === 1).length;
          return yTrue[sample] === 1 ? [right / (rank + 1)] : [];
        });
        const mean = precisions.reduce((a, b) => a + b) / precisions.length;
        expect(averagePrecisionScore(yTrue, yScore)).toBeCloseTo(mean, 12);
      }),
    );
  });

  test("several classes: each as two classes of its own, then averaged", () => {
    fc.assert(
      fc.property(severalClasses, ({ classes, yTrue, rows }) => {
        const own = Array.from({ length: classes }, (_, c) =>
          averagePrecisionScore(
            yTrue.map((label) => Number(label === c)),
            rows.map((row) => row[c]!),
          ),
        );
        expect(averagePrecisionScore(yTrue, rows, { average: null })).toEqual(own);
        expect(averagePrecisionScore(yTrue, rows)).toBeCloseTo(own.reduce((a, b) => a + b) / classes, 12);
      }),
    );
  });
});
