/** Logarithms of probabilities from scores. */

import { defineOp } from "../op.js";
import { reduceSum } from "./broadcastTo.js";
import { exp } from "./exp.js";
import { lastAxis, vectors } from "./lastAxis.js";
import { multiply } from "./multiply.js";
import { subtract } from "./subtract.js";
import { floatType } from "./unary.js";

/** y_i = x_i - m - ln sum_j e^(x_j - m) along the last axis, m its maximum; dx = dy - e^y sum_j dy_j. */
export const logSoftmax = defineOp({
  name: "logSoftmax",
  inputs: 1,
  infer: ([x]) => {
    lastAxis("logSoftmax", x);
    return floatType("logSoftmax", x);
  },
  gradient: ({ output: y, gradient: g }) => {
    const sum = reduceSum([g], { axes: [y.shape.length - 1], keepDims: true });
    return [subtract([g, multiply([exp([y]), sum])])];
  },
  reference: ({ inputs: [x] }) => {
    const result = x.data.slice();
    for (const row of vectors({ shape: x.shape, data: result })) {
      let largest = Number.NEGATIVE_INFINITY;
      for (const v of row) largest = Math.max(largest, v);
      let sum = 0;
      for (const v of row) sum += Math.exp(v - largest);
      const whole = largest + Math.log(sum);
      for (let j = 0; j < row.length; j++) row[j]! -= whole;
    }
    return result;
  },
});
