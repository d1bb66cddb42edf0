/**
 * Effects that would each have to come before the other: one reads directly what the other writes, and the other way
 * round, perhaps by way of further effects. All see variables as at the start of the step, so one of them needs a copy.
 */

import { writtenVariables } from "../../graph/effects.js";
import type { Tensor, Variable } from "../../graph/tensor.js";

/** Tells whether `effect` must read `variable` from a copy. */
export function circular(effects: readonly Tensor[]): (effect: Tensor, variable: Variable) => boolean {
  const writer = new Map<Variable, Tensor>();
  for (const effect of effects) for (const variable of writtenVariables(effect)) writer.set(variable, effect);
  /** Effects that must come after one: they write what it reads. */
  const after = (effect: Tensor): Tensor[] => {
    return effect.inputs.flatMap((input) => {
      const variable = variableBehind(input);
      const other = variable === undefined ? undefined : writer.get(variable);
      return other === undefined || other === effect ? [] : [other];
    });
  };
  const reaches = (from: Tensor, to: Tensor): boolean => {
    const seen = new Set<Tensor>();
    const stack = [from];
    for (let effect = stack.pop(); effect !== undefined; effect = stack.pop()) {
      if (effect === to) return true;
      if (seen.has(effect)) continue;
      seen.add(effect);
      stack.push(...after(effect));
    }
    return false;
  };
  return (effect, variable) => {
    const other = writer.get(variable);
    return other !== undefined && other !== effect && reaches(other, effect);
  };
}

/** The variable whose memory a tensor is, as it is or under another shape. */
function variableBehind(tensor: Tensor): Variable | undefined {
  if (tensor.op === "reshape") return variableBehind(tensor.inputs[0]!);
  return tensor.op === "variable" ? (tensor.attributes.variable as Variable) : undefined;
}
