/**
 * Between pictures and points in the backward pass of Winograd's convolution, a run of neighbouring tiles of one row of tiles
 * at a time: the gradient of the results to points, points to the gradient of the inputs; and the rows of a gradient that
 * was pooled. Tiles, points and temporary memory are as in winograd-tiles.ts.
 */
import { loadPart, storePart } from "./simd";
import { copyTileIn, TILE_BYTES, TILE_COPY, touch } from "./winograd-tiles";
import { fromPoints, resultsToPoints } from "./winograd-transforms";

/** Bytes of temporary memory: two copies of a tile. kernels/winograd-gradient.ts has the same number. */
@inline export const TWO_TILES_BYTES: usize = TILE_BYTES + 4096;

/** `touch` of rows top to bottom, columns left to right of a picture, as far as they are in it. */
function touchInside(picture: usize, height: i32, width: i32, pixel: usize, top: i32, bottom: i32, left: i32, right: i32, temporary: usize): void {
  const line = <usize>width * pixel;
  top = max(top, 0); left = max(left, 0);
  touch(picture + <usize>top * line + <usize>left * pixel, line, min(bottom, height) - top, <usize>(min(right, width) - left) * pixel, temporary);
}

/**
 * Tiles j0 to j1 of row i of tiles: the gradient of the results at g (a picture [height, width, channels]) to points. With
 * `masked` it counts only where the float `mask` bytes further on is above 0.
 */
@inline function gradientRun(
  n: i32, taps: i32, masked: bool, g: usize, mask: usize, height: i32, width: i32, channels: i32, i: i32, j0: i32, j1: i32,
  points: usize, fs: usize, qs: usize, temporary: usize,
): void {
  const m = n - taps + 1, N = <usize>n, pixel = <usize>channels << 2, line = <usize>width * pixel, row = i * m;
  const copy = temporary + TILE_COPY, second = temporary + TILE_BYTES;
  for (let c = 0; c < channels; c += 16) {
    const wide = min(channels - c, 16), quads = (wide + 3) >> 2;
    for (let j = j0; j < j1; j++) {
      const column = j * m;
      let from = g + <usize>row * line + <usize>column * pixel + (<usize>c << 2), step = pixel, lineStep = line, above = mask;
      if (row + m > height || column + m > width || (wide & 3) != 0) {
        copyTileIn(g + (<usize>c << 2), height, width, pixel, row, column, m, wide, copy);
        if (masked) copyTileIn(g + mask + (<usize>c << 2), height, width, pixel, row, column, m, wide, second);
        from = copy; step = 64; lineStep = <usize>m << 6; above = second - copy;
      }
      let to = points + (<usize>(j - j0) << 4) + <usize>(c >> 2) * qs;
      for (let quad = 0; quad < quads; quad++, from += 16, to += qs) {
        for (let k: usize = 0, p = from; k < <usize>m; k++, p += step) resultsToPoints(n, taps, p, lineStep, temporary + (k << 4), N << 4, above, masked);
        for (let k: usize = 0, q = to; k < N; k++, q += N * fs) resultsToPoints(n, taps, temporary + ((k * N) << 4), 16, q, fs, 0, false);
      }
    }
  }
}

/** Adds the inner part of a tile [size][size][16] to a picture: to what is there in the first `upper` rows and `before` columns, over it elsewhere. */
function addTileOut(
  from: usize, x: usize, height: i32, width: i32, pixel: usize, row: i32, column: i32, size: i32, wide: i32, upper: i32, before: i32,
): void {
  const i1 = min(size, height - row), j0 = max(-column, 0), j1 = min(size, width - column);
  for (let i = max(-row, 0); i < i1; i++) {
    let to = x + <usize>((row + i) * width + column + j0) * pixel, p = from + (<usize>(i * size + j0) << 6);
    for (let j = j0; j < j1; j++, to += pixel, p += 64) for (let c = 0; c < wide; c += 4) {
      const q = to + (<usize>c << 2), lanes = min(wide - c, 4), v = v128.load(p + (<usize>c << 2));
      storePart(q, i < upper || j < before ? f32x4.add(loadPart(q, lanes), v) : v, lanes);
    }
  }
}

/**
 * Tiles j0 to j1 of row i of tiles: points to the gradient of the inputs at x (a picture [height, width, channels]); tile 0
 * begins at row -top, column -left. A tile adds to the taps - 1 rows and columns that it shares with the tiles above and before it.
 */
