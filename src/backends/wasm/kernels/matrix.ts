/**
 * Matrix products. The left side is read where it lies; the right side is packed first: panels of 8 columns, [n/8][k][8],
 * the last one filled up with zeros. One packed matrix takes packedBytes(k, n) bytes.
 */

import { blocks, kernel, one, parts, type Size, sizeAt } from "./kernel.js";

/** Bytes of a packed [k, n] matrix. */
export function packedBytes(k: number, n: number): number {
  return Math.ceil(n / 8) * k * 32;
}

export const matrixKernels = {
  /**
   * y = x packed; x is [k, n] row-major with `stride` elements from row to row, or with `transposed` [n, k]. `count`
   * matrices, `xStep` elements apart in x, and packed one behind the other in y.
   */
  packB: kernel(
    {
      x: "address",
      y: "address",
      k: "size",
      n: "size",
      stride: "int32",
      transposed: "int32?",
      count: "int32",
      xStep: "int32?",
    },
    // Two panels a tile: small enough to share out, and a line of x is read by one thread.
    ({ n, count }) => blocks(n, 16, count),
  ),
  /**
   * c = floor(a b + bias), row-major [m, n] with cStride elements from row to row. a is [m, k] with aStride, or with
   * `transposed` [k, m]; b is packed. `accumulate` adds to c instead of bias; `relu` cuts at 0. At most one of m and n
   * may depend on the rows. Each element is one chain of sums in the order of k, whatever the blocks are.
   */
  gemm: kernel(
    {
      a: "address",
      b: "address",
      bias: "address?",
      c: "address",
      m: "size",
      n: "size",
      k: "size",
      aStride: "int32",
      cStride: "int32",
      transposed: "int32?",
      accumulate: "int32?",
      relu: "int32?",
      mBlock: "int32",
      nBlock: "int32",
      kBlock: "int32",
    },
    ({ m, n, mBlock, nBlock }) => {
      if (parts(n).perRow > 0) return blocks(n, nBlock, Math.ceil(parts(m).fixed / mBlock));
      return blocks(m, mBlock, Math.ceil(parts(n).fixed / nBlock));
    },
    ({ mBlock, kBlock, k, transposed }, capacity) =>
      256 + (transposed ? Math.ceil(mBlock / 4) * Math.min(kBlock, sizeAt(k, capacity)) * 16 : 0),
  ),
  /** The register tile alone, on panels that stay in the first-level cache: what the machine can do. */
  probe: kernel(
    { a: "address", b: "address", k: "int32", panels: "int32", repeat: "int32", tiles: "int32" },
    ({ tiles }) => ({ ...one, times: tiles }),
    () => 128,
  ),
  /** Traps: for tests of what follows a failure. */
  crash: kernel({}, () => one),
};

/**
 * Blocks for a product of these sizes, small enough for 16 tiles where the product is large enough. A transposed a is copied
 * once a tile, so its tiles are low and wide (measured: 5 % quicker than the others' shape).
 */
export function gemmBlocks(
  m: Size,
  n: Size,
  k: Size,
  capacity: number,
  transposed = false,
): { readonly mBlock: number; readonly nBlock: number; readonly kBlock: number } {
  const [rows, columns, depth] = [m, n, k].map((size) => sizeAt(size, capacity)) as [number, number, number];
  let mBlock = Math.min(transposed ? 16 : 64, Math.ceil(rows / 4) * 4);
  let nBlock = Math.min(transposed ? 512 : 128, Math.ceil(columns / 8) * 8);
  const tiles = () => Math.ceil(rows / mBlock) * Math.ceil(columns / nBlock);
  while (tiles() < 16 && (mBlock > 16 || nBlock > 32)) {
    if (mBlock >= nBlock / 2 && mBlock > 16) mBlock = Math.ceil(mBlock / 8) * 4;
    else if (nBlock > 32) nBlock = Math.ceil(nBlock / 16) * 8;
    else break;
  }
  // Equal parts of at most 1024, so that a panel of b stays in the first-level cache; fewer parts are quicker.
  const kBlock = Math.ceil(depth / Math.ceil(depth / 1024));
  return { mBlock, nBlock, kBlock };
}
