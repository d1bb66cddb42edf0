/** Weighted sums of elements along an axis, by a fixed table: what resizing is made of, one axis after the other. */

import { ShapeError } from "../../core/errors.js";
import { formatShape, sizeOf } from "../../core/shape.js";
import { defineOp, type Op } from "../op.js";
import { innerAxis } from "./slice.js";
import { floatType } from "./unary.js";

/**
 * Along which axis, and the table by rows: output o takes the terms from `starts[o]` up to, not including, `starts[o + 1]`,
 * each `weights[t]` times the input's element `sources[t]`.
 */
export type ResampleAttributes = {
  readonly axis: number;
  readonly starts: readonly number[];
  readonly sources: readonly number[];
  readonly weights: readonly number[];
};

/**
 * y[..., o, ...] = sum over t of weights[t] x[..., sources[t], ...] along one axis, 0 where a row has no terms. dx is the
 * same op with the table transposed.
 */
export const resample: Op<"resample", 1, ResampleAttributes> = defineOp({
  name: "resample",
  inputs: 1,
  infer: ([x], attributes) => {
    const { dtype } = floatType("resample", x);
    checkTable(innerAxis("resample", x.shape, attributes.axis), attributes);
    return { shape: x.shape.with(attributes.axis, attributes.starts.length - 1), dtype };
  },
  gradient: ({ inputs: [x], gradient, attributes }) => [
    resample([gradient], transposed(attributes, x.shape[attributes.axis]!)),
  ],
  reference: ({ inputs: [x], attributes: { axis, starts, sources, weights }, shape }) => {
    const result = new Float64Array(sizeOf(shape));
    const inner = sizeOf(shape.slice(axis + 1));
    const [outputs, inputs] = [shape[axis]!, x.shape[axis]!];
    for (let u = 0; u < sizeOf(shape.slice(0, axis + 1)); u++) {
      const [outer, o] = [Math.floor(u / outputs), u % outputs];
      for (let t = starts[o]!; t < starts[o + 1]!; t++) {
        const from = (outer * inputs + sources[t]!) * inner;
        for (let i = 0; i < inner; i++) result[u * inner + i]! += weights[t]! * x.data[from + i]!;
      }
    }
    return result;
  },
});

function checkTable(length: number, { starts, sources, weights }: ResampleAttributes): void {
  const ascending =
    starts.length > 1 && starts[0] === 0 && starts.every((start, o) => o === 0 || start >= starts[o - 1]!);
  const ends = starts.at(-1) === sources.length && sources.length === weights.length;
  if (!ascending || !ends || sources.some((source) => !(Number.isInteger(source) && source >= 0 && source < length))) {
    throw new ShapeError(
      `resample: a table of sources within ${length} elements expected, received starts ${formatShape(starts)} and sources ${formatShape(sources)}.`,
    );
  }
}

/** The table that takes every output's weight back to its source. */
function transposed({ axis, starts, sources, weights }: ResampleAttributes, inputs: number): ResampleAttributes {
  const rows: [output: number, weight: number][][] = Array.from({ length: inputs }, () => []);
  for (let o = 0; o + 1 < starts.length; o++) {
    for (let t = starts[o]!; t < starts[o + 1]!; t++) rows[sources[t]!]!.push([o, weights[t]!]);
  }
  return { axis, ...tableOf(rows) };
}

/** The table whose rows are lists of a source and its weight. */
export function tableOf(rows: readonly (readonly (readonly [source: number, weight: number])[])[]): {
  readonly starts: readonly number[];
  readonly sources: readonly number[];
  readonly weights: readonly number[];
} {
  const starts = [0];
  for (const row of rows) starts.push(starts.at(-1)! + row.length);
  const all = rows.flat();
  return { starts, sources: all.map(([source]) => source), weights: all.map(([, weight]) => weight) };
}
