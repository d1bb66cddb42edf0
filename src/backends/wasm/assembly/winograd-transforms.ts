/**
 * The one-dimensional transforms of Winograd's convolution with three taps: a tile of n values gives m = n - 2 results by
 * n products. On two dimensions, with d the tile, w the filter, y the result and g its gradient:
 *
 * ```
 * V = B^T d B        U = G w G^T        y = A^T [sum over channels of V U] A
 * D = A g A^T        dd = B [sum over filters of D U] B^T        dw = G^T [sum over tiles of V D] G
 * ```
 *
 * Points: n = 8: 0 1 -1 2 -2 1/2 -1/2 inf; n = 7: the same without inf, so that its transforms are those of n = 8 without
 * the last point and its filters 49 of the 64; n = 6: 0 1 -1 2 -2 inf; n = 4: 0 1 -1 inf. Each transform reads vectors at
 * p, p + s, ... and writes them at q, q + r, ...; n is a literal, so the branches fold. A's row of point 1 is all ones.
 * Not here: which tiles (winograd-tiles.ts).
 */
import { madd } from "./simd";

@inline function add(a: v128, b: v128): v128 { return f32x4.add(a, b); }
@inline function sub(a: v128, b: v128): v128 { return f32x4.sub(a, b); }
@inline function mul(a: f32, b: v128): v128 { return f32x4.mul(f32x4.splat(a), b); }
/** a * b + c. */
@inline function fma(a: f32, b: v128, c: v128): v128 { return madd(f32x4.splat(a), b, c); }
@inline function ld(p: usize): v128 { return v128.load(p); }
@inline function st(p: usize, v: v128): void { v128.store(p, v); }

/** B^T: n inputs to n points. */
@inline export function toPoints(n: i32, p: usize, s: usize, q: usize, r: usize): void {
  const d0 = ld(p), d1 = ld(p + s), d2 = ld(p + 2 * s), d3 = ld(p + 3 * s);
  if (n == 4) {
    st(q, sub(d0, d2)); st(q + r, add(d2, d1)); st(q + 2 * r, sub(d2, d1)); st(q + 3 * r, sub(d3, d1));
    return;
  }
  const d4 = ld(p + 4 * s), d5 = ld(p + 5 * s);
  if (n == 6) {
    st(q, fma(4, d0, fma(-5, d2, d4)));
    const a = fma(-4, d2, d4), b = fma(-4, d1, d3), c = sub(d4, d2), e = sub(d3, d1);
    st(q + r, add(a, b)); st(q + 2 * r, sub(a, b));
    st(q + 3 * r, fma(2, e, c)); st(q + 4 * r, fma(-2, e, c));
    st(q + 5 * r, fma(4, d1, fma(-5, d3, d5)));
    return;
  }
  const d6 = ld(p + 6 * s);
  st(q, fma(5.25, sub(d4, d2), sub(d0, d6)));
  const a = fma(-4.25, d4, add(d2, d6)), b = fma(-4.25, d3, add(d1, d5));
  st(q + r, add(a, b)); st(q + 2 * r, sub(a, b));
  // The odd part halved for 2, doubled for 1/2.
  const c = fma(0.25, d2, fma(-1.25, d4, d6)), e = fma(0.25, d1, fma(-1.25, d3, d5));
  st(q + 3 * r, fma(2, e, c)); st(q + 4 * r, fma(-2, e, c));
  const g = fma(4, d2, fma(-5, d4, d6)), h = fma(4, d1, fma(-5, d3, d5));
  st(q + 5 * r, fma(0.5, h, g)); st(q + 6 * r, fma(-0.5, h, g));
  if (n == 8) st(q + 7 * r, fma(5.25, sub(d3, d5), sub(ld(p + 7 * s), d1)));
}

@inline function put(q: usize, v: v128, accumulate: bool): void { st(q, accumulate ? add(ld(q), v) : v); }

