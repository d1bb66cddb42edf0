import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { testCases } from "../../test/support/evaluation-goldens.js";
import { severalClasses, twoClasses } from "../../test/support/score-samples.js";
import { DataError, OptionError, ShapeError } from "../core/errors.js";
import { averagePrecisionScore } from "./average-precision-score.js";

testCases("average-precision-score", averagePrecisionScore);

test("what cannot be used is refused by name", () => {
  const call = (yTrue: unknown, yScore: unknown, options?: object) =>
    expect(() => averagePrecisionScore(yTrue as never, yScore as never, options));
  call([0, 1], [0.1, Number.NaN]).toThrow(
    /^averagePrecisionScore: yScore must hold finite numbers, received NaN at index 1/,
  );
  call([0, 1], [0.1]).toThrow(/yTrue and yScore must have the same length, received 2 and 1 samples/);
  call(
    [0, 1],
    [
      [0.1, 0.9],
      [0.2, 0.8],
    ],
  ).toThrow(/one score a sample.*received \[2, 2\].*slice\(null, 1\)/);
  call([0, 1], [[0.1, 0.9], [0.2]]).toThrow(ShapeError);
  call([0, 1], []).toThrow(/yScore is empty/);
  call([0, 1], 0.5).toThrow(DataError);
  call([0.5, 1], [0.1, 0.2]).toThrow(/yTrue must hold class labels/);
  call([0, 1], [0.1, 0.2], { sampleWeight: [0, 0] }).toThrow(/at least one number other than 0/);
  call([0, 1], [0.1, 0.2], { posLable: 1 }).toThrow(/did you mean "posLabel"/);
  call([0, 1], [0.1, 0.2], { posLabel: 0.5 }).toThrow(OptionError);
  call([0, 1], [0.1, 0.2], { posLabel: "1" }).toThrow(
    /posLabel must be of the data's kind, received "1" for data of numbers/,
  );
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
