/**
 * Winograd's forward pass of few tiles as three kernels, so that threads share a single picture: tiles to points, products
 * point by point, points to results. All points lie in the arena, in the layout of winograd.ts.
 */

import { blocks, kernel, type Size, sizeAt, times } from "./kernel.js";
import { leftWidth, pointBytes, rightWidth, type Tiling, tileBytes, tilingWords } from "./winograd.js";

/** Bytes of all points of a step that stay in the second-level caches of two threads. */
const stagedSize = 1024 * 1024;

/** The most rows of tiles of a step: each is looked for among all. */
const stagedRows = 32;

/** Tiles of a step of `capacity` rows, a multiple of 4: how many points have room for. */
function tilesOf(n: Size, { down, across }: Tiling, capacity: number): number {
  return Math.ceil((sizeAt(n, capacity) * down * across) / 4) * 4;
}

/** Where all points of a step lie. */
export interface Staging {
  /** Room for so many tiles. */
  readonly tiles: number;
  /** Bytes of the points of the pictures, and of the results. */
  readonly bytes: { readonly pictures: number; readonly results: number };
}

/** The staging of a layer; undefined where there are so many tiles that blocks of them are the better way. */
export function stagingOf(
  { n, channels }: { readonly n: Size; readonly channels: number },
  filters: number,
  tiling: Tiling,
  capacity: number,
): Staging | undefined {
  const tiles = tilesOf(n, tiling, capacity);
  const bytes = (width: number): number => tiling.points ** 2 * pointBytes(tiles, width);
  const [pictures, results] = [bytes(leftWidth(channels)), bytes(rightWidth(filters))];
  if (pictures + results > stagedSize || sizeAt(n, capacity) * tiling.down > stagedRows) return undefined;
  return { tiles, bytes: { pictures, results } };
}

/** A row of tiles a tile of work. */
function tileRows({ n, down }: { readonly n: Size; readonly down: number }) {
  return blocks(times(n, down), 1);
}

export const winogradStagedKernels = {
  /** y = the pictures x as points of `tiles` tiles, [points points][channels / 4][tiles][4], a line more from point to point, by kind. */
  winogradPoints: kernel(
    {
      x: "address",
      y: "address",
      n: "size",
      height: "int32",
      width: "int32",
      channels: "int32",
      padTop: "int32",
      padLeft: "int32",
      ...tilingWords,
      tiles: "int32",
    },
    tileRows,
    () => tileBytes,
  ),
  /** y = x times the filters at each point; `filter` is winogradFilter's `forward`. A tile of work is a point. */
  winogradProducts: kernel(
    {
      x: "address",
      filter: "address",
      y: "address",
      n: "size",
      channels: "int32",
      filters: "int32",
      ...tilingWords,
      tiles: "int32",
    },
    ({ points }) => blocks(points ** 2, 1),
    () => tileBytes,
  ),
  /** y = the results [n, outHeight, outWidth, filters] of their points x, plus bias; `relu` cuts at 0. */
  winogradResults: kernel(
    {
      x: "address",
      bias: "address?",
      y: "address",
      relu: "int32?",
      n: "size",
      outHeight: "int32",
      outWidth: "int32",
      filters: "int32",
      ...tilingWords,
      tiles: "int32",
    },
    tileRows,
    () => tileBytes,
  ),
};
