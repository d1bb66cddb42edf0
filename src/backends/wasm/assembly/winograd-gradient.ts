/**
 * All gradients of a 2x2 or 3x3 convolution of stride 1 by the adjoint of Winograd's forward pass, on the forward's own tiles: with
 * V = B^T x B, D = A dy A^T and U = G w G^T at each point, dU = sum over tiles of V^T D, dw = G^T dU G, and dx is the sum of
 * B (D U^T) B^T where tiles overlap. D at the point (1, 1) is the sum of a tile of dy: the bias's gradient.
 *
 * A tile of work is a chunk of pictures, taken in blocks of some tiles, so that V and D stay in the second-level cache. dU of
 * the chunk stays with the thread; what leaves is dw of the chunk. Words: kernels/winograd-gradient.ts.
 */
import { WinogradGradientWords } from "./generated/words";
import { storePart, touch } from "./simd";
import { gradientToPoints, pointsToInput, Pooling, TWO_TILES_BYTES, unpoolRows } from "./winograd-gradient-tiles";
import { addTransposed, filterStep, multiplyQuads, multiplyTransposed } from "./winograd-multiply";
import { pointStep, Runs } from "./winograd-runs";
import { RUNS, TILE_COPY, toTiles } from "./winograd-tiles";
import { pointsToTaps } from "./winograd-transforms";

/** Sums of D over the tiles of a block, added to db, quad by quad. */
function addBias(D: usize, qs: usize, tiles: i32, quads: i32, db: usize): void {
  for (; quads > 0; quads--, D += qs, db += 16) {
    let s = f32x4.splat(0);
    for (let t = 0, p = D; t < tiles; t++, p += 16) s = f32x4.add(s, v128.load(p));
    v128.store(db, f32x4.add(v128.load(db), s));
  }
}

/** dU [n * n][channels][filters] to dw [taps][taps][channels][filters]; fs bytes from a point to the next, row bytes a row. */
@inline function turnBack(n: i32, taps: i32, dU: usize, fs: usize, row: usize, dw: usize, channels: i32, filters: i32, temporary: usize): void {
  const N = <usize>n, T = <usize>taps, tap = <usize>(channels * filters) << 2, rest = temporary + TILE_COPY;
  for (let c = 0; c < channels; c++, dU += row, dw += <usize>filters << 2) {
    if ((c & 3) == 0) touch(dU, fs, n * n, row << 2, temporary);
    for (let k = 0; k < filters; k += 4) {
      const p = dU + (<usize>k << 2), to = dw + (<usize>k << 2), lanes = min(filters - k, 4);
      for (let b: usize = 0; b < N; b++) pointsToTaps(n, taps, p + b * fs, N * fs, temporary + (b << 4), N << 4);
      if (lanes == 4) {
        for (let a: usize = 0; a < T; a++) pointsToTaps(n, taps, temporary + ((a * N) << 4), 16, to + T * a * tap, tap);
      } else {
        for (let a: usize = 0; a < T; a++) pointsToTaps(n, taps, temporary + ((a * N) << 4), 16, rest + ((T * a) << 4), 16);
        for (let e: usize = 0; e < T * T; e++) storePart(to + e * tap, v128.load(rest + (e << 4)), lanes);
      }
    }
  }
}

export function turnBackF63(dU: usize, fs: usize, row: usize, dw: usize, channels: i32, filters: i32, temporary: usize): void { turnBack(8, 3, dU, fs, row, dw, channels, filters, temporary); }
export function turnBackF53(dU: usize, fs: usize, row: usize, dw: usize, channels: i32, filters: i32, temporary: usize): void { turnBack(7, 3, dU, fs, row, dw, channels, filters, temporary); }
export function turnBackF43(dU: usize, fs: usize, row: usize, dw: usize, channels: i32, filters: i32, temporary: usize): void { turnBack(6, 3, dU, fs, row, dw, channels, filters, temporary); }
export function turnBackF23(dU: usize, fs: usize, row: usize, dw: usize, channels: i32, filters: i32, temporary: usize): void { turnBack(4, 3, dU, fs, row, dw, channels, filters, temporary); }
export function turnBackF72(dU: usize, fs: usize, row: usize, dw: usize, channels: i32, filters: i32, temporary: usize): void { turnBack(8, 2, dU, fs, row, dw, channels, filters, temporary); }
export function turnBackF62(dU: usize, fs: usize, row: usize, dw: usize, channels: i32, filters: i32, temporary: usize): void { turnBack(7, 2, dU, fs, row, dw, channels, filters, temporary); }
export function turnBackF52(dU: usize, fs: usize, row: usize, dw: usize, channels: i32, filters: i32, temporary: usize): void { turnBack(6, 2, dU, fs, row, dw, channels, filters, temporary); }
export function turnBackF32(dU: usize, fs: usize, row: usize, dw: usize, channels: i32, filters: i32, temporary: usize): void { turnBack(4, 2, dU, fs, row, dw, channels, filters, temporary); }

/** Bytes up to whole lines. */
@inline function lines(bytes: usize): usize { return (bytes + 63) & ~63; }

