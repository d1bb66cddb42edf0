/**
 * What lies under the windows of a convolution, laid out for the tiles of matrix products: row by row for a product that
 * goes along a window (packWindows), channel by channel for one that goes along the pixels (packTap), and the other side
 * of the latter (packOutput). Outside the pictures are zeros. Pixels are numbered through all pictures.
 */
import { loadPart, storePart } from "./simd";

/**
 * `count` runs of n floats, `step` bytes apart, to rows of rowBytes, along what is longer; the ends of runs overlap rather
 * than be cut into single ones.
 */
function copyRuns(from: usize, step: usize, to: usize, rowBytes: usize, count: i32, n: i32): void {
  if (count <= 0 || n <= 0) return;
  const end = to + <usize>count * rowBytes;
  if (n == 1) { for (; to != end; to += rowBytes, from += step) store<u32>(to, load<u32>(from)); return; }
  if (n == 2) { for (; to != end; to += rowBytes, from += step) store<u64>(to, load<u64>(from)); return; }
  if (n == 3) {
    for (; to != end; to += rowBytes, from += step) { store<u64>(to, load<u64>(from)); store<u32>(to, load<u32>(from, 8), 8); }
    return;
  }
  if (n <= 8) {
    const last = <usize>(n - 4) << 2;
    for (; to != end; to += rowBytes, from += step) { v128.store(to, v128.load(from)); v128.store(to + last, v128.load(from + last)); }
    return;
  }
  if (n >= count << 2) {
    const last = <usize>(n - 4) << 2;
    for (; to != end; to += rowBytes, from += step) {
      for (let k: usize = 0; k < last; k += 16) v128.store(to + k, v128.load(from + k));
      v128.store(to + last, v128.load(from + last));
    }
    return;
  }
  for (let k = 0; k < n; k += 4) {
    const offset = <usize>min(k, n - 4) << 2, stop = end + offset;
    for (let x = from + offset, t = to + offset; t != stop; t += rowBytes, x += step) v128.store(t, v128.load(x));
  }
}

/** Zeros instead of runs. */
function clearRuns(to: usize, rowBytes: usize, count: i32, n: i32): void {
  for (; count > 0; count--, to += rowBytes) {
    let at = to, k = n;
    for (; k >= 4; k -= 4, at += 16) v128.store(at, f32x4.splat(0));
    if (k > 0) storePart(at, f32x4.splat(0), k);
  }
}

/**
 * The windows of pixels q and on (`count` of them), a row of rowBytes each: [kernelHeight][kernelWidth][channels]. padTop may
 * be negative: then windows begin below the top.
 */
export function packWindows(
  x: usize, height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32, down: i32, right: i32,
  kernelHeight: i32, kernelWidth: i32, padTop: i32, padLeft: i32, q: i32, count: i32, to: usize, rowBytes: usize,
): void {
  const pixel = <usize>channels << 2, row = <usize>width * pixel, picture = <usize>height * row, step = <usize>right * pixel;
  const run = kernelWidth * channels, runBytes = <usize>run << 2;
  let c = q % outWidth, rest = q / outWidth, o = rest % outHeight;
  x += <usize>(rest / outHeight) * picture;
  while (count > 0) {
    // As many windows as are left in this row of outputs; the middle ones of these lie inside from left to right.
    const n = min(outWidth - c, count), top = o * down - padTop, left = c * right - padLeft;
    const first = min(max((right - 1 - left) / right, 0), n);
    const last = width - kernelWidth >= left ? max(min((width - kernelWidth - left) / right + 1, n), first) : first;
    let at = to;
    for (let i = top; i < top + kernelHeight; i++, at += runBytes) {
      if (i < 0 || i >= height) { clearRuns(at, rowBytes, n, run); continue; }
      const line = x + <usize>i * row;
      copyRuns(line + <usize>(left + first * right) * pixel, step, at + <usize>first * rowBytes, rowBytes, last - first, run);
      for (let k = first == 0 ? last : 0; k < n; k = k + 1 == first ? last : k + 1) {
        const l = left + k * right, i0 = min(max(-l, 0), kernelWidth), i1 = max(min(width - l, kernelWidth), i0);
        const edge = at + <usize>k * rowBytes;
        clearRuns(edge, 0, 1, i0 * channels);
        copyRuns(line + <usize>(l + i0) * pixel, 0, edge + <usize>i0 * pixel, 4, 1, (i1 - i0) * channels);
        clearRuns(edge + <usize>i1 * pixel, 0, 1, (kernelWidth - i1) * channels);
      }
    }
    to += <usize>n * rowBytes; count -= n; c = 0;
    if (++o == outHeight) { o = 0; x += picture; }
  }
}

/** Bytes from one plane of packTap to the next: not a power of two, or all planes would share a few lines of the cache. */
@inline export function planeBytes(count: i32): usize { return (<usize>count << 4) + 64; }

/**
 * What pixels q and on see at one place of their windows, as [channels / 4][count][4], zeros behind the last channel: top
 * and left are where the first window's pixel lies.
 */
export function packTap(
  x: usize, height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32, down: i32, right: i32,
  top: i32, left: i32, q: i32, count: i32, to: usize,
): void {
  const pixel = <usize>channels << 2, row = <usize>width * pixel, picture = <usize>height * row, plane = planeBytes(count);
  const step = <usize>right * pixel;
  let c = q % outWidth, rest = q / outWidth, o = rest % outHeight;
  x += <usize>(rest / outHeight) * picture;
  while (count > 0) {
    // As many pixels as are left in this row of outputs; of these, those inside the picture are the middle.
    const n = min(outWidth - c, count), i = o * down + top, j = c * right + left;
    const inside = i >= 0 && i < height;
    const first = inside ? min(max((right - 1 - j) / right, 0), n) : n;
    const last = inside ? max(min((width - j + right - 1) / right, n), first) : n;
    const from = x + <usize>i * row + <usize>j * pixel;
    clearPlanes(to, plane, 0, first, channels);
    copyPlanes(from, step, to, plane, first, last, channels);
    clearPlanes(to, plane, last, n, channels);
    to += <usize>n << 4; count -= n; c = 0;
    if (++o == outHeight) { o = 0; x += picture; }
  }
}

