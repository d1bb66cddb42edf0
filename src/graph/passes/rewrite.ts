/** How a pass makes a graph of a graph: every tensor anew, inputs first. Not here: any particular rewrite. */

import { type Graph, roots, topological } from "../graph.js";
import { Tensor } from "../tensor.js";

/**
 * What becomes of a tensor. `now` gives what has become of any tensor it depends on. `undefined` keeps it, on what has
 * become of its inputs. What it returns must have the same type.
 */
export type Rule = (tensor: Tensor, now: (tensor: Tensor) => Tensor) => Tensor | undefined;

/** Applies a rule to every tensor of a graph. Tensors that nothing depends on any more are gone: no root leads there. */
export function rewrite(graph: Graph, rule: Rule): Graph {
  const made = new Map<Tensor, Tensor>();
  const now = (tensor: Tensor): Tensor => made.get(tensor)!;
  for (const tensor of topological(roots(graph))) made.set(tensor, rule(tensor, now) ?? onInputs(tensor, now));
  return {
    name: graph.name,
    outputs: Object.fromEntries(Object.entries(graph.outputs).map(([name, tensor]) => [name, now(tensor)])),
    effects: graph.effects.map(now),
  };
}

/** The same op on what has become of its inputs; the tensor itself where they are the same. */
export function onInputs(tensor: Tensor, now: (tensor: Tensor) => Tensor): Tensor {
  const inputs = tensor.inputs.map(now);
  if (inputs.every((input, i) => input === tensor.inputs[i])) return tensor;
  return new Tensor(tensor.op, inputs, tensor.attributes, tensor.shape, tensor.dtype);
}

/** What uses each value: the tensors that have it as an input, once for each input, and the graph where it is a root. */
export function usersOf(graph: Graph): (tensor: Tensor) => readonly (Tensor | Graph)[] {
  const users = new Map<Tensor, (Tensor | Graph)[]>();
  const note = (used: Tensor, user: Tensor | Graph): void => {
    const list = users.get(used);
    if (list === undefined) users.set(used, [user]);
    else list.push(user);
  };
  const ends = roots(graph);
  for (const tensor of topological(ends)) for (const input of tensor.inputs) note(input, tensor);
  for (const end of ends) note(end, graph);
  return (tensor) => users.get(tensor) ?? [];
}

/** Whether nothing but one input of one other tensor uses a value: it may be swallowed by what uses it. */
export function usedOnce(graph: Graph): (tensor: Tensor) => boolean {
  const users = usersOf(graph);
  return (tensor) => users(tensor).length === 1;
}
