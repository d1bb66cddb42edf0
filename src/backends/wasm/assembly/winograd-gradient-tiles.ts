/**
 * Between pictures and points in the backward pass of Winograd's convolution, a run of neighbouring tiles of one row of tiles
 * at a time: the gradient of the results to points, points to the gradient of the inputs; and the rows of a gradient that
 * was pooled. Tiles, points and temporary memory are as in winograd-tiles.ts.
 */
import { loadPart, storePart, touch } from "./simd";
import { Runs } from "./winograd-runs";
import { copyTileIn, TILE_BYTES, TILE_COPY } from "./winograd-tiles";
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
 * A run of tiles: the gradient of the results at g (a picture [height, width, channels]) to points. With `masked` it counts
 * only where the float `mask` bytes further on is above 0.
 */
@inline function gradientRun(
  high: i32, wide: i32, taps: i32, masked: bool, r: Runs, g: usize, mask: usize, height: i32, width: i32, channels: i32,
  points: usize, rs: usize, fs: usize, qs: usize, temporary: usize,
): void {
  const down = high - taps + 1, across = wide - taps + 1, H = <usize>high, W = <usize>wide, A = <usize>across;
  const pixel = <usize>channels << 2, line = <usize>width * pixel, row = r.row, first = r.column, count = r.count;
  const copy = temporary + TILE_COPY, second = temporary + TILE_BYTES, slots = points + (<usize>r.slot << 4);
  for (let c = 0; c < channels; c += 16) {
    const lanes = min(channels - c, 16), quads = (lanes + 3) >> 2;
    for (let j = 0, column = first; j < count; j++, column += across) {
      let from = g + <usize>row * line + <usize>column * pixel + (<usize>c << 2), right = pixel, below = line, above = mask;
      if (row + down > height || column + across > width || (lanes & 3) != 0) {
        copyTileIn(g + (<usize>c << 2), height, width, pixel, row, column, down, across, lanes, copy);
        if (masked) copyTileIn(g + mask + (<usize>c << 2), height, width, pixel, row, column, down, across, lanes, second);
        from = copy; right = 64; below = A << 6; above = second - copy;
      }
      let to = slots + (<usize>j << 4) + <usize>(c >> 2) * qs;
      for (let quad = 0; quad < quads; quad++, from += 16, to += qs) {
        for (let k: usize = 0, p = from; k < A; k++, p += right) resultsToPoints(high, taps, p, below, temporary + (k << 4), W << 4, above, masked);
        for (let k: usize = 0, q = to; k < H; k++, q += rs) resultsToPoints(wide, taps, temporary + ((k * W) << 4), 16, q, fs, 0, false);
      }
    }
  }
}

/** Adds the inner part of a tile [down][across][16] to a picture: to what is there in the first `upper` rows and `before` columns, over it elsewhere. */
function addTileOut(
  from: usize, x: usize, height: i32, width: i32, pixel: usize, row: i32, column: i32, down: i32, across: i32, wide: i32, upper: i32, before: i32,
): void {
  const i1 = min(down, height - row), j0 = max(-column, 0), j1 = min(across, width - column);
  for (let i = max(-row, 0); i < i1; i++) {
    let to = x + <usize>((row + i) * width + column + j0) * pixel, p = from + (<usize>(i * across + j0) << 6);
    for (let j = j0; j < j1; j++, to += pixel, p += 64) for (let c = 0; c < wide; c += 4) {
      const q = to + (<usize>c << 2), lanes = min(wide - c, 4), v = v128.load(p + (<usize>c << 2));
      storePart(q, i < upper || j < before ? f32x4.add(loadPart(q, lanes), v) : v, lanes);
    }
  }
}

/**
 * A run of tiles: points to the gradient of the inputs at x (a picture [height, width, channels]); the first tile of a picture
 * begins at row -top, column -left. A tile adds to the taps - 1 rows and columns that it shares with the tiles above and before it.
 */
