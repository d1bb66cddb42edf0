/**
 * Depthwise convolution, row by row: a row of results is a sum over the rows and columns of its window, each a vector of
 * channels times a vector of the kernel. Three taps by three rows slide along (depthwise-slide.ts); otherwise four columns
 * of eight channels are summed at a time, so that a tap is read once for four pixels. The gradient by the input
 * (depthwise-gradients.ts) is rows of the same kind. Words: kernels/depthwise.ts.
 */
import { slide2, slide3, slideBy2 } from "./depthwise-slide";
import { DepthwiseForwardWords } from "./generated/words";
import { blockOf, loadPart, madd, storePart, tileEnd, touch } from "./simd";

/** The first tap at 0 or behind, where tap 0 lies at `first` and each `step`, which may be negative, further. */
@inline export function lowTap(first: i32, step: i32, size: i32): i32 {
  if (step > 0) return first >= 0 ? 0 : (step - 1 - first) / step;
  return first < size ? 0 : (first - size) / -step + 1;
}

/** Behind the last tap inside, of `count`. */
@inline export function highTap(first: i32, step: i32, size: i32, count: i32): i32 {
  if (step > 0) return first < size ? min(count, (size - 1 - first) / step + 1) : 0;
  return first >= 0 ? min(count, first / -step + 1) : 0;
}

/**
 * Four columns of eight channels. x: below the first tap of the first column; a row of taps is `rowStep` bytes below the
 * last, a tap `tapStep` beside, the next column's `advance`; so with the kernel k. Results go to y, `yStep` bytes apart.
 */
export function columns4x8(
  x: usize, advance: usize, rows: i32, rowStep: usize, taps: i32, tapStep: usize, k: usize, kRow: usize, kTap: usize,
  bias: usize, floor: usize, y: usize, yStep: usize,
): void {
  let c00 = f32x4.splat(0), c01 = c00;
  if (bias != 0) { c00 = v128.load(bias); c01 = v128.load(bias, 16); }
  let c10 = c00, c11 = c01, c20 = c00, c21 = c01, c30 = c00, c31 = c01;
  for (; rows > 0; rows--, x += rowStep, k += kRow) {
    let a0 = x, a1 = x + advance, a2 = a1 + advance, a3 = a2 + advance, q = k;
    for (let t = taps; t > 0; t--) {
      const k0 = v128.load(q), k1 = v128.load(q, 16); q += kTap;
      c00 = madd(v128.load(a0), k0, c00); c01 = madd(v128.load(a0, 16), k1, c01); a0 += tapStep;
      c10 = madd(v128.load(a1), k0, c10); c11 = madd(v128.load(a1, 16), k1, c11); a1 += tapStep;
      c20 = madd(v128.load(a2), k0, c20); c21 = madd(v128.load(a2, 16), k1, c21); a2 += tapStep;
      c30 = madd(v128.load(a3), k0, c30); c31 = madd(v128.load(a3, 16), k1, c31); a3 += tapStep;
    }
  }
  const f = v128.load(floor);
  v128.store(y, f32x4.pmax(c00, f)); v128.store(y, f32x4.pmax(c01, f), 16); y += yStep;
  v128.store(y, f32x4.pmax(c10, f)); v128.store(y, f32x4.pmax(c11, f), 16); y += yStep;
  v128.store(y, f32x4.pmax(c20, f)); v128.store(y, f32x4.pmax(c21, f), 16); y += yStep;
  v128.store(y, f32x4.pmax(c30, f)); v128.store(y, f32x4.pmax(c31, f), 16);
}

/** One column of n (1 to 4) channels. */
@inline function column(
  x: usize, rows: i32, rowStep: usize, taps: i32, tapStep: usize, k: usize, kRow: usize, kTap: usize, bias: usize, floor: usize,
  y: usize, n: i32,
): void {
  let c = bias != 0 ? loadPart(bias, n) : f32x4.splat(0);
  for (; rows > 0; rows--, x += rowStep, k += kRow) {
    let a = x, q = k;
    for (let t = taps; t > 0; t--, a += tapStep, q += kTap) c = madd(loadPart(a, n), loadPart(q, n), c);
  }
  storePart(y, f32x4.pmax(c, v128.load(floor)), n);
}

