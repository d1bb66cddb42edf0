/**
 * Which way a convolution goes: Winograd's algorithm with which tiles, or directly; and in which blocks. Pure functions of
 * shapes, so that forward and backward come to the same answer and no result depends on threads.
 */

import { sizeAt } from "./kernel.js";
import { foldedWindow } from "./phases.js";
import type { Window } from "./picture.js";
import { blockBytes, leftWidth, rightWidth, type Taps, type Tiling, tilingOf } from "./winograd.js";

/*
 * Costs in multiply-adds of the register tile, measured on one core of a Zen 4 and a Zen 5: what else a point of a channel
 * costs, and what a picture's share of the filters costs.
 */
/** A value of a tile to a point, or back. */
const transformCost = 8;
/** Each 4 by 8 results of a product: as if it were so much deeper. */
const productStart = 8;
/** A point of a filter: made and read once a step, or only read where it is kept. */
const filterCost = { made: 27, kept: 4 } as const;
/** A number of a folded picture. */
const foldingCost = 12;
/** The direct kernel is that much slower than the products between transforms. */
const directCost = 1.15;

/** Cost of a picture with tiles of this size, as one of `pictures` that share the filters. */
function tiledCost(
  g: Window,
  filters: number,
  { points, down, across }: Tiling,
  pictures: number,
  kept: boolean,
): number {
  const [deep, wide] = [leftWidth(g.channels), rightWidth(filters)];
  const perTile = (deep + productStart) * wide + transformCost * (deep + wide);
  // Four tiles are the rows of a product.
  const tiles = (Math.ceil((down * across * pictures) / 4) * 4) / pictures;
  return points * points * (tiles * perTile + (filterCost[kept ? "kept" : "made"] * deep * wide) / pictures);
}

/** Cost of a picture by conv2dForward. */
function untiledCost(g: Window, filters: number): number {
  const depth = g.kernelHeight * g.kernelWidth * g.channels;
  return directCost * g.outHeight * g.outWidth * (depth + productStart) * rightWidth(filters);
}

/** The taps of windows that tiles compute: 2 by 2 or 3 by 3 at stride 1. */
function tapsOf(g: Window): Taps | undefined {
  if (g.kernelHeight !== g.kernelWidth || g.strideHeight !== 1 || g.strideWidth !== 1) return undefined;
  return g.kernelHeight === 2 || g.kernelHeight === 3 ? g.kernelHeight : undefined;
}

/**
 * The tiles of a convolution, or undefined where the direct kernel is quicker or the only one: the least of
 * multiplications, transforms and the filters' share, for a step of so many pictures.
 */
export function tilingFor(
  g: Window,
  filters: number,
  capacity: number,
  { kept = false, most = untiledCost(g, filters) }: { readonly kept?: boolean; readonly most?: number } = {},
): Tiling | undefined {
  const taps = tapsOf(g);
  if (taps === undefined) return undefined;
  const pictures = Math.max(1, sizeAt(g.n, capacity));
  let best: Tiling | undefined;
  let least = most;
  for (const points of [4, 6, 7, 8] as const) {
    const tiling = tilingOf(g, points, taps);
    const cost = tiledCost(g, filters, tiling, pictures, kept);
    if (cost < least) [best, least] = [tiling, cost];
  }
  return best;
}

/** A convolution that is computed by tiles. */
export interface TiledWay {
  /** What is cut into tiles: the window itself, or the folded one. */
  readonly window: Window;
  readonly tiling: Tiling;
  /** Whether pictures and filters are folded first (phases.ts). */
  readonly folded: boolean;
}

/**
 * Tiles of a training step below which folded windows of two taps are left to the direct kernels: 3 by 3 at stride 2 spares 4 products
 * of 9, and the gradient's filters, of four times the channels, take that back where few tiles share them (measured: a step
 * of 5 % more with 32 tiles, 11 to 13 % less with 64 and more).
 */
const leastTiles = 64;

/**
 * The tiles of a convolution, folded where it has strides; undefined where the direct kernels are quicker or the only ones.
 * `kept`: the filters as points are kept from step to step.
 */
export function tiledWay(g: Window, filters: number, capacity: number, kept = false): TiledWay | undefined {
  const folded = g.strideHeight > 1 || g.strideWidth > 1;
  if (!folded) {
    const tiling = tilingFor(g, filters, capacity, { kept });
    return tiling && { window: g, tiling, folded };
  }
  const window = foldedWindow(g);
  const folding = foldingCost * window.height * window.width * window.channels;
  const tiling = tilingFor(window, filters, capacity, { kept, most: untiledCost(g, filters) - folding });
  if (tiling === undefined) return undefined;
  const tiles = tiling.down * tiling.across * sizeAt(g.n, capacity);
  return tiling.taps === 2 && !kept && tiles < leastTiles ? undefined : { window, tiling, folded };
}

/** Bytes of points of a block that leave room in a second-level cache of 1 MB. */
const blockSize = 400 * 1024;

/** How many tiles are points at a time: 16 to 32, fewer where few pictures would leave threads idle. A multiple of 4. */
export function tilesAtOnce(g: Window, filters: number, { points, down, across }: Tiling, capacity: number): number {
  const all = down * across * Math.max(1, sizeAt(g.n, capacity));
  let tiles = 32;
  while (tiles > 16 && blockBytes(points, tiles, g.channels, filters) > blockSize) tiles -= 4;
  while (tiles > 4 && all / tiles < 8) tiles -= 4;
  return tiles;
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
  return { block, tiles: Math.ceil(block / Math.ceil(block / most) / 4) * 4 };
}
