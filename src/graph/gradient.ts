/**
 * Reverse-mode differentiation: a graph in, the graph of its derivative out. Each op's own rule does the mathematics;
 * this file only walks and adds up.
 */

import { ShapeError } from "../core/errors.js";
import { formatShape } from "../core/shape.js";
import { sameDimensions } from "./dimensions.js";
import { topological } from "./graph.js";
import { constant, isLeaf } from "./leaves.js";
import { isPart, type OpDefinition } from "./op.js";
import { add } from "./ops/add.js";
import { broadcastTo } from "./ops/broadcastTo.js";
import { type OpName, ops } from "./ops/index.js";
import type { Attributes, Tensor } from "./tensor.js";

/**
 * The derivatives of a scalar by each of `by`: d loss / d by[i], of the shape of by[i]; zeros where the loss does not
 * depend on it.
 * @throws ShapeError if `loss` is not a scalar, or what is on the way has no gradient: an op, or a result beside its first.
 */
export function gradient(loss: Tensor, by: readonly Tensor[]): Tensor[] {
  if (loss.shape.length !== 0) {
    throw new ShapeError(`gradient: the loss must be a scalar, received shape ${formatShape(loss.shape)}.`);
  }
  const order = topological([loss]);
  const wanted = dependents(order, by);
  const sums = new Map<Tensor, Tensor>([[loss, constant(1)]]);
  for (const tensor of order.toReversed()) {
    const flowing = sums.get(tensor);
    if (flowing === undefined || isLeaf(tensor) || !wanted.has(tensor)) continue;
    if (isPart(tensor)) {
      throw new ShapeError(
        `gradient: result ${String(tensor.attributes.index)} of ${tensor.inputs[0]!.op} has no gradient.`,
      );
    }
    const definition = ops[tensor.op as OpName].definition as unknown as OpDefinition<string, number, Attributes>;
    if (definition.gradient === undefined) throw new ShapeError(`gradient: ${tensor.op} has no gradient.`);
    const parts = definition.gradient({
      inputs: tensor.inputs as never,
      output: tensor,
      gradient: flowing,
      attributes: tensor.attributes,
    }) as readonly (Tensor | null)[];
    parts.forEach((part, i) => {
      const input = tensor.inputs[i]!;
      if (part === null || !wanted.has(input)) return;
      if (!sameDimensions(part.shape, input.shape)) {
        throw new ShapeError(
          `gradient of ${tensor.op}: input ${i} has shape ${formatShape(input.shape)}, its gradient ${formatShape(part.shape)}.`,
        );
      }
      const sum = sums.get(input);
      sums.set(input, sum === undefined ? part : add([sum, part]));
    });
  }
  return by.map((tensor) => sums.get(tensor) ?? broadcastTo([constant(0)], { shape: tensor.shape }));
}

/** Those tensors of `order` that depend on one of `by`, and these themselves. */
function dependents(order: readonly Tensor[], by: readonly Tensor[]): Set<Tensor> {
  const result = new Set(by);
  for (const tensor of order) if (tensor.inputs.some((input) => result.has(input))) result.add(tensor);
  return result;
}