@inline function inputRun(
  n: i32, taps: i32, points: usize, fs: usize, qs: usize, x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32,
  i: i32, j0: i32, j1: i32, temporary: usize,
): void {
  const shared = taps - 1, m = n - shared, N = <usize>n, pixel = <usize>channels << 2, line = <usize>width * pixel, row = i * m - top;
  const copy = temporary + TILE_COPY, whole = row >= 0 && row + n <= height;
  touchInside(x, height, width, pixel, i == 0 ? row : row + shared, row + n, j0 * m - left, j1 * m + shared - left, temporary);
  for (let c = 0; c < channels; c += 16) {
    const wide = min(channels - c, 16), quads = (wide + 3) >> 2;
    for (let j = j0; j < j1; j++) {
      const column = j * m - left, inside = whole && column >= 0 && column + n <= width && (wide & 3) == 0;
      let from = points + (<usize>(j - j0) << 4) + <usize>(c >> 2) * qs;
      let to = inside ? x + <usize>row * line + <usize>column * pixel + (<usize>c << 2) : copy;
      for (let quad = 0; quad < quads; quad++, from += qs, to += 16) {
        for (let k: usize = 0, p = from; k < N; k++, p += fs) fromPoints(n, p, N * fs, temporary + (k << 4), N << 4, 0);
        let k: usize = 0, p = temporary, q = to;
        if (inside) {
          if (i > 0) for (; k < <usize>shared; k++, p += N << 4, q += line) fromPoints(n, p, 16, q, pixel, n);
          if (j > 0) for (; k < N; k++, p += N << 4, q += line) fromPoints(n, p, 16, q, pixel, shared);
          else for (; k < N; k++, p += N << 4, q += line) fromPoints(n, p, 16, q, pixel, 0);
        } else for (; k < N; k++, p += N << 4, q += N << 6) fromPoints(n, p, 16, q, 64, 0);
      }
      if (!inside) addTileOut(copy, x + (<usize>c << 2), height, width, pixel, row, column, n, wide, i > 0 ? shared : 0, j > 0 ? shared : 0);
    }
  }
}

/** The windows of a pooling: `rows` by `columns` of them, each high by wide, down and right apart, the first at -top, -left. */
@unmanaged export class Pooling {
  rows: i32;
  columns: i32;
  high: i32;
  wide: i32;
  down: i32;
  right: i32;
  top: i32;
  left: i32;
}

/** Adds to one pixel what a window sends to this `place` of it. */
@inline function unpoolPixel(p: usize, route: usize, place: i32, to: usize, channels: i32): void {
  const here = i32x4.splat(place);
  let c = 0;
  for (; c + 4 <= channels; c += 4, p += 16, route += 4, to += 16) {
    const r = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(route)));
    v128.store(to, f32x4.add(v128.load(to), v128.and(v128.load(p), i32x4.eq(r, here))));
  }
  for (; c < channels; c++, p += 4, route++, to += 4) {
    if (<i32>load<u8>(route) == place) store<f32>(to, load<f32>(to) + load<f32>(p));
  }
}

/** Rows `first` to `end` of the gradient [.., width, channels] of a picture that was pooled to p: each p goes where its route says. */
export function unpoolRows(p: usize, route: usize, w: Pooling, width: i32, channels: i32, first: i32, end: i32, to: usize): void {
  const pixel = <usize>channels << 2, line = <usize>width * pixel;
  memory.fill(to, 0, <usize>(end - first) * line);
  // The windows that have a pixel in these rows.
  const o0 = max(0, (first + w.top - w.high + w.down) / w.down), o1 = min(w.rows - 1, (end - 1 + w.top) / w.down);
  for (let o = o0; o <= o1; o++) {
    const row = o * w.down - w.top, i0 = max(first - row, 0), i1 = min(end - row, w.high);
    for (let q = 0; q < w.columns; q++) {
      const column = q * w.right - w.left, at = <usize>((o * w.columns + q) * channels), j1 = min(width - column, w.wide);
      for (let i = i0; i < i1; i++) for (let j = max(-column, 0); j < j1; j++) {
        unpoolPixel(p + (at << 2), route + at, i * w.wide + j, to + <usize>(row + i - first) * line + <usize>(column + j) * pixel, channels);
      }
    }
  }
}

