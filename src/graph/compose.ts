/** Formulas made of several ops, for the rooms above. They are no ops: a backend never sees them. */

import { OptionError } from "../core/errors.js";
import { normalizeAxis } from "../core/shape.js";
import { constant } from "./leaves.js";
import { add } from "./ops/add.js";
import { broadcastTo, reduceSum } from "./ops/broadcastTo.js";
import { cast } from "./ops/cast.js";
import { divide } from "./ops/divide.js";
import { exp } from "./ops/exp.js";
import { greater } from "./ops/greater.js";
import { multiply } from "./ops/multiply.js";
import { reciprocal } from "./ops/reciprocal.js";
import { rowCount } from "./ops/rowCount.js";
import { select } from "./ops/select.js";
import { square } from "./ops/square.js";
import { subtract } from "./ops/subtract.js";
import type { Tensor } from "./tensor.js";

/** Which axes to reduce over, negative ones counted from the end (default all), and whether they stay with length 1. */
export interface ReduceOptions {
  readonly axes?: readonly number[];
  /** Default false. */
  readonly keepDims?: boolean;
}

/**
 * The sum of x over some axes.
 * @throws ShapeError for an axis that x does not have.
 */
export function sum(x: Tensor, { axes, keepDims = false }: ReduceOptions = {}): Tensor {
  return reduceSum([x], { axes: ascending(x, axes, "sum"), keepDims });
}

/**
 * The mean of x over some axes; over the batch axis it is the mean of the rows this step has.
 * @throws ShapeError for an axis that x does not have.
 * @example
 * mean(input("x", [null, 3], "float32")); // a scalar: the sum of all divided by 3 rows
 */
export function mean(x: Tensor, { axes, keepDims = false }: ReduceOptions = {}): Tensor {
  const over = ascending(x, axes, "mean");
  const total = reduceSum([x], { axes: over, keepDims });
  let fixed = 1;
  for (const axis of over) fixed *= x.shape[axis] ?? 1;
  if (!over.some((axis) => x.shape[axis] === null)) return divide([total, constant(fixed)]);
  const rows = rowCount([x]);
  return divide([total, fixed === 1 ? rows : multiply([rows, constant(fixed)])]);
}

/**
 * The variance of x over some axes: mean((x - mean(x))²), not corrected for bias, as numpy's default.
 * @throws ShapeError for an axis that x does not have.
 */
export function variance(x: Tensor, { axes, keepDims = false }: ReduceOptions = {}): Tensor {
  const over = ascending(x, axes, "variance");
  const centred = subtract([x, mean(x, { axes: over, keepDims: true })]);
  return mean(square([centred]), { axes: over, keepDims });
}

/**
 * x to a whole power, by repeated squaring; power(x, 0) is 1 for every x, power(x, -n) is 1 / power(x, n).
 * @throws OptionError if the exponent is not a whole number.
 */
export function power(x: Tensor, exponent: number): Tensor {
  if (!Number.isSafeInteger(exponent)) {
    throw new OptionError(`power: a whole number expected as exponent, received ${exponent}.`);
  }
  if (exponent < 0) return reciprocal([power(x, -exponent)]);
  if (exponent === 0) return broadcastTo([constant(1)], { shape: x.shape });
  let result: Tensor | undefined;
  let base = x;
  for (let left = exponent; ; base = square([base])) {
    if (left % 2 === 1) result = result === undefined ? base : multiply([result, base]);
    left = Math.floor(left / 2);
    if (left === 0) return result!;
  }
}

/**
 * The number `base`, above 0, to a power: e^(exponent ln base).
 * @example
 * powerOf(0.5, input("halvings", [null], "float32")); // 1, 0.5, 0.25, ... of 0, 1, 2, ...
 */
export function powerOf(base: number, exponent: Tensor): Tensor {
  return exp([multiply([exponent, constant(Math.log(base))])]);
}

/** The greatest whole number that is not above x, for x from 0 to 2^31. */
export function floor(x: Tensor): Tensor {
  return cast([cast([x], { dtype: "int32" })], { dtype: "float32" });
}

/** The least whole number that is not below x, for x from 0 to 2^31. */
export function ceil(x: Tensor): Tensor {
  const below = floor(x);
  return select([greater([x, below]), add([below, constant(1)]), below]);
}

function ascending(x: Tensor, axes: readonly number[] | undefined, what: string): number[] {
  const rank = x.shape.length;
  if (axes === undefined) return x.shape.map((_, axis) => axis);
  return [...new Set(axes.map((axis) => normalizeAxis(axis, rank, what)))].sort((a, b) => a - b);
}
