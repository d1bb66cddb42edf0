/**
 * Tiles of pictures to points and back, a run of them at a time (winograd-runs.ts). Points of a block lie as quads,
 * [points][channels / 4][tiles][4]: fs bytes from a point to the next, qs from a quad to the next. A tile that hangs over
 * an edge, or whose channels are no whole quads, goes by way of a copy with zeros; nothing outside of a picture is read or
 * written. Sixteen channels, a line, at a time.
 * Not here: the transforms themselves (winograd-transforms.ts).
 */
import { loadPart, storePart, touch } from "./simd";
import { Runs } from "./winograd-runs";
import { toPoints, toResults } from "./winograd-transforms";

/** Where the copy of a tile, [n][n][16], begins in the temporary memory; before it the first pass lies. */
@inline export const TILE_COPY: usize = 1024;
/** Where the walk over a block's tiles lies. */
@inline export const RUNS: usize = 1024 + 4096;
/** Bytes of temporary memory. kernels/winograd.ts has the same number. */
@inline export const TILE_BYTES: usize = 1024 + 4096 + 128;

/** Copies `wide` (at most 16) channels of a pixel, up to whole quads with zeros. */
@inline function copyPixel(from: usize, to: usize, wide: i32): void {
  let c = 0;
  for (; c + 4 <= wide; c += 4) v128.store(to + (<usize>c << 2), v128.load(from + (<usize>c << 2)));
  if (c < wide) v128.store(to + (<usize>c << 2), loadPart(from + (<usize>c << 2), wide - c));
}

/**
 * A tile of `down` by `across` pixels at row, column of a picture at x, `wide` channels, as [down][across][16] at `to`;
 * zeros outside of the picture. `pixel`: bytes of a pixel.
 */
export function copyTileIn(x: usize, height: i32, width: i32, pixel: usize, row: i32, column: i32, down: i32, across: i32, wide: i32, to: usize): void {
  memory.fill(to, 0, <usize>(down * across) << 6);
  const i1 = min(down, height - row), j0 = max(-column, 0), j1 = min(across, width - column);
  for (let i = max(-row, 0); i < i1; i++) {
    let from = x + <usize>((row + i) * width + column + j0) * pixel, p = to + (<usize>(i * across + j0) << 6);
    for (let j = j0; j < j1; j++, from += pixel, p += 64) copyPixel(from, p, wide);
  }
}

/** The part of a tile [down][across][16] that lies inside a picture at y. */
export function copyTileOut(from: usize, y: usize, height: i32, width: i32, pixel: usize, row: i32, column: i32, down: i32, across: i32, wide: i32): void {
  const i1 = min(down, height - row), j1 = min(across, width - column);
  for (let i = 0; i < i1; i++) {
    let to = y + <usize>((row + i) * width + column) * pixel, p = from + (<usize>(i * across) << 6);
    for (let j = 0; j < j1; j++, to += pixel, p += 64) {
      let c = 0;
      for (; c + 4 <= wide; c += 4) v128.store(to + (<usize>c << 2), v128.load(p + (<usize>c << 2)));
      if (c < wide) storePart(to + (<usize>c << 2), v128.load(p + (<usize>c << 2)), wide - c);
    }
  }
}

