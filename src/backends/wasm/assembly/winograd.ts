/**
 * 2 by 2 and 3 by 3 convolution by Winograd's algorithm, block by block: tiles to points, products with the filters, points to results
 * with bias, relu and pooling. A block's points stay in the second-level cache, and the results' grow into those of the
 * input that are spent. Words: kernels/winograd.ts.
 */
import { WinogradForwardWords } from "./generated/words";
import { poolPicture } from "./pooling";
import { blockOf, tileEnd } from "./simd";
import { filterStep, multiplyQuads } from "./winograd-multiply";
import { pointStep, Runs } from "./winograd-runs";
import { fromTiles, RUNS, TILE_BYTES, toTiles } from "./winograd-tiles";

export function winogradForward(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<WinogradForwardWords>(w);
  const n = p.points, taps = p.taps, down = p.down, across = p.across, tiles = p.tiles, count = n * n;
  const height = p.height, width = p.width, channels = p.channels, outHeight = p.outHeight, outWidth = p.outWidth, filters = p.filters;
  const first = tile * blockOf(w), end = tileEnd(tile, blockOf(w), p.n(rows) * down * across);
  const deep = (channels + 3) & ~3, wide = (filters + 7) & ~7, quad = <usize>tiles << 4;
  const xs = pointStep(tiles, deep), ys = pointStep(tiles, wide);
  // The results of a point must not reach into the input's points that are still needed.
  const results = scratch + TILE_BYTES, points = results + (xs > ys ? ys : <usize>count * (ys - xs) + xs);
  const floor: f32 = p.relu != 0 ? 0 : -Infinity;
  const pixels = <usize>(outHeight * outWidth * filters) << 2, picture = first / (down * across);
  const whole = points + <usize>count * xs;
  const y = p.pooled != 0 ? whole - <usize>picture * pixels : p.y;
  const runs = changetype<Runs>(scratch + RUNS), rowStep = <usize>n * xs, panels = filterStep(deep, wide);
  runs.cut(n, taps, down, across, p.short, p.narrow);
  const step = p.short + p.narrow == 0 ? tiles : tiles / across * across;
  for (let t = first; t < end; t += step) {
    const last = min(t + step, end);
    runs.begin(t, last);
    while (runs.next()) toTiles(runs, p.x, height, width, channels, p.padTop, p.padLeft, points, rowStep, xs, quad, scratch);
    for (let f = 0, from = points, filter = p.filter, to = results; f < count; f++, from += xs, filter += panels, to += ys) {
      const some = (runs.to(f / n, f % n) - runs.from(f % n) + 3) & ~3, skipped = <usize>min(runs.from(f % n), tiles - some) << 4;
      multiplyQuads(from + skipped, quad, filter, to + skipped, quad, some, wide, deep);
    }
    runs.begin(t, last);
    while (runs.next()) fromTiles(taps, runs, results, <usize>n * ys, ys, quad, y, p.bias, floor, outHeight, outWidth, filters, scratch);
  }
  if (p.pooled == 0) return;
  const pooled = <usize>(p.pooledHeight * p.pooledWidth * filters);
  let from = whole, to = p.pooled + <usize>picture * (pooled << 2), route = p.route != 0 ? p.route + <usize>picture * pooled : 0;
  for (let i = first; i < end; i += down * across, from += pixels, to += pooled << 2, route += p.route != 0 ? pooled : 0) {
    poolPicture(
      from, outHeight, outWidth, filters, p.poolHeight, p.poolWidth, p.poolStrideHeight, p.poolStrideWidth, p.poolTop, p.poolLeft,
      p.pooledHeight, p.pooledWidth, to, route, p.relu != 0,
    );
  }
}
