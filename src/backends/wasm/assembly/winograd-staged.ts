/**
 * Winograd's forward pass for few tiles, in three kernels: all tiles to points, the products point by point, all points to
 * results. A block of winograd.ts reads all filters for its tiles; here every thread reads the filters of its points
 * alone, once a step, and a single picture is shared out by points where it is too few tiles. Words: kernels/winograd-staged.ts.
 */
import { WinogradPointsWords, WinogradProductsWords, WinogradResultsWords } from "./generated/words";
import { blockOf, tileEnd } from "./simd";
import { multiplyQuads } from "./winograd-multiply";
import { fromTiles, toTiles } from "./winograd-tiles";

/** Bytes from a point to the next of values with `wide` channels. */
@inline function pointStep(tiles: i32, wide: i32): usize {
  return (<usize>(tiles * wide) << 2) + 64;
}

export function winogradPoints(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<WinogradPointsWords>(w);
  const n = p.points, down = p.down, across = p.across, channels = p.channels, block = blockOf(w);
  const first = tile * block, end = tileEnd(tile, block, p.n(rows) * down * across);
  toTiles(
    n, n - p.taps + 1, p.x, p.height, p.width, channels, p.padTop, p.padLeft, down, across, first, end,
    p.y + (<usize>first << 4), pointStep(p.tiles, (channels + 3) & ~3), <usize>p.tiles << 4, scratch,
  );
}

export function winogradProducts(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<WinogradProductsWords>(w);
  const deep = (p.channels + 3) & ~3, wide = (p.filters + 7) & ~7, quad = <usize>p.tiles << 4;
  const xs = pointStep(p.tiles, deep), ys = pointStep(p.tiles, wide), point = <usize>tile;
  const count = (p.n(rows) * p.down * p.across + 3) & ~3;
  multiplyQuads(p.x + point * xs, xs, quad, p.filter + (point * <usize>(deep * wide) << 2), p.y + point * ys, ys, quad, count, wide, deep, 1);
}

export function winogradResults(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<WinogradResultsWords>(w);
  const down = p.down, across = p.across, filters = p.filters, block = blockOf(w);
  const first = tile * block, end = tileEnd(tile, block, p.n(rows) * down * across);
  fromTiles(
    p.points, p.taps, p.x + (<usize>first << 4), pointStep(p.tiles, (filters + 7) & ~7), <usize>p.tiles << 4, p.y, p.bias,
    p.relu != 0 ? 0 : -Infinity, p.outHeight, p.outWidth, filters, down, across, first, end, scratch,
  );
}
