/** The option that is an axis or several, and what it means for an input. */

import { ShapeError } from "../core/errors.js";
import { custom, either, integer, type RequiredCheck } from "../core/options.js";
import { formatShape, normalizeAxis } from "../core/shape.js";
import type { Dimensions } from "../graph/dimensions.js";

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

/**
 * The axes, counted from the front, ascending, each once.
 * @throws ShapeError naming the layer, for the batch axis and for one that the input does not have.
 */
export function examplesAxes(axes: Axes, inputShape: Dimensions, name: string): readonly number[] {
  const found = [axes].flat().map((axis) => normalizeAxis(axis as number, inputShape.length, name));
  if (found.includes(0)) {
    throw new ShapeError(`${name}: axis 0 of ${formatShape(inputShape)} is the batch, whose examples stay apart.`);
  }
  return [...new Set(found)].sort((a, b) => a - b);
}
