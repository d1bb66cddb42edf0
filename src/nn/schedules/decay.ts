/** Schedules that fall with every step, or at every so many: by a factor, by division, along a power. */

import { boolean, nonNegative, positiveInteger, positiveNumber, withDefault } from "../../core/options.js";
import { ceil, floor, power, powerOf } from "../../graph/compose.js";
import { constant } from "../../graph/leaves.js";
import { add } from "../../graph/ops/add.js";
import { divide } from "../../graph/ops/divide.js";
import { equal } from "../../graph/ops/equal.js";
import { exp } from "../../graph/ops/exp.js";
import { log } from "../../graph/ops/log.js";
import { minimum } from "../../graph/ops/minimum.js";
import { multiply } from "../../graph/ops/multiply.js";
import { select } from "../../graph/ops/select.js";
import { subtract } from "../../graph/ops/subtract.js";
import type { Tensor } from "../../graph/tensor.js";
import { defineSchedule } from "./schedule.js";

/** How many times `decaySteps` have passed; whole times only in a staircase. */
function passed(step: Tensor, decaySteps: number, staircase: boolean): Tensor {
  const share = divide([step, constant(decaySteps)]);
  return staircase ? floor(share) : share;
}

/**
 * initialLearningRate · decayRate^(step / decaySteps), or with `staircase` (false by default) of the whole part of that
 * quotient. `decaySteps` is a whole number above 0, `decayRate` a number above 0.
 *
 * https://keras.io/api/optimizers/learning_rate_schedules/exponential_decay/
 * @example
 * const schedule = schedules.exponentialDecay({ initialLearningRate: 8, decaySteps: 100, decayRate: 0.5, staircase: true });
 * [0, 99, 100, 350].map((step) => schedule(step).toFixed(3)); // ["8.000", "8.000", "4.000", "1.000"]
 */
export const exponentialDecay = defineSchedule({
  className: "ExponentialDecay",
  call: "exponentialDecay",
  name: "ExponentialDecay",
  options: {
    initialLearningRate: nonNegative(),
    decaySteps: positiveInteger(),
    decayRate: positiveNumber(),
    staircase: withDefault(boolean(), false),
  },
  rate: (step, { initialLearningRate, decaySteps, decayRate, staircase }) =>
    multiply([constant(initialLearningRate), powerOf(decayRate, passed(step, decaySteps, staircase))]),
});

/**
 * initialLearningRate / (1 + decayRate · step / decaySteps), or with `staircase` (false by default) of the whole part of
 * step / decaySteps. `decaySteps` is a whole number above 0, `decayRate` a number, 0 or more.
 *
 * https://keras.io/api/optimizers/learning_rate_schedules/inverse_time_decay/
 * @example
 * const schedule = schedules.inverseTimeDecay({ initialLearningRate: 1, decaySteps: 10, decayRate: 0.5 });
 * schedule(20); // 0.5
 */
export const inverseTimeDecay = defineSchedule({
  className: "InverseTimeDecay",
  call: "inverseTimeDecay",
  name: "InverseTimeDecay",
  options: {
    initialLearningRate: nonNegative(),
    decaySteps: positiveInteger(),
    decayRate: nonNegative(),
    staircase: withDefault(boolean(), false),
  },
  rate(step, { initialLearningRate, decaySteps, decayRate, staircase }) {
    const part = multiply([constant(decayRate), passed(step, decaySteps, staircase)]);
    return divide([constant(initialLearningRate), add([constant(1), part])]);
  },
});

/** The least multiple of a length, but 0, that is no less than the step. */
function roundUp(step: Tensor, length: number): Tensor {
  const times = select([equal([step, constant(0)]), constant(1), ceil(divide([step, constant(length)]))]);
  return multiply([constant(length), times]);
}

/**
 * (initialLearningRate - endLearningRate) (1 - step / decaySteps)^power + endLearningRate until `decaySteps`, then
 * endLearningRate. With `cycle` (false by default) the decay takes the least multiple of decaySteps that is no less than
 * step instead, so that the rate rises again behind each. `endLearningRate` is 0.0001 by default, `power`
 * (0 or more) 1.
 *
 * https://keras.io/api/optimizers/learning_rate_schedules/polynomial_decay/
 * @example
 * const schedule = schedules.polynomialDecay({ initialLearningRate: 1, decaySteps: 10, endLearningRate: 0.5, power: 2 });
 * schedule(5); // 0.625
 * schedule(1000); // 0.5
 */
export const polynomialDecay = defineSchedule({
  className: "PolynomialDecay",
  call: "polynomialDecay",
  name: "PolynomialDecay",
  options: {
    initialLearningRate: nonNegative(),
    decaySteps: positiveInteger(),
    endLearningRate: withDefault(nonNegative(), 0.0001),
    power: withDefault(nonNegative(), 1),
    cycle: withDefault(boolean(), false),
  },
  rate(step, { initialLearningRate, decaySteps, endLearningRate, power: exponent, cycle }) {
    const length = constant(decaySteps);
    const share = cycle ? divide([step, roundUp(step, decaySteps)]) : divide([minimum([step, length]), length]);
    const left = subtract([constant(1), share]);
    const shape = Number.isSafeInteger(exponent)
      ? power(left, exponent)
      : exp([multiply([constant(exponent), log([left])])]);
    return add([multiply([constant(initialLearningRate - endLearningRate), shape]), constant(endLearningRate)]);
  },
});