@inline function inputRun(
  high: i32, wide: i32, taps: i32, r: Runs, points: usize, rs: usize, fs: usize, qs: usize, x: usize, height: i32, width: i32, channels: i32,
  top: i32, left: i32, temporary: usize,
): void {
  const shared = taps - 1, across = wide - shared, H = <usize>high, W = <usize>wide, pixel = <usize>channels << 2, line = <usize>width * pixel;
  const row = r.row - top, start = r.column - left, count = r.count, upper = r.row > 0, whole = row >= 0 && row + high <= height;
  const copy = temporary + TILE_COPY, slots = points + (<usize>r.slot << 4);
  touchInside(x, height, width, pixel, upper ? row + shared : row, row + high, start, start + count * across + shared, temporary);
  for (let c = 0; c < channels; c += 16) {
    const lanes = min(channels - c, 16), quads = (lanes + 3) >> 2;
    for (let j = 0, column = start; j < count; j++, column += across) {
      const inside = whole && column >= 0 && column + wide <= width && (lanes & 3) == 0, before = column + left > 0;
      let from = slots + (<usize>j << 4) + <usize>(c >> 2) * qs;
      let to = inside ? x + <usize>row * line + <usize>column * pixel + (<usize>c << 2) : copy;
      for (let quad = 0; quad < quads; quad++, from += qs, to += 16) {
        for (let k: usize = 0, p = from; k < W; k++, p += fs) fromPoints(high, p, rs, temporary + (k << 4), W << 4, 0);
        let k: usize = 0, p = temporary, q = to;
        if (inside) {
          if (upper) for (; k < <usize>shared; k++, p += W << 4, q += line) fromPoints(wide, p, 16, q, pixel, wide);
          if (before) for (; k < H; k++, p += W << 4, q += line) fromPoints(wide, p, 16, q, pixel, shared);
          else for (; k < H; k++, p += W << 4, q += line) fromPoints(wide, p, 16, q, pixel, 0);
        } else for (; k < H; k++, p += W << 4, q += W << 6) fromPoints(wide, p, 16, q, 64, 0);
      }
      if (!inside) addTileOut(copy, x + (<usize>c << 2), height, width, pixel, row, column, high, wide, lanes, upper ? shared : 0, before ? shared : 0);
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

/** gradientRun for the tiles of this run; a mask of 0 is none. `touched`: g is in the cache already. */
export function gradientToPoints(
  taps: i32, touched: bool, r: Runs, g: usize, mask: usize, height: i32, width: i32, channels: i32, points: usize, rs: usize, fs: usize, qs: usize, temporary: usize,
): void {
  const pixel = <usize>channels << 2, bottom = r.row + r.high - taps + 1, left = r.column, right = left + r.count * r.step;
  if (!touched) touchInside(g, height, width, pixel, r.row, bottom, left, right, temporary);
  if (mask != 0) touchInside(g + mask, height, width, pixel, r.row, bottom, left, right, temporary);
  switch (100 * taps + 10 * r.high + r.wide) {
    case 388: gradientRun3x88(r, g, mask, height, width, channels, points, rs, fs, qs, temporary); break;
    case 387: gradientRun3x87(r, g, mask, height, width, channels, points, rs, fs, qs, temporary); break;
    case 378: gradientRun3x78(r, g, mask, height, width, channels, points, rs, fs, qs, temporary); break;
    case 377: gradientRun3x77(r, g, mask, height, width, channels, points, rs, fs, qs, temporary); break;
    case 366: gradientRun3x66(r, g, mask, height, width, channels, points, rs, fs, qs, temporary); break;
    case 344: gradientRun3x44(r, g, mask, height, width, channels, points, rs, fs, qs, temporary); break;
    case 288: gradientRun2x88(r, g, mask, height, width, channels, points, rs, fs, qs, temporary); break;
    case 287: gradientRun2x87(r, g, mask, height, width, channels, points, rs, fs, qs, temporary); break;
    case 278: gradientRun2x78(r, g, mask, height, width, channels, points, rs, fs, qs, temporary); break;
    case 277: gradientRun2x77(r, g, mask, height, width, channels, points, rs, fs, qs, temporary); break;
    case 266: gradientRun2x66(r, g, mask, height, width, channels, points, rs, fs, qs, temporary); break;
    default: gradientRun2x44(r, g, mask, height, width, channels, points, rs, fs, qs, temporary);
  }
}

/** inputRun for the tiles of this run. */
export function pointsToInput(
  taps: i32, r: Runs, points: usize, rs: usize, fs: usize, qs: usize, x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, temporary: usize,
): void {
  switch (100 * taps + 10 * r.high + r.wide) {
    case 388: inputRun3x88(r, points, rs, fs, qs, x, height, width, channels, top, left, temporary); break;
    case 387: inputRun3x87(r, points, rs, fs, qs, x, height, width, channels, top, left, temporary); break;
    case 378: inputRun3x78(r, points, rs, fs, qs, x, height, width, channels, top, left, temporary); break;
    case 377: inputRun3x77(r, points, rs, fs, qs, x, height, width, channels, top, left, temporary); break;
    case 366: inputRun3x66(r, points, rs, fs, qs, x, height, width, channels, top, left, temporary); break;
    case 344: inputRun3x44(r, points, rs, fs, qs, x, height, width, channels, top, left, temporary); break;
    case 288: inputRun2x88(r, points, rs, fs, qs, x, height, width, channels, top, left, temporary); break;
    case 287: inputRun2x87(r, points, rs, fs, qs, x, height, width, channels, top, left, temporary); break;
    case 278: inputRun2x78(r, points, rs, fs, qs, x, height, width, channels, top, left, temporary); break;
    case 277: inputRun2x77(r, points, rs, fs, qs, x, height, width, channels, top, left, temporary); break;
    case 266: inputRun2x66(r, points, rs, fs, qs, x, height, width, channels, top, left, temporary); break;
    default: inputRun2x44(r, points, rs, fs, qs, x, height, width, channels, top, left, temporary);
  }
}

// One function for tiles of so many points down and across and taps, exported so that each stays by itself.

export function gradientRun3x88(r: Runs, g: usize, mask: usize, height: i32, width: i32, channels: i32, points: usize, rs: usize, fs: usize, qs: usize, temporary: usize): void {
  if (mask != 0) gradientRun(8, 8, 3, true, r, g, mask, height, width, channels, points, rs, fs, qs, temporary);
  else gradientRun(8, 8, 3, false, r, g, 0, height, width, channels, points, rs, fs, qs, temporary);
}
export function gradientRun3x87(r: Runs, g: usize, mask: usize, height: i32, width: i32, channels: i32, points: usize, rs: usize, fs: usize, qs: usize, temporary: usize): void {
  if (mask != 0) gradientRun(8, 7, 3, true, r, g, mask, height, width, channels, points, rs, fs, qs, temporary);
  else gradientRun(8, 7, 3, false, r, g, 0, height, width, channels, points, rs, fs, qs, temporary);
}
export function gradientRun3x78(r: Runs, g: usize, mask: usize, height: i32, width: i32, channels: i32, points: usize, rs: usize, fs: usize, qs: usize, temporary: usize): void {
  if (mask != 0) gradientRun(7, 8, 3, true, r, g, mask, height, width, channels, points, rs, fs, qs, temporary);
  else gradientRun(7, 8, 3, false, r, g, 0, height, width, channels, points, rs, fs, qs, temporary);
}
export function gradientRun3x77(r: Runs, g: usize, mask: usize, height: i32, width: i32, channels: i32, points: usize, rs: usize, fs: usize, qs: usize, temporary: usize): void {
  if (mask != 0) gradientRun(7, 7, 3, true, r, g, mask, height, width, channels, points, rs, fs, qs, temporary);
  else gradientRun(7, 7, 3, false, r, g, 0, height, width, channels, points, rs, fs, qs, temporary);
}
export function gradientRun3x66(r: Runs, g: usize, mask: usize, height: i32, width: i32, channels: i32, points: usize, rs: usize, fs: usize, qs: usize, temporary: usize): void {
  if (mask != 0) gradientRun(6, 6, 3, true, r, g, mask, height, width, channels, points, rs, fs, qs, temporary);
  else gradientRun(6, 6, 3, false, r, g, 0, height, width, channels, points, rs, fs, qs, temporary);
}
export function gradientRun3x44(r: Runs, g: usize, mask: usize, height: i32, width: i32, channels: i32, points: usize, rs: usize, fs: usize, qs: usize, temporary: usize): void {
  if (mask != 0) gradientRun(4, 4, 3, true, r, g, mask, height, width, channels, points, rs, fs, qs, temporary);
  else gradientRun(4, 4, 3, false, r, g, 0, height, width, channels, points, rs, fs, qs, temporary);
}
export function gradientRun2x88(r: Runs, g: usize, mask: usize, height: i32, width: i32, channels: i32, points: usize, rs: usize, fs: usize, qs: usize, temporary: usize): void {
  if (mask != 0) gradientRun(8, 8, 2, true, r, g, mask, height, width, channels, points, rs, fs, qs, temporary);
  else gradientRun(8, 8, 2, false, r, g, 0, height, width, channels, points, rs, fs, qs, temporary);
}
export function gradientRun2x87(r: Runs, g: usize, mask: usize, height: i32, width: i32, channels: i32, points: usize, rs: usize, fs: usize, qs: usize, temporary: usize): void {
  if (mask != 0) gradientRun(8, 7, 2, true, r, g, mask, height, width, channels, points, rs, fs, qs, temporary);
  else gradientRun(8, 7, 2, false, r, g, 0, height, width, channels, points, rs, fs, qs, temporary);
}
export function gradientRun2x78(r: Runs, g: usize, mask: usize, height: i32, width: i32, channels: i32, points: usize, rs: usize, fs: usize, qs: usize, temporary: usize): void {
  if (mask != 0) gradientRun(7, 8, 2, true, r, g, mask, height, width, channels, points, rs, fs, qs, temporary);
  else gradientRun(7, 8, 2, false, r, g, 0, height, width, channels, points, rs, fs, qs, temporary);
}
export function gradientRun2x77(r: Runs, g: usize, mask: usize, height: i32, width: i32, channels: i32, points: usize, rs: usize, fs: usize, qs: usize, temporary: usize): void {
  if (mask != 0) gradientRun(7, 7, 2, true, r, g, mask, height, width, channels, points, rs, fs, qs, temporary);
  else gradientRun(7, 7, 2, false, r, g, 0, height, width, channels, points, rs, fs, qs, temporary);
}
export function gradientRun2x66(r: Runs, g: usize, mask: usize, height: i32, width: i32, channels: i32, points: usize, rs: usize, fs: usize, qs: usize, temporary: usize): void {
  if (mask != 0) gradientRun(6, 6, 2, true, r, g, mask, height, width, channels, points, rs, fs, qs, temporary);
  else gradientRun(6, 6, 2, false, r, g, 0, height, width, channels, points, rs, fs, qs, temporary);
}
export function gradientRun2x44(r: Runs, g: usize, mask: usize, height: i32, width: i32, channels: i32, points: usize, rs: usize, fs: usize, qs: usize, temporary: usize): void {
  if (mask != 0) gradientRun(4, 4, 2, true, r, g, mask, height, width, channels, points, rs, fs, qs, temporary);
  else gradientRun(4, 4, 2, false, r, g, 0, height, width, channels, points, rs, fs, qs, temporary);
}
export function inputRun3x88(r: Runs, points: usize, rs: usize, fs: usize, qs: usize, x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, temporary: usize): void {
  inputRun(8, 8, 3, r, points, rs, fs, qs, x, height, width, channels, top, left, temporary);
}
export function inputRun3x87(r: Runs, points: usize, rs: usize, fs: usize, qs: usize, x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, temporary: usize): void {
  inputRun(8, 7, 3, r, points, rs, fs, qs, x, height, width, channels, top, left, temporary);
}
export function inputRun3x78(r: Runs, points: usize, rs: usize, fs: usize, qs: usize, x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, temporary: usize): void {
  inputRun(7, 8, 3, r, points, rs, fs, qs, x, height, width, channels, top, left, temporary);
}
export function inputRun3x77(r: Runs, points: usize, rs: usize, fs: usize, qs: usize, x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, temporary: usize): void {
  inputRun(7, 7, 3, r, points, rs, fs, qs, x, height, width, channels, top, left, temporary);
}
export function inputRun3x66(r: Runs, points: usize, rs: usize, fs: usize, qs: usize, x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, temporary: usize): void {
  inputRun(6, 6, 3, r, points, rs, fs, qs, x, height, width, channels, top, left, temporary);
}
export function inputRun3x44(r: Runs, points: usize, rs: usize, fs: usize, qs: usize, x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, temporary: usize): void {
  inputRun(4, 4, 3, r, points, rs, fs, qs, x, height, width, channels, top, left, temporary);
}
export function inputRun2x88(r: Runs, points: usize, rs: usize, fs: usize, qs: usize, x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, temporary: usize): void {
  inputRun(8, 8, 2, r, points, rs, fs, qs, x, height, width, channels, top, left, temporary);
}
export function inputRun2x87(r: Runs, points: usize, rs: usize, fs: usize, qs: usize, x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, temporary: usize): void {
  inputRun(8, 7, 2, r, points, rs, fs, qs, x, height, width, channels, top, left, temporary);
}
export function inputRun2x78(r: Runs, points: usize, rs: usize, fs: usize, qs: usize, x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, temporary: usize): void {
  inputRun(7, 8, 2, r, points, rs, fs, qs, x, height, width, channels, top, left, temporary);
}
export function inputRun2x77(r: Runs, points: usize, rs: usize, fs: usize, qs: usize, x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, temporary: usize): void {
  inputRun(7, 7, 2, r, points, rs, fs, qs, x, height, width, channels, top, left, temporary);
}
export function inputRun2x66(r: Runs, points: usize, rs: usize, fs: usize, qs: usize, x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, temporary: usize): void {
  inputRun(6, 6, 2, r, points, rs, fs, qs, x, height, width, channels, top, left, temporary);
}
export function inputRun2x44(r: Runs, points: usize, rs: usize, fs: usize, qs: usize, x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, temporary: usize): void {
  inputRun(4, 4, 2, r, points, rs, fs, qs, x, height, width, channels, top, left, temporary);
}