/** gradientRun for tiles of n points; a mask of 0 is none. `touched`: g is in the cache already. */
export function gradientToPoints(
  n: i32, taps: i32, g: usize, mask: usize, touched: bool, height: i32, width: i32, channels: i32, i: i32, j0: i32, j1: i32,
  points: usize, fs: usize, qs: usize, temporary: usize,
): void {
  const m = n - taps + 1, pixel = <usize>channels << 2;
  if (!touched) touchInside(g, height, width, pixel, i * m, i * m + m, j0 * m, j1 * m, temporary);
  if (mask != 0) touchInside(g + mask, height, width, pixel, i * m, i * m + m, j0 * m, j1 * m, temporary);
  switch (10 * m + taps) {
    case 63: gradientRunF63(g, mask, height, width, channels, i, j0, j1, points, fs, qs, temporary); break;
    case 53: gradientRunF53(g, mask, height, width, channels, i, j0, j1, points, fs, qs, temporary); break;
    case 43: gradientRunF43(g, mask, height, width, channels, i, j0, j1, points, fs, qs, temporary); break;
    case 23: gradientRunF23(g, mask, height, width, channels, i, j0, j1, points, fs, qs, temporary); break;
    case 72: gradientRunF72(g, mask, height, width, channels, i, j0, j1, points, fs, qs, temporary); break;
    case 62: gradientRunF62(g, mask, height, width, channels, i, j0, j1, points, fs, qs, temporary); break;
    case 52: gradientRunF52(g, mask, height, width, channels, i, j0, j1, points, fs, qs, temporary); break;
    default: gradientRunF32(g, mask, height, width, channels, i, j0, j1, points, fs, qs, temporary);
  }
}

/** inputRun for tiles of n points. */
export function pointsToInput(
  n: i32, taps: i32, points: usize, fs: usize, qs: usize, x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32,
  i: i32, j0: i32, j1: i32, temporary: usize,
): void {
  switch (10 * (n - taps + 1) + taps) {
    case 63: inputRunF63(points, fs, qs, x, height, width, channels, top, left, i, j0, j1, temporary); break;
    case 53: inputRunF53(points, fs, qs, x, height, width, channels, top, left, i, j0, j1, temporary); break;
    case 43: inputRunF43(points, fs, qs, x, height, width, channels, top, left, i, j0, j1, temporary); break;
    case 23: inputRunF23(points, fs, qs, x, height, width, channels, top, left, i, j0, j1, temporary); break;
    case 72: inputRunF72(points, fs, qs, x, height, width, channels, top, left, i, j0, j1, temporary); break;
    case 62: inputRunF62(points, fs, qs, x, height, width, channels, top, left, i, j0, j1, temporary); break;
    case 52: inputRunF52(points, fs, qs, x, height, width, channels, top, left, i, j0, j1, temporary); break;
    default: inputRunF32(points, fs, qs, x, height, width, channels, top, left, i, j0, j1, temporary);
  }
}

// One function for each F(m, taps), exported so that each stays by itself.

