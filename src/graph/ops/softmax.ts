/** Probabilities from scores, and the gradient. */

import { defineOp } from "../op.js";
import { lastAxis, vectors } from "./lastAxis.js";
import { floatType, gradientType } from "./unary.js";

/** y_i = e^(x_i - m) / sum_j e^(x_j - m) along the last axis, m its maximum. */
export const softmax = defineOp({
  name: "softmax",
  inputs: 1,
  infer: ([x]) => {
    lastAxis("softmax", x);
    return floatType("softmax", x);
  },
  gradient: ({ output, gradient }) => [softmaxGradient([output, gradient])],
  reference: ({ inputs: [x] }) => {
    const result = x.data.slice();
    for (const row of vectors({ shape: x.shape, data: result })) {
      let largest = Number.NEGATIVE_INFINITY;
      for (const v of row) largest = Math.max(largest, v);
      let sum = 0;
      for (let j = 0; j < row.length; j++) sum += row[j] = Math.exp(row[j]! - largest);
      for (let j = 0; j < row.length; j++) row[j]! /= sum;
    }
    return result;
  },
});

/** dx_i = y_i (dy_i - sum_j dy_j y_j), of softmax's output y and dy. */
export const softmaxGradient = defineOp({
  name: "softmaxGradient",
  inputs: 2,
  infer: ([y, dy]) => {
    const type = gradientType("softmaxGradient", "y", y, dy);
    lastAxis("softmaxGradient", y);
    return type;
  },
  reference: ({ inputs: [y, dy] }) => {
    const result = new Float64Array(y.data.length);
    const length = y.shape.at(-1)!;
    for (let start = 0; start < result.length; start += length) {
      let sum = 0;
      for (let i = start; i < start + length; i++) sum += y.data[i]! * dy.data[i]!;
      for (let i = start; i < start + length; i++) result[i] = y.data[i]! * (dy.data[i]! - sum);
    }
    return result;
  },
});
