/**
 * Functions of tensors for losses, activations and layers of one's own, under the names of keras.ops. They make pieces of
 * a graph, of which gradients follow by themselves. Not the ops that backends know (graph/ops), which these are made of.
 */

import { ShapeError } from "../core/errors.js";
import { formatShape, normalizeAxis, sizeOf } from "../core/shape.js";
import { mean as meanOver, sum as sumOver } from "../graph/compose.js";
import { constant } from "../graph/leaves.js";
import { absolute as absoluteOp } from "../graph/ops/absolute.js";
import { add as addOp } from "../graph/ops/add.js";
import { clip as clipOp } from "../graph/ops/clip.js";
import { divide as divideOp } from "../graph/ops/divide.js";
import { equal as equalOp } from "../graph/ops/equal.js";
import { exp as expOp } from "../graph/ops/exp.js";
import { greater as greaterOp } from "../graph/ops/greater.js";
import { greaterEqual as greaterEqualOp } from "../graph/ops/greaterEqual.js";
import { log as logOp } from "../graph/ops/log.js";
import { matmul as matmulOp } from "../graph/ops/matmul.js";
import { maximum as maximumOp } from "../graph/ops/maximum.js";
import { minimum as minimumOp } from "../graph/ops/minimum.js";
import { multiply as multiplyOp } from "../graph/ops/multiply.js";
import { negate } from "../graph/ops/negate.js";
import { oneHot as oneHotOp } from "../graph/ops/oneHot.js";
import { reduceMax } from "../graph/ops/reduceMax.js";
import { reshape as reshapeOp } from "../graph/ops/reshape.js";
import { select } from "../graph/ops/select.js";
import { sign as signOp } from "../graph/ops/sign.js";
import { sqrt as sqrtOp } from "../graph/ops/sqrt.js";
import { square as squareOp } from "../graph/ops/square.js";
import { subtract as subtractOp } from "../graph/ops/subtract.js";
import { transpose as transposeOp } from "../graph/ops/transpose.js";
import { Tensor } from "../graph/tensor.js";
import { toFloat } from "./to-float.js";

/** A tensor, or a number that stands for every element. Whole numbers and bytes are computed with as float32. */
type Operand = Tensor | number;

/** Which axes a reduction goes over, negative ones counted from the end (default all), and whether they stay. */
interface AxisOptions {
  readonly axis?: number | readonly number[] | undefined;
  /** Whether the axes stay, with length 1. Default false. */
  readonly keepdims?: boolean | undefined;
}

const float = (x: Operand): Tensor => (x instanceof Tensor ? toFloat(x) : constant(x));

/** A function of one tensor, element by element. */
const elementwise =
  (op: (inputs: readonly [Tensor]) => Tensor) =>
  (x: Operand): Tensor =>
    op([float(x)]);

/** A function of two, broadcast together as in numpy. */
const binary =
  (op: (inputs: readonly [Tensor, Tensor]) => Tensor) =>
  (a: Operand, b: Operand): Tensor =>
    op([float(a), float(b)]);

const axesOf = (x: Tensor, axis: AxisOptions["axis"]): readonly number[] =>
  (axis === undefined ? x.shape.map((_, i) => i) : [axis].flat()) as readonly number[];

function sum(x: Operand, { axis, keepdims = false }: AxisOptions = {}): Tensor {
  const tensor = float(x);
  return sumOver(tensor, { axes: axesOf(tensor, axis), keepDims: keepdims });
}

function mean(x: Operand, { axis, keepdims = false }: AxisOptions = {}): Tensor {
  const tensor = float(x);
  return meanOver(tensor, { axes: axesOf(tensor, axis), keepDims: keepdims });
}

function max(x: Operand, { axis, keepdims = false }: AxisOptions = {}): Tensor {
  const tensor = float(x);
  const axes = axesOf(tensor, axis).map((one) => normalizeAxis(one, tensor.shape.length, "max"));
  return reduceMax([tensor], { axes: [...new Set(axes)].sort((a, b) => a - b), keepDims: keepdims });
}

/** a where the condition holds, else b. */
function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  return select([condition, float(a), float(b)]);
}

/** x, but `low` at least and `high` at most; outside the slope is 0. */
function clip(x: Operand, low: number, high: number): Tensor {
  return clipOp([float(x)], { minimum: low, maximum: high });
}

/** 1 where j is the class number, else 0, in a new last axis of `classes`. */
function oneHot(labels: Tensor, classes: number): Tensor {
  return oneHotOp([labels], { classes });
}

/** The product of matrices [m, k] and [k, n], of which the first may be a batch of rows. */
function matmul(a: Tensor, b: Tensor): Tensor {
  return matmulOp([float(a), float(b)], { transposeA: false, transposeB: false });
}

/** x with its axes in another order: axis i of the result is axis `axes[i]` of x. Default: reversed. A batch stays in front. */
function transpose(x: Tensor, axes: readonly number[] = x.shape.map((_, axis) => x.shape.length - 1 - axis)): Tensor {
  return transposeOp([float(x)], { permutation: axes.map((axis) => normalizeAxis(axis, x.shape.length, "transpose")) });
}

/** x with each example in another shape, of which one length may be -1: what is left. */
function reshape(x: Tensor, shape: readonly number[]): Tensor {
  const size = sizeOf(x.shape.slice(1) as number[]);
  const known = sizeOf(shape.filter((length) => length !== -1));
  if (shape.filter((length) => length === -1).length > 1 || (shape.includes(-1) && size % known !== 0)) {
    throw new ShapeError(`reshape: examples of ${formatShape(x.shape)} cannot become ${formatShape(shape)}.`);
  }
  return reshapeOp([x], { shape: [null, ...shape.map((length) => (length === -1 ? size / known : length))] });
}

/**
 * Functions of tensors (or numbers), for losses, activations and layers of one's own.
 * @example
 * const relative = (yTrue, yPred) => ops.mean(ops.square(ops.divide(ops.subtract(yTrue, yPred), 10)), { axis: -1 });
 * sequential([layers.input({ shape: [4] }), layers.dense({ units: 2 })]).compile({ loss: relative, optimizer: "sgd" });
 */
export const ops = {
  absolute: elementwise(absoluteOp),
  add: binary(addOp),
  clip,
  divide: binary(divideOp),
  equal: binary(equalOp),
  exp: elementwise(expOp),
  greater: binary(greaterOp),
  greaterEqual: binary(greaterEqualOp),
  log: elementwise(logOp),
  matmul,
  max,
  maximum: binary(maximumOp),
  mean,
  minimum: binary(minimumOp),
  multiply: binary(multiplyOp),
  negative: elementwise(negate),
  oneHot,
  reshape,
  sign: elementwise(signOp),
  sqrt: elementwise(sqrtOp),
  square: elementwise(squareOp),
  subtract: binary(subtractOp),
  sum,
  transpose,
  where,
} as const;
