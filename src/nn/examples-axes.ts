/** What an axis or several mean for an input whose examples stay apart. Not the option: axes.ts. */

import { ShapeError } from "../core/errors.js";
import { formatShape, normalizeAxis } from "../core/shape.js";
import type { Dimensions } from "../graph/dimensions.js";
import type { Axes } from "./axes.js";

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