export function gradientRunF63(g: usize, mask: usize, height: i32, width: i32, channels: i32, i: i32, j0: i32, j1: i32, points: usize, fs: usize, qs: usize, temporary: usize): void {
  if (mask != 0) gradientRun(8, 3, true, g, mask, height, width, channels, i, j0, j1, points, fs, qs, temporary);
  else gradientRun(8, 3, false, g, 0, height, width, channels, i, j0, j1, points, fs, qs, temporary);
}
export function gradientRunF53(g: usize, mask: usize, height: i32, width: i32, channels: i32, i: i32, j0: i32, j1: i32, points: usize, fs: usize, qs: usize, temporary: usize): void {
  if (mask != 0) gradientRun(7, 3, true, g, mask, height, width, channels, i, j0, j1, points, fs, qs, temporary);
  else gradientRun(7, 3, false, g, 0, height, width, channels, i, j0, j1, points, fs, qs, temporary);
}
export function gradientRunF43(g: usize, mask: usize, height: i32, width: i32, channels: i32, i: i32, j0: i32, j1: i32, points: usize, fs: usize, qs: usize, temporary: usize): void {
  if (mask != 0) gradientRun(6, 3, true, g, mask, height, width, channels, i, j0, j1, points, fs, qs, temporary);
  else gradientRun(6, 3, false, g, 0, height, width, channels, i, j0, j1, points, fs, qs, temporary);
}
export function gradientRunF23(g: usize, mask: usize, height: i32, width: i32, channels: i32, i: i32, j0: i32, j1: i32, points: usize, fs: usize, qs: usize, temporary: usize): void {
  if (mask != 0) gradientRun(4, 3, true, g, mask, height, width, channels, i, j0, j1, points, fs, qs, temporary);
  else gradientRun(4, 3, false, g, 0, height, width, channels, i, j0, j1, points, fs, qs, temporary);
}
export function gradientRunF72(g: usize, mask: usize, height: i32, width: i32, channels: i32, i: i32, j0: i32, j1: i32, points: usize, fs: usize, qs: usize, temporary: usize): void {
  if (mask != 0) gradientRun(8, 2, true, g, mask, height, width, channels, i, j0, j1, points, fs, qs, temporary);
  else gradientRun(8, 2, false, g, 0, height, width, channels, i, j0, j1, points, fs, qs, temporary);
}
export function gradientRunF62(g: usize, mask: usize, height: i32, width: i32, channels: i32, i: i32, j0: i32, j1: i32, points: usize, fs: usize, qs: usize, temporary: usize): void {
  if (mask != 0) gradientRun(7, 2, true, g, mask, height, width, channels, i, j0, j1, points, fs, qs, temporary);
  else gradientRun(7, 2, false, g, 0, height, width, channels, i, j0, j1, points, fs, qs, temporary);
}
export function gradientRunF52(g: usize, mask: usize, height: i32, width: i32, channels: i32, i: i32, j0: i32, j1: i32, points: usize, fs: usize, qs: usize, temporary: usize): void {
  if (mask != 0) gradientRun(6, 2, true, g, mask, height, width, channels, i, j0, j1, points, fs, qs, temporary);
  else gradientRun(6, 2, false, g, 0, height, width, channels, i, j0, j1, points, fs, qs, temporary);
}
export function gradientRunF32(g: usize, mask: usize, height: i32, width: i32, channels: i32, i: i32, j0: i32, j1: i32, points: usize, fs: usize, qs: usize, temporary: usize): void {
  if (mask != 0) gradientRun(4, 2, true, g, mask, height, width, channels, i, j0, j1, points, fs, qs, temporary);
  else gradientRun(4, 2, false, g, 0, height, width, channels, i, j0, j1, points, fs, qs, temporary);
}
export function inputRunF63(points: usize, fs: usize, qs: usize, x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, i: i32, j0: i32, j1: i32, temporary: usize): void {
  inputRun(8, 3, points, fs, qs, x, height, width, channels, top, left, i, j0, j1, temporary);
}
export function inputRunF53(points: usize, fs: usize, qs: usize, x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, i: i32, j0: i32, j1: i32, temporary: usize): void {
  inputRun(7, 3, points, fs, qs, x, height, width, channels, top, left, i, j0, j1, temporary);
}
export function inputRunF43(points: usize, fs: usize, qs: usize, x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, i: i32, j0: i32, j1: i32, temporary: usize): void {
  inputRun(6, 3, points, fs, qs, x, height, width, channels, top, left, i, j0, j1, temporary);
}
export function inputRunF23(points: usize, fs: usize, qs: usize, x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, i: i32, j0: i32, j1: i32, temporary: usize): void {
  inputRun(4, 3, points, fs, qs, x, height, width, channels, top, left, i, j0, j1, temporary);
}
export function inputRunF72(points: usize, fs: usize, qs: usize, x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, i: i32, j0: i32, j1: i32, temporary: usize): void {
  inputRun(8, 2, points, fs, qs, x, height, width, channels, top, left, i, j0, j1, temporary);
}
export function inputRunF62(points: usize, fs: usize, qs: usize, x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, i: i32, j0: i32, j1: i32, temporary: usize): void {
  inputRun(7, 2, points, fs, qs, x, height, width, channels, top, left, i, j0, j1, temporary);
}
export function inputRunF52(points: usize, fs: usize, qs: usize, x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, i: i32, j0: i32, j1: i32, temporary: usize): void {
  inputRun(6, 2, points, fs, qs, x, height, width, channels, top, left, i, j0, j1, temporary);
}
export function inputRunF32(points: usize, fs: usize, qs: usize, x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, i: i32, j0: i32, j1: i32, temporary: usize): void {
  inputRun(4, 2, points, fs, qs, x, height, width, channels, top, left, i, j0, j1, temporary);
}
