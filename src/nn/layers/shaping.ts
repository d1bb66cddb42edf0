/**
 * Layers that only arrange elements anew: flatten, reshape and permute, and that which leaves them as they are.
 * All keep the dtype.
 */

import { ShapeError } from "../../core/errors.js";
import { custom, type RequiredCheck, shapeOption } from "../../core/options.js";
import { formatShape, sizeOf } from "../../core/shape.js";
import type { Dimensions } from "../../graph/dimensions.js";
import { reshape as reshapeOp } from "../../graph/ops/reshape.js";
import { transpose } from "../../graph/ops/transpose.js";
import { defineLayer, featuresOf } from "../define-layer.js";

function flatShape(inputShape: Dimensions, name: string): Dimensions {
  return [null, sizeOf(featuresOf(name, inputShape))];
}

/**
 * Each example as a vector: [batch, a, b, ...] becomes [batch, a b ...], and [batch] becomes [batch, 1]; of the same dtype.
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
 * Each example in another shape of as many elements, row-major; of the same dtype. One length of `targetShape` may be -1: what is left.
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

/** Each of 1 to n once, in any order. */
function order(): RequiredCheck<readonly number[], readonly number[]> {
  return custom<readonly number[]>(
    "a list of the axes behind the batch, 1 to n, each once",
    (value) => {
      if (!Array.isArray(value) || value.length === 0) return undefined;
      const dims = value as readonly number[];
      return dims.toSorted((a, b) => a - b).every((axis, i) => axis === i + 1) ? [...dims] : undefined;
    },
    { refuses: [[], [0, 1], [2, 3], [1, 1], [1, 1.5], ["1"], 1, null] },
  );
}

/**
 * The axes of each example in another order: axis i of y is axis `dims[i - 1]` of x; axis 0, the batch, is not among them. Of the same dtype.
 * @throws ShapeError where x has not as many axes.
 * @example layers.permute({ dims: [3, 1, 2] })
 */
export const permute = defineLayer({
  className: "Permute",
  call: "permute",
  options: { dims: order() },
  outputShape({ dims }, inputShape, name) {
    if (inputShape.length !== dims.length + 1) {
      throw new ShapeError(
        `${name}: an input of ${dims.length} axes behind the batch expected, as dims ${formatShape(dims)} has, received ${formatShape(inputShape)}.`,
      );
    }
    return [inputShape[0]!, ...dims.map((axis) => inputShape[axis]!)];
  },
  build: (x, { options: { dims } }) => transpose([x], { permutation: [0, ...dims] }),
});

/**
 * y = x, of the same dtype: to give a value of a functional model a name, or to stand where a layer must be.
 * @example layers.identity({ name: "features" })
 */
export const identity = defineLayer({
  className: "Identity",
  call: "identity",
  options: {},
  build: (x) => x,
});
