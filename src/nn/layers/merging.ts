/** Layers of several inputs: element by element, which broadcast as in numpy, or one behind the other. */

import { ShapeError } from "../../core/errors.js";
import { integer, withDefault } from "../../core/options.js";
import { formatShape, normalizeAxis } from "../../core/shape.js";
import { broadcastDimensions, type Dimensions } from "../../graph/dimensions.js";
import { constant } from "../../graph/leaves.js";
import { add as addOp } from "../../graph/ops/add.js";
import { concatenate as concatenateOp } from "../../graph/ops/concatenate.js";
import { maximum as maximumOp } from "../../graph/ops/maximum.js";
import { minimum as minimumOp } from "../../graph/ops/minimum.js";
import { multiply as multiplyOp } from "../../graph/ops/multiply.js";
import { subtract as subtractOp } from "../../graph/ops/subtract.js";
import type { Tensor } from "../../graph/tensor.js";
import { defineMerge } from "../define-layer.js";
import { toFloat } from "../to-float.js";

/** The shape that all inputs broadcast to. @throws ShapeError for fewer than two, or shapes that do not fit. */
function broadcast(shapes: readonly Dimensions[], name: string): Dimensions {
  needTwo(shapes, name);
  return shapes.reduce((a, b) => broadcastDimensions(a, b, name));
}

function needTwo(shapes: readonly Dimensions[], name: string): void {
  if (shapes.length < 2) {
    throw new ShapeError(`${name}: a list of at least two inputs expected, received ${shapes.length}.`);
  }
}

function elementwise(xs: readonly Tensor[], op: (pair: readonly [Tensor, Tensor]) => Tensor): Tensor {
  return xs.map(toFloat).reduce((a, b) => op([a, b]));
}

/**
 * y = the sum of its inputs: a residual's end.
 * @throws ShapeError for fewer than two inputs, or shapes that do not broadcast.
 * @example
 * const x = layers.input({ shape: [4] });
 * const y = layers.add()([x, layers.dense({ units: 4 })(x)]);
 */
export const add = defineMerge({
  className: "Add",
  call: "add",
  options: {},
  outputShape: (_, shapes, name) => broadcast(shapes, name),
  build: (xs) => elementwise(xs, addOp),
});

/**
 * y = the first input minus the second; of two alone.
 * @throws ShapeError for another number of inputs, or shapes that do not broadcast.
 * @example layers.subtract()([layers.input({ shape: [4] }), layers.input({ shape: [4] })])
 */
export const subtract = defineMerge({
  className: "Subtract",
  call: "subtract",
  options: {},
  outputShape(_, shapes, name) {
    if (shapes.length !== 2) throw new ShapeError(`${name}: a list of two inputs expected, received ${shapes.length}.`);
    return broadcast(shapes, name);
  },
  build: (xs) => elementwise(xs, subtractOp),
});

/**
 * y = the product of its inputs: a gate.
 * @throws ShapeError for fewer than two inputs, or shapes that do not broadcast.
 * @example layers.multiply()([layers.input({ shape: [4, 4, 8] }), layers.input({ shape: [1, 1, 8] })])
 */
export const multiply = defineMerge({
  className: "Multiply",
  call: "multiply",
  options: {},
  outputShape: (_, shapes, name) => broadcast(shapes, name),
  build: (xs) => elementwise(xs, multiplyOp),
});

/**
 * y = the mean of its inputs.
 * @throws ShapeError for fewer than two inputs, or shapes that do not broadcast.
 * @example layers.average()([layers.input({ shape: [4] }), layers.input({ shape: [4] })])
 */
export const average = defineMerge({
  className: "Average",
  call: "average",
  options: {},
  outputShape: (_, shapes, name) => broadcast(shapes, name),
  build: (xs) => multiplyOp([elementwise(xs, addOp), constant(1 / xs.length)]),
});

/**
 * y = the largest of its inputs.
 * @throws ShapeError for fewer than two inputs, or shapes that do not broadcast.
 * @example layers.maximum()([layers.input({ shape: [4] }), layers.input({ shape: [4] })])
 */
export const maximum = defineMerge({
  className: "Maximum",
  call: "maximum",
  options: {},
  outputShape: (_, shapes, name) => broadcast(shapes, name),
  build: (xs) => elementwise(xs, maximumOp),
});

/**
 * y = the smallest of its inputs.
 * @throws ShapeError for fewer than two inputs, or shapes that do not broadcast.
 * @example layers.minimum()([layers.input({ shape: [4] }), layers.input({ shape: [4] })])
 */
export const minimum = defineMerge({
  className: "Minimum",
  call: "minimum",
  options: {},
  outputShape: (_, shapes, name) => broadcast(shapes, name),
  build: (xs) => elementwise(xs, minimumOp),
});

/** The axis, counted from the front, which must not be the batch. */
function axisOf(axis: number, shape: Dimensions, name: string): number {
  const found = normalizeAxis(axis, shape.length, name);
  if (found === 0) throw new ShapeError(`${name}: axis 0 of ${formatShape(shape)} is the batch; another one expected.`);
  return found;
}

/**
 * Its inputs one behind the other along `axis` (default -1, the channels); their other axes are the same.
 * @throws ShapeError for fewer than two inputs, the batch axis, or shapes that differ in another axis.
 * @example layers.concatenate()([layers.input({ shape: [4, 4, 8] }), layers.input({ shape: [4, 4, 2] })])
 */
export const concatenate = defineMerge({
  className: "Concatenate",
  call: "concatenate",
  options: { axis: withDefault(integer(), -1) },
  outputShape({ axis }, shapes, name) {
    needTwo(shapes, name);
    const first = shapes[0]!;
    const along = axisOf(axis, first, name);
    const differs = shapes.find(
      (shape) => shape.length !== first.length || shape.some((length, i) => i !== along && length !== first[i]),
    );
    if (differs !== undefined) {
      throw new ShapeError(
        `${name}: shapes that differ in axis ${along} alone expected, received ${formatShape(first)} and ${formatShape(differs)}.`,
      );
    }
    return first.with(
      along,
      shapes.reduce((sum, shape) => sum + shape[along]!, 0),
    );
  },
  build(xs, { options: { axis }, name }) {
    const along = axisOf(axis, xs[0]!.shape, name);
    return joined(xs.map(toFloat), along);
  },
});

/** By halves, so that no value is copied more often than it must be. */
function joined(xs: readonly Tensor[], axis: number): Tensor {
  if (xs.length === 1) return xs[0]!;
  const half = xs.length >> 1;
  return concatenateOp([joined(xs.slice(0, half), axis), joined(xs.slice(half), axis)], { axis });
}
