/** The option that is an axis or several. */

import { custom, either, integer, type RequiredCheck } from "../core/options.js";

/** An axis, or several. */
export type Axes = number | readonly number[];

/** An axis, or a list of at least one. */
export function axesOption(): RequiredCheck<Axes, Axes> {
  const several = custom<readonly number[]>(
    "a list of them",
    (value) =>
      Array.isArray(value) && value.length > 0 && value.every((axis) => Number.isSafeInteger(axis))
        ? [...(value as readonly number[])]
        : undefined,
    { refuses: [[], [1.5], ["1"]] },
  );
  return either(integer(), several);
}
