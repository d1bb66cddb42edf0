/**
 * Matrix products. The right side is packed first, into panels of 16 columns, [n/16][k][16], the last one filled up with
 * zeros, and behind them an int32 a panel that says whether it holds a number that is not finite. The left side is packed
 * into pairs of rows without the columns that are zero in both, or read where it lies. Convolutions pack their filters
 * into panels of 8 columns (packB).
 */

import { blocks, equalPart, kernel, one, parts, type Size, sizeAt, type TileRule, up } from "./kernel.js";
import { dropoutKernelWords } from "./rows.js";
import { adamWords, sgdWords } from "./state.js";

/** Bytes of a packed [k, n] matrix for convolutions. */
export function packedBytes(k: number, n: number): number {
  return Math.ceil(n / 8) * k * 32;
}

/** Bytes of the panels of a [k, n] matrix. */
export function panelBytes(k: number, n: number): number {
  return Math.ceil(n / 16) * (k * 64 + 4);
}

/** Bytes of the pairs of rows of an [m, k] matrix in parts of kBlock: counts, then entries of 12 bytes. */
export function pairBytes(m: number, k: number, kBlock: number): number {
  const panels = Math.ceil(m / 2);
  return Math.ceil((panels * Math.ceil(k / kBlock) * 4) / 64) * 64 + panels * k * 12;
}

/** Bytes of scratch of a product that packs its own rows, but for the pairs (assembly/product.ts: CORNER_BYTES). */
export const cornerBytes = 192;

/** The words of a product that all its kernels begin with. */
const productWords = {
  a: "address",
  pairs: "address?",
  b: "address",
  bias: "address?",
  m: "size",
  n: "size",
  k: "size",
  aStride: "int32",
  transposed: "int32?",
  relu: "int32?",
  mBlock: "int32",
  nBlock: "int32",
  kBlock: "int32",
} as const;

interface ProductBlocks {
  readonly m: Size;
  readonly n: Size;
  readonly mBlock: number;
  readonly nBlock: number;
}

function productTiles({ m, n, mBlock, nBlock }: ProductBlocks): TileRule {
  if (parts(n).perRow > 0) return blocks(n, nBlock, Math.ceil(parts(m).fixed / mBlock));
  return blocks(m, mBlock, Math.ceil(parts(n).fixed / nBlock));
}

/** @throws RangeError for a product that packs its own rows and should do what such a product does not. */
function gemmTiles(
  values: ProductBlocks & { readonly packs?: number; readonly transposed?: number; readonly keep?: number },
): TileRule {
  if (values.packs && (values.transposed || values.keep)) {
    throw new RangeError("a product that packs its own rows takes a as it lies, and has no keep.");
  }
  return productTiles(values);
}

