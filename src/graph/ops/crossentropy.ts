/** What the sparse crossentropies share: the types of scores and labels, and of the gradient's inputs. */

import { ShapeError } from "../../core/errors.js";
import { formatShape } from "../../core/shape.js";
import { sameDimensions } from "../dimensions.js";
import type { TensorType } from "../tensor.js";
import { lastAxis } from "./lastAxis.js";
import { checkDType, floatType } from "./unary.js";

/** Keras clips probabilities to [epsilon, 1 - epsilon] before it takes their logarithm. */
export const epsilon = 1e-7;

/**
 * The type of one loss a row, for scores [rows, classes] and labels [rows].
 * @throws ShapeError or DataError naming the op.
 */
export function rowLossType(name: string, scores: TensorType, labels: TensorType): TensorType {
  floatType(name, scores);
  checkDType(name, labels, ["int32", "uint8"], "labels");
  if (scores.shape.length !== 2 || labels.shape.length !== 1 || scores.shape[0] !== labels.shape[0]) {
    throw new ShapeError(
      `${name}: scores [rows, classes] and labels [rows] expected, received ${formatShape(scores.shape)} and ${formatShape(labels.shape)}.`,
    );
  }
  lastAxis(name, scores);
  return { shape: labels.shape, dtype: "float32" };
}

/** The type of the scores' gradient, for g of one number a row. */
export function rowGradientType(name: string, scores: TensorType, labels: TensorType, g: TensorType): TensorType {
  const loss = rowLossType(name, scores, labels);
  floatType(name, g);
  if (!sameDimensions(g.shape, loss.shape)) {
    throw new ShapeError(`${name}: g of shape ${formatShape(loss.shape)} expected, received ${formatShape(g.shape)}.`);
  }
  return { shape: scores.shape, dtype: scores.dtype };
}
