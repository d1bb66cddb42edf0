/**
 * Winograd's forward pass for few tiles, in three kernels: all tiles to points, the products point by point, all points to
 * results. A block of winograd.ts reads all filters for its tiles; here every thread reads the filters of its points
 * alone, once a step, and a single picture is shared out by points where it is too few tiles. Words: kernels/winograd-staged.ts.
 */
import { WinogradPointsWords, WinogradProductsWords, WinogradResultsWords } from "./generated/words";
import { filterStep, multiplyQuads } from "./winograd-multiply";
import { pointStep, Runs } from "./winograd-runs";
import { fromTiles, RUNS, toTiles } from "./winograd-tiles";

export function winogradPoints(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<WinogradPointsWords>(w);
  const runs = changetype<Runs>(scratch + RUNS), fs = pointStep(p.tiles, (p.channels + 3) & ~3);
  runs.cut(p.points, p.taps, p.down, p.across, p.short, p.narrow);
  runs.begin(0, p.n(rows) * p.down * p.across);
  while (runs.next()) {
    if (runs.line != tile) continue;
    toTiles(runs, p.x, p.height, p.width, p.channels, p.padTop, p.padLeft, p.y, <usize>p.points * fs, fs, <usize>p.tiles << 4, scratch);
  }
}

export function winogradProducts(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<WinogradProductsWords>(w);
  const deep = (p.channels + 3) & ~3, wide = (p.filters + 7) & ~7, quad = <usize>p.tiles << 4, point = <usize>tile;
  const runs = changetype<Runs>(scratch + RUNS), a = tile / p.points, b = tile % p.points;
  runs.cut(p.points, p.taps, p.down, p.across, p.short, p.narrow);
  runs.begin(0, p.n(rows) * p.down * p.across);
  const some = (runs.to(a, b) - runs.from(b) + 3) & ~3, skipped = <usize>min(runs.from(b), p.tiles - some) << 4;
  multiplyQuads(
    p.x + point * pointStep(p.tiles, deep) + skipped, quad, p.filter + point * filterStep(deep, wide),
    p.y + point * pointStep(p.tiles, wide) + skipped, quad, some, wide, deep,
  );
}

export function winogradResults(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<WinogradResultsWords>(w);
  const runs = changetype<Runs>(scratch + RUNS), fs = pointStep(p.tiles, (p.filters + 7) & ~7), floor: f32 = p.relu != 0 ? 0 : -Infinity;
  runs.cut(p.points, p.taps, p.down, p.across, p.short, p.narrow);
  runs.begin(0, p.n(rows) * p.down * p.across);
  while (runs.next()) {
    if (runs.line != tile) continue;
    fromTiles(
      p.taps, runs, p.x, <usize>p.points * fs, fs, <usize>p.tiles << 4, p.y, p.bias, floor, p.outHeight, p.outWidth, p.filters, scratch,
    );
  }
}
