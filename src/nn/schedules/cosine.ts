/** Schedules that fall along half a wave of the cosine, once or again and again. */

import {
  custom,
  nonNegative,
  nonNegativeInteger,
  nullable,
  positiveInteger,
  positiveNumber,
  withDefault,
} from "../../core/options.js";
import { floor, powerOf } from "../../graph/compose.js";
import { constant } from "../../graph/leaves.js";
import { add } from "../../graph/ops/add.js";
import { clip } from "../../graph/ops/clip.js";
import { divide } from "../../graph/ops/divide.js";
import { greater } from "../../graph/ops/greater.js";
import { log } from "../../graph/ops/log.js";
import { maximum } from "../../graph/ops/maximum.js";
import { minimum } from "../../graph/ops/minimum.js";
import { multiply } from "../../graph/ops/multiply.js";
import { select } from "../../graph/ops/select.js";
import { square } from "../../graph/ops/square.js";
import { subtract } from "../../graph/ops/subtract.js";
import type { Tensor } from "../../graph/tensor.js";
import { defineSchedule } from "./schedule.js";

/**
 * Coefficients of the sine's power series, of x, x³, ..., x¹⁵: within 1e-11 of it up to a quarter of a wave, where it is a
 * little above 1, so that clipping makes it 1.
 */
const series = Array.from({ length: 8 }, (_, i) => {
  let factorial = 1;
  for (let k = 2; k <= 2 * i + 1; k++) factorial *= k;
  return ((-1) ** i / factorial) * (1 + 1e-11);
});

/** Coefficients with powers of x from 0 on, added up in pairs, pairs of pairs: few ops wait for each other. */
function polynomial(x: Tensor, coefficients: readonly number[]): Tensor {
  let terms: readonly Tensor[] = coefficients.map((coefficient) => constant(coefficient));
  for (let power = x; terms.length > 1; power = square([power])) {
    const by = power;
    const rest = terms;
    terms = rest.flatMap((term, i) => {
      if (i % 2 === 1) return [];
      return i + 1 < rest.length ? [add([term, multiply([rest[i + 1]!, by])])] : [term];
    });
  }
  return terms[0]!;
}

/** (1 + cos(πx)) / 2 for x from 0 to 1, by cos(πx) = sin(π/2 - πx). */
function halfWave(x: Tensor): Tensor {
  const angle = multiply([subtract([constant(0.5), x]), constant(Math.PI)]);
  const sine = multiply([angle, polynomial(square([angle]), series)]);
  const cosine = clip([sine], { minimum: -1, maximum: 1 });
  return multiply([constant(0.5), add([constant(1), cosine])]);
}

/** The rate at this height of the wave: `from` at 1, alpha from at 0. */
function between(from: number, alpha: number, height: Tensor): Tensor {
  const share = add([multiply([constant(1 - alpha), height]), constant(alpha)]);
  return multiply([constant(from), share]);
}

/**
 * initialLearningRate ((1 - alpha) (1 + cos(π step / decaySteps)) / 2 + alpha) until `decaySteps`, and from there on
 * alpha initialLearningRate; `alpha` is 0 by default. With `warmupTarget` (null by default) the rate first rises evenly
 * from initialLearningRate to it over `warmupSteps` steps (0 by default), and falls from there.
 *
 * Loshchilov & Hutter, SGDR: stochastic gradient descent with warm restarts, arXiv:1608.03983.
 * https://keras.io/api/optimizers/learning_rate_schedules/cosine_decay/
 * @example
 * const schedule = schedules.cosineDecay({ initialLearningRate: 0, decaySteps: 90, warmupTarget: 1, warmupSteps: 10 });
 * [0, 5, 10, 100].map((step) => schedule(step)); // [0, 0.5, 1, 0]
 */
