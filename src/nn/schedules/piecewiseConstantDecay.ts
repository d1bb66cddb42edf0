/** A schedule of steps between given numbers. */

import { OptionError } from "../../core/errors.js";
import { listOf, nonNegative } from "../../core/options.js";
import { constant } from "../../graph/leaves.js";
import { greaterEqual } from "../../graph/ops/greaterEqual.js";
import { select } from "../../graph/ops/select.js";
import { defineSchedule } from "./schedule.js";

/** Each boundary is an op more in the graph of a step. */
const mostBoundaries = 1000;

const numbers = listOf(nonNegative(), "a list of numbers, 0 or more", { most: mostBoundaries + 1 });
const described = listOf(nonNegative(), "a list of ascending numbers, 0 or more", { most: mostBoundaries });
const ascending: typeof described = {
  ...described,
  refuses: [...described.refuses, [2, 1], [1, 1]],
  read(value) {
    const list = described.read(value);
    return list?.every((one, i) => i === 0 || one > list[i - 1]!) ? list : undefined;
  },
};

/**
 * values[0] up to and with step boundaries[0], then values[1] up to and with boundaries[1], and so on; the last value
 * behind the last boundary. `boundaries` ascend, 1000 at most; there is one more of `values`.
 *
 * https://keras.io/api/optimizers/learning_rate_schedules/piecewise_constant_decay/
 * @example
 * const schedule = schedules.piecewiseConstantDecay({ boundaries: [100, 200], values: [1, 0.5, 0.1] });
 * [0, 100, 101, 201].map((step) => schedule(step)); // [1, 1, 0.5, 0.1]
 */
export const piecewiseConstantDecay = defineSchedule({
  className: "PiecewiseConstantDecay",
  call: "piecewiseConstantDecay",
  name: "PiecewiseConstant",
  options: {
    boundaries: ascending,
    values: numbers,
  },
  check({ boundaries, values }) {
    if (values.length === boundaries.length + 1) return;
    throw new OptionError(
      `piecewiseConstantDecay: one more of values than of boundaries expected, received ${boundaries.length} boundaries and ${values.length} values.`,
    );
  },
  rate: (step, { boundaries, values }) =>
    boundaries.reduceRight(
      (behind, boundary, i) => select([greaterEqual([constant(boundary), step]), constant(values[i]!), behind]),
      constant(values.at(-1)!),
    ),
});
