import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DataError, OptionError, ShapeError } from "../core/errors.js";
import { fromTyped } from "../core/ndarray-create.js";
import { accuracyScore } from "./accuracy-score.js";
import type { Labels, Weights } from "./labels.js";

const yTrue = [0, 1, 2, 2, 2, 1, 0, 3, 3, 3, 1, 2];
const yPred = [0, 2, 2, 2, 1, 1, 0, 3, 0, 3, 1, 4];
const sampleWeight = [0.5, 1, 2, 0.25, 1.5, 3, 0.1, 0.7, 1.1, 2.2, 0.3, 0.9];

test("scikit-learn 1.9.1's numbers", () => {
  expect(accuracyScore(yTrue, yPred)).toBe(0.6666666666666666);
  expect(accuracyScore(yTrue, yPred, { normalize: false })).toBe(8);
  expect(accuracyScore(yTrue, yPred, { sampleWeight })).toBe(0.6678966789667896);
  expect(accuracyScore(yTrue, yPred, { sampleWeight, normalize: false })).toBeCloseTo(9.05, 12);
  expect(accuracyScore(["a", "b"], ["a", "a"])).toBe(0.5);
});

describe("labels come as", () => {
  const n = yPred.length;
  const strided = fromTyped(Int32Array.from([...yPred, ...yPred.map(() => 9)]), [2, n])
    .transpose()
    .slice(null, 0);
  test.each<[string, Labels]>([
    ["a typed array", Uint8Array.from(yPred)],
    ["a float array of whole numbers", Float32Array.from(yPred)],
    ["rows of one", yPred.map((label) => [label] as const)],
    ["data and shape [n]", { data: Int32Array.from(yPred), shape: [n] }],
    ["an NDArray [n, 1]", fromTyped(Uint8Array.from(yPred), [n, 1])],
    ["a strided view", strided],
  ])("%s", (_, labels) => {
    expect(accuracyScore(yTrue, labels)).toBe(0.6666666666666666);
    expect(accuracyScore(labels, labels)).toBe(1);
  });

  test("booleans, which count as 0 and 1", () => {
    expect(accuracyScore([true, false, true], [1, 0, 0])).toBe(2 / 3);
    expect(accuracyScore([0, -0], [-0, 0])).toBe(1);
  });
});

describe("what cannot be used is refused", () => {
  const labels = (value: unknown) => value as Labels;
  test.each<[string, unknown, unknown, new () => Error, RegExp]>([
    ["lengths that differ", [0, 1], [0, 1, 2], DataError, /yTrue and yPred .* received 2 and 3 labels/],
    ["nothing", [], [], DataError, /yTrue is empty/],
    ["empty predictions", [1], [], DataError, /yPred is empty/],
    ["no array", 5, [1], DataError, /yTrue must be an array.*received 5/],
    ["null", [1], null, DataError, /yPred must be an array.*received null/],
    ["a string", "01", "01", DataError, /yTrue must be an array/],
    ["a DataView", [1], new DataView(new ArrayBuffer(1)), DataError, /yPred must be an array/],
    ["64-bit integers", [1n], [1n], DataError, /received 1n at index 0/],
    ["numbers and strings in one", [0, "1"], [0, 1], DataError, /yTrue must hold numbers or strings.*at index 1, "1"/],
    ["numbers against strings", [0, 1], ["0", "1"], DataError, /same kind.*numbers and strings/],
    ["NaN", [0, Number.NaN], [0, 1], DataError, /yTrue .*received NaN at index 1\.$/],
    ["infinity", [0, 1], [0, Number.POSITIVE_INFINITY], DataError, /yPred .*received Infinity at index 1\.$/],
    ["scores", [0, 1], [0.2, 0.9], DataError, /received 0.2 at index 0\. Make classes of scores first/],
    ["holes", [0, undefined], [0, 1], DataError, /received undefined at index 1/],
    ["probabilities", [0, 1], fromTyped(new Float32Array(4), [2, 2]), ShapeError, /\[2, 2\].*argmax\(1\)/],
    [
      "rows of two",
      [0, 1],
      [
        [1, 0],
        [0, 1],
      ],
      ShapeError,
      /yPred .*a row \[1, 0\]/,
    ],
    ["ragged rows", [0, 1], [[1], 0], ShapeError, /yPred .*a row 0/],
    ["a scalar", { data: [1], shape: [] }, [1], ShapeError, /yTrue .*received \[\]/],
    ["a shape that lies", { data: [1, 2], shape: [3] }, [1, 2, 3], ShapeError, /shape \[3\] but 2 elements/],
  ])("%s", (_, a, b, type, message) => {
    expect(() => accuracyScore(labels(a), labels(b))).toThrow(type);
    expect(() => accuracyScore(labels(a), labels(b))).toThrow(message);
    expect(() => accuracyScore(labels(a), labels(b))).toThrow(/^accuracyScore: /);
  });

  test.each<[string, unknown, new () => Error, RegExp]>([
    ["too few", [1], DataError, /one weight for each of 2 samples, received 1/],
    ["NaN", [1, Number.NaN], DataError, /finite numbers, received NaN at index 1/],
    ["strings", ["1", "2"], DataError, /received "1" at index 0/],
    ["zeros", [0, 0], DataError, /at least one number other than 0/],
    ["cancelling out", [1, -1], DataError, /sums to 0/],
    ["a column", [[1], [1]], ShapeError, /sampleWeight must have shape \[2\]/],
    ["a number", 3, OptionError, /sampleWeight must be an array of numbers, received 3/],
  ])("weights: %s", (_, sampleWeight, type, message) => {
    const call = () => accuracyScore([0, 1], [0, 1], { sampleWeight: sampleWeight as Weights });
    expect(call).toThrow(type);
    expect(call).toThrow(message);
  });

  test("options", () => {
    expect(() => accuracyScore([0], [0], { normalise: true } as object)).toThrow(/did you mean "normalize"/);
    expect(() => accuracyScore([0], [0], { normalize: 1 } as object)).toThrow(OptionError);
  });
});

test("does not depend on the order of samples or the names of classes", () => {
  const pairs = fc.array(fc.tuple(fc.nat(5), fc.nat(5)), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(pairs, (samples) => {
      const score = accuracyScore(
        samples.map(([a]) => a),
        samples.map(([, b]) => b),
      );
      const turned = [...samples].reverse();
      const named = accuracyScore(
        turned.map(([a]) => `class ${a}`),
        turned.map(([, b]) => `class ${b}`),
      );
      expect(named).toBe(score);
      expect(score * samples.length).toBeCloseTo(samples.filter(([a, b]) => a === b).length, 9);
    }),
  );
});
