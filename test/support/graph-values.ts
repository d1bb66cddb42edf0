/** Everything a graph computes, on the reference and in float64: to prove that a rewrite of it computes the same. */

import { expect } from "vitest";
import type { DType } from "../../src/core/dtype.js";
import { sizeOf } from "../../src/core/shape.js";
import { withRows } from "../../src/graph/dimensions.js";
import { writesOf } from "../../src/graph/effects.js";
import { definitionOf, evaluate } from "../../src/graph/evaluate.js";
import { type Graph, roots, topological } from "../../src/graph/graph.js";
import type { Value } from "../../src/graph/op.js";
import type { Variable } from "../../src/graph/tensor.js";
import { uniformsOf } from "../cases/fill.js";

const rows = 4;
const tableRows = 9;

/** Values of a leaf that depend on its name and type alone: the same before and after a rewrite. */
function leafValue(name: string, shape: readonly number[], dtype: DType, seed: number): Value {
  const uniform = uniformsOf(seed, name);
  const whole = { bool: 2, uint8: 3, int32: 3, float32: 0, float64: 0 }[dtype];
  // Whole numbers are labels and row numbers; floats are positive, as logarithms want them.
  const data = Float64Array.from({ length: sizeOf(shape) }, () =>
    whole > 0 ? Math.floor(uniform() * whole) : 0.2 + uniform(),
  );
  return { shape, data };
}

/** The outputs of a graph, and for each effect what it would write. */
export function graphValues(graph: Graph, seed = 1): Record<string, Float64Array> {
  const arrays = new Map<string, Value>();
  const variables = new Map<Variable, Value>();
  for (const { op, attributes, shape, dtype } of topological(roots(graph))) {
    if (op === "variable") {
      const variable = attributes.variable as Variable;
      variables.set(variable, leafValue(variable.name, variable.shape, dtype, seed));
    } else if (op === "input" || op === "table") {
      const name = attributes.name as string;
      arrays.set(name, leafValue(name, withRows(shape, op === "table" ? tableRows : rows), dtype, seed));
    }
  }
  const values = evaluate(roots(graph), { arrays, variables, rows });
  const result: Record<string, Float64Array> = {};
  for (const [name, tensor] of Object.entries(graph.outputs)) result[name] = values.get(tensor)!.data;
  graph.effects.forEach((effect, i) => {
    const inputs = effect.inputs.map((input): Value => {
      const { shape, data } = values.get(input)!;
      return { shape, data: data.slice() };
    });
    const { attributes } = effect;
    definitionOf(effect).reference({ inputs, attributes, shape: inputs[0]!.shape, rows } as never);
    result[`effect ${i} ${effect.op}`] = Float64Array.from([
      ...writesOf(effect)!.flatMap((at) => [...inputs[at]!.data]),
      // What a check looks at counts as well.
      ...(effect.op === "checkFinite" ? inputs[0]!.data : []),
    ]);
  });
  return result;
}

/** Expects two graphs to have the same outputs and effects, up to the rounding of float64. */
export function expectSameValues(actual: Graph, expected: Graph): void {
  const [got, want] = [graphValues(actual), graphValues(expected)];
  expect(Object.keys(got)).toEqual(Object.keys(want));
  for (const [name, values] of Object.entries(want)) {
    expect(got[name]!.length, name).toBe(values.length);
    values.forEach((v, i) => {
      if (Object.is(got[name]![i], v)) return;
      expect(Math.abs(got[name]![i]! - v), `${name}, element ${i}`).toBeLessThanOrEqual(
        1e-12 * Math.max(1, Math.abs(v)),
      );
    });
  }
}

/** How often each op occurs in a graph. */
export function opsOf(graph: Graph): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { op } of topological(roots(graph))) counts[op] = (counts[op] ?? 0) + 1;
  return counts;
}
