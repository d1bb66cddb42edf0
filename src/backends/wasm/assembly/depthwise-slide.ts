/**
 * Rows of a depthwise convolution with three taps a row, the usual one: all taps of four channels stay in registers while the
 * window slides along the columns, so that each pixel of x is read once for a row of results. Rows that the window does
 * not have at the edges are left out, not multiplied by zeros. Not here: any other window (depthwise.ts).
 */
import { madd } from "./simd";

/**
 * `count` results of four channels, `yStep` bytes apart, of `rows` (2 or 3) rows. The window's first column is `left`, 0 or
 * before, for the first result and one more for each next one. x: row by row `xRow` bytes on; the kernel k: `kRow`, `kTap`.
 * bias: four of them, floor: the four least results.
 */
@inline function slide(
  rows: i32, x: usize, xRow: usize, pixel: usize, width: i32, left: i32, k: usize, kRow: usize, kTap: usize, bias: usize, floor: usize,
  y: usize, yStep: usize, count: i32,
): void {
  const k00 = v128.load(k), k01 = v128.load(k + kTap), k02 = v128.load(k + 2 * kTap), l = k + kRow;
  const k10 = v128.load(l), k11 = v128.load(l + kTap), k12 = v128.load(l + 2 * kTap), m = rows == 3 ? l + kRow : l;
  const k20 = v128.load(m), k21 = v128.load(m + kTap), k22 = v128.load(m + 2 * kTap);
  // What a result has of the columns so far: `a` lacks its last one, `b` its last two.
  let a = v128.load(bias), b = a;
  let x0 = x, x1 = x + xRow, x2 = rows == 3 ? x1 + xRow : x1;
  const end = min(width, left + count + 2);
  let c = 0;
  for (const first = min(left + 2, end); c < first; c++) {
    let v = v128.load(x0); x0 += pixel;
    a = madd(v, k01, b); b = madd(v, k00, v128.load(bias));
    v = v128.load(x1); x1 += pixel;
    a = madd(v, k11, a); b = madd(v, k10, b);
    if (rows == 3) { v = v128.load(x2); x2 += pixel; a = madd(v, k21, a); b = madd(v, k20, b); }
  }
  for (; c < end; c++, y += yStep) {
    let v = v128.load(x0); x0 += pixel;
    let s = madd(v, k02, a);
    a = madd(v, k01, b); b = madd(v, k00, v128.load(bias));
    v = v128.load(x1); x1 += pixel;
    s = madd(v, k12, s); a = madd(v, k11, a); b = madd(v, k10, b);
    if (rows == 3) { v = v128.load(x2); x2 += pixel; s = madd(v, k22, s); a = madd(v, k21, a); b = madd(v, k20, b); }
    v128.store(y, f32x4.pmax(s, v128.load(floor)));
  }
  for (let q = max(end - left - 2, 0); q < count; q++, y += yStep) {
    v128.store(y, f32x4.pmax(a, v128.load(floor)));
    a = b; b = v128.load(bias);
  }
}

export function slide3(
  x: usize, xRow: usize, pixel: usize, width: i32, left: i32, k: usize, kRow: usize, kTap: usize, bias: usize, floor: usize,
  y: usize, yStep: usize, count: i32,
): void {
  slide(3, x, xRow, pixel, width, left, k, kRow, kTap, bias, floor, y, yStep, count);
}

export function slide2(
  x: usize, xRow: usize, pixel: usize, width: i32, left: i32, k: usize, kRow: usize, kTap: usize, bias: usize, floor: usize,
  y: usize, yStep: usize, count: i32,
): void {
  slide(2, x, xRow, pixel, width, left, k, kRow, kTap, bias, floor, y, yStep, count);
}

/**
 * slide3 for windows two columns apart: from result to result, the last column's pixels become the first's. The window
 * of result `count` - 1 ends inside; left is 0 or -1.
 */
export function slideBy2(
  x: usize, xRow: usize, pixel: usize, left: i32, k: usize, kRow: usize, kTap: usize, bias: usize, floor: usize, y: usize, yStep: usize,
  count: i32,
): void {
  const k00 = v128.load(k), k01 = v128.load(k + kTap), k02 = v128.load(k + 2 * kTap), l = k + kRow;
  const k10 = v128.load(l), k11 = v128.load(l + kTap), k12 = v128.load(l + 2 * kTap), m = l + kRow;
  const k20 = v128.load(m), k21 = v128.load(m + kTap), k22 = v128.load(m + 2 * kTap);
  let a = v128.load(bias), x0 = x, x1 = x + xRow, x2 = x1 + xRow;
  if (left == 0) {
    a = madd(v128.load(x0), k00, a); x0 += pixel;
    a = madd(v128.load(x1), k10, a); x1 += pixel;
    a = madd(v128.load(x2), k20, a); x2 += pixel;
  }
  for (; count > 0; count--, y += yStep) {
    let s = madd(v128.load(x0), k01, a); x0 += pixel;
    s = madd(v128.load(x1), k11, s); x1 += pixel;
    s = madd(v128.load(x2), k21, s); x2 += pixel;
    let v = v128.load(x0); x0 += pixel;
    s = madd(v, k02, s); a = madd(v, k00, v128.load(bias));
    v = v128.load(x1); x1 += pixel;
    s = madd(v, k12, s); a = madd(v, k10, a);
    v = v128.load(x2); x2 += pixel;
    s = madd(v, k22, s); a = madd(v, k20, a);
    v128.store(y, f32x4.pmax(s, v128.load(floor)));
  }
}

/**
 * What slideBy2 has taken from x given back: `width` results of four channels from `count` columns of g, in `rows` (1 or 2)
 * rows `gRow` bytes apart, whose column p gives to the results 2 p - left and the two behind, by the taps of k; left is 0 or 1.
 */
