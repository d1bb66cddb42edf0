/**
 * Which way a convolution goes: Winograd's algorithm with which tiles, or directly. Pure functions of shapes and of whether
 * filters are kept, so that no result depends on threads, and forward and backward of a training step come to the same
 * answer. Filters are kept where a program leaves them as they are: that which looks into a training step is told what the
 * step writes (backend.ts: alsoWritten). Not here: in which blocks (winograd-blocks.ts).
 */

import { sizeAt } from "./kernel.js";
import { foldedWindow } from "./phases.js";
import type { Window } from "./picture.js";
import { leftWidth, mixedTiling, rightWidth, type Taps, type Tiling, tilingOf } from "./winograd.js";
import { fours, isMixed, mostMixed, productsOfTile, tilesAtOnce } from "./winograd-blocks.js";

/*
 * Costs in multiply-adds of the register tile, measured on one core of a Zen 4 and a Zen 5: what else a point of a channel
 * costs, and what a picture's share of the filters costs.
 */
/** A value of a tile to a point, or back. */
const transformCost = 8;
/** Each 4 by 8 results of a product between transforms: as if it were so much deeper. */
const productStart = 4;
/** The same in the direct kernel. */
const directStart = 8;
/** A point of a filter: made and read once a step, or only read where it is kept. */
const filterCost = { made: 27, kept: 4 } as const;
/** A number of a folded picture. */
const foldingCost = 12;
/** The direct kernel is that much slower than the products between transforms. */
const directCost = 1.15;

/** Cost of a picture with these tiles, as one of a step's that share the filters. */
function tiledCost(g: Window, filters: number, tiling: Tiling, capacity: number, kept: boolean): number {
  const [deep, wide] = [leftWidth(g.channels), rightWidth(filters)];
  const { points, down, across } = tiling;
  const pictures = Math.max(1, sizeAt(g.n, capacity));
  // Four tiles are the rows of a product; mixed ones count that themselves.
  const tiles = isMixed(tiling) ? down * across : fours(down * across * pictures) / pictures;
  const all = tiles * productsOfTile(tiling, tilesAtOnce(g, filters, tiling, capacity));
  const each = (deep + productStart) * wide + transformCost * (deep + wide);
  return all * each + (points ** 2 * filterCost[kept ? "kept" : "made"] * deep * wide) / pictures;
}

/** Cost of a picture by conv2dForward. */
function untiledCost(g: Window, filters: number): number {
  const depth = g.kernelHeight * g.kernelWidth * g.channels;
  return directCost * g.outHeight * g.outWidth * (depth + directStart) * rightWidth(filters);
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
  const tilings = ([4, 6, 7, 8] as const).map((points) => tilingOf(g, points, taps));
  const mixed = mixedTiling(g, taps);
  if (mixed.across <= mostMixed) tilings.push(mixed);
  let best: Tiling | undefined;
  let least = most;
  for (const tiling of tilings) {
    const cost = tiledCost(g, filters, tiling, capacity, kept);
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
