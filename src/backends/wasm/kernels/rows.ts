/** Kernels that work on whole rows: gathering, labels, softmax and the losses on it, dropout and noise. */

import { blocks, kernel } from "./kernel.js";

/** Rows of a tile when a row has so many elements. */
function rowsOf(length: number): number {
  return Math.max(1, Math.floor(4096 / Math.max(1, length)));
}

const labelled = { labels: "address", labelBytes: "int32", n: "size", classes: "int32" } as const;

/** The words of `dropout` but for what it works on. */
export const dropoutKernelWords = {
  state: "address",
  stream: "int32",
  threshold: "int32",
  scale: "float32",
} as const;

export const rowKernels = {
  /** y[r] = table[indices[r]], n rows of rowBytes; indices int32 (unchecked: whoever writes them checks them). */
  gatherRows: kernel(
    { table: "address", indices: "address", y: "address", n: "size", rowBytes: "int32" },
    ({ n, rowBytes }) => blocks(n, rowsOf(rowBytes / 4)),
  ),
  /** y[r] = table[indices[r]] * scale + offset, from rows of rowLength bytes to float32. */
  gatherScale: kernel(
    {
      table: "address",
      indices: "address",
      y: "address",
      n: "size",
      rowLength: "int32",
      scale: "float32",
      offset: "float32",
    },
    ({ n, rowLength }) => blocks(n, rowsOf(rowLength)),
    // Where `touch` writes.
    () => 4,
  ),
  /** y[r][j] = 1 where j is the label (uint8 or int32: labelBytes 1 or 4), else 0. */
  oneHot: kernel({ y: "address", ...labelled }, ({ n, classes }) => blocks(n, rowsOf(classes))),
  /** y = softmax(x) over rows of `length`; `log` gives its logarithm. */
  softmax: kernel({ x: "address", y: "address", n: "size", length: "int32", log: "int32?" }, ({ n, length }) =>
    blocks(n, rowsOf(length)),
  ),
  /** dx = y (dy - sum(dy y)) over rows of `length`, y softmax's output. */
  softmaxGradient: kernel({ y: "address", dy: "address", dx: "address", n: "size", length: "int32" }, ({ n, length }) =>
    blocks(n, rowsOf(length)),
  ),
  /** loss[r] = -ln clip(p[label] / sum p, epsilon, 1 - epsilon) of probabilities p[r]. A wrong label gives NaN. */
  sparseCategoricalCrossentropy: kernel(
    { p: "address", loss: "address", ...labelled, epsilon: "float32" },
    ({ n, classes }) => blocks(n, rowsOf(classes)),
  ),
  /** dp of the above times upstream[r * upstreamStride]: (1 / sum p - [j = label] / p[label]); 0 where clipped. */
  sparseCategoricalCrossentropyGradient: kernel(
    { p: "address", dp: "address", upstream: "address", upstreamStride: "int32", ...labelled, epsilon: "float32" },
    ({ n, classes }) => blocks(n, rowsOf(classes)),
  ),
  /** The gradient by the scores z where p = softmax(z): (p / sum p - [j = label]) upstream; 0 where clipped. */
  softmaxCrossentropyGradient: kernel(
    { p: "address", dz: "address", upstream: "address", upstreamStride: "int32", ...labelled, epsilon: "float32" },
    ({ n, classes }) => blocks(n, rowsOf(classes)),
  ),
  /** loss[r] = ln sum e^(z - m) - (z[label] - m) of scores z[r], m their maximum. A wrong label gives NaN. */
  sparseSoftmaxCrossentropy: kernel({ z: "address", loss: "address", ...labelled }, ({ n, classes }) =>
    blocks(n, rowsOf(classes)),
  ),
  /** dz of the above times upstream[r * upstreamStride]: softmax(z) - [j = label]. */
  sparseSoftmaxCrossentropyGradient: kernel(
    { z: "address", dz: "address", upstream: "address", upstreamStride: "int32", ...labelled },
    ({ n, classes }) => blocks(n, rowsOf(classes)),
  ),
  /** y[r] = index of the first maximum of x[r], int32. */
  argmax: kernel({ x: "address", y: "address", n: "size", length: "int32" }, ({ n, length }) =>
    blocks(n, rowsOf(length)),
  ),
  /**
   * y[i] = x[i] scale, or 0 where dropped. Element i takes word i mod 4 of Philox 4x32-10 at counter
   * [i div 4, step, epoch, stream] and is kept if (word >>> 8) >= threshold: dropoutWords gives both from a rate. `state`
   * is int32 [key0, key1, epoch, step]. The gradient is the same kernel on dy.
   */
  dropout: kernel({ x: "address", y: "address", ...dropoutKernelWords, n: "size" }, ({ n }) => blocks(n, 4096)),
  /**
   * y[i] = mean + stddev times a standard normal number. Elements 2j and 2j + 1 take the words a and b that they have in
   * `dropout`: r cos t and r sin t with r = sqrt(-2 ln(((a >>> 8) + 1) 2^-24)) and t = (b >>> 8) 2^-24 of a full turn.
   */
  randomNormal: kernel(
    { y: "address", state: "address", stream: "int32", mean: "float32", stddev: "float32", n: "size" },
    ({ n }) => blocks(n, 4096),
  ),
};

/** The words of `dropout` for a rate in [0, 1): kept if (word >>> 8) 2^-24 >= rate, then divided by 1 - rate. */
export function dropoutWords(rate: number): { threshold: number; scale: number } {
  return { threshold: Math.ceil(rate * 2 ** 24), scale: 1 / (1 - rate) };
}