/** B: n points to n values; `two` adds the first two of them to what is there, `rest` all others. */
@inline export function fromPoints(n: i32, p: usize, s: usize, q: usize, r: usize, two: bool, rest: bool): void {
  const m0 = ld(p), m1 = ld(p + s), m2 = ld(p + 2 * s), m3 = ld(p + 3 * s), p1 = add(m1, m2), q1 = sub(m1, m2);
  if (n == 4) {
    put(q, m0, two); put(q + r, sub(q1, m3), two); put(q + 2 * r, sub(p1, m0), rest); put(q + 3 * r, m3, rest);
    return;
  }
  const m4 = ld(p + 4 * s), m5 = ld(p + 5 * s), p2 = add(m3, m4), q2 = sub(m3, m4);
  if (n == 6) {
    put(q, mul(4, m0), two);
    put(q + r, fma(4, sub(m5, q1), mul(-2, q2)), two);
    put(q + 2 * r, sub(fma(-5, m0, mul(-4, p1)), p2), rest);
    put(q + 3 * r, fma(-5, m5, fma(2, q2, q1)), rest);
    put(q + 4 * r, add(add(m0, p1), p2), rest);
    put(q + 5 * r, m5, rest);
    return;
  }
  const m6 = ld(p + 6 * s), p3 = add(m5, m6), q3 = sub(m5, m6);
  const z1 = fma(2, q3, fma(0.5, q2, q1)), z3 = fma(-2.5, add(q2, q3), mul(-4.25, q1)), z5 = fma(2, q2, fma(0.5, q3, q1));
  put(q, m0, two);
  put(q + 2 * r, fma(-5.25, m0, fma(4, p3, fma(0.25, p2, p1))), rest);
  put(q + 4 * r, fma(-5, p3, fma(-1.25, p2, fma(-4.25, p1, mul(5.25, m0)))), rest);
  put(q + 6 * r, sub(add(p1, add(p2, p3)), m0), rest);
  if (n == 8) {
    const m7 = ld(p + 7 * s);
    put(q + r, sub(z1, m7), two);
    put(q + 3 * r, fma(5.25, m7, z3), rest);
    put(q + 5 * r, fma(-5.25, m7, z5), rest);
    put(q + 7 * r, m7, rest);
  } else {
    put(q + r, z1, two); put(q + 3 * r, z3, rest); put(q + 5 * r, z5, rest);
  }
}

@inline function out(q: usize, v: v128, bias: v128, floor: v128, last: bool): void {
  st(q, last ? f32x4.max(add(v, bias), floor) : v);
}

/** A^T: n points to m results; the last pass adds the bias and cuts at `floor`. */
@inline export function toResults(n: i32, p: usize, s: usize, q: usize, r: usize, bias: v128, floor: v128, last: bool): void {
  const m0 = ld(p), m1 = ld(p + s), m2 = ld(p + 2 * s), m3 = ld(p + 3 * s), p1 = add(m1, m2), q1 = sub(m1, m2);
  if (n == 4) {
    out(q, add(m0, p1), bias, floor, last); out(q + r, add(q1, m3), bias, floor, last);
    return;
  }
  const m4 = ld(p + 4 * s), m5 = ld(p + 5 * s), p2 = add(m3, m4), q2 = sub(m3, m4);
  if (n == 6) {
    out(q, add(add(m0, p1), p2), bias, floor, last);
    out(q + r, fma(2, q2, q1), bias, floor, last);
    out(q + 2 * r, fma(4, p2, p1), bias, floor, last);
    out(q + 3 * r, add(fma(8, q2, q1), m5), bias, floor, last);
    return;
  }
  const m6 = ld(p + 6 * s), p3 = add(m5, m6), q3 = sub(m5, m6);
  out(q, fma(32, p3, add(add(m0, p1), p2)), bias, floor, last);
  out(q + r, fma(16, q3, fma(2, q2, q1)), bias, floor, last);
  out(q + 2 * r, fma(8, p3, fma(4, p2, p1)), bias, floor, last);
  out(q + 3 * r, fma(4, q3, fma(8, q2, q1)), bias, floor, last);
  out(q + 4 * r, fma(2, p3, fma(16, p2, p1)), bias, floor, last);
  if (n == 8) out(q + 5 * r, add(add(fma(32, q2, q1), q3), ld(p + 7 * s)), bias, floor, last);
}

@inline function gradient(p: usize, mask: usize, masked: bool): v128 {
  return masked ? v128.and(ld(p), f32x4.gt(ld(p + mask), f32x4.splat(0))) : ld(p);
}

