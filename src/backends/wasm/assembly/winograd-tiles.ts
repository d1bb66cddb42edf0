/**
 * Tiles of pictures to points and back. Tiles of n by n pixels, which give m by m results, m = n - taps + 1, are counted over pictures, rows of tiles and
 * columns of tiles; a block is any run of them. Points lie as quads, [n * n][channels / 4][tiles][4]: fs bytes from a
 * point to the next, qs from a quad to the next. A tile that hangs over an edge, or whose channels are no whole quads,
 * goes by way of a copy with zeros; nothing outside of a picture is read or written. Sixteen channels, a line, at a time.
 * Not here: the transforms themselves (winograd-transforms.ts).
 */
import { loadPart, storePart } from "./simd";
import { toPoints, toResults } from "./winograd-transforms";

/** Where the copy of a tile, [n][n][16], begins in the temporary memory; before it the first pass lies. */
@inline export const TILE_COPY: usize = 1024;
/** Bytes of temporary memory. kernels/winograd.ts has the same number. */
@inline export const TILE_BYTES: usize = 1024 + 4096;

/** Reads every line of `rows` stretches, so that they come in order: what jumps about in them afterwards is far quicker. */
@inline export function touch(from: usize, row: usize, rows: i32, bytes: usize, to: usize): void {
  let v = 0;
  for (; rows > 0; rows--, from += row) {
    for (let p = from, end = from + bytes; p < end; p += 64) v |= load<i32>(p);
  }
  store<i32>(to, v);
}

/** Copies `wide` (at most 16) channels of a pixel, up to whole quads with zeros. */
@inline function copyPixel(from: usize, to: usize, wide: i32): void {
  let c = 0;
  for (; c + 4 <= wide; c += 4) v128.store(to + (<usize>c << 2), v128.load(from + (<usize>c << 2)));
  if (c < wide) v128.store(to + (<usize>c << 2), loadPart(from + (<usize>c << 2), wide - c));
}

/**
 * A tile of size by size pixels at row, column of a picture at x, `wide` channels, as [size][size][16] at `to`; zeros
 * outside of the picture. `pixel`: bytes of a pixel.
 */
export function copyTileIn(x: usize, height: i32, width: i32, pixel: usize, row: i32, column: i32, size: i32, wide: i32, to: usize): void {
  memory.fill(to, 0, <usize>(size * size) << 6);
  const i1 = min(size, height - row), j0 = max(-column, 0), j1 = min(size, width - column);
  for (let i = max(-row, 0); i < i1; i++) {
    let from = x + <usize>((row + i) * width + column + j0) * pixel, p = to + (<usize>(i * size + j0) << 6);
    for (let j = j0; j < j1; j++, from += pixel, p += 64) copyPixel(from, p, wide);
  }
}

/** The part of a tile [size][size][16] that lies inside a picture at y. */
export function copyTileOut(from: usize, y: usize, height: i32, width: i32, pixel: usize, row: i32, column: i32, size: i32, wide: i32): void {
  const i1 = min(size, height - row), j1 = min(size, width - column);
  for (let i = 0; i < i1; i++) {
    let to = y + <usize>((row + i) * width + column) * pixel, p = from + (<usize>(i * size) << 6);
    for (let j = 0; j < j1; j++, to += pixel, p += 64) {
      let c = 0;
      for (; c + 4 <= wide; c += 4) v128.store(to + (<usize>c << 2), v128.load(p + (<usize>c << 2)));
      if (c < wide) storePart(to + (<usize>c << 2), v128.load(p + (<usize>c << 2)), wide - c);
    }
  }
}

/** Tiles `first` to `end` of pictures x [..., height, width, channels] as points; tile 0 begins at row -top, column -left. */
@inline function toTilesOf(
  n: i32, m: i32, x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, down: i32, across: i32,
  first: i32, end: i32, points: usize, fs: usize, qs: usize, temporary: usize,
): void {
  const N = <usize>n, pixel = <usize>channels << 2, line = <usize>width * pixel, copy = temporary + TILE_COPY;
  for (let t = first; t < end; ) {
    const picture = t / (down * across), place = t - picture * down * across, i = place / across, j0 = place - i * across;
    const j1 = min(across, j0 + end - t), row = i * m - top;
    const base = x + <usize>(picture * height) * line;
    const r0 = max(row, 0), c0 = max(j0 * m - left, 0), c1 = min(j1 * m + n - m - left, width);
    touch(base + <usize>r0 * line + <usize>c0 * pixel, line, min(row + n, height) - r0, <usize>(c1 - c0) * pixel, temporary);
    const inside = row >= 0 && row + n <= height;
    for (let c = 0; c < channels; c += 16) {
      const wide = min(channels - c, 16), quads = (wide + 3) >> 2;
      for (let j = j0; j < j1; j++) {
        const column = j * m - left;
        let from = copy, step: usize = 64, lineStep = N << 6;
        if (inside && column >= 0 && column + n <= width && (wide & 3) == 0) {
          from = base + <usize>row * line + <usize>column * pixel + (<usize>c << 2);
          step = pixel; lineStep = line;
        } else copyTileIn(base + (<usize>c << 2), height, width, pixel, row, column, n, wide, copy);
        let to = points + (<usize>(t - first + j - j0) << 4) + <usize>(c >> 2) * qs;
        for (let quad = 0; quad < quads; quad++, from += 16, to += qs) {
          for (let k: usize = 0, p = from; k < N; k++, p += step) toPoints(n, p, lineStep, temporary + (k << 4), N << 4);
          for (let k: usize = 0, q = to; k < N; k++, q += N * fs) toPoints(n, temporary + ((k * N) << 4), 16, q, fs);
        }
      }
    }
    t += j1 - j0;
  }
}

