/** Functions of tensors: values, operands that are numbers or bytes, and axes. */

import { describe, expect, it } from "vitest";
import { numbers } from "../../test/support/evaluate.js";
import { ShapeError } from "../core/errors.js";
import { gradient } from "../graph/gradient.js";
import { constant, input } from "../graph/leaves.js";
import type { Tensor } from "../graph/tensor.js";
import { ops } from "./ops.js";

const x = input("x", [null, 2], "float32");
const bytes = input("bytes", [null, 2], "uint8");
const fixed = constant([1, 2, -1, 1, 3, 2], [3, 2]);
const inputs = new Map([
  [x, [-1, 2, 3, -4]],
  [bytes, [1, 2, 3, 0]],
]);
const values = (tensor: Tensor): number[] => numbers(tensor, { rows: 2, inputs });

describe("ops", () => {
  it.each<[string, Tensor, readonly number[]]>([
    ["absolute", ops.absolute(x), [1, 2, 3, 4]],
    ["add of bytes", ops.add(bytes, x), [0, 4, 6, -4]],
    ["clip", ops.clip(x, -1, 2), [-1, 2, 2, -1]],
    ["divide", ops.divide(x, 2), [-0.5, 1, 1.5, -2]],
    ["equal", ops.equal(x, 2), [0, 1, 0, 0]],
    ["exp", ops.exp(ops.multiply(x, 0)), [1, 1, 1, 1]],
    ["greater", ops.greater(x, -1), [0, 1, 1, 0]],
    ["greaterEqual", ops.greaterEqual(x, -1), [1, 1, 1, 0]],
    ["log", ops.log(ops.add(ops.multiply(x, 0), 1)), [0, 0, 0, 0]],
    ["matmul", ops.matmul(x, ops.transpose(fixed)), [3, 3, 1, -5, -7, 1]],
    ["max", ops.max(x, { axis: -1 }), [2, 3]],
    ["max of all", ops.max(x), [3]],
    ["maximum", ops.maximum(x, 0), [0, 2, 3, 0]],
    ["mean", ops.mean(x, { axis: 1, keepdims: true }), [0.5, -0.5]],
    ["minimum", ops.minimum(x, bytes), [-1, 2, 3, -4]],
    ["multiply", ops.multiply(3, x), [-3, 6, 9, -12]],
    ["negative", ops.negative(x), [1, -2, -3, 4]],
    ["oneHot", ops.oneHot(bytes, 3), [0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0]],
    ["reshape", ops.reshape(x, [-1, 1]), [-1, 2, 3, -4]],
    ["sign", ops.sign(x), [-1, 1, 1, -1]],
    ["sqrt", ops.sqrt(bytes), [1, Math.SQRT2, Math.sqrt(3), 0]],
    ["square", ops.square(x), [1, 4, 9, 16]],
    ["subtract", ops.subtract(1, x), [2, -1, -2, 5]],
    ["sum", ops.sum(x, { axis: [0] }), [2, -2]],
    ["transpose", ops.transpose(ops.reshape(x, [1, 2]), [0, -1, 1]), [-1, 2, 3, -4]],
    ["where", ops.where(ops.greater(x, 0), x, 7), [7, 2, 3, 7]],
  ])("%s", (_, tensor, expected) => {
    expect(values(tensor).map((v) => v + 0)).toEqual(expected);
  });

  it("have gradients", () => {
    expect(values(gradient(ops.sum(ops.square(x)), [x])[0]!)).toEqual([-2, 4, 6, -8]);
  });

  it("refuse a shape that does not fit", () => {
    expect(() => ops.reshape(x, [-1, 3])).toThrow(
      new ShapeError("reshape: examples of [null, 2] cannot become [-1, 3]."),
    );
    expect(() => ops.max(x, { axis: 2 })).toThrow(/^max: axis 2 does not exist/);
  });
});
