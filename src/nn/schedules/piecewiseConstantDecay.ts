/** A schedule of steps between given numbers. */

import { OptionError } from "../../core/errors.js";
import { custom, nonNegative } from "../../core/options.js";
import { constant } from "../../graph/leaves.js";
import { greaterEqual } from "../../graph/ops/greaterEqual.js";
import { select } from "../../graph/ops/select.js";
import { defineSchedule } from "./schedule.js";

const numbers = (describe: string, ascending: boolean) =>
  custom<readonly number[]>(
    describe,
    (value) => {
      if (!Array.isArray(value) || value.length === 0) return undefined;
      if (!value.every((one) => nonNegative().read(one) !== undefined)) return undefined;
      return ascending && value.some((one, i) => i > 0 && one <= value[i - 1]) ? undefined : [...value];
    },
    { refuses: [[], 3, null, "1", ["1"], [Number.NaN], [-1], ...(ascending ? [[2, 1]] : [])] },
  );

/**
 * values[0] up to and with step boundaries[0], then values[1] up to and with boundaries[1], and so on; the last value
 * behind the last boundary. `boundaries` ascend; there is one more of `values`.
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
    boundaries: numbers("a list of ascending numbers, 0 or more", true),
    values: numbers("a list of numbers, 0 or more", false),
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
