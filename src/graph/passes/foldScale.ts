/**
 * scaleChannels(conv2d(x, kernel) + bias, scale, shift) -> conv2dBias(x, kernel scale, bias scale + shift), with its
 * activation; products of matrices too. Only where kernel, bias, scale and shift are the same in every step: then a backend
 * computes the folded ones once, and a normalisation that does not learn costs nothing.
 */

import { writtenVariables } from "../effects.js";
import { type Graph, roots, topological } from "../graph.js";
import { isLeaf } from "../leaves.js";
import { activation, relu6 } from "../ops/activation.js";
import { add } from "../ops/add.js";
import type { ChannelActivation } from "../ops/batchNormalize.js";
import type { Conv2dAttributes } from "../ops/conv2d.js";
import { type Conv2dBiasAttributes, conv2dBias } from "../ops/conv2dBias.js";
import { type DenseAttributes, dense } from "../ops/dense.js";
import type { MatmulAttributes } from "../ops/matmul.js";
import { multiply } from "../ops/multiply.js";
import { reshape } from "../ops/reshape.js";
import type { ScaleChannelsAttributes } from "../ops/scaleChannels.js";
import type { Tensor, Variable } from "../tensor.js";
import { rewrite, usedOnce } from "./rewrite.js";

/** Folds factors and terms of channels into the products before them. */
export function foldScale(graph: Graph): Graph {
  const once = usedOnce(graph);
  const fixed = fixedIn(graph);

  /** The product that a value is, under reshapes that leave its channels, where nothing else needs any of them. */
  const productOf = (tensor: Tensor): Tensor | undefined => {
    if (!once(tensor)) return undefined;
    if (isLinearProduct(tensor)) return tensor;
    const inner = tensor.op === "reshape" ? tensor.inputs[0]! : undefined;
    return inner !== undefined && inner.shape.at(-1) === tensor.shape.at(-1) ? productOf(inner) : undefined;
  };

  return rewrite(graph, (tensor, now) => {
    if (tensor.op !== "scaleChannels") return undefined;
    const [x, scale, shift] = tensor.inputs as [Tensor, Tensor, Tensor];
    const product = productOf(x);
    if (product === undefined || ![...product.inputs.slice(1), scale, shift].every(fixed)) return undefined;
    const [from, kernel, bias] = product.inputs.map(now) as [Tensor, Tensor, Tensor | undefined];
    const factors = multiply([kernel, now(scale)]);
    const terms = bias === undefined ? now(shift) : add([multiply([bias, now(scale)]), now(shift)]);
    const folded = biased(product, [from, factors, terms], tensor.attributes as ScaleChannelsAttributes);
    return folded.shape.length === tensor.shape.length ? folded : reshape([folded], { shape: tensor.shape });
  });
}

/** Whether a tensor is a product that nothing is applied to, whose channels are the last axis of its second input. */
function isLinearProduct({ op, attributes }: Tensor): boolean {
  if (op === "conv2d" || op === "conv2dBias")
    return (attributes as Partial<Conv2dBiasAttributes>).activation !== "relu";
  if (op !== "matmul" && op !== "dense") return false;
  const { transposeB, activation: applied } = attributes as MatmulAttributes & Partial<DenseAttributes>;
  return !transposeB && applied !== "relu";
}

/** The product on other factors, with what follows it. */
function biased(
  { op, attributes }: Tensor,
  inputs: readonly [Tensor, Tensor, Tensor],
  { activation: wanted }: { readonly activation: ChannelActivation },
): Tensor {
  const own = wanted === "relu6" ? "linear" : wanted;
  const y =
    op === "conv2d" || op === "conv2dBias"
      ? conv2dBias(inputs, { ...(attributes as Conv2dAttributes), activation: own })
      : dense(inputs, { ...(attributes as MatmulAttributes), activation: own });
  return wanted === "relu6" ? activation([y], relu6) : y;
}

/** Tells what depends on constants alone, and on variables that the graph does not write. */
function fixedIn(graph: Graph): (tensor: Tensor) => boolean {
  const written = new Set<Variable>(graph.effects.flatMap(writtenVariables));
  const fixed = new Set<Tensor>();
  for (const tensor of topological(roots(graph))) {
    const { op, inputs, attributes } = tensor;
    const own = isLeaf(tensor)
      ? op === "constant" || (op === "variable" && !written.has(attributes.variable as Variable))
      : inputs.length > 0 && op !== "rowCount" && inputs.every((input) => fixed.has(input));
    if (own) fixed.add(tensor);
  }
  return (tensor) => fixed.has(tensor);
}