/** Tiles `first` to `end` of y [..., height, width, filters] from their points, plus bias [filters] (or 0), cut at `floor`. */
@inline function fromTilesOf(
  n: i32, taps: i32, points: usize, fs: usize, qs: usize, y: usize, bias: usize, floor: f32, height: i32, width: i32, filters: i32,
  down: i32, across: i32, first: i32, end: i32, temporary: usize,
): void {
  const m = n - taps + 1, N = <usize>n, M = <usize>m, pixel = <usize>filters << 2, line = <usize>width * pixel;
  const copy = temporary + TILE_COPY, least = f32x4.splat(floor);
  for (let t = first; t < end; ) {
    const picture = t / (down * across), place = t - picture * down * across, i = place / across, j0 = place - i * across;
    const j1 = min(across, j0 + end - t), row = i * m;
    const base = y + <usize>(picture * height) * line;
    touch(base + <usize>row * line + <usize>(j0 * m) * pixel, line, min(m, height - row), <usize>(min(j1 * m, width) - j0 * m) * pixel, temporary);
    for (let c = 0; c < filters; c += 16) {
      const wide = min(filters - c, 16), quads = (wide + 3) >> 2;
      for (let j = j0; j < j1; j++) {
        const column = j * m, whole = row + m <= height && column + m <= width && (wide & 3) == 0;
        let to = copy, step: usize = 64, lineStep = M << 6;
        if (whole) { to = base + <usize>row * line + <usize>column * pixel + (<usize>c << 2); step = pixel; lineStep = line; }
        let from = points + (<usize>(t - first + j - j0) << 4) + <usize>(c >> 2) * qs;
        for (let quad = 0; quad < quads; quad++, from += qs, to += 16) {
          const at = c + (quad << 2);
          const b = bias != 0 ? loadPart(bias + (<usize>at << 2), min(filters - at, 4)) : f32x4.splat(0);
          for (let k: usize = 0, p = from; k < N; k++, p += fs) toResults(n, taps, p, N * fs, temporary + (k << 4), N << 4, b, least, false);
          for (let k: usize = 0, q = to; k < M; k++, q += lineStep) toResults(n, taps, temporary + ((k * N) << 4), 16, q, step, b, least, true);
        }
        if (!whole) copyTileOut(copy, base + (<usize>c << 2), height, width, pixel, row, column, m, wide);
      }
    }
    t += j1 - j0;
  }
}

/** toTilesOf for tiles of n by n pixels that give m by m results. */
export function toTiles(
  n: i32, m: i32, x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, down: i32, across: i32,
  first: i32, end: i32, points: usize, fs: usize, qs: usize, temporary: usize,
): void {
  switch (n) {
    case 8: toTiles8(m, x, height, width, channels, top, left, down, across, first, end, points, fs, qs, temporary); break;
    case 7: toTiles7(m, x, height, width, channels, top, left, down, across, first, end, points, fs, qs, temporary); break;
    case 6: toTiles6(m, x, height, width, channels, top, left, down, across, first, end, points, fs, qs, temporary); break;
    default: toTiles4(m, x, height, width, channels, top, left, down, across, first, end, points, fs, qs, temporary);
  }
}

/** fromTilesOf for tiles of n by n pixels. */
export function fromTiles(
  n: i32, taps: i32, points: usize, fs: usize, qs: usize, y: usize, bias: usize, floor: f32, height: i32, width: i32, filters: i32,
  down: i32, across: i32, first: i32, end: i32, temporary: usize,
): void {
  switch (10 * (n - taps + 1) + taps) {
    case 63: fromTilesF63(points, fs, qs, y, bias, floor, height, width, filters, down, across, first, end, temporary); break;
    case 53: fromTilesF53(points, fs, qs, y, bias, floor, height, width, filters, down, across, first, end, temporary); break;
    case 43: fromTilesF43(points, fs, qs, y, bias, floor, height, width, filters, down, across, first, end, temporary); break;
    case 23: fromTilesF23(points, fs, qs, y, bias, floor, height, width, filters, down, across, first, end, temporary); break;
    case 72: fromTilesF72(points, fs, qs, y, bias, floor, height, width, filters, down, across, first, end, temporary); break;
    case 62: fromTilesF62(points, fs, qs, y, bias, floor, height, width, filters, down, across, first, end, temporary); break;
    case 52: fromTilesF52(points, fs, qs, y, bias, floor, height, width, filters, down, across, first, end, temporary); break;
    default: fromTilesF32(points, fs, qs, y, bias, floor, height, width, filters, down, across, first, end, temporary);
  }
}

