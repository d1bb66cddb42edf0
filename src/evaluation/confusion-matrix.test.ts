import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DataError, OptionError } from "../core/errors.js";
import { type ConfusionMatrixOptions, confusionMatrix } from "./confusion-matrix.js";
import { precisionRecallFscoreSupport } from "./precision-recall-fscore-support.js";

const yTrue = [0, 1, 2, 2, 2, 1, 0, 3, 3, 3, 1, 2];
const yPred = [0, 2, 2, 2, 1, 1, 0, 3, 0, 3, 1, 4];
const sampleWeight = [0.5, 1, 2, 0.25, 1.5, 3, 0.1, 0.7, 1.1, 2.2, 0.3, 0.9];

describe("scikit-learn 1.9.1's numbers", () => {
  const third = 0.3333333333333333;
  test.each<[string, ConfusionMatrixOptions, number[][]]>([
    [
      "counts",
      {},
      [
        [2, 0, 0, 0, 0],
        [0, 2, 1, 0, 0],
        [0, 1, 2, 0, 1],
        [1, 0, 0, 2, 0],
        [0, 0, 0, 0, 0],
      ],
    ],
    [
      "by row",
      { normalize: "true" },
      [
        [1, 0, 0, 0, 0],
        [0, 2 * third, third, 0, 0],
        [0, 0.25, 0.5, 0, 0.25],
        [third, 0, 0, 2 * third, 0],
        [0, 0, 0, 0, 0],
      ],
    ],
    [
      "by column",
      { normalize: "pred" },
      [
        [2 * third, 0, 0, 0, 0],
        [0, 2 * third, third, 0, 0],
        [0, third, 2 * third, 0, 1],
        [third, 0, 0, 1, 0],
        [0, 0, 0, 0, 0],
      ],
    ],
    [
      "of all",
      { normalize: "all", labels: [0, 1] },
      [
        [0.5, 0],
        [0, 0.5],
      ],
    ],
    [
      "some labels, weighted",
      { labels: [3, 9, 0], sampleWeight },
      [
        [2.9000000000000004, 0, 1.1],
        [0, 0, 0],
        [0, 0, 0.6],
      ],
    ],
    [
      "some labels, weighted, by row",
      { labels: [3, 9, 0], sampleWeight, normalize: "true" },
      [
        [0.7250000000000001, 0, 0.275],
        [0, 0, 0],
        [0, 0, 1],
      ],
    ],
    [
      "some labels, weighted, by column",
      { labels: [3, 9, 0], sampleWeight, normalize: "pred" },
      [
        [1, 0, 0.6470588235294118],
        [0, 0, 0],
        [0, 0, 0.3529411764705882],
      ],
    ],
    [
      "some labels, weighted, of all",
      { labels: [3, 9, 0], sampleWeight, normalize: "all" },
      [
        [0.6304347826086958, 0, 0.23913043478260873],
        [0, 0, 0],
        [0, 0, 0.13043478260869565],
      ],
    ],
  ])("%s", (_, options, expected) => {
    expect(confusionMatrix(yTrue, yPred, options).toArray()).toEqual(expected);
  });

  test("weights that cancel out give the largest number, as numpy's nan_to_num", () => {
    const matrix = confusionMatrix([0, 2], [0, 1], { sampleWeight: [1, -1], normalize: "all" });
    expect(matrix.get(0, 0)).toBe(Number.MAX_VALUE);
    expect(matrix.get(2, 1)).toBe(-Number.MAX_VALUE);
  });

  test("strings are sorted by code point", () => {
    // U+FF5A before U+1F600, which UTF-16 units would have the other way round.
    const labels = ["😀", "ｚ", "b", "ab", "a"];
    const matrix = confusionMatrix(labels, ["a", "a", "a", "a", "a"]);
    expect(matrix.toArray()).toEqual(Array.from({ length: 5 }, () => [1, 0, 0, 0, 0]));
    expect(confusionMatrix(labels, labels, { labels: ["😀", "ｚ"] }).toArray()).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect(confusionMatrix(["😀", "ｚ"], ["😀", "😀"]).toArray()).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });
});

test("dtypes", () => {
  expect(confusionMatrix(yTrue, yPred).dtype).toBe("int32");
  expect(confusionMatrix(yTrue, yPred, { normalize: "all" }).dtype).toBe("float64");
  expect(confusionMatrix(yTrue, yPred, { sampleWeight }).dtype).toBe("float64");
});

test("a single label is told", () => {
  const messages: string[] = [];
  const onWarning = (message: string) => messages.push(message);
  expect(confusionMatrix([1, 1], [1, 1], { onWarning }).toArray()).toEqual([[2]]);
  expect(messages).toEqual([expect.stringContaining("A single label was found in yTrue and yPred.")]);
  confusionMatrix([1, 1], [1, 0], { onWarning });
  expect(messages).toHaveLength(1);
});

test("wrong labels and options are refused", () => {
  expect(() => confusionMatrix([0, 1], [0, 1], { labels: [5] })).toThrow(DataError);
  expect(() => confusionMatrix([0, 1], [0, 1], { labels: [5] })).toThrow(/occur in yTrue, received \[5\]/);
  expect(() => confusionMatrix([0, 1], [0, 1], { labels: [] })).toThrow(/labels is empty/);
  expect(() => confusionMatrix([0, 1], [0, 1], { labels: [1, 0, 1] })).toThrow(OptionError);
  expect(() => confusionMatrix([0, 1], [0, 1], { labels: [1, 0, 1] })).toThrow(/received 1 twice/);
  expect(() => confusionMatrix([0, 1], [0, 1], { labels: ["0"] })).toThrow(/of the data's kind/);
  expect(() => confusionMatrix([0], [0], { normalize: "rows" as "true" })).toThrow(/one of "true", "pred", "all"/);
  expect(() => confusionMatrix([], [], { labels: [0, 1] })).toThrow(/yTrue is empty/);
});

const samples = fc.array(fc.tuple(fc.nat(6), fc.nat(6)), { minLength: 1, maxLength: 80 });

test("all sum to n, rows to the support, the diagonal to what is right; swapping the two transposes", () => {
  fc.assert(
    fc.property(samples, (pairs) => {
      const truth = pairs.map(([a]) => a);
      const predicted = pairs.map(([, b]) => b);
      const matrix = confusionMatrix(truth, predicted);
      expect(matrix.sum()).toBe(pairs.length);
      expect(matrix.sum(1).toArray()).toEqual(precisionRecallFscoreSupport(truth, predicted).support);
      const diagonal = Array.from({ length: matrix.shape[0]! }, (_, i) => matrix.get(i, i));
      expect(diagonal.reduce((a, b) => a + b)).toBe(pairs.filter(([a, b]) => a === b).length);
      expect(confusionMatrix(predicted, truth).equals(matrix.transpose())).toBe(true);
    }),
  );
});

test("normalized sums are 1 or, of what never occurs, 0", () => {
  fc.assert(
    fc.property(samples, fc.constantFrom("true" as const, "pred" as const, "all" as const), (pairs, normalize) => {
      const [truth, predicted] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)];
      const matrix = confusionMatrix(truth, predicted, { normalize });
      const sums = normalize === "all" ? [matrix.sum()] : [...matrix.sum(normalize === "true" ? 1 : 0).data];
      for (const total of sums) expect(Math.min(Math.abs(total - 1), total)).toBeLessThan(1e-12);
      expect(sums.some((total) => total > 0.5)).toBe(true);
    }),
  );
});
