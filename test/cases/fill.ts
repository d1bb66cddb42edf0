/** Values for the inputs of cases: functions of a seed, and float32 numbers wherever the dtype is float32. */

import { hashStream, uniformAt } from "../../src/core/random.js";
import type { Shape } from "../../src/core/shape.js";
import { sizeOf } from "../../src/core/shape.js";
import type { Value } from "../../src/graph/op.js";

/** What makes the values of one input: from uniform random numbers, and from the inputs before it. */
export type Fill = (shape: Shape, uniform: () => number, before: readonly Value[]) => ArrayLike<number>;

/** The uniform numbers in [0, 1) of one input of a case. */
export function uniformsOf(seed: number, name: string): () => number {
  const stream = hashStream(name, "case");
  let i = 0;
  return () => uniformAt(seed, 0, stream, 0, 0, i++);
}

const each =
  (f: (uniform: () => number, i: number) => number): Fill =>
  (shape, uniform) =>
    Float64Array.from({ length: sizeOf(shape) }, (_, i) => f(uniform, i));

/** Standard normal, by Box and Muller. */
export const normal: Fill = each((u) => Math.sqrt(-2 * Math.log(1 - u())) * Math.cos(2 * Math.PI * u()));

/** From `low` to `high`. */
export const between = (low: number, high: number): Fill => each((u) => low + (high - low) * u());

/** From `low` to `high` (whole numbers), and at least 0.1 away from every whole number. */
export const betweenWhole = (low: number, high: number): Fill =>
  each((u) => low + Math.floor(u() * (high - low)) + 0.1 + 0.8 * u());

/** Positive, and not small. */
export const positive = between(0.25, 4);

/** Of both signs, at least 0.1 away from 0. */
export const awayFromZero: Fill = each((u) => (u() < 0.5 ? -1 : 1) * (0.1 + 2 * u()));

/** A shuffled grid, 1/16 apart: no two are equal, and none is 0. */
export const distinct: Fill = (shape, uniform) => {
  const size = sizeOf(shape);
  const values = Float64Array.from({ length: size }, (_, i) => (i - Math.floor(size / 2) + 0.5) / 16);
  for (let i = size - 1; i > 0; i--) {
    const j = Math.floor(uniform() * (i + 1));
    [values[i], values[j]] = [values[j]!, values[i]!];
  }
  return values;
};

/** Small whole numbers, so that many are equal. */
export const ties: Fill = each((u) => Math.floor(u() * 4) - 1);

/** Whole numbers from `low` to below `high`. */
export const integers = (low: number, high: number): Fill => each((u) => low + Math.floor(u() * (high - low)));

/** These, over and over. */
export const listed = (...values: number[]): Fill => each((_, i) => values[i % values.length]!);

/** Positive rows that sum to about 1 over the last axis, none of them below 1 %. */
export const probabilities: Fill = (shape, uniform, before) => {
  const width = shape.at(-1)!;
  const values = Float64Array.from(between(0.1, 1)(shape, uniform, before));
  for (let row = 0; row < values.length; row += width) {
    const part = values.subarray(row, row + width);
    const total = part.reduce((sum, v) => sum + v, 0);
    for (let i = 0; i < width; i++) part[i]! /= total;
  }
  return values;
};

/** Pictures whose neighbours, up to two pixels away, differ by 1 at least and by 30 at most; none is 0. */
export const apart: Fill = (shape) => {
  const [, height, width, channels] = shape as readonly [number, number, number, number];
  return Float64Array.from({ length: sizeOf(shape) }, (_, i) => {
    const pixel = Math.floor(i / channels);
    const [row, column] = [Math.floor(pixel / width) % height, pixel % width];
    const other = (i % channels) * 7 + Math.floor(pixel / width / height) * 11;
    return ((12 * (3 * row + column) + other) % 31) - 15.5;
  });
};

/** Filters [height, width, channels, filters], each of which picks one channel of the pixel in its middle, never of padding. */
export const picking: Fill = (shape) => {
  const [height, width, channels, filters] = shape as readonly [number, number, number, number];
  const values = new Float64Array(sizeOf(shape));
  const middle = Math.floor((height - 1) / 2) * width + Math.floor((width - 1) / 2);
  for (let k = 0; k < filters; k++) values[(middle * channels + (k % channels)) * filters + k] = 1;
  return values;
};

/** What the values of the inputs before it give. */
export const derived =
  (f: (before: readonly Value[], shape: Shape) => ArrayLike<number>): Fill =>
  (shape, _uniform, before) =>
    f(before, shape);