// One function a tile size, or F(m, taps), exported so that each stays by itself.

export function toTiles8(m: i32, x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, down: i32, across: i32, first: i32, end: i32, points: usize, fs: usize, qs: usize, temporary: usize): void {
  toTilesOf(8, m, x, height, width, channels, top, left, down, across, first, end, points, fs, qs, temporary);
}
export function toTiles7(m: i32, x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, down: i32, across: i32, first: i32, end: i32, points: usize, fs: usize, qs: usize, temporary: usize): void {
  toTilesOf(7, m, x, height, width, channels, top, left, down, across, first, end, points, fs, qs, temporary);
}
export function toTiles6(m: i32, x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, down: i32, across: i32, first: i32, end: i32, points: usize, fs: usize, qs: usize, temporary: usize): void {
  toTilesOf(6, m, x, height, width, channels, top, left, down, across, first, end, points, fs, qs, temporary);
}
export function toTiles4(m: i32, x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, down: i32, across: i32, first: i32, end: i32, points: usize, fs: usize, qs: usize, temporary: usize): void {
  toTilesOf(4, m, x, height, width, channels, top, left, down, across, first, end, points, fs, qs, temporary);
}
export function fromTilesF63(points: usize, fs: usize, qs: usize, y: usize, bias: usize, floor: f32, height: i32, width: i32, filters: i32, down: i32, across: i32, first: i32, end: i32, temporary: usize): void {
  fromTilesOf(8, 3, points, fs, qs, y, bias, floor, height, width, filters, down, across, first, end, temporary);
}
export function fromTilesF53(points: usize, fs: usize, qs: usize, y: usize, bias: usize, floor: f32, height: i32, width: i32, filters: i32, down: i32, across: i32, first: i32, end: i32, temporary: usize): void {
  fromTilesOf(7, 3, points, fs, qs, y, bias, floor, height, width, filters, down, across, first, end, temporary);
}
export function fromTilesF43(points: usize, fs: usize, qs: usize, y: usize, bias: usize, floor: f32, height: i32, width: i32, filters: i32, down: i32, across: i32, first: i32, end: i32, temporary: usize): void {
  fromTilesOf(6, 3, points, fs, qs, y, bias, floor, height, width, filters, down, across, first, end, temporary);
}
export function fromTilesF23(points: usize, fs: usize, qs: usize, y: usize, bias: usize, floor: f32, height: i32, width: i32, filters: i32, down: i32, across: i32, first: i32, end: i32, temporary: usize): void {
  fromTilesOf(4, 3, points, fs, qs, y, bias, floor, height, width, filters, down, across, first, end, temporary);
}
export function fromTilesF72(points: usize, fs: usize, qs: usize, y: usize, bias: usize, floor: f32, height: i32, width: i32, filters: i32, down: i32, across: i32, first: i32, end: i32, temporary: usize): void {
  fromTilesOf(8, 2, points, fs, qs, y, bias, floor, height, width, filters, down, across, first, end, temporary);
}
export function fromTilesF62(points: usize, fs: usize, qs: usize, y: usize, bias: usize, floor: f32, height: i32, width: i32, filters: i32, down: i32, across: i32, first: i32, end: i32, temporary: usize): void {
  fromTilesOf(7, 2, points, fs, qs, y, bias, floor, height, width, filters, down, across, first, end, temporary);
}
export function fromTilesF52(points: usize, fs: usize, qs: usize, y: usize, bias: usize, floor: f32, height: i32, width: i32, filters: i32, down: i32, across: i32, first: i32, end: i32, temporary: usize): void {
  fromTilesOf(6, 2, points, fs, qs, y, bias, floor, height, width, filters, down, across, first, end, temporary);
}
export function fromTilesF32(points: usize, fs: usize, qs: usize, y: usize, bias: usize, floor: f32, height: i32, width: i32, filters: i32, down: i32, across: i32, first: i32, end: i32, temporary: usize): void {
  fromTilesOf(4, 2, points, fs, qs, y, bias, floor, height, width, filters, down, across, first, end, temporary);
}

/** Zeros for tiles `first` to `end` of all points: where products sum over tiles, those that are not there. */
export function zeroTiles(points: usize, fs: usize, qs: usize, count: i32, quads: i32, first: i32, end: i32): void {
  for (let f = 0; f < count; f++, points += fs) {
    for (let q = 0, p = points; q < quads; q++, p += qs) {
      for (let t = first; t < end; t++) v128.store(p + (<usize>t << 4), f32x4.splat(0));
    }
  }
}
