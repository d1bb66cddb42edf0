/** Activations that make probabilities of scores, or their logarithms. */

import { ShapeError } from "../../core/errors.js";
import { integer, withDefault } from "../../core/options.js";
import { formatShape, normalizeAxis, sizeOf } from "../../core/shape.js";
import { logSoftmax as logSoftmaxOp } from "../../graph/ops/logSoftmax.js";
import { reshape } from "../../graph/ops/reshape.js";
import { softmax as softmaxOp } from "../../graph/ops/softmax.js";
import { transpose } from "../../graph/ops/transpose.js";
import type { Tensor } from "../../graph/tensor.js";
import { type ActivationFunction, defineActivation } from "./activation.js";

const options = { axis: withDefault(integer(), -1) };

/**
 * y[..., j] = exp(x[..., j]) / sum over k of exp(x[..., k]), over `axis` (the last one by default): positive, and adding
 * up to 1.
 * @throws ShapeError for the batch axis, and for one that x does not have.
 * @example layers.dense({ units: 10, activation: "softmax" })
 */
export const softmax = defineActivation({
  name: "softmax",
  options,
  apply: (x, { axis }) => softmaxOver(x, [axis], "softmax"),
});

/**
 * The logarithm of softmax, over `axis` (the last one by default), without the digits that are lost where a probability
 * is near 0.
 * @throws ShapeError for the batch axis, and for one that x does not have.
 * @example layers.dense({ units: 10, activation: "logSoftmax" })
 */
export const logSoftmax = defineActivation({
  name: "logSoftmax",
  options,
  apply: (x, { axis }) => overAxes(x, [axis], "logSoftmax", (y) => logSoftmaxOp([y])),
});

/**
 * softmax over several axes together.
 * @throws ShapeError for the batch axis, and for one that x does not have; `name` names the layer.
 */
export function softmaxOver(x: Tensor, axes: readonly number[], name: string): Tensor {
  return overAxes(x, axes, name, (y) => softmaxOp([y]));
}

/** A function of vectors along the last axis, of those along other axes: brought to the end as one, and back. */
function overAxes(x: Tensor, axes: readonly number[], name: string, call: ActivationFunction): Tensor {
  const { shape } = x;
  const over = [...new Set(axes.map((axis) => normalizeAxis(axis, shape.length, name)))].sort((a, b) => a - b);
  if (over.some((axis) => shape[axis] === null)) {
    throw new ShapeError(`${name}: axis 0 of ${formatShape(shape)} is the batch, whose examples stay apart.`);
  }
  if (over.length === 1 && over[0] === shape.length - 1) return call(x);
  const others = shape.map((_, axis) => axis).filter((axis) => !over.includes(axis));
  const permutation = [...others, ...over];
  const moved = transpose([x], { permutation });
  const size = sizeOf(over.map((axis) => shape[axis]!));
  const rows = reshape([moved], { shape: [...others.map((axis) => shape[axis]!), size] });
  const back = reshape([call(rows)], { shape: moved.shape });
  return transpose([back], { permutation: permutation.map((_, axis) => permutation.indexOf(axis)) });
}
