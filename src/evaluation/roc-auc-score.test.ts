import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { testCases } from "../../test/support/evaluation-goldens.js";
import { callsOf, refusesScores } from "../../test/support/refusals.js";
import { severalClasses, twoClasses } from "../../test/support/score-samples.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { rocAucScore } from "./roc-auc-score.js";

testCases("roc-auc-score", rocAucScore);

refusesScores(rocAucScore);

test("what else cannot be used is refused by name", () => {
  const call = callsOf(rocAucScore);
  call([0, 1], [0.1, 0.2], { multiclass: "ovr" }).toThrow(/did you mean "multiClass"/);
  call([0, 1], [0.1, 0.2], { average: "samples" }).toThrow(OptionError);
  call([0, 1], [0.1, 0.2], { maxFpr: 0 }).toThrow(/maxFpr must be a number above 0, up to 1/);
  const rows = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ];
  const ovr = { multiClass: "ovr" };
  call([0, 1, 2], [0.1, 0.2, 0.3], ovr).toThrow(ShapeError);
  call([0, 1, 2], rows).toThrow(/multiClass must be "ovr" or "ovo"/);
  call(
    [0, 1, 2],
    rows.map((row) => row.map((one) => one * 2)),
    ovr,
  ).toThrow(/sum to 1, received a sum of 2 at row 0/);
  call([0, 1, 2], rows, { multiClass: "ovR" }).toThrow(/did you mean "ovr"/);
  call([0, 1, 1], rows, ovr).toThrow(/received 2 and 3; name all classes/);
  call([0, 1, 1], rows, { ...ovr, labels: [0, 2, 3] }).toThrow(/received 1 and labels \[0,2,3\]/);
  call([0, 1, 1], rows, { ...ovr, labels: [1, 0, 2] }).toThrow(/labels must be sorted/);
});

test("one class alone among several columns is told of, once for all pairs or for each class", () => {
  const rows = [
    [0.5, 0.25, 0.25],
    [0.25, 0.5, 0.25],
  ];
  const told: string[] = [];
  const options = { labels: [0, 1, 2], onWarning: (message: string) => void told.push(message) };
  expect(rocAucScore([1, 1], rows, { ...options, multiClass: "ovo" })).toBeNaN();
  expect(rocAucScore([1, 1], rows, { ...options, multiClass: "ovo", average: "weighted" })).toBeNaN();
  expect(rocAucScore([1, 1], rows, { ...options, multiClass: "ovr" })).toBeNaN();
  expect(told).toEqual(Array(5).fill("Only one class is present in yTrue. ROC AUC score is not defined in that case."));
});

/** How often a positive sample scores higher than a negative one, ties counted half: what the area means. */
function wins(positives: readonly number[], negatives: readonly number[]): number {
  const one = (a: number, b: number) => (a > b ? 1 : a === b ? 0.5 : 0);
  const all = positives.flatMap((a) => negatives.map((b) => one(a, b)));
  return all.reduce<number>((total, value) => total + value, 0) / all.length;
}

describe("identities", () => {
  test("two classes: the area is how often the positive sample wins; turned scores lose as often", () => {
    fc.assert(
      fc.property(twoClasses, ({ yTrue, yScore }) => {
        const of = (label: number) => yScore.filter((_, i) => yTrue[i] === label);
        const area = rocAucScore(yTrue, yScore);
        expect(area).toBeCloseTo(wins(of(1), of(0)), 12);
        const turned = yScore.map((score) => -score);
        expect(rocAucScore(yTrue, turned)).toBeCloseTo(1 - area, 12);
        const names = yTrue.map((label) => `class ${label}`);
        expect(rocAucScore(names, yScore)).toBe(area);
      }),
    );
  });

  test("several classes: each against the rest, and each against each", () => {
    fc.assert(
      fc.property(severalClasses, ({ classes, yTrue, rows }) => {
        const column = (c: number, which: (label: number) => boolean) =>
          rows.filter((_, i) => which(yTrue[i]!)).map((row) => row[c]!);
        const mean = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length;
        const own = Array.from({ length: classes }, (_, c) => column(c, (label) => label === c));
        const rest = own.map((scores, c) =>
          wins(
            scores,
            column(c, (label) => label !== c),
          ),
        );
        const areas = rocAucScore(yTrue, rows, { multiClass: "ovr", average: null }) as number[];
        expect(areas).toHaveLength(classes);
        areas.forEach((area, c) => {
          expect(area).toBeCloseTo(rest[c]!, 12);
        });
        expect(rocAucScore(yTrue, rows, { multiClass: "ovr" })).toBeCloseTo(mean(rest), 12);
        const pairwise = own.flatMap((scores, a) =>
          own.flatMap((_, b) =>
            a === b
              ? []
              : [
                  wins(
                    scores,
                    column(a, (label) => label === b),
                  ),
                ],
          ),
        );
        expect(rocAucScore(yTrue, rows, { multiClass: "ovo" })).toBeCloseTo(mean(pairwise), 12);
      }),
    );
  });
});
