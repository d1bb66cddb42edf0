/** The kernel of weighted sums along an axis, by a table. */

import type { ResampleAttributes } from "../../../graph/ops/resample.js";
import { blocks, kernel } from "./kernel.js";

export const resampleKernels = {
  /**
   * y[u] = the sum of its row's terms, u = 0 to n - 1 counting runs of `length` float32: run u is output u mod `outputs` of
   * the u div `outputs`-th axis of `inputs` runs of x. `resampleTable` makes the table.
   */
  resample: kernel(
    {
      x: "address",
      y: "address",
      table: "address",
      n: "size",
      length: "int32",
      inputs: "int32",
      outputs: "int32",
    },
    ({ n, length }) => blocks(n, Math.max(1, Math.floor(2048 / length))),
  ),
};

/**
 * A table as the kernel reads it: where each row's terms begin, one number more than there are rows, then each term's
 * distance in bytes from the axis's first element and its weight as float32, for elements that are runs of `length`.
 */
export function resampleTable({ starts, sources, weights }: ResampleAttributes, length: number): Int32Array {
  const words = new Int32Array(starts.length + 2 * sources.length);
  const floats = new Float32Array(words.buffer);
  words.set(starts);
  sources.forEach((source, t) => {
    words[starts.length + 2 * t] = source * length * 4;
    floats[starts.length + 2 * t + 1] = weights[t]!;
  });
  return words;
}
