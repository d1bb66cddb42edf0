/** What a case should give: the reference's numbers in float64, and by how much float32 may miss them. */

import type { TypedArray } from "../../src/core/dtype.js";
import { isBatched, sizePerRow } from "../../src/graph/dimensions.js";
import { updateNames, writesOf } from "../../src/graph/effects.js";
import { definitionOf, evaluate, stored } from "../../src/graph/evaluate.js";
import type { Value } from "../../src/graph/op.js";
import type { Variable } from "../../src/graph/tensor.js";
import type { Case } from "./case.js";
import type { CaseResult, PreparedCase } from "./run.js";
import { termsOf } from "./terms.js";

/** An array, and for each element the sum of the sizes of its terms. */
export interface ExpectedArray {
  readonly values: Float64Array;
  readonly terms: Float64Array;
}

/** What one job should give. */
export interface Expected {
  readonly steps: number;
  readonly finite: boolean;
  readonly outputs: readonly ExpectedArray[];
}

/** What the jobs of a case should give. */
export function expectedOf(prepared: PreparedCase): Expected[] {
  const ofJob = writesOf(prepared.tensor) === undefined ? valueOfJob : effectOfJob;
  return prepared.jobs.map(({ rows, batch }) => ofJob(prepared, rows, batch));
}

/** The leaves' values in the step that begins at row `start`. */
function stepValues({ leaves, values }: PreparedCase, start: number, rows: number): Value[] {
  return leaves.map((leaf, i) => {
    const { shape, data } = values[i]!;
    if (leaf.op !== "input" || !isBatched(leaf.shape)) return { shape, data };
    const size = sizePerRow(leaf.shape);
    return { shape: [rows, ...shape.slice(1)], data: data.subarray(start * size, (start + rows) * size) };
  });
}

function valueOfJob(prepared: PreparedCase, rows: number, batch: number): Expected {
  const { item, tensor, leaves } = prepared;
  const values: number[] = [];
  const terms: number[] = [];
  let steps = 0;
  for (let start = 0; start < rows; start += batch, steps++) {
    const count = Math.min(batch, rows - start);
    const inputs = stepValues(prepared, start, count);
    const arrays = new Map<string, Value>();
    const variables = new Map<Variable, Value>();
    leaves.forEach((leaf, i) => {
      if (leaf.op === "variable") variables.set(leaf.attributes.variable as Variable, inputs[i]!);
      else arrays.set(leaf.attributes.name as string, inputs[i]!);
    });
    const output = evaluate([tensor], { arrays, variables, rows: count }).get(tensor)!;
    const { attributes, result } = item;
    let [sizes] = termsOf(item.op, { inputs, attributes, output, rows: count, result });
    if (item.spreads !== undefined) sizes = spread(sizes!, output.shape, item.spreads);
    // Every step overwrites a result that has no rows.
    if (!isBatched(tensor.shape)) values.length = terms.length = 0;
    for (const v of output.data) values.push(v);
    for (const v of sizes!) terms.push(v);
  }
  const outputs = [{ values: Float64Array.from(values), terms: Float64Array.from(terms) }];
  return { steps, finite: true, outputs };
}

/**
 * The largest terms of each channel of each picture in every place of it; or, for a filter's gradient, the largest of all.
 * Infinite for a channel, or for a pair of channel and filter, where one of them is not finite.
 */
function spread(
  terms: Float64Array,
  [a, b, c, d]: readonly number[],
  over: NonNullable<Case["spreads"]>,
): Float64Array {
  const channels = over === "over the picture" ? d! : c! * d!;
  const places = over === "over the picture" ? b! * c! : a! * b!;
  const result = new Float64Array(terms.length);
  const all = terms.reduce((most, term) => (Number.isFinite(term) ? Math.max(most, term) : most), 0);
  for (let start = 0; start < terms.length; start += places * channels) {
    for (let channel = start; channel < start + channels; channel++) {
      let most = over === "over the picture" ? 0 : all;
      for (let i = 0; i < places; i++) {
        const term = terms[channel + i * channels]!;
        most = Number.isFinite(term) ? Math.max(most, term) : Number.POSITIVE_INFINITY;
      }
      for (let i = 0; i < places; i++) result[channel + i * channels] = most;
    }
  }
  return result;
}

