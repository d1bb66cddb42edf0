import { describe, expect, it } from "vitest";
import { FormatError, ShapeError } from "../core/errors.js";
import { Variable } from "../graph/tensor.js";
import { decodeWeights, encodeWeights, weightValues } from "./weights-file.js";

const kernel = new Variable("dense/kernel", [2, 3], "float32");
const bias = new Variable("dense/bias", [3], "float32");
const values = new Map([
  [kernel, Float32Array.of(1, 2, 3, 4, 5, 6)],
  [bias, Float32Array.of(-1, 0, 1)],
]);
const bytes = encodeWeights(values);

describe("weights files", () => {
  it("give back what was written", () => {
    expect(decodeWeights(bytes, [kernel, bias], "w")).toEqual(values);
  });

  it.each([
    [
      "another shape",
      [kernel, new Variable("dense/bias", [4], "float32")],
      '"dense/bias" should be float32 [4], found float32 [3]',
    ],
    [
      "a tensor that is missing",
      [kernel, bias, new Variable("dense_1/bias", [1], "float32")],
      'no tensor "dense_1/bias"',
    ],
    ["a tensor too many", [kernel], 'no weight "dense/bias"'],
  ])("of another model are refused: %s", (_, variables, message) => {
    expect(() => decodeWeights(bytes, variables, "w")).toThrow(FormatError);
    expect(() => decodeWeights(bytes, variables, "w")).toThrow(message);
  });

  it("cut short are refused", () => {
    expect(() => decodeWeights(bytes.subarray(0, bytes.length - 4), [kernel, bias], "w")).toThrow(FormatError);
  });

  it("as arrays: one of another shape is named", () => {
    const good = { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] };
    expect(() => weightValues([kernel, bias], [good, good])).toThrow(ShapeError);
    expect(() => weightValues([kernel, bias], [good, good])).toThrow(
      "weight 1 (dense/bias) should have shape [3], received [2, 3]",
    );
  });
});
