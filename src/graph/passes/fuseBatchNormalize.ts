/**
 * relu(batchNormalize(x)) -> batchNormalize with its activation, relu6 too; and the gradient of that activation into
 * batchNormalizeGradients, which computes anew what the activation saw. So both are done in walks that happen anyway.
 */

import { type Graph, roots, topological } from "../graph.js";
import { isPart } from "../op.js";
import { type ActivationAttributes, isRelu6 } from "../ops/activation.js";
import {
  type BatchNormalizeAttributes,
  batchNormalize,
  batchNormalizeGradients,
  type ChannelActivation,
} from "../ops/batchNormalize.js";
import type { Tensor } from "../tensor.js";
import { rewrite, usersOf } from "./rewrite.js";

/** A normalisation that is activated, and what becomes of it. */
interface Activated {
  readonly normalized: Tensor;
  readonly y: Tensor;
  readonly activation: ChannelActivation;
  /** The gradients of the normalisation, by what each is given as dy: that which flows into the activation. */
  readonly gradients: ReadonlyMap<Tensor, Tensor>;
}

/** Fuses normalisations with their activation, and the gradients of both. */
export function fuseBatchNormalize(graph: Graph): Graph {
  const found = activatedOf(graph);
  const byTensor = new Map<Tensor, Activated>();
  const flowing = new Map<Tensor, { readonly dy: Tensor; readonly activation: ChannelActivation }>();
  for (const one of found) {
    byTensor.set(one.normalized, one).set(one.y, one);
    for (const [gradients, dy] of one.gradients) flowing.set(gradients, { dy, activation: one.activation });
  }
  const made = new Map<Activated, Tensor>();
  return rewrite(graph, (tensor, now) => {
    const activated = byTensor.get(tensor);
    if (activated !== undefined) {
      const { normalized, activation } = activated;
      const [x, gamma, beta] = normalized.inputs.map(now) as [Tensor, Tensor, Tensor];
      const { epsilon } = normalized.attributes as BatchNormalizeAttributes;
      // Its statistics are parts of the same tensor.
      const fused = made.get(activated) ?? batchNormalize([x, gamma, beta], { epsilon, activation });
      made.set(activated, fused);
      return fused;
    }
    const gradient = flowing.get(tensor);
    if (gradient === undefined) return undefined;
    const [x, gamma, beta, mean, variance] = tensor.inputs.map(now) as [Tensor, Tensor, Tensor, Tensor, Tensor];
    const { epsilon } = tensor.attributes as BatchNormalizeAttributes;
    const { dy, activation } = gradient;
    return batchNormalizeGradients([x, gamma, beta, mean, variance, now(dy)], { epsilon, activation });
  });
}

function activatedOf(graph: Graph): Activated[] {
  const users = usersOf(graph);
  return topological(roots(graph)).flatMap((y) => {
    const activation = activationOf(y);
    const normalized = y.inputs[0];
    if (activation === undefined || normalized?.op !== "batchNormalize") return [];
    if ((normalized.attributes as BatchNormalizeAttributes).activation !== "linear") return [];
    const gradients = new Map<Tensor, Tensor>();
    // The gradient of relu looks at y, that of relu6 at what it was made of.
    const source = activation === "relu" ? y : normalized;
    for (const user of users(source)) {
      if (!("op" in user) || !isGradientOf(user, source, activation)) continue;
      const taking = users(user);
      const only = taking[0];
      const own = taking.length === 1 && only !== undefined && "op" in only && isGradients(only, normalized, user);
      if (own) gradients.set(only, user.inputs[1]!);
    }
    const fits = users(normalized).every(
      (user) => user === y || ("op" in user && (isPart(user) || gradientsTake(user, gradients, users))),
    );
    return fits ? [{ normalized, y, activation, gradients }] : [];
  });
}

/** Whether all that takes a gradient is fused with it. */
function gradientsTake(
  user: Tensor,
  gradients: ReadonlyMap<Tensor, Tensor>,
  users: ReturnType<typeof usersOf>,
): boolean {
  return user.op === "activationGradient" && users(user).every((taking) => gradients.has(taking as Tensor));
}

/** The activation that a tensor is, of its only input. */
export function activationOf(tensor: Tensor): ChannelActivation | undefined {
  if (tensor.op === "relu") return "relu";
  return tensor.op === "activation" && appliesRelu6(tensor) ? "relu6" : undefined;
}

function appliesRelu6({ attributes }: Tensor): boolean {
  return isRelu6(attributes as ActivationAttributes);
}

function isGradientOf(user: Tensor, source: Tensor, activation: ChannelActivation): boolean {
  if (user.inputs[0] !== source || user.inputs[1] === source) return false;
  return activation === "relu" ? user.op === "reluGradient" : user.op === "activationGradient" && appliesRelu6(user);
}

/** Whether a tensor is the gradients of a normalisation whose dy is `dy`. */
function isGradients(tensor: Tensor, normalized: Tensor, dy: Tensor): boolean {
  if (tensor.op !== "batchNormalizeGradients" || tensor.inputs[5] !== dy) return false;
  if ((tensor.attributes as BatchNormalizeAttributes).activation !== "linear") return false;
  const [mean, variance] = [tensor.inputs[3]!, tensor.inputs[4]!];
  return [mean, variance].every((part) => isPart(part) && part.inputs[0] === normalized);
}
