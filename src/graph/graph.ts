/**
 * A graph: named outputs, and effects in order, over shared tensors. Here are the walks over it; nothing here changes a
 * tensor. Rewrites are in passes/, the derivative in gradient.ts.
 */

import type { Tensor, Variable } from "./tensor.js";

/** What a program computes: values to hand out, and writes to variables. */
export interface Graph {
  readonly name: string;
  readonly outputs: Readonly<Record<string, Tensor>>;
  /**
   * Effects in order. All of them see variables as they were at the start of the step; those behind a `checkFinite` do
   * not happen if it fails. What depends on `readAfter` is a second round: it comes behind all others, and sees what they
   * wrote.
   */
  readonly effects: readonly Tensor[];
}

/** The tensors a graph ends in: its effects in order, then its outputs. */
export function roots(graph: Graph): Tensor[] {
  return [...graph.effects, ...Object.values(graph.outputs)];
}

/** Every tensor the given ones depend on and they themselves, inputs first, in a fixed order. */
export function topological(ends: readonly Tensor[]): Tensor[] {
  const order: Tensor[] = [];
  const seen = new Set<Tensor>();
  // A stack instead of recursion: graphs of hundreds of layers would overflow it.
  const stack: { tensor: Tensor; next: number }[] = [];
  for (const end of ends) {
    if (!seen.has(end)) stack.push({ tensor: end, next: 0 });
    seen.add(end);
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const input = top.tensor.inputs[top.next++];
      if (input === undefined) {
        order.push(top.tensor);
        stack.pop();
      } else if (!seen.has(input)) {
        seen.add(input);
        stack.push({ tensor: input, next: 0 });
      }
    }
  }
  return order;
}

/** The variables a graph reads or writes, in order of first use. */
export function variablesOf(graph: Graph): Variable[] {
  const variables = new Set<Variable>();
  for (const tensor of topological(roots(graph))) {
    if (tensor.op === "variable" || tensor.op === "after") variables.add(tensor.attributes.variable as Variable);
  }
  return [...variables];
}