function effectOfJob(prepared: PreparedCase, rows: number, batch: number): Expected {
  const { item, tensor, values } = prepared;
  const written = writesOf(tensor)!;
  const state = written.map((i) => values[i]!.data.slice());
  let sizes: readonly Float64Array[] = state;
  let steps = 0;
  for (let start = 0; start < rows; start += batch) {
    const count = Math.min(batch, rows - start);
    const before = stepValues(prepared, start, count).map((value, i) => {
      const at = written.indexOf(i);
      return at < 0 ? value : { shape: value.shape, data: state[at]! };
    });
    const after = before.map(({ shape, data }, i) => ({ shape, data: written.includes(i) ? data.slice() : data }));
    const output = before[0]!;
    const { attributes } = item;
    definitionOf(tensor).reference({ inputs: after, attributes, shape: output.shape, rows: count } as never);
    sizes = termsOf(item.op, { inputs: before, attributes, output, rows: count });
    const guarded = (updateNames as readonly string[]).includes(item.op) || item.op === "checkFinite";
    if (guarded && !after.every(({ data }) => data.every((v) => Number.isFinite(Math.fround(v))))) {
      return { steps, finite: false, outputs: [] };
    }
    written.forEach((i, at) => {
      state[at]!.set(stored(after[i]!.data, tensor.inputs[i]!.dtype));
    });
    steps++;
  }
  return { steps, finite: true, outputs: state.map((data, at) => ({ values: data, terms: sizes[at]! })) };
}

/** The unit roundoff of float32. */
const unit = 2 ** -24;
/** Numbers below this may be flushed to 0. */
const smallest = 2 ** -126;

/**
 * Where a result leaves the bound |result - reference| <= c 2^-24 sum |terms|, in words; `undefined` if it does not.
 * What float32 cannot hold must come out as the infinity or NaN that it rounds to.
 */
export function disagreement(
  item: Case,
  expected: readonly Expected[],
  results: readonly CaseResult[],
): string | undefined {
  for (const [job, want] of expected.entries()) {
    const got = results[job]!;
    if (got.job.finite !== want.finite || got.job.steps !== want.steps) {
      return `${item.name}, job ${job}: ${want.steps} steps, finite ${want.finite} expected, received ${got.job.steps}, ${got.job.finite}`;
    }
    for (const [at, { values, terms }] of want.outputs.entries()) {
      const wrong = firstWrong(got.outputs[at]!, values, terms, item);
      if (wrong !== undefined) return `${item.name}, job ${job}, output ${at}: ${wrong}`;
    }
  }
  return undefined;
}

function firstWrong(
  got: TypedArray,
  values: Float64Array,
  terms: Float64Array,
  { c, spreads }: Pick<Case, "c" | "spreads">,
): string | undefined {
  if (got.length !== values.length) return `${values.length} elements expected, received ${got.length}`;
  for (let i = 0; i < values.length; i++) {
    const want = values[i]!;
    const rounded = got instanceof Float32Array ? Math.fround(want) : want;
    const bound = c === 0 ? 0 : c * unit * terms[i]! + smallest;
    if (Object.is(got[i], rounded) || got[i] === rounded) continue;
    if (Number.isFinite(rounded) && Math.abs(got[i]! - want) <= bound) continue;
    if (
      spreads !== undefined &&
      !(Number.isFinite(rounded) ? bound < Number.POSITIVE_INFINITY : Number.isFinite(got[i]))
    )
      continue;
    const size = (Math.abs(got[i]! - want) / (unit * terms[i]!)).toPrecision(3);
    return `element ${i} is ${got[i]}, expected ${want}: off by ${size} * 2^-24 * sum|terms|, allowed ${c}`;
  }
  return undefined;
}
