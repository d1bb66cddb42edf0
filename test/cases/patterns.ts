/** Patterns of zeros, and single numbers that are not finite: what sparse kernels choose their way by. */

import type { Shape } from "../../src/core/shape.js";
import { type Fill, normal } from "./fill.js";

/** Where the zeros of an array are. Rows and columns are those of it as [first axis, all others]. */
export const zeroPatterns = [
  "dense",
  "half zero",
  "mostly zero",
  "zero rows",
  "zero columns",
  "blocks of zero columns",
  "zero frame",
  "all zero",
] as const;
export type ZeroPattern = (typeof zeroPatterns)[number];

/** A number at a place that is a fraction of the array. */
export interface Special {
  readonly value: number;
  readonly place: number;
}

type IsZero = (uniform: () => number, shape: Shape) => (i: number) => boolean;

/** Which of `count` are zero, chosen once. */
const chosen = (count: number, uniform: () => number): boolean[] =>
  Array.from({ length: count }, () => uniform() < 0.6);

const widthOf = (shape: Shape): number => shape.slice(1).reduce((a, b) => a * b, 1);

const isZero: Record<ZeroPattern, IsZero> = {
  dense: () => () => false,
  "half zero": (uniform) => () => uniform() < 0.5,
  "mostly zero": (uniform) => () => uniform() < 0.95,
  "zero rows": (uniform, shape) => {
    const rows = chosen(shape[0]!, uniform);
    const width = widthOf(shape);
    return (i) => rows[Math.floor(i / width)]!;
  },
  "zero columns": (uniform, shape) => {
    const columns = chosen(widthOf(shape), uniform);
    return (i) => columns[i % columns.length]!;
  },
  "blocks of zero columns": (uniform, shape) => {
    const width = widthOf(shape);
    const blocks = chosen(Math.ceil(shape[0]! / 4) * width, uniform);
    return (i) => blocks[Math.floor(i / width / 4) * width + (i % width)]!;
  },
  // As pictures of digits have: all but the middle of the second and third axis.
  "zero frame": (_uniform, [, height = 1, width = 1, channels = 1]) => {
    const outside = (at: number, size: number): boolean => at < size / 4 || at >= (3 * size) / 4;
    return (i) => {
      const pixel = Math.floor(i / channels);
      return outside(Math.floor(pixel / width) % height, height) || outside(pixel % width, width);
    };
  },
  "all zero": () => () => true,
};

/** Normal numbers with zeros of a pattern, and a special number among them. */
export function patterned(pattern: ZeroPattern, special?: Special): Fill {
  return (shape, uniform, before) => {
    const values = Float64Array.from(normal(shape, uniform, before));
    const zero = isZero[pattern](uniform, shape);
    for (let i = 0; i < values.length; i++) if (zero(i)) values[i] = 0;
    if (special !== undefined) values[Math.floor(special.place * values.length)] = special.value;
    return values;
  };
}
