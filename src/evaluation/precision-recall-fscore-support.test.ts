import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OptionError } from "../core/errors.js";
import { accuracyScore } from "./accuracy-score.js";
import {
  type PrecisionRecallFscoreSupportOptions,
  precisionRecallFscoreSupport as scores,
} from "./precision-recall-fscore-support.js";

const yTrue = [0, 1, 2, 2, 2, 1, 0, 3, 3, 3, 1, 2];
const yPred = [0, 2, 2, 2, 1, 1, 0, 3, 0, 3, 1, 4];
const sampleWeight = [0.5, 1, 2, 0.25, 1.5, 3, 0.1, 0.7, 1.1, 2.2, 0.3, 0.9];
const nan = Number.NaN;

describe("scikit-learn 1.9.1's numbers", () => {
  const third = 1 / 3;
  test("of each class", () => {
    const { precision, recall, fscore, support } = scores(yTrue, yPred);
    expect(precision).toEqual([2 * third, 2 * third, 2 * third, 1, 0]);
    expect(recall).toEqual([1, 2 * third, 0.5, 2 * third, 0]);
    expect(fscore.map((score) => score.toFixed(8))).toEqual([
      "0.80000000",
      "0.66666667",
      "0.57142857",
      "0.80000000",
      "0.00000000",
    ]);
    expect(support).toEqual([2, 3, 4, 3, 0]);
  });

  test("of each class, weighted", () => {
    const rounded = (values: readonly number[]) => values.map((value) => Number(value.toFixed(8)));
    const { precision, recall, fscore, support } = scores(yTrue, yPred, { sampleWeight });
    expect(rounded(precision)).toEqual([0.35294118, 0.6875, 0.69230769, 1, 0]);
    expect(rounded(recall)).toEqual([1, 0.76744186, 0.48387097, 0.725, 0]);
    expect(rounded(fscore)).toEqual([0.52173913, 0.72527473, 0.56962025, 0.84057971, 0]);
    expect(rounded(support)).toEqual([0.6, 4.3, 4.65, 4, 0]);
  });

  test("of some classes, with beta 2", () => {
    const { precision, recall, fscore, support } = scores(yTrue, yPred, { beta: 2, labels: [3, 0, 9] });
    expect(precision).toEqual([1, 2 * third, 0]);
    expect(recall).toEqual([2 * third, 1, 0]);
    expect(fscore.map((score) => Number(score.toFixed(8)))).toEqual([0.71428571, 0.90909091, 0]);
    expect(support).toEqual([3, 2, 0]);
  });

  const [truth, predicted] = [
    [0, 1, 1, 0, 1, 0],
    [1, 1, 0, 0, 1, 1],
  ];
  test.each<[string, PrecisionRecallFscoreSupportOptions, readonly number[], readonly number[], readonly number[]]>([
    ["micro", { average: "micro" }, yTrue, yPred, [0.6666666666666666, 0.6666666666666666, 0.6666666666666666]],
    ["macro", { average: "macro" }, yTrue, yPred, [0.6, 0.5666666666666667, 0.5676190476190476]],
    ["weighted", { average: "weighted" }, yTrue, yPred, [0.75, 0.6666666666666666, 0.6904761904761906]],
    [
      "micro of weights",
      { average: "micro", sampleWeight },
      yTrue,
      yPred,
      [0.6678966789667897, 0.6678966789667897, 0.6678966789667897],
    ],
    [
      "macro of weights",
      { average: "macro", sampleWeight },
      yTrue,
      yPred,
      [0.546549773755656, 0.5952625656414103, 0.5314427638037984],
    ],
    [
      "weighted of weights",
      { average: "weighted", sampleWeight },
      yTrue,
      yPred,
      [0.7665863819271677, 0.6678966789667897, 0.6968839715673127],
    ],
    [
      "macro with 1 for 0 / 0",
      { average: "macro", zeroDivision: 1 },
      yTrue,
      yPred,
      [0.6, 0.7666666666666666, 0.5676190476190476],
    ],
    [
      "macro with NaN for 0 / 0",
      { average: "macro", zeroDivision: nan },
      yTrue,
      yPred,
      [0.6, 0.7083333333333333, 0.5676190476190476],
    ],
    [
      "weighted of labels without support",
      { average: "weighted", zeroDivision: 1, labels: [4, 9] },
      yTrue,
      yPred,
      [0.5, 1, 0.5],
    ],
    ["binary", { average: "binary" }, truth!, predicted!, [0.5, 0.6666666666666666, 0.5714285714285714]],
    ["binary, the other class", { average: "binary", posLabel: 0 }, truth!, predicted!, [0.5, 0.3333333333333333, 0.4]],
    ["beta 0", { average: "binary", beta: 0 }, truth!, predicted!, [0.5, 0.6666666666666666, 0.5]],
    ["beta 0.5", { average: "binary", beta: 0.5 }, truth!, predicted!, [0.5, 0.6666666666666666, 0.5263157894736842]],
    [
      "beta infinite",
      { average: "binary", beta: Number.POSITIVE_INFINITY },
      truth!,
      predicted!,
      [0.5, 0.6666666666666666, 0.6666666666666666],
    ],
    ["binary without the positive class", { average: "binary", zeroDivision: 1 }, [0, 0], [0, 0], [1, 1, 1]],
  ])("%s", (_, options, a, b, expected) => {
    const { precision, recall, fscore, support } = scores(a, b, options);
    expect([precision, recall, fscore]).toEqual(expected);
    expect(support).toBeNull();
  });

  test.each([
    [0, [0, 0], [0, 0], [0, 0]],
    [1, [0, 1], [1, 1], [0, 1]],
    [nan, [0, nan], [nan, nan], [0, nan]],
    ["warn", [0, 0], [0, 0], [0, 0]],
  ] as const)("zeroDivision %s", (zeroDivision, precision, recall, fscore) => {
    const support = [0, 0];
    expect(scores(yTrue, yPred, { zeroDivision, labels: [4, 9] })).toEqual({ precision, recall, fscore, support });
  });

  test("strings", () => {
    const { precision } = scores([..."abbab"], [..."bbaab"], { average: "binary", posLabel: "b" });
    expect(precision).toBe(2 / 3);
  });
});