/** Bytes of scratch of a product that keeps its tile to itself. */
function tileBytes({ mBlock, nBlock }: ProductBlocks): number {
  return cornerBytes + mBlock * nBlock * 4;
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
   * y = the panels of x, which is [k, n] row-major with `stride` elements from row to row, or with `transposed` [n, k]. A
   * panel a tile; what is beyond n is zero.
   */
  packPanels: kernel(
    { x: "address", y: "address", k: "size", n: "size", stride: "int32", transposed: "int32?" },
    ({ n }) => blocks(n, 16),
  ),
  /**
   * y = the pairs of rows of a, which is [m, k] with aStride, or with `transposed` [k, m]: for each pair and each kBlock of
   * k a count and so many entries {offset of k in a panel, value of the first row, of the second}; in the order of k, only
   * those with a value that is not zero. An odd last row is paired with zeros.
   */
  packPairs: kernel(
    { a: "address", y: "address", m: "size", k: "size", aStride: "int32", transposed: "int32?", kBlock: "int32" },
    // A line of a transposed a holds 16 of its rows.
    ({ m, transposed }) => blocks(m, transposed ? 16 : 8),
  ),
  /**
   * c = floor(a b + bias), row-major [m, n] with cStride elements from row to row. a is [m, k] with aStride, or with
   * `transposed` [k, m]; `pairs` (address 0: none) are a's pairs with the same kBlock; b is in panels.
   * `relu` cuts at 0. At most one of m and n may depend on the rows. mBlock is even, nBlock a multiple
   * of 16. Each element is one chain of sums in the order of k, whatever the blocks are, and with pairs the same without
   * the terms that are zero; where a panel of b holds a number that is not finite, a is read where it lies. With `packs` each
   * tile makes the pairs of its rows itself, of values that count only where `mask`, a matrix like a, is above 0: for few
   * columns, all of which a tile has, whatever nBlock is (packingBlocks); beside a panel that is not finite it keeps zeros. A
   * transposed a is not packed so, nor has such a product a `keep`. With `keep`, a matrix like c, c is keep > 0 ? c keepScale : 0
   * in the end: the gradient of relu, and of dropout behind it.
   */
  gemm: kernel(
    {
      ...productWords,
      c: "address",
      cStride: "int32",
      packs: "int32?",
      mask: "address?",
      keep: "address?",
      keepScale: "float32?",
    },
    gemmTiles,
    ({ packs, mBlock, k, kBlock }, capacity) =>
      cornerBytes + (packs ? pairBytes(mBlock, sizeAt(k, capacity), kBlock) : 0),
  ),
  /** y = dropout of what gemm would write, [m, n] without gaps, n a multiple of 4: words and numbers as `dropout` has them. */
  gemmDropout: kernel({ ...productWords, y: "address", ...dropoutKernelWords }, productTiles, () => cornerBytes),
  /** The update of weights [m, n], without gaps, by what gemm would write, which is their gradient: words as in sgdUpdate. */
  gemmSgd: kernel({ ...productWords, ...sgdWords }, productTiles, tileBytes),
  /** The same of adamUpdate. */
  gemmAdam: kernel({ ...productWords, ...adamWords }, productTiles, tileBytes),
  /** The register tile alone, on panels that stay in the first-level cache: what the machine can do. */
  probe: kernel(
    { a: "address", b: "address", k: "int32", panels: "int32", repeat: "int32", tiles: "int32" },
    ({ tiles }) => ({ ...one, times: tiles }),
    () => 128,
  ),
  /** Traps: for tests of what follows a failure. */
  crash: kernel({}, () => one),
};

/** How much of k is multiplied at a time: equal parts of at most 1024; fewer parts are quicker. */
export function partOfDepth(k: number): number {
  return equalPart(k, 1024);
}

/** Blocks for a product whose tiles pack their own rows: all columns, and rows enough to have the panels stay near. */
export function packingBlocks(
  m: Size,
  n: number,
  k: number,
  capacity: number,
): { readonly mBlock: number; readonly nBlock: number; readonly kBlock: number } {
  const rows = sizeAt(m, capacity);
  let mBlock = 32;
  while (mBlock > 8 && rows / mBlock < 16) mBlock /= 2;
  return { mBlock, nBlock: up(n, 16), kBlock: partOfDepth(k) };
}

/** Blocks for a product of these sizes, small enough for 16 tiles where the product is large enough. */
export function gemmBlocks(
  m: Size,
  n: Size,
  k: Size,
  capacity: number,
): { readonly mBlock: number; readonly nBlock: number; readonly kBlock: number } {
  const [rows, columns, depth] = [m, n, k].map((size) => sizeAt(size, capacity)) as [number, number, number];
  let mBlock = Math.min(128, Math.ceil(rows / 2) * 2);
  let nBlock = Math.min(128, Math.ceil(columns / 16) * 16);
  const tiles = () => Math.ceil(rows / mBlock) * Math.ceil(columns / nBlock);
  // High tiles read a panel more often while it is near.
  while (tiles() < 16 && (mBlock > 16 || nBlock > 32)) {
    if (nBlock > 32) nBlock = Math.ceil(nBlock / 32) * 16;
    else mBlock = Math.ceil(mBlock / 4) * 2;
  }
  return { mBlock, nBlock, kBlock: partOfDepth(depth) };
}

/**
 * Blocks for a product that goes on with an update: wide, for weights and moments are walked quickest in one piece, and no
 * larger than the second-level cache takes beside them.
 */
export function updateBlocks(m: number, n: number): { readonly mBlock: number; readonly nBlock: number } {
  const nBlock = Math.min(up(n, 16), 1024);
  let mBlock = Math.min(up(m, 2), Math.max(2, 2 * Math.floor(8192 / nBlock)));
  while (mBlock > 2 && Math.ceil(m / mBlock) * Math.ceil(n / nBlock) < 16) mBlock = up(mBlock / 2, 2);
  return { mBlock, nBlock };
}
