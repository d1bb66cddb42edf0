/** Pieces of graph that optimizers share: running means, powers of a step's number, counting. */

import { floor } from "../../graph/compose.js";
import { constant } from "../../graph/leaves.js";
import { activation } from "../../graph/ops/activation.js";
import { add } from "../../graph/ops/add.js";
import { divide } from "../../graph/ops/divide.js";
import { equal } from "../../graph/ops/equal.js";
import { multiply } from "../../graph/ops/multiply.js";
import { subtract } from "../../graph/ops/subtract.js";
import type { Tensor } from "../../graph/tensor.js";

/** mean + (value - mean) (1 - beta). */
export function moved(mean: Tensor, value: Tensor, beta: number): Tensor {
  return add([mean, multiply([subtract([value, mean]), constant(1 - beta)])]);
}

/** beta mean + (1 - beta) value. */
export function mixed(mean: Tensor, value: Tensor, beta: number): Tensor {
  return add([multiply([constant(beta), mean]), multiply([constant(1 - beta), value])]);
}

/** 1 - beta^t for beta from 0 up to 1 and t from 1 on, with all digits where beta^t is near 1: -(e^(t ln beta) - 1). Of beta 0 it is 1: e^-∞ is 0. */
export function oneMinusPower(beta: number, t: Tensor): Tensor {
  return activation([multiply([t, constant(Math.log(beta))])], { formula: "elu", parameters: [1, -1, 1] });
}

/** How often n goes into a whole number, a float32 scalar. */
export function quotient(t: Tensor, n: number): Tensor {
  return floor(divide([t, constant(n)]));
}

/** Whether n divides a whole number, a float32 scalar. */
export function isMultiple(t: Tensor, n: number): Tensor {
  return equal([multiply([quotient(t, n), constant(n)]), t]);
}
