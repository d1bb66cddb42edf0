/**
 * Small graphs computed for tests by the reference's plain loops in float64, one step, without buffers and jobs. Not
 * for anything large: it keeps every value.
 */

import { withRows } from "../../src/graph/dimensions.js";
import { definitionOf, evaluate as valuesOf } from "../../src/graph/evaluate.js";
import type { Value } from "../../src/graph/op.js";
import type { Tensor, Variable } from "../../src/graph/tensor.js";

/** What the leaves hold. */
export interface Bindings {
  /** Rows of the step. Default 1. */
  readonly rows?: number;
  /** Inputs, by the tensors that stand for them. */
  readonly inputs?: ReadonlyMap<Tensor, ArrayLike<number>>;
  readonly variables?: ReadonlyMap<Variable, Float64Array>;
}

/** The values of some tensors. */
export function evaluate(outputs: readonly Tensor[], { rows = 1, inputs, variables }: Bindings = {}): Value[] {
  const arrays = [...(inputs ?? [])].map(([tensor, data]) => {
    const value = { shape: withRows(tensor.shape, rows), data: Float64Array.from(data) };
    return [tensor.attributes.name as string, value] as const;
  });
  const state = [...(variables ?? [])].map(([variable, data]) => [variable, { shape: variable.shape, data }] as const);
  const values = valuesOf(outputs, { rows, arrays: new Map(arrays), variables: new Map(state) });
  return outputs.map((tensor) => values.get(tensor)!);
}

/** The value of one tensor as plain numbers. */
export function numbers(tensor: Tensor, bindings: Bindings = {}): number[] {
  return [...evaluate([tensor], bindings)[0]!.data];
}

/** Lets an effect change its variables. */
export function apply(effect: Tensor, bindings: Bindings): void {
  const { writes = [], reference } = definitionOf(effect);
  const inputs = evaluate(effect.inputs, bindings).map(({ shape, data }) => ({ shape, data: data.slice() }));
  const context = { inputs, attributes: effect.attributes, shape: effect.shape, rows: bindings.rows ?? 1 };
  reference(context as never);
  for (const i of writes)
    bindings.variables!.get(effect.inputs[i]!.attributes.variable as Variable)!.set(inputs[i]!.data);
}