export const cosineDecay = defineSchedule({
  className: "CosineDecay",
  call: "cosineDecay",
  name: "CosineDecay",
  options: {
    initialLearningRate: nonNegative(),
    decaySteps: positiveInteger(),
    alpha: withDefault(nonNegative(), 0),
    warmupTarget: withDefault(nullable(nonNegative()), null),
    warmupSteps: withDefault(nonNegativeInteger(), 0),
  },
  rate(step, { initialLearningRate, decaySteps, alpha, warmupTarget, warmupSteps }) {
    const before = warmupTarget === null ? 0 : warmupSteps;
    const behind = before === 0 ? step : maximum([subtract([step, constant(before)]), constant(0)]);
    const share = divide([minimum([behind, constant(decaySteps)]), constant(decaySteps)]);
    const falling = between(warmupTarget ?? initialLearningRate, alpha, halfWave(share));
    if (before === 0) return falling;
    const rising = multiply([constant(warmupTarget! - initialLearningRate), divide([step, constant(before)])]);
    return select([greater([constant(before), step]), add([rising, constant(initialLearningRate)]), falling]);
  },
});

/** How often a schedule has begun again, and how far it is from there to the next time. */
interface Period {
  readonly restarts: Tensor;
  readonly share: Tensor;
}

/** Periods of one length. */
function evenly(passed: Tensor): Period {
  const restarts = floor(passed);
  return { restarts, share: subtract([passed, restarts]) };
}

/**
 * How far rounding may take the number of periods below the whole number it is. In periods of more than some 300,000 steps
 * it is a step or more, by which the next then comes early.
 */
const rounding = 4e-6;

/** Periods of which each is `factor` times as long as the last; n of them are (factor^n - 1) / (factor - 1) of the first. */
function growing(passed: Tensor, factor: number): Period {
  const more = constant(factor - 1);
  const periods = divide([log([add([constant(1), multiply([passed, more])])]), constant(Math.log(factor))]);
  const restarts = floor(add([periods, constant(rounding)]));
  const length = powerOf(factor, restarts);
  const begun = divide([subtract([length, constant(1)]), more]);
  return { restarts, share: clip([divide([subtract([passed, begun]), length])], { minimum: 0, maximum: 1 }) };
}

/**
 * A cosine's decay as in `cosineDecay`, which begins again each time it has ended: first after `firstDecaySteps`, then
 * after `tMul` times as many each time (2 by default, 1 or more), from `mMul` times the height (1 by default). Not below
 * alpha initialLearningRate; `alpha` is 0 by default.
 *
 * Loshchilov & Hutter, SGDR: stochastic gradient descent with warm restarts, arXiv:1608.03983.
 * https://keras.io/api/optimizers/learning_rate_schedules/cosine_decay_restarts/
 * @example
 * const schedule = schedules.cosineDecayRestarts({ initialLearningRate: 1, firstDecaySteps: 10, mMul: 0.5 });
 * [0, 10, 20, 30].map((step) => schedule(step).toFixed(3)); // ["1.000", "0.500", "0.250", "0.250"]
 */
export const cosineDecayRestarts = defineSchedule({
  className: "CosineDecayRestarts",
  call: "cosineDecayRestarts",
  name: "SGDRDecay",
  options: {
    initialLearningRate: nonNegative(),
    firstDecaySteps: positiveInteger(),
    tMul: withDefault(
      custom<number>(
        "a finite number, 1 or more",
        (value) => (Number.isFinite(value) && (value as number) >= 1 ? (value as number) : undefined),
        {
          refuses: [0.5, 0, -1, "2", null, Number.NaN, Number.POSITIVE_INFINITY],
        },
      ),
      2,
    ),
    mMul: withDefault(positiveNumber(), 1),
    alpha: withDefault(nonNegative(), 0),
  },
  rate(step, { initialLearningRate, firstDecaySteps, tMul, mMul, alpha }) {
    const passed = divide([step, constant(firstDecaySteps)]);
    const { restarts, share } = tMul === 1 ? evenly(passed) : growing(passed, tMul);
    const height = multiply([powerOf(mMul, restarts), halfWave(share)]);
    return between(initialLearningRate, alpha, height);
  },
});