/** All channels of one column; the last four overlap those before rather than be fewer. */
function channelsOf(
  x: usize, rows: i32, rowStep: usize, taps: i32, tapStep: usize, k: usize, kRow: usize, kTap: usize, bias: usize, floor: usize,
  y: usize, from: i32, channels: i32,
): void {
  if (channels < 4) {
    column(x, rows, rowStep, taps, tapStep, k, kRow, kTap, bias, floor, y, channels);
    return;
  }
  for (let c = from; c < channels; c += 4) {
    const at = <usize>min(c, channels - 4) << 2;
    column(x + at, rows, rowStep, taps, tapStep, k + at, kRow, kTap, bias != 0 ? bias + at : 0, floor, y + at, 4);
  }
}

/**
 * `count` columns of a row of results at y, `yStep` bytes apart. The window's first row is `row` of the picture x [height,
 * width, channels], the next ones `rowStep` rows on; its first column is `left` for the first result and `advance` more for
 * each next one, the next taps `tapStep` columns on. Rows and columns that are not there add nothing. floor: the least
 * result, four times, and behind it four zeros.
 */
export function convolveRow(
  x: usize, height: i32, width: i32, channels: i32, row: i32, rowStep: i32, rows: i32, left: i32, advance: i32, tapStep: i32, taps: i32,
  k: usize, kRow: usize, kTap: usize, bias: usize, floor: usize, y: usize, yStep: usize, count: i32,
): void {
  const pixel = <usize>channels << 2, low = lowTap(row, rowStep, height), high = max(highTap(row, rowStep, height, rows), low);
  const xRow = x + <usize>((row + low * rowStep) * width) * pixel, k0 = k + <usize>low * kRow;
  const xStep = <usize>(rowStep * width) * pixel, tapBytes = <usize>tapStep * pixel;
  const begun = slideRow(xRow, xStep, pixel, width, channels, high - low, left, advance, tapStep, taps, k0, kRow, kTap, bias, floor, y, yStep, count);
  // Columns whose taps are all there.
  const last = left + (taps - 1) * tapStep;
  const q0 = min(lowTap(min(left, last), advance, width), count), q1 = max(highTap(max(left, last), advance, width, count), q0);
  for (let q = begun; q < count;) {
    const c = left + q * advance;
    if (q >= q0 && q + 4 <= q1) {
      const from = xRow + <usize>c * pixel, to = y + <usize>q * yStep;
      let at = 0;
      for (; at + 8 <= channels; at += 8) {
        const o = <usize>at << 2;
        columns4x8(from + o, <usize>advance * pixel, high - low, xStep, taps, tapBytes, k0 + o, kRow, kTap, bias != 0 ? bias + o : 0, floor, to + o, yStep);
      }
      if (at < channels) {
        for (let i = 0; i < 4; i++) {
          channelsOf(
            from + <usize>(i * advance) * pixel, high - low, xStep, taps, tapBytes, k0, kRow, kTap, bias, floor, to + <usize>i * yStep, at, channels,
          );
        }
      }
      q += 4;
      continue;
    }
    const t0 = min(lowTap(c, tapStep, width), taps), t1 = max(highTap(c, tapStep, width, taps), t0);
    channelsOf(
      xRow + <usize>(c + t0 * tapStep) * pixel, high - low, xStep, t1 - t0, tapBytes, k0 + <usize>t0 * kTap, kRow, kTap, bias, floor,
      y + <usize>q * yStep, 0, channels,
    );
    q++;
  }
}

