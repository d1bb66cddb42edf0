/**
 * 2 by 2 and 3 by 3 convolution at stride 1 by Winograd's algorithm: with so many taps a tile of n by n pixels gives m by m
 * results, m = n - taps + 1, by n * n products a pair of channel and filter instead of (taps m)^2. Points of tiles lie as quads, [n * n][channels / 4][tiles][4].
 * Channels on the left of a product are filled up to a multiple of 4, on its right to one of 8.
 */

import { blocks, kernel, times, up } from "./kernel.js";
import type { Window } from "./picture.js";

/** Side of a tile: 8, 7, 6 and 4 are F(6, 3), F(5, 3), F(4, 3) and F(2, 3) with three taps, F(7, 2) to F(3, 2) with two. */
export type Points = 4 | 6 | 7 | 8;

/** Side of the filters. */
export type Taps = 2 | 3;

/** Bytes of temporary memory of the tile transforms (assembly/winograd-tiles.ts: TILE_BYTES). */
export const tileBytes = 1024 + 4096 + 128;

/** How a layer is cut into tiles. */
export interface Tiling {
  readonly points: Points;
  readonly taps: Taps;
  /** Rows and columns of tiles of a picture. */
  readonly down: number;
  readonly across: number;
  /** So many of the last rows of tiles have a point less down, so many of the last columns one less across. */
  readonly short: number;
  readonly narrow: number;
}

/** The tiles of results of this size, with tiles of that. */
export function tilingOf(
  { outHeight, outWidth }: Pick<Window, "outHeight" | "outWidth">,
  points: Points,
  taps: Taps,
): Tiling {
  const m = points - taps + 1;
  return { points, taps, down: Math.ceil(outHeight / m), across: Math.ceil(outWidth / m), short: 0, narrow: 0 };
}

/** Tiles of eight points, and of seven where these would hang over an edge, as far as that goes. */
export function mixedTiling(results: Pick<Window, "outHeight" | "outWidth">, taps: Taps): Tiling {
  const tiling = tilingOf(results, 8, taps);
  const m = 9 - taps;
  const short = Math.min(tiling.down, tiling.down * m - results.outHeight);
  const narrow = Math.min(tiling.across, tiling.across * m - results.outWidth);
  return { ...tiling, short, narrow };
}

/** Bytes of the points of `tiles` tiles with so many channels, from one to the next (assembly/winograd-runs.ts: pointStep). */
export function pointBytes(tiles: number, channels: number): number {
  return tiles * channels * 4 + 64;
}

/** Channels on the left side of a product, in quads. */
export function leftWidth(channels: number): number {
  return up(channels, 4);
}

/** Channels of a product's result, in panels. */
export function rightWidth(channels: number): number {
  return up(channels, 8);
}

/**
 * Bytes of filters as points, [n n][to / 8][from][8]: forward from channels to filters, backward from filters to channels.
 * A line more from point to point (assembly/winograd-multiply.ts: filterStep).
 */
export function filterPointBytes(points: Points, from: number, to: number): number {
  return points * points * (leftWidth(from) * rightWidth(to) * 4 + 64);
}

/** Bytes of a block of tiles as points with the results that grow into them. */
export function blockBytes(points: Points, tiles: number, channels: number, filters: number): number {
  const count = points * points;
  const [x, y] = [pointBytes(tiles, leftWidth(channels)), pointBytes(tiles, rightWidth(filters))];
  return Math.max(y, count * y - (count - 1) * x) + count * x;
}

/** A Tiling as words. */
export const tilingWords = {
  points: "int32",
  taps: "int32",
  down: "int32",
  across: "int32",
  short: "int32",
  narrow: "int32",
} as const;

export const winogradKernels = {
  /**
   * y = floor(x * w + bias), [n, outHeight, outWidth, filters], `filter` being winogradFilter's `forward`. `relu` cuts at 0.
   * down, across: rows and columns of tiles of a picture. `short` rows and `narrow` columns, the last ones, have a point less.
   * `tiles`: how many are points at a time, a multiple of 4. A tile is `block` tiles, counted through all pictures; whole rows
   * of tiles where they are mixed. With `pooled`, y is not written, but the maximum of each of its windows to `pooled` and
   * its place to `route`, if that is there: as maxPool2dRoute; then `block` is of whole pictures.
   */
  winogradForward: kernel(
    {
      x: "address",
      filter: "address",
      bias: "address?",
      y: "address?",
      relu: "int32?",
      n: "size",
      height: "int32",
      width: "int32",
      channels: "int32",
      filters: "int32",
      outHeight: "int32",
      outWidth: "int32",
      padTop: "int32",
      padLeft: "int32",
      ...tilingWords,
      tiles: "int32",
      block: "int32",
      pooled: "address?",
      route: "address?",
      poolHeight: "int32?",
      poolWidth: "int32?",
      poolStrideHeight: "int32?",
      poolStrideWidth: "int32?",
      poolTop: "int32?",
      poolLeft: "int32?",
      pooledHeight: "int32?",
      pooledWidth: "int32?",
    },
    ({ n, down, across, block }) => blocks(times(n, down * across), block),
    ({ points, tiles, block, channels, filters, down, across, outHeight, outWidth, pooled }) => {
      const pictures = pooled === undefined ? 0 : block / (down * across);
      return (
        tileBytes +
        blockBytes(points as Points, tiles, channels, filters) +
        pictures * outHeight * outWidth * filters * 4
      );
    },
  ),
  /**
   * forward = the filters w [taps, taps, channels, filters] as points [points points][filters / 8][channels][8], backward the same as
   * [points points][channels / 8][filters][8]; either may be left out. A tile is 8 channels of 32 filters.
   */
  winogradFilter: kernel(
    {
      w: "address",
      forward: "address?",
      backward: "address?",
      points: "int32",
      taps: "int32",
      channels: "int32",
      filters: "int32",
    },
    ({ channels, filters }) => blocks(Math.ceil(channels / 8), 1, Math.ceil(filters / 32)),
    ({ points, taps }) => 16 * taps * taps + 16 * points * taps + 64 * points * points,
  ),
};
