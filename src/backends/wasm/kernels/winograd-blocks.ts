/** How many tiles of Winograd's convolution are points at a time. Pure functions of shapes, as the rule that asks them. */

import { sizeAt } from "./kernel.js";
import type { Window } from "./picture.js";
import { blockBytes, type Tiling } from "./winograd.js";

/**
 * Bytes of points of a block that leave room in a second-level cache of 1 MB. Mixed ones use only part of them, and gain
 * by more tiles that have the same point.
 */
const blockSize = 400 * 1024;
const mixedSize = 640 * 1024;

/** The most tiles of a block of mixed tiles: a picture of 32 by 32 results is 36. */
export const mostMixed = 40;

/** Whether tiles of two sizes are mixed. */
export function isMixed({ short, narrow }: Tiling): boolean {
  return short + narrow > 0;
}

/** Tiles up to a multiple of four. */
export const fours = (tiles: number): number => Math.ceil(tiles / 4) * 4;

/** Tiles of a block with room for so many: all, but whole rows of tiles where they are mixed. */
export function tilesOfBlock(tiling: Tiling, room: number): number {
  return isMixed(tiling) ? Math.floor(room / tiling.across) * tiling.across : room;
}

/** Products of a tile for each channel and filter, in the mean: mixed ones count those to four tiles that have the same point. */
export function productsOfTile(tiling: Tiling, room: number): number {
  const { points, down, across, short, narrow } = tiling;
  if (!isMixed(tiling)) return points ** 2;
  const rows = tilesOfBlock(tiling, room) / across;
  const [finite, wide] = [points - 1, across - narrow];
  let products = 0;
  for (let block = 0, row = 0; block < down; block++) {
    let tall = 0;
    for (let i = 0; i < rows; i++, row++) if (row % down < down - short) tall++;
    products +=
      finite * (finite * fours(rows * across) + fours(tall * across) + fours(rows * wide)) + fours(tall * wide);
  }
  return products / (down * rows * across);
}

/** The room of at most so many tiles in which mixed ones take the fewest products, at least for a row of tiles. */
export function leastPadded(tiling: Tiling, most: number): number {
  const largest = Math.max(most, fours(tiling.across));
  let [best, least] = [largest, Number.POSITIVE_INFINITY];
  for (let room = largest; room >= tiling.across; room -= 4) {
    const products = productsOfTile(tiling, room);
    if (products < least) [best, least] = [fours(tilesOfBlock(tiling, room)), products];
  }
  return best;
}

/** How many tiles are points at a time: 16 to 32, fewer where few pictures would leave threads idle. A multiple of 4. */
export function tilesAtOnce(g: Window, filters: number, tiling: Tiling, capacity: number): number {
  const all = tiling.down * tiling.across * Math.max(1, sizeAt(g.n, capacity));
  let [tiles, most] = isMixed(tiling) ? [mostMixed, mixedSize] : [32, blockSize];
  while (tiles > 16 && blockBytes(tiling.points, tiles, g.channels, filters) > most) tiles -= 4;
  while (tiles > 4 && all / tiles < 8) tiles -= 4;
  return isMixed(tiling) ? leastPadded(tiling, tiles) : tiles;
}

/** Bytes of unpooled pictures that stay in the second-level cache. */
const pooledSize = 512 * 1024;

/** Blocks below which threads would be idle. */
const leastBlocks = 4;

/**
 * Blocks of whole pictures where the results are pooled at once, of equal parts of at most tilesAtOnce; undefined where a
 * picture is too large, or the pictures too few to be shared out.
 */
export function pooledBlocks(
  g: Window,
  filters: number,
  tiling: Tiling,
  capacity: number,
): { readonly block: number; readonly tiles: number } | undefined {
  const bytes = g.outHeight * g.outWidth * filters * 4;
  if (bytes > pooledSize) return undefined;
  const most = tilesAtOnce(g, filters, tiling, capacity);
  const picture = tiling.down * tiling.across;
  const pictures = Math.max(1, Math.min(Math.floor(most / picture), Math.floor(pooledSize / bytes)));
  if (sizeAt(g.n, capacity) < leastBlocks * pictures) return undefined;
  const block = pictures * picture;
  const unit = isMixed(tiling) ? tiling.across : 1;
  const parts = Math.ceil(block / tilesOfBlock(tiling, most));
  return { block, tiles: fours(Math.ceil(block / unit / parts) * unit) };
}