/** A run of tiles of pictures x [..., height, width, channels] as points; tile 0 begins at row -top, column -left. */
@inline function toRun(
  high: i32, wide: i32, r: Runs, x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32,
  points: usize, rs: usize, fs: usize, qs: usize, temporary: usize,
): void {
  const H = <usize>high, W = <usize>wide, pixel = <usize>channels << 2, line = <usize>width * pixel, copy = temporary + TILE_COPY;
  const row = r.row - top, first = r.column - left, count = r.count, step = r.step, end = first + (count - 1) * step + wide;
  const base = x + <usize>(r.picture * height) * line, slots = points + (<usize>r.slot << 4);
  const r0 = max(row, 0), c0 = max(first, 0);
  touch(base + <usize>r0 * line + <usize>c0 * pixel, line, min(row + high, height) - r0, <usize>(min(end, width) - c0) * pixel, temporary);
  const inside = row >= 0 && row + high <= height;
  for (let c = 0; c < channels; c += 16) {
    const lanes = min(channels - c, 16), quads = (lanes + 3) >> 2;
    for (let j = 0, column = first; j < count; j++, column += step) {
      let from = copy, right: usize = 64, below = W << 6;
      if (inside && column >= 0 && column + wide <= width && (lanes & 3) == 0) {
        from = base + <usize>row * line + <usize>column * pixel + (<usize>c << 2);
        right = pixel; below = line;
      } else copyTileIn(base + (<usize>c << 2), height, width, pixel, row, column, high, wide, lanes, copy);
      let to = slots + (<usize>j << 4) + <usize>(c >> 2) * qs;
      for (let quad = 0; quad < quads; quad++, from += 16, to += qs) {
        for (let k: usize = 0, p = from; k < W; k++, p += right) toPoints(high, p, below, temporary + (k << 4), W << 4);
        for (let k: usize = 0, q = to; k < H; k++, q += rs) toPoints(wide, temporary + ((k * W) << 4), 16, q, fs);
      }
    }
  }
}

/** A run of tiles of y [..., height, width, filters] from their points, plus bias [filters] (or 0), cut at `floor`. */
@inline function fromRun(
  high: i32, wide: i32, taps: i32, r: Runs, points: usize, rs: usize, fs: usize, qs: usize, y: usize, bias: usize, floor: f32,
  height: i32, width: i32, filters: i32, temporary: usize,
): void {
  const down = high - taps + 1, across = wide - taps + 1, W = <usize>wide, D = <usize>down, A = <usize>across;
  const pixel = <usize>filters << 2, line = <usize>width * pixel, copy = temporary + TILE_COPY, least = f32x4.splat(floor);
  const row = r.row, first = r.column, count = r.count, end = min(first + count * across, width);
  const base = y + <usize>(r.picture * height) * line, slots = points + (<usize>r.slot << 4);
  touch(base + <usize>row * line + <usize>first * pixel, line, min(down, height - row), <usize>(end - first) * pixel, temporary);
  for (let c = 0; c < filters; c += 16) {
    const lanes = min(filters - c, 16), quads = (lanes + 3) >> 2;
    for (let j = 0, column = first; j < count; j++, column += across) {
      const whole = row + down <= height && column + across <= width && (lanes & 3) == 0;
      let to = copy, right: usize = 64, below = A << 6;
      if (whole) { to = base + <usize>row * line + <usize>column * pixel + (<usize>c << 2); right = pixel; below = line; }
      let from = slots + (<usize>j << 4) + <usize>(c >> 2) * qs;
      for (let quad = 0; quad < quads; quad++, from += qs, to += 16) {
        const at = c + (quad << 2);
        const b = bias != 0 ? loadPart(bias + (<usize>at << 2), min(filters - at, 4)) : f32x4.splat(0);
        for (let k: usize = 0, p = from; k < W; k++, p += fs) toResults(high, taps, p, rs, temporary + (k << 4), W << 4, b, least, false);
        for (let k: usize = 0, q = to; k < D; k++, q += below) toResults(wide, taps, temporary + ((k * W) << 4), 16, q, right, b, least, true);
      }
      if (!whole) copyTileOut(copy, base + (<usize>c << 2), height, width, pixel, row, column, down, across, lanes);
    }
  }
}

