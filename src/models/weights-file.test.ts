import { describe, expect, it } from "vitest";
import { FormatError, ShapeError } from "../core/errors.js";
import { Variable } from "../graph/tensor.js";
import { decodeWeights, encodeWeights, weightValues } from "./weights-file.js";

function weight(path: string, shape: readonly number[]) {
  return { path, variable: new Variable("its own name", shape, "float32") };
}

const kernel = weight("dense/kernel", [2, 3]);
const bias = weight("dense/bias", [3]);
const [six, three] = [Float32Array.of(1, 2, 3, 4, 5, 6), Float32Array.of(-1, 0, 1)];
const bytes = encodeWeights([
  { ...kernel, data: six },
  { ...bias, data: three },
]);

describe("weights files", () => {
  it("give back what was written", () => {
    expect(decodeWeights(bytes, [kernel, bias], "w")).toEqual(
      new Map([
        [kernel.variable, six],
        [bias.variable, three],
      ]),
    );
  });

  it.each([
    ["another shape", [kernel, weight("dense/bias", [4])], '"dense/bias" should be float32 [4], found float32 [3]'],
    ["a tensor that is missing", [kernel, bias, weight("dense_1/bias", [1])], 'no tensor "dense_1/bias"'],
    ["a tensor too many", [kernel], 'no weight "dense/bias"'],
  ])("of another model are refused: %s", (_, weights, message) => {
    expect(() => decodeWeights(bytes, weights, "w")).toThrow(FormatError);
    expect(() => decodeWeights(bytes, weights, "w")).toThrow(message);
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
