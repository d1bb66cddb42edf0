/** Layers of several inputs: element by element, which broadcast as in numpy, or one behind the other. */

import { ShapeError } from "../../core/errors.js";
import { integer, withDefault } from "../../core/options.js";
import { broadcastDimensions, type Dimensions } from "../../graph/dimensions.js";
import { constant } from "../../graph/leaves.js";
import { add as addOp } from "../../graph/ops/add.js";
import { concatenatedShape, concatenate as concatenateOp } from "../../graph/ops/concatenate.js";
import { maximum as maximumOp } from "../../graph/ops/maximum.js";
import { minimum as minimumOp } from "../../graph/ops/minimum.js";
import { multiply as multiplyOp } from "../../graph/ops/multiply.js";
import { subtract as subtractOp } from "../../graph/ops/subtract.js";
import type { Tensor } from "../../graph/tensor.js";
import { defineMerge } from "../define-layer.js";
import { axisOf } from "../examples-axes.js";
import { toFloat } from "../to-float.js";

/** A layer of a list of inputs that broadcast, put together two by two; `last` is what becomes of the result. */
function elementwise(
  className: string,
  call: string,
  op: (pair: readonly [Tensor, Tensor]) => Tensor,
  last: (y: Tensor, inputs: number) => Tensor = (y) => y,
  check: (shapes: readonly Dimensions[], name: string) => void = () => {},
) {
  return defineMerge({
    className,
    call,
    options: {},
    list: true,
    outputShape(_, shapes, name) {
      check(shapes, name);
      return shapes.reduce((a, b) => broadcastDimensions(a, b, name));
    },
    build: (xs) =>
      last(
        xs.map(toFloat).reduce((a, b) => op([a, b])),
        xs.length,
      ),
  });
}

/**
 * y = the sum of its inputs: a residual's end. Of a list of one, that, as all layers here but `subtract`.
 * @throws ShapeError for shapes that do not broadcast; OptionError where the inputs are no list.
 * @example
 * const x = layers.input({ shape: [4] });
 * const y = layers.add()([x, layers.dense({ units: 4 })(x)]);
 */
export const add = elementwise("Add", "add", addOp);

/**
 * y = the first input minus the second; of two alone.
 * @throws ShapeError for another number of inputs, or shapes that do not broadcast; OptionError where they are no list.
 * @example layers.subtract()([layers.input({ shape: [4] }), layers.input({ shape: [4] })])
 */
export const subtract = elementwise("Subtract", "subtract", subtractOp, undefined, (shapes, name) => {
  if (shapes.length !== 2) throw new ShapeError(`${name}: a list of two inputs expected, received ${shapes.length}.`);
});

/**
 * y = the product of its inputs: a gate.
 * @throws ShapeError for shapes that do not broadcast; OptionError where the inputs are no list.
 * @example layers.multiply()([layers.input({ shape: [4, 4, 8] }), layers.input({ shape: [1, 1, 8] })])
 */
export const multiply = elementwise("Multiply", "multiply", multiplyOp);

/**
 * y = the mean of its inputs.
 * @throws ShapeError for shapes that do not broadcast; OptionError where the inputs are no list.
 * @example layers.average()([layers.input({ shape: [4] }), layers.input({ shape: [4] })])
 */
export const average = elementwise("Average", "average", addOp, (sum, inputs) =>
  multiplyOp([sum, constant(1 / inputs)]),
);

/**
 * y = the largest of its inputs.
 * @throws ShapeError for shapes that do not broadcast; OptionError where the inputs are no list.
 * @example layers.maximum()([layers.input({ shape: [4] }), layers.input({ shape: [4] })])
 */
export const maximum = elementwise("Maximum", "maximum", maximumOp);

/**
 * y = the smallest of its inputs.
 * @throws ShapeError for shapes that do not broadcast; OptionError where the inputs are no list.
 * @example layers.minimum()([layers.input({ shape: [4] }), layers.input({ shape: [4] })])
 */
export const minimum = elementwise("Minimum", "minimum", minimumOp);

/**
 * Its inputs one behind the other along `axis` (default -1, the channels); their other axes are the same.
 * @throws ShapeError for the batch axis, one that is not there, or shapes that differ in another axis; OptionError where
 * the inputs are no list.
 * @example layers.concatenate()([layers.input({ shape: [4, 4, 8] }), layers.input({ shape: [4, 4, 2] })])
 */
export const concatenate = defineMerge({
  className: "Concatenate",
  call: "concatenate",
  options: { axis: withDefault(integer(), -1) },
  list: true,
  outputShape({ axis }, shapes, name) {
    return concatenatedShape(name, shapes, axisOf(axis, shapes[0]!, name));
  },
  build(xs, { options: { axis }, name }) {
    return joined(xs.map(toFloat), axisOf(axis, xs[0]!.shape, name));
  },
});

/** By halves, so that no value is copied more often than it must be. */
function joined(xs: readonly Tensor[], axis: number): Tensor {
  if (xs.length === 1) return xs[0]!;
  const half = xs.length >> 1;
  return concatenateOp([joined(xs.slice(0, half), axis), joined(xs.slice(half), axis)], { axis });
}
