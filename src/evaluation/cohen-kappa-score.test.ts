import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { testCases } from "../../test/support/evaluation-goldens.js";
import { callsOf, refusesLabels } from "../../test/support/refusals.js";
import { labelPairs } from "../../test/support/score-samples.js";
import { OptionError } from "../core/errors.js";
import { cohenKappaScore } from "./cohen-kappa-score.js";

testCases("cohen-kappa-score", cohenKappaScore);

refusesLabels(cohenKappaScore, ["y1", "y2"]);

test("what else cannot be used is refused by name", () => {
  const call = callsOf(cohenKappaScore);
  call([0, 1], [0, 1], { weights: "squared" }).toThrow(OptionError);
  call([0, 1], [0, 1], { replaceUndefinedBy: 2 }).toThrow(
    /replaceUndefinedBy must be NaN or a number from -1 to 1, received 2/,
  );
  call([0, 1], [0, 1], { labels: [2] }).toThrow(/at least one of labels must occur in y1, received \[2\]/);
  call([0, 1], [0, 1], { labels: [0, 0] }).toThrow(/received 0 twice/);
});

describe("identities", () => {
  const weightings = fc.constantFrom(null, "linear" as const, "quadratic" as const);
  const expectSame = (a: number, b: number) => {
    if (Number.isNaN(b)) expect(a).toBeNaN();
    else expect(a).toBeCloseTo(b, 12);
  };

  test("which is which does not matter; two who agree have 1, and nobody has more", () => {
    fc.assert(
      fc.property(labelPairs, weightings, ({ yTrue, yPred }, weights) => {
        const kappa = cohenKappaScore(yTrue, yPred, { weights });
        expectSame(cohenKappaScore(yPred, yTrue, { weights }), kappa);
        expect(kappa > 1).toBe(false);
        if (new Set(yTrue).size > 1) expect(cohenKappaScore(yTrue, yTrue, { weights })).toBe(1);
      }),
    );
  });

  test("without weights the order of classes does not matter; turned about, it never does", () => {
    fc.assert(
      fc.property(labelPairs, weightings, ({ yTrue, yPred }, weights) => {
        const labels = [0, 1, 2, 3, 4];
        const kappa = cohenKappaScore(yTrue, yPred, { labels, weights });
        const orders = weights === null ? [[3, 1, 4, 0, 2], labels.toReversed()] : [labels.toReversed()];
        for (const order of orders) expectSame(cohenKappaScore(yTrue, yPred, { labels: order, weights }), kappa);
      }),
    );
  });
});