describe("warnings, in scikit-learn's words", () => {
  function warningsOf(options: PrecisionRecallFscoreSupportOptions, truth = [0, 1, 2], predicted = [0, 0, 0]) {
    const messages: string[] = [];
    scores(truth, predicted, { ...options, onWarning: (message) => messages.push(message) });
    return messages;
  }
  const advice = "Use the zeroDivision option to control this behavior.";

  test("of classes, and of one number", () => {
    expect(warningsOf({})).toEqual([
      `Precision is ill-defined and being set to 0.0 in labels with no predicted samples. ${advice}`,
    ]);
    expect(warningsOf({ average: "micro", labels: [7] })).toEqual([
      `Precision is ill-defined and being set to 0.0 due to no predicted samples. ${advice}`,
      `Recall is ill-defined and being set to 0.0 due to no true samples. ${advice}`,
      `F-score is ill-defined and being set to 0.0 due to no true nor predicted samples. ${advice}`,
    ]);
  });

  test("none where a value is chosen, or nothing is missing", () => {
    for (const zeroDivision of [0, 1, nan]) expect(warningsOf({ zeroDivision })).toEqual([]);
    expect(warningsOf({}, [0, 1], [1, 0])).toEqual([]);
  });

  test("posLabel where it is ignored", () => {
    expect(warningsOf({ posLabel: 2, zeroDivision: 0 })).toEqual([
      'Note that posLabel (set to 2) is ignored when average is not "binary" (received null). You may use labels: [posLabel] to specify a single positive class.',
    ]);
  });
});

