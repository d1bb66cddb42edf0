import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { testCases } from "../../test/support/evaluation-goldens.js";
import { callsOf, refusesProbabilities } from "../../test/support/refusals.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { calibrationCurve } from "./calibration-curve.js";

testCases("calibration-curve", calibrationCurve);

const samples = fc
  .array(fc.tuple(fc.boolean(), fc.nat(64)), { minLength: 1, maxLength: 60 })
  .map((list) => ({ yTrue: list.map(([positive]) => Number(positive)), yProb: list.map(([, part]) => part / 64) }));

refusesProbabilities(calibrationCurve, "yProb");

test("what else cannot be used is refused by name", () => {
  const call = callsOf(calibrationCurve);
  call(
    [0, 1],
    [
      [0.5, 0.5],
      [0.5, 0.5],
    ],
  ).toThrow(ShapeError);
  call(["a", "b"], [0.1, 0.2]).toThrow(/posLabel must be given/);
  call([0, 1, 2], [0.1, 0.2, 0.3], { posLabel: 1 }).toThrow(/yTrue must hold two labels, received \[0,1,2\]/);
  call([0, 1], [0.1, 0.2], { nBins: 0 }).toThrow(/nBins must be a whole number, 1 or more, received 0/);
  call([0, 1], [0.1, 0.2], { strategy: "quantiles" }).toThrow(/did you mean "quantile"/);
  call([0, 1], [0.1, 0.2], { bins: 3 }).toThrow(OptionError);
});

describe("identities", () => {
  const options = fc.record({
    nBins: fc.integer({ min: 1, max: 12 }),
    strategy: fc.constantFrom("uniform" as const, "quantile" as const),
  });

  test("points rise, are at most as many as bins, and lie from 0 to 1", () => {
    fc.assert(
      fc.property(samples, options, ({ yTrue, yProb }, given) => {
        const { probTrue, probPred } = calibrationCurve(yTrue, yProb, given);
        expect(probTrue.length).toBe(probPred.length);
        expect(probPred.length).toBeLessThanOrEqual(given.nBins);
        expect(probPred).toEqual([...new Set(probPred)].sort((a, b) => a - b));
        for (const part of [...probTrue, ...probPred]) expect(part >= 0 && part <= 1).toBe(true);
      }),
    );
  });

  test("one bin holds everything, and what always comes true lies on the diagonal", () => {
    fc.assert(
      fc.property(samples, options, ({ yTrue, yProb }, given) => {
        const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
        const all = { probTrue: [mean(yTrue)], probPred: [mean(yProb)] };
        expect(calibrationCurve(yTrue, yProb, { nBins: 1 })).toEqual(all);
        const { probTrue, probPred } = calibrationCurve(yTrue, yTrue, given);
        expect(probTrue).toEqual(probPred);
      }),
    );
  });
});
