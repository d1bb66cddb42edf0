/**
 * The values of tensors, computed op by op with each op's own plain loop in float64. Not here: effects, jobs and
 * memory, which are a backend's.
 */

import type { DType } from "../core/dtype.js";
import { StateError } from "../core/errors.js";
import { sizeOf } from "../core/shape.js";
import { withRows } from "./dimensions.js";
import { isEffect } from "./effects.js";
import { topological } from "./graph.js";
import { isPart, type OpDefinition, type Value } from "./op.js";
import { type OpName, ops } from "./ops/index.js";
import type { Attributes, Tensor, Variable } from "./tensor.js";

/** Where the values of leaves come from. */
export interface Bindings {
  /** Inputs and tables by name. */
  readonly arrays: ReadonlyMap<string, Value>;
  readonly variables: ReadonlyMap<Variable, Value>;
  /** Variables as the step's effects leave them, for the second round. */
  readonly after?: ReadonlyMap<Variable, Value>;
  /** Rows of this step. */
  readonly rows: number;
}

/** The definition behind a tensor's op, whatever its attributes. */
export function definitionOf(tensor: Tensor): OpDefinition<string, number, Attributes> {
  return ops[tensor.op as OpName].definition as unknown as OpDefinition<string, number, Attributes>;
}

/**
 * The value of every tensor that `ends` depend on, effects left out, added to those `known`. Values may share memory
 * with each other and with the bindings: nobody may write to them.
 * @throws StateError if a leaf is not bound.
 */
export function evaluate(
  ends: readonly Tensor[],
  bindings: Bindings,
  known: ReadonlyMap<Tensor, Value> = new Map(),
): Map<Tensor, Value> {
  const values = new Map(known);
  for (const tensor of topological(ends)) {
    if (!isEffect(tensor) && !values.has(tensor)) values.set(tensor, compute(tensor, values, bindings));
  }
  return values;
}

function compute(tensor: Tensor, values: ReadonlyMap<Tensor, Value>, bindings: Bindings): Value {
  if (tensor.op === "input" || tensor.op === "table") {
    return bound(bindings.arrays.get(tensor.attributes.name as string), tensor.op, tensor.attributes.name as string);
  }
  if (tensor.op === "variable" || tensor.op === "after") {
    const variable = tensor.attributes.variable as Variable;
    const values = tensor.op === "variable" ? bindings.variables : bindings.after;
    return bound(values?.get(variable), "variable", variable.name);
  }
  const shape = withRows(tensor.shape, bindings.rows);
  if (tensor.op === "constant") {
    const list = tensor.attributes.values as readonly number[];
    const data = list.length === 1 ? new Float64Array(sizeOf(shape)).fill(list[0]!) : Float64Array.from(list);
    return { shape, data };
  }
  const use = isPart(tensor) ? tensor.inputs[0]! : tensor;
  const definition = definitionOf(use);
  const result = use === tensor ? definition : definition.others![(tensor.attributes.index as number) - 1]!;
  const inputs = use.inputs.map((input) => values.get(input)!);
  const { attributes } = use;
  const data = result.reference({ inputs, attributes, shape, rows: bindings.rows } as never)!;
  return { shape, data: stored(data, tensor.dtype) };
}

function bound(value: Value | undefined, what: string, name: string): Value {
  if (value === undefined) throw new StateError(`reference: ${what} "${name}" has no value.`);
  return value;
}

/**
 * Numbers as a dtype stores them: whole ones wrap around, bool is 0 or 1. Floats stay as they are: the oracle computes
 * float32 in float64.
 */
export function stored(data: Float64Array, dtype: DType): Float64Array {
  if (dtype === "float32" || dtype === "float64") return data;
  if (dtype === "bool") return data.map((v) => (v !== 0 ? 1 : 0));
  return data.map((v) => (dtype === "int32" ? v | 0 : v & 255));
}
