/** What an axis or several mean for an input whose examples stay apart. Not the option: axes.ts. */

import { ShapeError } from "../core/errors.js";
import { formatShape } from "../core/shape.js";
import type { Dimensions } from "../graph/dimensions.js";
import type { Axes } from "./axes.js";

/**
 * An axis of an input, counted from the front.
 * @throws ShapeError naming the layer and the input, for one that is not there and for the batch axis.
 */
export function axisOf(axis: number, inputShape: Dimensions, name: string): number {
  const rank = inputShape.length;
  if (axis === 0 || axis === -rank) {
    throw new ShapeError(
      `${name}: axis ${axis} of ${formatShape(inputShape)} is the batch, whose examples stay apart.`,
    );
  }
  if (axis > -rank && axis < rank) return axis < 0 ? axis + rank : axis;
  const those =
    rank === 1
      ? "it has none but the batch"
      : rank === 2
        ? "use 1 or -1"
        : `use 1 to ${rank - 1}, or ${1 - rank} to -1`;
  throw new ShapeError(`${name}: axis ${axis} does not exist in an input of ${formatShape(inputShape)}; ${those}.`);
}

/**
 * The axes, counted from the front, ascending, each once.
 * @throws ShapeError as axisOf does.
 */
export function examplesAxes(axes: Axes, inputShape: Dimensions, name: string): readonly number[] {
  const found = [axes].flat().map((axis) => axisOf(axis as number, inputShape, name));
  return [...new Set(found)].sort((a, b) => a - b);
}
