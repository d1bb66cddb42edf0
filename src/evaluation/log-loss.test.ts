import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { testCases } from "../../test/support/evaluation-goldens.js";
import { callsOf, refusesProbabilities } from "../../test/support/refusals.js";
import { severalClasses } from "../../test/support/score-samples.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { logLoss } from "./log-loss.js";

testCases("log-loss", logLoss);

refusesProbabilities(logLoss, "yProba");

test("what else cannot be used is refused by name", () => {
  const call = callsOf(logLoss);
  call([0, 1], [[0.5, 0.5], [0.5]]).toThrow(ShapeError);
  call([1, 1], [0.1, 0.2]).toThrow(/yTrue holds one label alone, 1; name all classes with labels/);
  call([1, 1], [0.1, 0.2], { labels: [1] }).toThrow(OptionError);
  call([0, 1, 2], [0.1, 0.2, 0.3]).toThrow(/a column for each of 3 classes, received 2/);
  call([0, 1], [0.1, 0.2], { labels: [0, 2] }).toThrow(/every label in yTrue must be among labels, received 1/);
  call([0, 1], [0.1, 0.2], { labels: ["0", "1"] }).toThrow(/labels must be of the data's kind/);
  call([0, 1], [0.1, 0.2], { sampleWeight: [1, -1] }).toThrow(/sums to 0/);
  call([0, 1], [0.1, 0.2], { normalise: false }).toThrow(/did you mean "normalize"/);
});

describe("identities", () => {
  test("certainty costs the distance of 1 from the number before it, of either dtype", () => {
    expect(logLoss([0, 1], [0, 1])).toBeCloseTo(2 ** -52, 28);
    expect(logLoss([0, 1], Float32Array.of(0, 1))).toBeCloseTo(2 ** -23, 12);
    expect(logLoss([1, 0], [0, 1])).toBeCloseTo(52 * Math.LN2, 12);
    expect(logLoss([1, 0], Float32Array.of(0, 1))).toBeCloseTo(23 * Math.LN2, 12);
  });

  test("the sum is the mean times the number; equal probabilities cost ln of their number; certainty costs nothing", () => {
    fc.assert(
      fc.property(severalClasses, ({ classes, yTrue, rows }) => {
        const loss = logLoss(yTrue, rows);
        expect(logLoss(yTrue, rows, { normalize: false })).toBeCloseTo(loss * yTrue.length, 9);
        const even = yTrue.map(() => new Array<number>(classes).fill(1 / classes));
        expect(logLoss(yTrue, even)).toBeCloseTo(Math.log(classes), 12);
        const certain = yTrue.map((label) => even[0]!.map((_, c) => Number(c === label)));
        expect(logLoss(yTrue, certain)).toBeCloseTo(0, 12);
        // No forecast beats the truth.
        expect(loss).toBeGreaterThanOrEqual(logLoss(yTrue, certain));
      }),
    );
  });

  test("one column is that of the second class of two", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(64)), { minLength: 1, maxLength: 30 }), (list) => {
        const yTrue = list.map(([positive]) => Number(positive));
        const column = list.map(([, part]) => part / 64);
        const both = column.map((probability) => [1 - probability, probability]);
        expect(logLoss(yTrue, column, { labels: [0, 1] })).toBe(logLoss(yTrue, both, { labels: [0, 1] }));
      }),
    );
  });
});