/** A: m gradients of results to n points. `masked`: only where the float `mask` bytes further on is above 0. */
@inline export function resultsToPoints(n: i32, p: usize, s: usize, q: usize, r: usize, mask: usize, masked: bool): void {
  const y0 = gradient(p, mask, masked), y1 = gradient(p + s, mask, masked);
  st(q, y0);
  if (n == 4) {
    st(q + r, add(y0, y1)); st(q + 2 * r, sub(y0, y1)); st(q + 3 * r, y1);
    return;
  }
  const y2 = gradient(p + 2 * s, mask, masked), y3 = gradient(p + 3 * s, mask, masked);
  if (n == 6) {
    const a = add(y0, y2), b = add(y1, y3), c = fma(4, y2, y0), e = fma(4, y3, y1);
    st(q + r, add(a, b)); st(q + 2 * r, sub(a, b));
    st(q + 3 * r, fma(2, e, c)); st(q + 4 * r, fma(-2, e, c));
    st(q + 5 * r, y3);
    return;
  }
  const y4 = gradient(p + 4 * s, mask, masked);
  const a = add(add(y0, y2), y4), c = fma(16, y4, fma(4, y2, y0)), g = fma(2, y4, fma(8, y2, mul(32, y0)));
  // The odd parts: of 1, of 2 halved, of 1/2 divided by 4.
  let b = add(y1, y3), e = fma(4, y3, y1), h = fma(4, y1, y3);
  if (n == 8) {
    const y5 = gradient(p + 5 * s, mask, masked);
    b = add(b, y5); e = fma(16, y5, e); h = fma(0.25, y5, h);
    st(q + 7 * r, y5);
  }
  st(q + r, add(a, b)); st(q + 2 * r, sub(a, b));
  st(q + 3 * r, fma(2, e, c)); st(q + 4 * r, fma(-2, e, c));
  st(q + 5 * r, fma(4, h, g)); st(q + 6 * r, fma(-4, h, g));
}

/** G: 3 taps to n points. */
@inline export function tapsToPoints(n: i32, p: usize, s: usize, q: usize, r: usize): void {
  const w0 = ld(p), w1 = ld(p + s), w2 = ld(p + 2 * s), a = add(w0, w2);
  if (n == 4) {
    st(q, w0); st(q + r, mul(0.5, add(a, w1))); st(q + 2 * r, mul(0.5, sub(a, w1))); st(q + 3 * r, w2);
    return;
  }
  const b = fma(4, w2, w0), c = add(w1, w1);
  const u: f32 = n == 6 ? -1.0 / 6 : -2.0 / 9, v: f32 = n == 6 ? 1.0 / 24 : 1.0 / 90;
  st(q, n == 6 ? mul(0.25, w0) : w0);
  st(q + r, mul(u, add(a, w1))); st(q + 2 * r, mul(u, sub(a, w1)));
  st(q + 3 * r, mul(v, add(b, c))); st(q + 4 * r, mul(v, sub(b, c)));
  if (n == 6) st(q + 5 * r, w2);
  else {
    const e = fma(4, w0, w2);
    st(q + 5 * r, mul(1.0 / 180, add(e, c))); st(q + 6 * r, mul(1.0 / 180, sub(e, c)));
    if (n == 8) st(q + 7 * r, w2);
  }
}

/** G^T: n points to 3 gradients of taps. */
@inline export function pointsToTaps(n: i32, p: usize, s: usize, q: usize, r: usize): void {
  const s0 = ld(p), s1 = ld(p + s), s2 = ld(p + 2 * s), s3 = ld(p + 3 * s), p1 = add(s1, s2), q1 = sub(s1, s2);
  if (n == 4) {
    st(q, fma(0.5, p1, s0)); st(q + r, mul(0.5, q1)); st(q + 2 * r, fma(0.5, p1, s3));
    return;
  }
  const s4 = ld(p + 4 * s), s5 = ld(p + 5 * s), p2 = add(s3, s4), q2 = sub(s3, s4);
  if (n == 6) {
    st(q, fma(0.25, s0, fma(-1.0 / 6, p1, mul(1.0 / 24, p2))));
    st(q + r, fma(-1.0 / 6, q1, mul(1.0 / 12, q2)));
    st(q + 2 * r, fma(1.0 / 6, sub(p2, p1), s5));
  } else {
    const s6 = ld(p + 6 * s), p3 = add(s5, s6), q3 = sub(s5, s6);
    st(q, fma(1.0 / 45, p3, fma(1.0 / 90, p2, fma(-2.0 / 9, p1, s0))));
    st(q + r, fma(1.0 / 90, q3, fma(1.0 / 45, q2, mul(-2.0 / 9, q1))));
    const z = fma(1.0 / 180, p3, fma(2.0 / 45, p2, mul(-2.0 / 9, p1)));
    st(q + 2 * r, n == 8 ? add(z, ld(p + 7 * s)) : z);
  }
}