@inline function spreadBy2(
  rows: i32, g: usize, gRow: usize, pixel: usize, count: i32, left: i32, k: usize, kRow: usize, y: usize, yStep: usize, width: i32,
): void {
  const k00 = v128.load(k), k01 = v128.load(k + pixel), k02 = v128.load(k + 2 * pixel), l = rows == 2 ? k + kRow : k;
  const k10 = v128.load(l), k11 = v128.load(l + pixel), k12 = v128.load(l + 2 * pixel);
  let a = f32x4.splat(0), g0 = g, g1 = rows == 2 ? g + gRow : g;
  for (let p = 0, w = -left; p < count; p++, w += 2) {
    let v = v128.load(g0); g0 += pixel;
    let s = madd(v, k00, a), t = f32x4.mul(v, k01);
    a = f32x4.mul(v, k02);
    if (rows == 2) {
      v = v128.load(g1); g1 += pixel;
      s = madd(v, k10, s); t = madd(v, k11, t); a = madd(v, k12, a);
    }
    if (w >= 0) { v128.store(y, s); y += yStep; }
    if (w + 1 < width) { v128.store(y, t); y += yStep; }
  }
  for (let w = 2 * count - left; w < width; w++, y += yStep) {
    v128.store(y, a);
    a = f32x4.splat(0);
  }
}

export function spread1By2(
  g: usize, pixel: usize, count: i32, left: i32, k: usize, y: usize, yStep: usize, width: i32,
): void {
  spreadBy2(1, g, 0, pixel, count, left, k, 0, y, yStep, width);
}

export function spread2By2(
  g: usize, gRow: usize, pixel: usize, count: i32, left: i32, k: usize, kRow: usize, y: usize, yStep: usize, width: i32,
): void {
  spreadBy2(2, g, gRow, pixel, count, left, k, kRow, y, yStep, width);
}

/**
 * The sums of `rows` by three taps of four channels: to[i][t] += the sum over p of g[p] x[i][p + left + t], over the columns
 * that are there, of `count` of g and `width` of x, `pixel` bytes apart; left is 0 or before. to: taps `pixel` bytes apart.
 */
@inline function slideSums(
  rows: i32, g: usize, count: i32, x: usize, xRow: usize, pixel: usize, width: i32, left: i32, to: usize,
): void {
  let s00 = f32x4.splat(0), s01 = s00, s02 = s00, s10 = s00, s11 = s00, s12 = s00, s20 = s00, s21 = s00, s22 = s00;
  let x0 = x, x1 = x + xRow, x2 = rows == 3 ? x1 + xRow : x1;
  // Column c of x meets columns c - left, c - left - 1 and c - left - 2 of g.
  let g0 = f32x4.splat(0), g1 = g0, g2 = g0;
  if (-left - 1 >= 0 && -left - 1 < count) g1 = v128.load(g + <usize>(-left - 1) * pixel);
  if (-left - 2 >= 0 && -left - 2 < count) g2 = v128.load(g + <usize>(-left - 2) * pixel);
  // Where all three are there.
  const end = min(width, left + count + 2), first = min(max(left + 2, 0), end), last = max(min(end, left + count), first);
  let c = 0, next = g - <usize>left * pixel;
  for (; c < end; c++) {
    if (c >= first && c < last) {
      for (; c < last; c++) {
        g0 = v128.load(next); next += pixel;
        let v = v128.load(x0); x0 += pixel;
        s00 = madd(v, g0, s00); s01 = madd(v, g1, s01); s02 = madd(v, g2, s02);
        v = v128.load(x1); x1 += pixel;
        s10 = madd(v, g0, s10); s11 = madd(v, g1, s11); s12 = madd(v, g2, s12);
        if (rows == 3) {
          v = v128.load(x2); x2 += pixel;
          s20 = madd(v, g0, s20); s21 = madd(v, g1, s21); s22 = madd(v, g2, s22);
        }
        g2 = g1; g1 = g0;
      }
      if (c == end) break;
    }
    const p = c - left;
    const v0 = v128.load(x0), v1 = v128.load(x1), v2 = v128.load(x2);
    x0 += pixel; x1 += pixel; x2 += pixel;
    if (p < count) {
      g0 = v128.load(next);
      s00 = madd(v0, g0, s00); s10 = madd(v1, g0, s10); s20 = madd(v2, g0, s20);
    }
    next += pixel;
    if (p >= 1 && p - 1 < count) { s01 = madd(v0, g1, s01); s11 = madd(v1, g1, s11); s21 = madd(v2, g1, s21); }
    if (p >= 2 && p - 2 < count) { s02 = madd(v0, g2, s02); s12 = madd(v1, g2, s12); s22 = madd(v2, g2, s22); }
    g2 = g1; g1 = g0;
  }
  addTo(to, s00); addTo(to + pixel, s01); addTo(to + 2 * pixel, s02); to += 3 * pixel;
  addTo(to, s10); addTo(to + pixel, s11); addTo(to + 2 * pixel, s12); to += 3 * pixel;
  if (rows == 3) { addTo(to, s20); addTo(to + pixel, s21); addTo(to + 2 * pixel, s22); }
}

@inline function addTo(to: usize, v: v128): void { v128.store(to, f32x4.add(v128.load(to), v)); }

export function slideSums3(g: usize, count: i32, x: usize, xRow: usize, pixel: usize, width: i32, left: i32, to: usize): void {
  slideSums(3, g, count, x, xRow, pixel, width, left, to);
}

export function slideSums2(g: usize, count: i32, x: usize, xRow: usize, pixel: usize, width: i32, left: i32, to: usize): void {
  slideSums(2, g, count, x, xRow, pixel, width, left, to);
}