@inline function clearPlanes(to: usize, plane: usize, first: i32, last: i32, channels: i32): void {
  if (first >= last) return;
  for (let l = 0; l < channels; l += 4, to += plane) {
    for (let p = to + (<usize>first << 4), end = to + (<usize>last << 4); p != end; p += 16) v128.store(p, f32x4.splat(0));
  }
}

function copyPlanes(from: usize, step: usize, to: usize, plane: usize, first: i32, last: i32, channels: i32): void {
  if (first >= last) return;
  from += <usize>first * step;
  const begin = to + (<usize>first << 4), end = to + (<usize>last << 4), whole = (<usize>channels << 2) & ~15;
  for (let p = begin, x = from; p != end; p += 16, x += step) {
    let at = p;
    for (let k: usize = 0; k != whole; k += 16, at += plane) v128.store(at, v128.load(x + k));
  }
  const rest = channels & 3;
  if (rest == 0) return;
  from += whole;
  const over = <usize>(channels >> 2) * plane;
  for (let p = begin + over, stop = end + over; p != stop; p += 16, from += step) v128.store(p, loadPart(from, rest));
}

/** The first n (1 to 4) floats at `from`, only where those at y are above 0 where `masked`. */
@inline function maskedPart(from: usize, y: usize, masked: bool, n: i32): v128 {
  const a = loadPart(from, n);
  return masked ? v128.and(a, f32x4.gt(loadPart(y, n), f32x4.splat(0))) : a;
}

/** One vector (n of its floats) of each of four pixels, `row` bytes apart, to places `line` bytes apart, and added to `sum`. */
@inline function packFour(from: usize, y: usize, masked: bool, row: usize, n: i32, to: usize, line: usize, sum: usize): void {
  const a = maskedPart(from, y, masked, n), b = maskedPart(from + row, y + row, masked, n);
  const c = maskedPart(from + 2 * row, y + 2 * row, masked, n), d = maskedPart(from + 3 * row, y + 3 * row, masked, n);
  v128.store(to, a); v128.store(to + line, b); v128.store(to + 2 * line, c); v128.store(to + 3 * line, d);
  storePart(sum, f32x4.add(loadPart(sum, n), f32x4.add(f32x4.add(a, b), f32x4.add(c, d))), n);
}

@inline function packOne(from: usize, y: usize, masked: bool, n: i32, to: usize, sum: usize): void {
  const a = maskedPart(from, y, masked, n);
  v128.store(to, a);
  storePart(sum, f32x4.add(loadPart(sum, n), a), n);
}

@inline function packPixels(wide: i32, dy: usize, y: usize, masked: bool, count: i32, filters: i32, to: usize, bias: usize): void {
  const line = <usize>wide << 2, jump = <usize>(count - 1) * line + 16, last = wide - 4;
  const row = <usize>filters << 2, whole = filters & ~3, rest = filters & 3;
  // Few pixels at a time: dy and y are the largest arrays of a step, and come from memory in order.
  for (; count >= 4; count -= 4, to += line << 2, dy += row << 2, y += row << 2) {
    let at = to;
    for (let j = 0; j < whole; j += 4, at += (j & last) != 0 ? 16 : jump) {
      const o = <usize>j << 2;
      packFour(dy + o, y + o, masked, row, 4, at, line, bias + o);
    }
    const o = <usize>whole << 2;
    if (rest != 0) packFour(dy + o, y + o, masked, row, rest, at, line, bias + o);
  }
  for (; count > 0; count--, to += line, dy += row, y += row) {
    let at = to;
    for (let j = 0; j < whole; j += 4, at += (j & last) != 0 ? 16 : jump) {
      const o = <usize>j << 2;
      packOne(dy + o, y + o, masked, 4, at, bias + o);
    }
    const o = <usize>whole << 2;
    if (rest != 0) packOne(dy + o, y + o, masked, rest, at, bias + o);
  }
}

/** What of the last panel belongs to no filter, in whole vectors. */
@inline function clearRest(wide: i32, count: i32, filters: i32, to: usize): void {
  const line = <usize>wide << 2, there = (filters + 3) & ~3;
  for (let j = there; (j & (wide - 1)) != 0; j += 4) {
    let at = to + <usize>(filters / wide * count) * line + (<usize>(j & (wide - 1)) << 2);
    for (let q = 0; q < count; q++, at += line) v128.store(at, f32x4.splat(0));
  }
}

/**
 * dy of `count` pixels as panels [filters / 8][count][8], zeros behind the last filter, and its columns added to `bias`.
 * Where y is given, dy counts only where y is above 0: the gradient of relu.
 */
export function packOutput(dy: usize, y: usize, count: i32, filters: i32, to: usize, bias: usize): void {
  clearRest(8, count, filters, to);
  if (y != 0) packPixels(8, dy, y, true, count, filters, to, bias);
  else packPixels(8, dy, 0, false, count, filters, to, bias);
}

/** The same in panels of 16. */
export function packWide(dy: usize, y: usize, count: i32, filters: i32, to: usize, bias: usize): void {
  clearRest(16, count, filters, to);
  if (y != 0) packPixels(16, dy, y, true, count, filters, to, bias);
  else packPixels(16, dy, 0, false, count, filters, to, bias);
}
