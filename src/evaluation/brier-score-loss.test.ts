import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { testCases } from "../../test/support/evaluation-goldens.js";
import { callsOf, refusesProbabilities } from "../../test/support/refusals.js";
import { severalClasses } from "../../test/support/score-samples.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { brierScoreLoss } from "./brier-score-loss.js";

testCases("brier-score-loss", brierScoreLoss);

refusesProbabilities(brierScoreLoss, "yProba");

test("what else cannot be used is refused by name", () => {
  const call = callsOf(brierScoreLoss);
  call([0, 1], [[0.5, 0.5], [0.5]]).toThrow(ShapeError);
  call(["a", "b"], [0.1, 0.2]).toThrow(/posLabel must be given/);
  call([0, 1, 2], [0.1, 0.2, 0.3]).toThrow(/a column for each class where there are more than two, received one for 3/);
  call([0, 1], [0.1, 0.2], { scaleByHalf: "yes" }).toThrow(/scaleByHalf must be true or false, or one of "auto"/);
  call([0, 1], [0.1, 0.2], { poslabel: 1 }).toThrow(/did you mean "posLabel"/);
  call([0, 1], [0.1, 0.2], { posLabel: "1" }).toThrow(OptionError);
  call([0, 1], [0.1, 0.2], { sampleWeight: [1, -1] }).toThrow(/sums to 0/);
});

describe("identities", () => {
  test("lies from 0, for certainty of the truth, to 1 when halved", () => {
    fc.assert(
      fc.property(severalClasses, ({ classes, yTrue, rows }) => {
        const halved = brierScoreLoss(yTrue, rows, { scaleByHalf: true });
        expect(halved).toBeGreaterThanOrEqual(0);
        expect(halved).toBeLessThanOrEqual(1);
        expect(brierScoreLoss(yTrue, rows)).toBeCloseTo(2 * halved, 12);
        const certainOf = (shift: number) =>
          yTrue.map((label) => Array.from({ length: classes }, (_, c) => Number(c === (label + shift) % classes)));
        expect(brierScoreLoss(yTrue, certainOf(0))).toBe(0);
        expect(brierScoreLoss(yTrue, certainOf(1), { scaleByHalf: true })).toBe(1);
      }),
    );
  });

  test("one column is that of the second class of two, or of the first with its label", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(64)), { minLength: 1, maxLength: 30 }), (list) => {
        const yTrue = list.map(([positive]) => Number(positive));
        const column = list.map(([, part]) => part / 64);
        const both = column.map((probability) => [1 - probability, probability]);
        const score = brierScoreLoss(yTrue, column, { posLabel: 1 });
        expect(score).toBeCloseTo(brierScoreLoss(yTrue, both, { labels: [0, 1] }), 12);
        const first = column.map((probability) => 1 - probability);
        expect(brierScoreLoss(yTrue, first, { posLabel: 0 })).toBeCloseTo(score, 12);
      }),
    );
  });
});