/** toRun for the tiles of this run. */
export function toTiles(
  r: Runs, x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, points: usize, rs: usize, fs: usize, qs: usize, temporary: usize,
): void {
  switch (10 * r.high + r.wide) {
    case 88: toRun88(r, x, height, width, channels, top, left, points, rs, fs, qs, temporary); break;
    case 87: toRun87(r, x, height, width, channels, top, left, points, rs, fs, qs, temporary); break;
    case 78: toRun78(r, x, height, width, channels, top, left, points, rs, fs, qs, temporary); break;
    case 77: toRun77(r, x, height, width, channels, top, left, points, rs, fs, qs, temporary); break;
    case 66: toRun66(r, x, height, width, channels, top, left, points, rs, fs, qs, temporary); break;
    default: toRun44(r, x, height, width, channels, top, left, points, rs, fs, qs, temporary);
  }
}

/** fromRun for the tiles of this run. */
export function fromTiles(
  taps: i32, r: Runs, points: usize, rs: usize, fs: usize, qs: usize, y: usize, bias: usize, floor: f32, height: i32, width: i32, filters: i32, temporary: usize,
): void {
  switch (100 * taps + 10 * r.high + r.wide) {
    case 388: fromRun3x88(r, points, rs, fs, qs, y, bias, floor, height, width, filters, temporary); break;
    case 387: fromRun3x87(r, points, rs, fs, qs, y, bias, floor, height, width, filters, temporary); break;
    case 378: fromRun3x78(r, points, rs, fs, qs, y, bias, floor, height, width, filters, temporary); break;
    case 377: fromRun3x77(r, points, rs, fs, qs, y, bias, floor, height, width, filters, temporary); break;
    case 366: fromRun3x66(r, points, rs, fs, qs, y, bias, floor, height, width, filters, temporary); break;
    case 344: fromRun3x44(r, points, rs, fs, qs, y, bias, floor, height, width, filters, temporary); break;
    case 288: fromRun2x88(r, points, rs, fs, qs, y, bias, floor, height, width, filters, temporary); break;
    case 287: fromRun2x87(r, points, rs, fs, qs, y, bias, floor, height, width, filters, temporary); break;
    case 278: fromRun2x78(r, points, rs, fs, qs, y, bias, floor, height, width, filters, temporary); break;
    case 277: fromRun2x77(r, points, rs, fs, qs, y, bias, floor, height, width, filters, temporary); break;
    case 266: fromRun2x66(r, points, rs, fs, qs, y, bias, floor, height, width, filters, temporary); break;
    default: fromRun2x44(r, points, rs, fs, qs, y, bias, floor, height, width, filters, temporary);
  }
}

// One function for tiles of so many points down and across (and taps), exported so that each stays by itself.

