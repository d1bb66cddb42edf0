/** Effects: the ops that write variables instead of making a value. Which ones they are, and what they write. */

import { type Graph, roots, topological } from "./graph.js";
import { isLeaf } from "./leaves.js";
import { isPart } from "./op.js";
import { type OpName, ops } from "./ops/index.js";
import type { Tensor, Variable } from "./tensor.js";

/** What optimizers update with. These also end the job, at their step, if a gradient or what they write is not finite. */
export const updateNames = [
  "assignFinite",
  "sgdUpdate",
  "momentumUpdate",
  "adamUpdate",
] as const satisfies readonly OpName[];

/** The indices of the inputs that a tensor's op overwrites; `undefined` if it makes a value instead. */
export function writesOf(tensor: Tensor): readonly number[] | undefined {
  return isLeaf(tensor) || isPart(tensor) ? undefined : ops[tensor.op as OpName].definition.writes;
}

/** Whether a tensor is an effect: it has no value, and belongs in `graph.effects`. */
export function isEffect(tensor: Tensor): boolean {
  return writesOf(tensor) !== undefined;
}

/** The variables that an effect writes. */
export function writtenVariables(effect: Tensor): Variable[] {
  return (writesOf(effect) ?? []).map((i) => effect.inputs[i]!.attributes.variable as Variable);
}

/** What depends on what the step writes (`readAfter`): effects of a second round, behind all others, and their values. */
export function secondRound(graph: Graph): ReadonlySet<Tensor> {
  const late = new Set<Tensor>();
  for (const tensor of topological(roots(graph))) {
    if (tensor.op === "after" || tensor.inputs.some((input) => late.has(input))) late.add(tensor);
  }
  return late;
}
