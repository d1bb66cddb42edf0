/**
 * Tiles of pictures to points and back. Tiles of m by m results, m = n - 2, are counted over pictures, rows of tiles and
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
@inline function toTiles(
  n: i32, x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, down: i32, across: i32,
  first: i32, end: i32, points: usize, fs: usize, qs: usize, temporary: usize,
): void {
  const m = n - 2, N = <usize>n, pixel = <usize>channels << 2, line = <usize>width * pixel, copy = temporary + TILE_COPY;
  for (let t = first; t < end; ) {
    const picture = t / (down * across), place = t - picture * down * across, i = place / across, j0 = place - i * across;
    const j1 = min(across, j0 + end - t), row = i * m - top;
    const base = x + <usize>(picture * height) * line;
    const r0 = max(row, 0), c0 = max(j0 * m - left, 0), c1 = min(j1 * m + 2 - left, width);
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
@inline function fromTiles(
  n: i32, points: usize, fs: usize, qs: usize, y: usize, bias: usize, floor: f32, height: i32, width: i32, filters: i32,
  down: i32, across: i32, first: i32, end: i32, temporary: usize,
): void {
  const m = n - 2, N = <usize>n, M = <usize>m, pixel = <usize>filters << 2, line = <usize>width * pixel;
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
          for (let k: usize = 0, p = from; k < N; k++, p += fs) toResults(n, p, N * fs, temporary + (k << 4), N << 4, b, least, false);
          for (let k: usize = 0, q = to; k < M; k++, q += lineStep) toResults(n, temporary + ((k * N) << 4), 16, q, step, b, least, true);
        }
        if (!whole) copyTileOut(copy, base + (<usize>c << 2), height, width, pixel, row, column, m, wide);
      }
    }
    t += j1 - j0;
  }
}

// One function a tile size, exported so that each stays by itself.

export function toTiles8(x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, down: i32, across: i32, first: i32, end: i32, points: usize, fs: usize, qs: usize, temporary: usize): void {
  toTiles(8, x, height, width, channels, top, left, down, across, first, end, points, fs, qs, temporary);
}
export function toTiles7(x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, down: i32, across: i32, first: i32, end: i32, points: usize, fs: usize, qs: usize, temporary: usize): void {
  toTiles(7, x, height, width, channels, top, left, down, across, first, end, points, fs, qs, temporary);
}
export function toTiles6(x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, down: i32, across: i32, first: i32, end: i32, points: usize, fs: usize, qs: usize, temporary: usize): void {
  toTiles(6, x, height, width, channels, top, left, down, across, first, end, points, fs, qs, temporary);
}
export function toTiles4(x: usize, height: i32, width: i32, channels: i32, top: i32, left: i32, down: i32, across: i32, first: i32, end: i32, points: usize, fs: usize, qs: usize, temporary: usize): void {
  toTiles(4, x, height, width, channels, top, left, down, across, first, end, points, fs, qs, temporary);
}
export function fromTiles8(points: usize, fs: usize, qs: usize, y: usize, bias: usize, floor: f32, height: i32, width: i32, filters: i32, down: i32, across: i32, first: i32, end: i32, temporary: usize): void {
  fromTiles(8, points, fs, qs, y, bias, floor, height, width, filters, down, across, first, end, temporary);
}
export function fromTiles7(points: usize, fs: usize, qs: usize, y: usize, bias: usize, floor: f32, height: i32, width: i32, filters: i32, down: i32, across: i32, first: i32, end: i32, temporary: usize): void {
  fromTiles(7, points, fs, qs, y, bias, floor, height, width, filters, down, across, first, end, temporary);
}
export function fromTiles6(points: usize, fs: usize, qs: usize, y: usize, bias: usize, floor: f32, height: i32, width: i32, filters: i32, down: i32, across: i32, first: i32, end: i32, temporary: usize): void {
  fromTiles(6, points, fs, qs, y, bias, floor, height, width, filters, down, across, first, end, temporary);
}
export function fromTiles4(points: usize, fs: usize, qs: usize, y: usize, bias: usize, floor: f32, height: i32, width: i32, filters: i32, down: i32, across: i32, first: i32, end: i32, temporary: usize): void {
  fromTiles(4, points, fs, qs, y, bias, floor, height, width, filters, down, across, first, end, temporary);
}

/** Zeros for tiles `first` to `end` of all points: where products sum over tiles, those that are not there. */
export function zeroTiles(points: usize, fs: usize, qs: usize, count: i32, quads: i32, first: i32, end: i32): void {
  for (let f = 0; f < count; f++, points += fs) {
    for (let q = 0, p = points; q < quads; q++, p += qs) {
      for (let t = first; t < end; t++) v128.store(p + (<usize>t << 4), f32x4.splat(0));
    }
  }
}