test("wrong options are refused", () => {
  const call = (options: object, truth: readonly (number | string)[] = [0, 1], predicted = truth) =>
    expect(() => scores(truth, predicted, options as PrecisionRecallFscoreSupportOptions));
  call({ average: "binary" }, [0, 1, 2]).toThrow(/at most two classes, received \[0,1,2\]/);
  call({ average: "binary" }, [0, 2]).toThrow(/posLabel must be one of \[0,2\], received 1/);
  call({ average: "binary" }, ["a", "a"]).toThrow(OptionError);
  call({ average: "macros" }).toThrow(/did you mean "macro"/);
  call({ average: "samples" }).toThrow(OptionError);
  call({ beta: -1 }).toThrow(/beta must be a number, 0 or more, received -1/);
  call({ beta: nan }).toThrow(OptionError);
  call({ zeroDivision: 0.5 }).toThrow(/zeroDivision must be 0, 1, NaN or "warn", received 0.5/);
  call({ posLabel: 1.5 }).toThrow(OptionError);
  call({ onWarning: true }).toThrow(OptionError);
  call({ labels: [0, 0] }).toThrow(/received 0 twice/);
  call({ zero_division: 0 }).toThrow(/did you mean "zeroDivision"/);
});

describe("identities", () => {
  const pairs = fc.array(fc.tuple(fc.nat(5), fc.nat(5), fc.double({ min: 0.01, max: 10, noNaN: true })), {
    minLength: 1,
    maxLength: 80,
  });

  test("micro-averaged scores and weighted recall are the accuracy; support sums to n", () => {
    fc.assert(
      fc.property(pairs, fc.boolean(), (samples, weighted) => {
        const [truth, predicted] = [samples.map(([a]) => a), samples.map(([, b]) => b)];
        const options = weighted ? { sampleWeight: samples.map(([, , weight]) => weight) } : {};
        const accuracy = accuracyScore(truth, predicted, options);
        const micro = scores(truth, predicted, { ...options, average: "micro" });
        for (const score of [micro.precision, micro.recall, micro.fscore]) expect(score).toBeCloseTo(accuracy, 12);
        expect(scores(truth, predicted, { ...options, average: "weighted" }).recall).toBeCloseTo(accuracy, 12);
        const total = scores(truth, predicted, options).support.reduce((a, b) => a + b);
        expect(total).toBeCloseTo(
          weighted ? samples.reduce((sum, [, , weight]) => sum + weight, 0) : samples.length,
          9,
        );
      }),
    );
  });

  test("swapping truth and prediction swaps precision and recall, and F1 is their harmonic mean", () => {
    fc.assert(
      fc.property(pairs, (samples) => {
        const [truth, predicted] = [samples.map(([a]) => a), samples.map(([, b]) => b)];
        const { precision, recall, fscore } = scores(truth, predicted);
        const swapped = scores(predicted, truth);
        expect(swapped.precision).toEqual(recall);
        expect(swapped.recall).toEqual(precision);
        expect(swapped.fscore).toEqual(fscore);
        fscore.forEach((score, i) => {
          const [p, r] = [precision[i]!, recall[i]!];
          expect(score).toBeCloseTo(p + r === 0 ? 0 : (2 * p * r) / (p + r), 12);
        });
      }),
    );
  });

  test("a weight of 2 counts as the sample twice", () => {
    fc.assert(
      fc.property(pairs, (samples) => {
        const twice = samples.filter((_, i) => i % 2 === 0);
        const all = [...samples, ...twice];
        const repeated = scores(
          all.map(([a]) => a),
          all.map(([, b]) => b),
        );
        const sampleWeight = samples.map((_, i) => (i % 2 === 0 ? 2 : 1));
        expect(
          scores(
            samples.map(([a]) => a),
            samples.map(([, b]) => b),
            { sampleWeight },
          ),
        ).toEqual(repeated);
      }),
    );
  });
});