/** What of convolveRow slides: the results done, from the first one on. `rows` of the window are there, from x on. */
function slideRow(
  x: usize, xRow: usize, pixel: usize, width: i32, channels: i32, rows: i32, left: i32, advance: i32, tapStep: i32, taps: i32, k: usize,
  kRow: usize, kTap: usize, bias: usize, floor: usize, y: usize, yStep: usize, count: i32,
): i32 {
  if (taps != 3 || channels < 4 || rows < 2 || rows > 3) return 0;
  if (tapStep == -1) {
    left -= 2; k += 2 * kTap; kTap = -kTap;
  } else if (tapStep != 1) return 0;
  let done = 0;
  if (advance == 1 && left <= 0 && left >= -2 && width >= left + 2) done = count;
  else if (advance == 2 && rows == 3 && (left == 0 || left == -1)) done = min(highTap(left + 2, 2, width, count), count);
  if (done > 0) for (let c = 0; c < channels; c += 4) {
    const at = <usize>min(c, channels - 4) << 2, start = bias != 0 ? bias + at : floor + 16;
    if (advance == 2) slideBy2(x + at, xRow, pixel, left, k + at, kRow, kTap, start, floor, y + at, yStep, done);
    else if (rows == 3) slide3(x + at, xRow, pixel, width, left, k + at, kRow, kTap, start, floor, y + at, yStep, done);
    else slide2(x + at, xRow, pixel, width, left, k + at, kRow, kTap, start, floor, y + at, yStep, done);
  }
  return done;
}

/** The floor of convolveRow at `to`. */
@inline export function putFloor(floor: f32, to: usize): void {
  v128.store(to, f32x4.splat(floor)); v128.store(to, f32x4.splat(0), 16);
}

/** n values, each `times` times. */
export function spread(from: usize, n: i32, times: i32, to: usize): void {
  if (times == 2) {
    for (; n >= 4; n -= 4, from += 16, to += 32) {
      const v = v128.load(from);
      v128.store(to, i8x16.shuffle(v, v, 0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7, 4, 5, 6, 7));
      v128.store(to, i8x16.shuffle(v, v, 8, 9, 10, 11, 8, 9, 10, 11, 12, 13, 14, 15, 12, 13, 14, 15), 16);
    }
  }
  for (; n > 0; n--, from += 4) {
    const v = v128.load32_splat(from);
    for (let q = 0; q < times; q += 4, to += 16) storePart(to, v, min(times - q, 4));
    to -= <usize>((4 - (times & 3)) & 3) << 2;
  }
}

/** Reads the rows of a window in order that no window before has met: those before `met` were. Gives the new `met`. */
@inline export function touchRows(x: usize, row: usize, top: i32, reach: i32, height: i32, met: i32, to: usize): i32 {
  const from = max(max(top, met), 0), end = min(top + reach + 1, height);
  if (end <= from) return met;
  touch(x + <usize>from * row, row, end - from, row, to);
  return end;
}

export function depthwiseForward(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<DepthwiseForwardWords>(w);
  const height = p.height, width = p.width, outHeight = p.outHeight, multiplier = p.multiplier, filters = p.channels * multiplier;
  const pixel = <usize>filters << 2, xRow = <usize>(width * p.channels) << 2, yRow = <usize>p.outWidth * pixel;
  const down = p.strideHeight, reach = (p.kernelHeight - 1) * p.dilationHeight, kRow = <usize>p.kernelWidth * pixel;
  const space = scratch + 48;
  putFloor(p.relu != 0 ? 0 : -Infinity, scratch);
  const block = blockOf(w), end = tileEnd(tile, block, p.n(rows) * outHeight);
  for (let r = tile * block; r < end;) {
    const picture = r / outHeight, o0 = r - picture * outHeight, o1 = min(outHeight, o0 + end - r);
    let x = p.x + <usize>(picture * height) * xRow;
    if (multiplier > 1) {
      const h0 = max(o0 * down - p.padTop, 0), h1 = min((o1 - 1) * down - p.padTop + reach + 1, height);
      spread(x + <usize>h0 * xRow, max(h1 - h0, 0) * width * p.channels, multiplier, space);
      x = space - <usize>(h0 * width) * pixel;
    }
    const line = <usize>width * pixel;
    for (let o = o0, met = 0; o < o1; o++, r++) {
      met = touchRows(x, line, o * down - p.padTop, reach, height, met, scratch + 32);
      convolveRow(
        x, height, width, filters, o * down - p.padTop, p.dilationHeight, p.kernelHeight, -p.padLeft, p.strideWidth, p.dilationWidth,
        p.kernelWidth, p.kernel, kRow, pixel, p.bias, scratch, p.y + <usize>r * yRow, pixel, p.outWidth,
      );
    }
  }
}