export function winogradGradient(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<WinogradGradientWords>(w);
  const n = p.points, taps = p.taps, m = n - taps + 1, points = n * n, block = p.block, qs = <usize>block << 4;
  const height = p.height, width = p.width, channels = p.channels, outHeight = p.outHeight, outWidth = p.outWidth, filters = p.filters;
  const down = p.down, across = p.across, top = p.padTop, left = p.padLeft;
  // Floats of a picture of each.
  const inside = <usize>(height * width * channels), outside = <usize>(outHeight * outWidth * filters), line = <usize>(outWidth * filters) << 2;
  // Quads that are there, and with the one that fills up a panel of eight.
  const cQuads = (channels + 3) >> 2, kQuads = (filters + 3) >> 2, cAll = (cQuads + 1) & ~1, kAll = (kQuads + 1) & ~1;
  const vs = pointStep(block, cAll << 2), ds = pointStep(block, kAll << 2);
  const row = <usize>kAll << 4, us = (<usize>cQuads << 2) * row + 64, panels = filterStep(cAll << 2, kQuads << 2);
  const temporary = scratch, db = temporary + TWO_TILES_BYTES, strip = db + lines(row);
  const V = strip + (p.route != 0 ? lines(<usize>m * line) : 0), D = V + <usize>points * vs, dU = D + <usize>points * ds;
  const forFilter = p.partials != 0, forInput = p.dx != 0;

  const picture = tile * p.chunk, tiles = (min(picture + p.chunk, p.n(rows)) - picture) * down * across;
  const x = p.x + ((<usize>picture * inside) << 2), dx = p.dx + ((<usize>picture * inside) << 2);
  if (forFilter) {
    memory.fill(db, 0, row);
    if (kAll != kQuads) for (let f = 0, last = D + <usize>kQuads * qs; f < points; f++, last += ds) memory.fill(last, 0, qs);
  }
  const runs = changetype<Runs>(temporary + RUNS), vRow = <usize>n * vs, dRow = <usize>n * ds;
  runs.cut(n, taps, down, across, p.short, p.narrow);
  const step = p.short + p.narrow == 0 ? block : block / across * across;
  let unpooled = -1;
  for (let t0 = 0; t0 < tiles; t0 += step) {
    const t1 = min(t0 + step, tiles);
    if (forFilter) {
      runs.begin(t0, t1);
      while (runs.next()) toTiles(runs, x, height, width, channels, top, left, V, vRow, vs, qs, temporary);
    }
    runs.begin(t0, t1);
    while (runs.next()) {
      const at = picture + runs.picture, i = runs.row;
      let g = p.dy + ((<usize>at * outside) << 2), mask: usize = 0;
      if (p.route != 0) {
        g = strip - <usize>i * line;
        if (runs.line != unpooled) {
          const pool = changetype<Pooling>(w + offsetof<WinogradGradientWords>("pooledHeight"));
          const from = <usize>(at * pool.rows * pool.columns * filters);
          unpoolRows(p.dy + (from << 2), p.route + from, pool, outWidth, filters, i, min(i + runs.high - taps + 1, outHeight), strip);
          unpooled = runs.line;
        }
      } else if (p.y != 0) mask = p.y - p.dy;
      gradientToPoints(taps, p.route != 0, runs, g, mask, outHeight, outWidth, filters, D, dRow, ds, qs, temporary);
    }
    // The row of A for the point 1 is all ones.
    if (forFilter) addBias(D + <usize>(n + 1) * ds, qs, t1 - t0, kQuads, db);
    let v = V, d = D, u = dU, b = p.filter;
    for (let f = 0; f < points; f++, v += vs, d += ds, u += us, b += panels) {
      const from = runs.from(f % n), used = runs.to(f / n, f % n) - from, here = <usize>from << 4;
      if (forFilter) {
        // The first block's products need no zeros to be added to.
        if (t0 == 0) multiplyTransposed(v + here, qs, d + here, qs, u, used, cQuads << 2, kAll << 2);
        else addTransposed(v + here, qs, d + here, qs, u, used, cQuads << 2, kAll << 2);
      }
      if (!forInput) continue;
      // Over V, which is spent at this point.
      const some = (used + 3) & ~3, skipped = <usize>min(from, block - some) << 4;
      multiplyQuads(d + skipped, qs, b, v + skipped, qs, some, cAll << 2, kQuads << 2);
    }
    if (!forInput) continue;
    runs.begin(t0, t1);
    while (runs.next()) {
      pointsToInput(taps, runs, V, vRow, vs, qs, dx + ((<usize>runs.picture * inside) << 2), height, width, channels, top, left, temporary);
    }
  }
  if (!forFilter) return;
  const size = <usize>(taps * taps * channels * filters) << 2, partial = p.partials + <usize>tile * (size + (<usize>filters << 2));
  switch (10 * m + taps) {
    case 63: turnBackF63(dU, us, row, partial, channels, filters, temporary); break;
    case 53: turnBackF53(dU, us, row, partial, channels, filters, temporary); break;
    case 43: turnBackF43(dU, us, row, partial, channels, filters, temporary); break;
    case 23: turnBackF23(dU, us, row, partial, channels, filters, temporary); break;
    case 72: turnBackF72(dU, us, row, partial, channels, filters, temporary); break;
    case 62: turnBackF62(dU, us, row, partial, channels, filters, temporary); break;
    case 52: turnBackF52(dU, us, row, partial, channels, filters, temporary); break;
    default: turnBackF32(dU, us, row, partial, channels, filters, temporary);
  }
  for (let k = 0; k < filters; k += 4) storePart(partial + size + (<usize>k << 2), v128.load(db + (<usize>k << 2)), min(filters - k, 4));
}
