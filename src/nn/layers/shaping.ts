/** Layers that only arrange elements anew: flatten and reshape. They keep the dtype. */

import { ShapeError } from "../../core/errors.js";
import { shapeOption } from "../../core/options.js";
import { formatShape, sizeOf } from "../../core/shape.js";
import type { Dimensions } from "../../graph/dimensions.js";
import { reshape as reshapeOp } from "../../graph/ops/reshape.js";
import { defineLayer, featuresOf } from "../define-layer.js";

function flatShape(inputShape: Dimensions, name: string): Dimensions {
  return [null, sizeOf(featuresOf(name, inputShape))];
}

/**
 * Each example as a vector: [batch, a, b, ...] becomes [batch, a b ...], and [batch] becomes [batch, 1].
 * @example layers.flatten()
 */
export const flatten = defineLayer({
  className: "Flatten",
  call: "flatten",
  options: {},
  outputShape: (_, inputShape, name) => flatShape(inputShape, name),
  build: (x, { name }) => reshapeOp([x], { shape: flatShape(x.shape, name) }),
});

/** `targetShape` with its -1, if any, worked out. */
function targetOf(targetShape: readonly number[], inputShape: Dimensions, name: string): Dimensions {
  const size = sizeOf(featuresOf(name, inputShape));
  const known = sizeOf(targetShape.filter((length) => length !== -1));
  const open = targetShape.includes(-1);
  if (open ? size % known !== 0 || size === 0 : size !== known) {
    throw new ShapeError(
      `${name}: ${formatShape(inputShape)} has ${size} elements an example and cannot become ${formatShape(targetShape)}${open ? `, whose other axes take multiples of ${known}` : `, which has ${known}`}.`,
    );
  }
  return [null, ...targetShape.map((length) => (length === -1 ? size / known : length))];
}

/**
 * Each example in another shape of as many elements, row-major. One length of `targetShape` may be -1: what is left.
 * @throws ShapeError where the elements do not fit.
 * @example layers.reshape({ targetShape: [28, 28, 1] })
 */
export const reshape = defineLayer({
  className: "Reshape",
  call: "reshape",
  options: { targetShape: shapeOption({ infer: true }) },
  outputShape: ({ targetShape }, inputShape, name) => targetOf(targetShape, inputShape, name),
  build: (x, { options, name }) => reshapeOp([x], { shape: targetOf(options.targetShape, x.shape, name) }),
});
