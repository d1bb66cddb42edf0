import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { testCases } from "../../test/support/evaluation-goldens.js";
import { severalClasses } from "../../test/support/score-samples.js";
import { DataError, OptionError, ShapeError } from "../core/errors.js";
import { accuracyScore } from "./accuracy-score.js";
import { topKAccuracyScore } from "./top-k-accuracy-score.js";

testCases("top-k-accuracy-score", topKAccuracyScore);

test("what cannot be used is refused by name", () => {
  const call = (yTrue: unknown, yScore: unknown, options?: object) =>
    expect(() => topKAccuracyScore(yTrue as never, yScore as never, options));
  const rows = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ];
  call([0, 1, 2], [0.1, 0.2, 0.3]).toThrow(ShapeError);
  call(
    [0, 1],
    [
      [1, 0],
      [0, 1],
    ],
  ).toThrow(/one score a sample.*received \[2, 2\]/);
  call(
    [0, 1, 2],
    [
      [1, 0],
      [0, 1],
      [1, 1],
    ],
  ).toThrow(/received 3 and 2; name all classes with labels/);
  call(
    [0, 1, 2],
    [
      [1, 0, Number.NaN],
      [0, 1, 1],
      [1, 1, 1],
    ],
  ).toThrow(/received NaN at row 0, column 2/);
  call([0, 1, 2], rows, { k: 0 }).toThrow(/k must be a whole number, 1 or more, received 0/);
  call([0, 1, 2], rows, { topK: 1 }).toThrow(OptionError);
  call([0, 1, 2], rows, { normalise: true }).toThrow(/did you mean "normalize"/);
  call([0, 1, 2], rows, { labels: [0, 1] }).toThrow(/one class for each of 3 classes of yScore, received 2/);
  call([0, 1, 2], rows, { labels: [0, 1, 3] }).toThrow(DataError);
  call([0, 1, 2], rows, { labels: [0, 2, 1] }).toThrow(/labels must be sorted/);
  call([0, 1, 2], rows, { sampleWeight: [1, -1, 0] }).toThrow(/sums to 0/);
  expect(topKAccuracyScore([0, 1, 2], rows, { sampleWeight: [1, -1, 0], normalize: false })).toBe(0);
});

describe("identities", () => {
  test("k = 1 is the accuracy of the best class, more classes never lose, all classes always win", () => {
    fc.assert(
      fc.property(severalClasses, ({ classes, yTrue, rows }) => {
        // The last of equal scores, as the ranks have it.
        const best = rows.map((row) => row.lastIndexOf(Math.max(...row)));
        expect(topKAccuracyScore(yTrue, rows, { k: 1 })).toBe(accuracyScore(yTrue, best));
        const byK = Array.from({ length: classes }, (_, k) => topKAccuracyScore(yTrue, rows, { k: k + 1 }));
        for (let k = 1; k < classes; k++) expect(byK[k]).toBeGreaterThanOrEqual(byK[k - 1]!);
        expect(byK.at(-1)).toBe(1);
      }),
    );
  });

  test("arrays of every kind are one", () => {
    const flat = Float32Array.from([0.5, 0.25, 0.25, 0.25, 0.5, 0.25, 0.75, 0, 0.25]);
    const rows = [flat.slice(0, 3), flat.slice(3, 6), flat.slice(6)];
    const nested = rows.map((row) => [...row]);
    expect(topKAccuracyScore([0, 1, 2], nested, { k: 1 })).toBeCloseTo(2 / 3, 12);
    for (const scores of [rows, { data: flat, shape: [3, 3] }, { data: [...flat], shape: [3, 3] }])
      expect(topKAccuracyScore([0, 1, 2], scores, { k: 1 })).toBe(topKAccuracyScore([0, 1, 2], nested, { k: 1 }));
  });
});
