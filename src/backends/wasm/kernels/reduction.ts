/** Sums and maxima over axes. Any set of axes is one or more passes over [outer][count][inner]. */

import type { Lengths } from "./axes.js";
import { blocks, kernel, parts, type Size } from "./kernel.js";

/** What `reduce` computes. Sums are kept in float64 and rounded once. */
export const reduceOps = { sum: 0, max: 1 } as const;

export const reductionKernels = {
  /** y[o][i] = op over c of x[o][c][i], float32, in index order. `reducePasses` gives the words of any set of axes. */
  reduce: kernel(
    {
      x: "address",
      y: "address",
      op: "int32",
      outer: "size",
      count: "size",
      inner: "int32",
      outerBlock: "int32",
      innerBlock: "int32",
    },
    ({ outer, inner, outerBlock, innerBlock }) => blocks(outer, outerBlock, Math.ceil(inner / innerBlock)),
  ),
  /**
   * y[i] = the sum of partials[c * stride + i], c = 0, 1, ... below ceil(units / chunk), n elements: adds what
   * conv2dFilterGradient left in its chunks.
   */
  reducePartials: kernel(
    { partials: "address", y: "address", n: "int32", stride: "int32", units: "size", chunk: "int32" },
    ({ n }) => blocks(n, 2048),
  ),
};

/** One pass of a reduction. */
export interface ReducePass {
  readonly outer: Size;
  readonly count: Size;
  readonly inner: number;
  readonly outerBlock: number;
  readonly innerBlock: number;
}

/**
 * The passes that reduce `axes` of an array, the last axes first; the result of each is an array [outer][inner] that the
 * next one reads. None if only axes of length 1 are reduced: then the array is its own result.
 */
export function reducePasses(lengths: Lengths, axes: readonly number[]): ReducePass[] {
  const groups: { length: number; rows: boolean; reduced: boolean }[] = [];
  lengths.forEach((length, axis) => {
    if (length === 1) return;
    const reduced = axes.includes(axis);
    const last = groups.at(-1);
    if (last?.reduced === reduced) last.length *= length ?? 1;
    else groups.push({ length: length ?? 1, rows: length === null, reduced });
  });
  const sizeOf = (some: typeof groups): Size => {
    const length = some.reduce((product, group) => product * group.length, 1);
    return some[0]?.rows ? { perRow: length } : length;
  };
  const passes: ReducePass[] = [];
  let inner = 1;
  for (let i = groups.length - 1; i >= 0; i--) {
    if (!groups[i]!.reduced) {
      inner *= groups[i]!.length;
      continue;
    }
    const outer = sizeOf(groups.slice(0, i));
    const count = sizeOf([groups[i]!]);
    const { perRow, fixed } = parts(count);
    // A line of columns is a tile where nothing else gives the threads something to share.
    const alone = typeof outer === "number" && outer < 16;
    const innerBlock = alone ? 16 : Math.min(64, Math.ceil(inner / 16) * 16);
    const outerBlock = Math.max(1, Math.floor(16384 / ((perRow * 64 + fixed) * Math.min(inner, innerBlock) || 1)));
    passes.push({ outer, count, inner, outerBlock, innerBlock });
  }
  return passes;
}
