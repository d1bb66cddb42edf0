/** What the poolings share: their attributes, the type of their result, and the walk over windows. */

import { ShapeError } from "../../core/errors.js";
import { formatShape } from "../../core/shape.js";
import { type Dimensions, sameDimensions } from "../dimensions.js";
import type { TensorType } from "../tensor.js";
import { floatType } from "./unary.js";
import { picture, type WindowAttributes, windowGeometry } from "./window.js";

/** Attributes of the poolings. */
export type PoolAttributes = WindowAttributes & { readonly poolSize: readonly [number, number] };

/**
 * The type of pooled pictures.
 * @throws ShapeError, OptionError or DataError naming the op.
 */
export function pooledType(name: string, x: TensorType, attributes: PoolAttributes): TensorType {
  const { dtype } = floatType(name, x);
  const { batch, height, width, channels } = picture(name, x.shape);
  const geometry = windowGeometry(name, height, width, attributes.poolSize, attributes);
  return { shape: [batch, geometry.height.output, geometry.width.output, channels], dtype };
}

/** Refuses a dy (or y) that is not of the pooled shape. */
export function checkPooled(name: string, what: string, shape: Dimensions, expected: Dimensions): void {
  if (sameDimensions(shape, expected)) return;
  throw new ShapeError(`${name}: ${what} of shape ${formatShape(expected)} expected, received ${formatShape(shape)}.`);
}

/**
 * Visits every window of every channel in row-major order, with its index in the pooled pictures and, in row-major
 * order, the indices of the real pixels in it and the place of each in the window, where what lies outside counts too.
 */
export function forEachWindow(
  shape: readonly number[],
  attributes: PoolAttributes,
  visit: (window: number, pixels: readonly number[], places: readonly number[]) => void,
): void {
  const [batch, height, width, channels] = shape as [number, number, number, number];
  const { poolSize, strides } = attributes;
  const { height: rows, width: columns } = windowGeometry("pool", height, width, poolSize, attributes);
  let window = 0;
  for (let n = 0; n < batch; n++) {
    for (let o = 0; o < rows.output; o++) {
      for (let p = 0; p < columns.output; p++) {
        const corners: number[] = [];
        const places: number[] = [];
        for (let i = 0; i < poolSize[0]; i++) {
          for (let j = 0; j < poolSize[1]; j++) {
            const h = o * strides[0] + i - rows.before;
            const w = p * strides[1] + j - columns.before;
            if (h < 0 || h >= height || w < 0 || w >= width) continue;
            corners.push(((n * height + h) * width + w) * channels);
            places.push(i * poolSize[1] + j);
          }
        }
        for (let c = 0; c < channels; c++) {
          visit(
            window++,
            corners.map((corner) => corner + c),
            places,
          );
        }
      }
    }
  }
}