export function toRun88(r: Runs, x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, points: usize, rs: usize, fs: usize, qs: usize, temporary: usize): void {
  toRun(8, 8, r, x, height, width, channels, top, left, points, rs, fs, qs, temporary);
}
export function toRun87(r: Runs, x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, points: usize, rs: usize, fs: usize, qs: usize, temporary: usize): void {
  toRun(8, 7, r, x, height, width, channels, top, left, points, rs, fs, qs, temporary);
}
export function toRun78(r: Runs, x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, points: usize, rs: usize, fs: usize, qs: usize, temporary: usize): void {
  toRun(7, 8, r, x, height, width, channels, top, left, points, rs, fs, qs, temporary);
}
export function toRun77(r: Runs, x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, points: usize, rs: usize, fs: usize, qs: usize, temporary: usize): void {
  toRun(7, 7, r, x, height, width, channels, top, left, points, rs, fs, qs, temporary);
}
export function toRun66(r: Runs, x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, points: usize, rs: usize, fs: usize, qs: usize, temporary: usize): void {
  toRun(6, 6, r, x, height, width, channels, top, left, points, rs, fs, qs, temporary);
}
export function toRun44(r: Runs, x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, points: usize, rs: usize, fs: usize, qs: usize, temporary: usize): void {
  toRun(4, 4, r, x, height, width, channels, top, left, points, rs, fs, qs, temporary);
}
export function fromRun3x88(r: Runs, points: usize, rs: usize, fs: usize, qs: usize, y: usize, bias: usize, floor: f32, height: i32, width: i32, filters: i32, temporary: usize): void {
  fromRun(8, 8, 3, r, points, rs, fs, qs, y, bias, floor, height, width, filters, temporary);
}
export function fromRun3x87(r: Runs, points: usize, rs: usize, fs: usize, qs: usize, y: usize, bias: usize, floor: f32, height: i32, width: i32, filters: i32, temporary: usize): void {
  fromRun(8, 7, 3, r, points, rs, fs, qs, y, bias, floor, height, width, filters, temporary);
}
export function fromRun3x78(r: Runs, points: usize, rs: usize, fs: usize, qs: usize, y: usize, bias: usize, floor: f32, height: i32, width: i32, filters: i32, temporary: usize): void {
  fromRun(7, 8, 3, r, points, rs, fs, qs, y, bias, floor, height, width, filters, temporary);
}
export function fromRun3x77(r: Runs, points: usize, rs: usize, fs: usize, qs: usize, y: usize, bias: usize, floor: f32, height: i32, width: i32, filters: i32, temporary: usize): void {
  fromRun(7, 7, 3, r, points, rs, fs, qs, y, bias, floor, height, width, filters, temporary);
}
export function fromRun3x66(r: Runs, points: usize, rs: usize, fs: usize, qs: usize, y: usize, bias: usize, floor: f32, height: i32, width: i32, filters: i32, temporary: usize): void {
  fromRun(6, 6, 3, r, points, rs, fs, qs, y, bias, floor, height, width, filters, temporary);
}
export function fromRun3x44(r: Runs, points: usize, rs: usize, fs: usize, qs: usize, y: usize, bias: usize, floor: f32, height: i32, width: i32, filters: i32, temporary: usize): void {
  fromRun(4, 4, 3, r, points, rs, fs, qs, y, bias, floor, height, width, filters, temporary);
}
export function fromRun2x88(r: Runs, points: usize, rs: usize, fs: usize, qs: usize, y: usize, bias: usize, floor: f32, height: i32, width: i32, filters: i32, temporary: usize): void {
  fromRun(8, 8, 2, r, points, rs, fs, qs, y, bias, floor, height, width, filters, temporary);
}
export function fromRun2x87(r: Runs, points: usize, rs: usize, fs: usize, qs: usize, y: usize, bias: usize, floor: f32, height: i32, width: i32, filters: i32, temporary: usize): void {
  fromRun(8, 7, 2, r, points, rs, fs, qs, y, bias, floor, height, width, filters, temporary);
}
export function fromRun2x78(r: Runs, points: usize, rs: usize, fs: usize, qs: usize, y: usize, bias: usize, floor: f32, height: i32, width: i32, filters: i32, temporary: usize): void {
  fromRun(7, 8, 2, r, points, rs, fs, qs, y, bias, floor, height, width, filters, temporary);
}
export function fromRun2x77(r: Runs, points: usize, rs: usize, fs: usize, qs: usize, y: usize, bias: usize, floor: f32, height: i32, width: i32, filters: i32, temporary: usize): void {
  fromRun(7, 7, 2, r, points, rs, fs, qs, y, bias, floor, height, width, filters, temporary);
}
export function fromRun2x66(r: Runs, points: usize, rs: usize, fs: usize, qs: usize, y: usize, bias: usize, floor: f32, height: i32, width: i32, filters: i32, temporary: usize): void {
  fromRun(6, 6, 2, r, points, rs, fs, qs, y, bias, floor, height, width, filters, temporary);
}
export function fromRun2x44(r: Runs, points: usize, rs: usize, fs: usize, qs: usize, y: usize, bias: usize, floor: f32, height: i32, width: i32, filters: i32, temporary: usize): void {
  fromRun(4, 4, 2, r, points, rs, fs, qs, y, bias, floor, height, width, filters, temporary);
}
