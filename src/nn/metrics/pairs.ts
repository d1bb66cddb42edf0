/**
 * Labels and predictions of some rows as a metric takes them on the host: whole arrays, checked to belong together, with
 * what each row counts.
 */

import { DataError, ShapeError } from "../../core/errors.js";
import { asNDArray, type NDArray, type NDArrayLike } from "../../core/ndarray.js";
import { array } from "../../core/ndarray-create.js";
import type { Nested } from "../../core/ndarray-nested.js";
import { formatShape, type Shape, sameShape, sizeOf } from "../../core/shape.js";

/** What is taken for an array by hand: arrays, or nested lists of numbers. */
export type Values = NDArrayLike | readonly Nested[];

/** Rows with their labels. */
export interface Pairs {
  readonly rows: number;
  readonly labels: NDArray;
  /** float32. */
  readonly predictions: NDArray;
  /** Absent: every row counts 1. */
  readonly weights?: Weights | undefined;
}

/** The shapes of one row. */
export interface PairShapes {
  readonly labels: Shape;
  readonly predictions: Shape;
}

/** What rows, or the elements of rows, count. */
interface Weights {
  readonly data: ArrayLike<number>;
  /** Weights of a row: 0, one for all rows; 1; or one for each element of its labels. */
  readonly perRow: number;
}

/** What element `j` of a row counts. */
export function weightAt(weights: Weights | undefined, row: number, j: number): number {
  if (weights === undefined) return 1;
  return weights.data[weights.perRow === 0 ? 0 : weights.perRow === 1 ? row : row * weights.perRow + j]!;
}

/** What part of its weight each of some rows counts in a mean: one weight for all is that of their mean. */
export function partOf(weights: Weights | undefined, rows: number): number {
  return weights?.perRow === 0 ? 1 / rows : 1;
}

/**
 * Labels and predictions as they were given by hand. Numbers become float32, as Keras computes.
 * @throws ShapeError where they have no rows, or not as many; DataError for what is no array, and for weights that are not
 * finite.
 */
export function pairsOf(name: string, yTrue: Values, yPred: Values, sampleWeight?: number | Values): Pairs {
  const [labels, predictions] = [asRows(yTrue, `${name}: yTrue`), asRows(yPred, `${name}: yPred`)];
  const rows = predictions.shape[0]!;
  if (labels.shape[0] !== rows) {
    throw new ShapeError(
      `${name}: yTrue and yPred must have as many rows, received ${formatShape(labels.shape)} and ${formatShape(predictions.shape)}.`,
    );
  }
  const weights = sampleWeight === undefined ? undefined : weightsOf(name, sampleWeight, labels.shape);
  return { rows, labels, predictions: predictions.astype("float32"), weights };
}

/** The shapes of a row of pairs. */
export function shapesOf({ labels, predictions }: Pairs): PairShapes {
  return { labels: labels.shape.slice(1), predictions: predictions.shape.slice(1) };
}

/**
 * The elements of a row where labels and predictions have one shape, but for a last axis of length 1.
 * @throws ShapeError naming both.
 */
export function sizeOfPairs({ labels, predictions }: PairShapes, name: string): number {
  const [a, b] = [labels, predictions].map((shape) => (shape.at(-1) === 1 ? shape.slice(0, -1) : shape));
  if (sameShape(a!, b!)) return sizeOf(labels);
  throw new ShapeError(
    `${name}: labels and predictions must have one shape, received labels ${formatShape([null, ...labels])} and predictions ${formatShape([null, ...predictions])}.`,
  );
}

/**
 * The number of classes (or outputs), which are counted one by one: that of all rows, once there are some.
 * @throws ShapeError where it is another.
 */
export function sameClasses(name: string, before: number, now: number): number {
  if (before === 0 || before === now) return now;
  throw new ShapeError(
    `${name}: ${before} predictions a row expected, as before, received ${now}. resetState() forgets the rows before.`,
  );
}

/** An array of values, of which there is a row at least. */
export function asRows(values: Values, what: string): NDArray {
  const given = Array.isArray(values) ? array(values) : asNDArray(values as NDArrayLike, what);
  if (given.rank === 0 || given.size === 0) {
    throw new ShapeError(`${what} must have one row at least, received shape ${formatShape(given.shape)}.`);
  }
  return given.dtype === "float64" ? given.astype("float32") : given;
}

/**
 * Weights of rows [rows], or of each element, of the shape of `values`.
 * @throws ShapeError for another shape; DataError for one that is not finite.
 */
export function weightsOf(name: string, sampleWeight: number | Values, values: Shape): Weights {
  const rows = values[0]!;
  const given = typeof sampleWeight === "number" ? array(sampleWeight) : asWeights(sampleWeight, name);
  const { data, shape } = given.astype("float32");
  const wrong = data.findIndex((weight) => !Number.isFinite(weight));
  if (wrong >= 0) {
    throw new DataError(
      `${name}: sampleWeight must hold finite numbers, received ${data[wrong]} at ${wrong === 0 ? "the start" : `element ${wrong}`}.`,
    );
  }
  if (shape.length === 0) return { data, perRow: 0 };
  if (shape[0] === rows && sizeOf(shape) === rows) return { data, perRow: 1 };
  if (sameShape(shape, values)) return { data, perRow: sizeOf(values) / rows };
  throw new ShapeError(
    `${name}: sampleWeight must be a number, one for each row [${rows}], or of the shape of the labels ${formatShape(values)}, received ${formatShape(shape)}.`,
  );
}

function asWeights(sampleWeight: Values, name: string): NDArray {
  return Array.isArray(sampleWeight)
    ? array(sampleWeight)
    : asNDArray(sampleWeight as NDArrayLike, `${name}: sampleWeight`);
}
