/**
 * The one-dimensional transforms of Winograd's convolution with `taps` taps, 2 or 3: a tile of n values gives
 * m = n - taps + 1 results by n products. On two dimensions, with d the tile, w the filter, y the result and g its gradient:
 *
 * ```
 * V = B^T d B        U = G w G^T        y = A^T [sum over channels of V U] A
 * D = A g A^T        dd = B [sum over filters of D U] B^T        dw = G^T [sum over tiles of V D] G
 * ```
 *
 * Points: n = 8: 0 1 -1 2 -2 1/2 -1/2 inf; n = 7: the same without inf, so that its transforms are those of n = 8 without
 * the last point and its filters 49 of the 64; n = 6: 0 1 -1 2 -2 inf; n = 4: 0 1 -1 inf. Each transform reads vectors at
 * p, p + s, ... and writes them at q, q + r, ...; n and taps are literals, so the branches fold. B knows no taps: they are
 * in G, and how many results are left is in A, whose row of point 1 is all ones and whose last one, of inf, is the last result.
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

/** Value i. */
@inline function put(i: i32, q: usize, r: usize, v: v128, shared: i32): void {
  const to = q + <usize>i * r;
  st(to, i < shared ? add(ld(to), v) : v);
}

/** B: n points to n values; the first `shared` of them, a literal, are added to what is there. */
@inline export function fromPoints(n: i32, p: usize, s: usize, q: usize, r: usize, shared: i32): void {
  const m0 = ld(p), m1 = ld(p + s), m2 = ld(p + 2 * s), m3 = ld(p + 3 * s), p1 = add(m1, m2), q1 = sub(m1, m2);
  if (n == 4) {
    put(0, q, r, m0, shared); put(1, q, r, sub(q1, m3), shared); put(2, q, r, sub(p1, m0), shared); put(3, q, r, m3, shared);
    return;
  }
  const m4 = ld(p + 4 * s), m5 = ld(p + 5 * s), p2 = add(m3, m4), q2 = sub(m3, m4);
  if (n == 6) {
    put(0, q, r, mul(4, m0), shared);
    put(1, q, r, fma(4, sub(m5, q1), mul(-2, q2)), shared);
    put(2, q, r, sub(fma(-5, m0, mul(-4, p1)), p2), shared);
    put(3, q, r, fma(-5, m5, fma(2, q2, q1)), shared);
    put(4, q, r, add(add(m0, p1), p2), shared);
    put(5, q, r, m5, shared);
    return;
  }
  const m6 = ld(p + 6 * s), p3 = add(m5, m6), q3 = sub(m5, m6);
  const z1 = fma(2, q3, fma(0.5, q2, q1)), z3 = fma(-2.5, add(q2, q3), mul(-4.25, q1)), z5 = fma(2, q2, fma(0.5, q3, q1));
  put(0, q, r, m0, shared);
  put(2, q, r, fma(-5.25, m0, fma(4, p3, fma(0.25, p2, p1))), shared);
  put(4, q, r, fma(-5, p3, fma(-1.25, p2, fma(-4.25, p1, mul(5.25, m0)))), shared);
  put(6, q, r, sub(add(p1, add(p2, p3)), m0), shared);
  if (n == 8) {
    const m7 = ld(p + 7 * s);
    put(1, q, r, sub(z1, m7), shared);
    put(3, q, r, fma(5.25, m7, z3), shared);
    put(5, q, r, fma(-5.25, m7, z5), shared);
    put(7, q, r, m7, shared);
  } else {
    put(1, q, r, z1, shared); put(3, q, r, z3, shared); put(5, q, r, z5, shared);
  }
}

@inline function out(q: usize, v: v128, bias: v128, floor: v128, last: bool): void {
  // pmax is one instruction in V8 and max eight; with `floor` on the right both keep what is not a number.
  st(q, last ? f32x4.pmax(add(v, bias), floor) : v);
}

/** A^T: n points to m results; the last pass adds the bias and cuts at `floor`. */
@inline export function toResults(n: i32, taps: i32, p: usize, s: usize, q: usize, r: usize, bias: v128, floor: v128, last: bool): void {
  const m = n - taps + 1;
  const m0 = ld(p), m1 = ld(p + s), m2 = ld(p + 2 * s), m3 = ld(p + 3 * s), p1 = add(m1, m2), q1 = sub(m1, m2);
  if (n == 4) {
    out(q, add(m0, p1), bias, floor, last);
    out(q + r, m == 2 ? add(q1, m3) : q1, bias, floor, last);
    if (m == 3) out(q + 2 * r, add(p1, m3), bias, floor, last);
    return;
  }
  const m4 = ld(p + 4 * s), m5 = ld(p + 5 * s), p2 = add(m3, m4), q2 = sub(m3, m4);
  if (n == 6) {
    out(q, add(add(m0, p1), p2), bias, floor, last);
    out(q + r, fma(2, q2, q1), bias, floor, last);
    out(q + 2 * r, fma(4, p2, p1), bias, floor, last);
    const y3 = fma(8, q2, q1);
    out(q + 3 * r, m == 4 ? add(y3, m5) : y3, bias, floor, last);
    if (m == 5) out(q + 4 * r, add(fma(16, p2, p1), m5), bias, floor, last);
    return;
  }
  const m6 = ld(p + 6 * s), p3 = add(m5, m6), q3 = sub(m5, m6);
  out(q, fma(32, p3, add(add(m0, p1), p2)), bias, floor, last);
  out(q + r, fma(16, q3, fma(2, q2, q1)), bias, floor, last);
  out(q + 2 * r, fma(8, p3, fma(4, p2, p1)), bias, floor, last);
  out(q + 3 * r, fma(4, q3, fma(8, q2, q1)), bias, floor, last);
  out(q + 4 * r, fma(2, p3, fma(16, p2, p1)), bias, floor, last);
  if (m < 6) return;
  const y5 = add(fma(32, q2, q1), q3);
  out(q + 5 * r, n == 8 && m == 6 ? add(y5, ld(p + 7 * s)) : y5, bias, floor, last);
  if (m == 7) out(q + 6 * r, add(fma(0.5, p3, fma(64, p2, p1)), ld(p + 7 * s)), bias, floor, last);
}

@inline function gradient(p: usize, mask: usize, masked: bool): v128 {
  return masked ? v128.and(ld(p), f32x4.gt(ld(p + mask), f32x4.splat(0))) : ld(p);
}

/** A: m gradients of results to n points. `masked`: only where the float `mask` bytes further on is above 0. */
@inline export function resultsToPoints(n: i32, taps: i32, p: usize, s: usize, q: usize, r: usize, mask: usize, masked: bool): void {
  const m = n - taps + 1, y0 = gradient(p, mask, masked), y1 = gradient(p + s, mask, masked);
  st(q, y0);
  if (n == 4) {
    const y2 = m == 3 ? gradient(p + 2 * s, mask, masked) : y1, a = m == 3 ? add(y0, y2) : y0;
    st(q + r, add(a, y1)); st(q + 2 * r, sub(a, y1)); st(q + 3 * r, y2);
    return;
  }
  const y2 = gradient(p + 2 * s, mask, masked), y3 = gradient(p + 3 * s, mask, masked);
  if (n == 6) {
    const b = add(y1, y3), e = fma(4, y3, y1);
    let a = add(y0, y2), c = fma(4, y2, y0), y = y3;
    if (m == 5) { y = gradient(p + 4 * s, mask, masked); a = add(a, y); c = fma(16, y, c); }
    st(q + r, add(a, b)); st(q + 2 * r, sub(a, b));
    st(q + 3 * r, fma(2, e, c)); st(q + 4 * r, fma(-2, e, c));
    st(q + 5 * r, y);
    return;
  }
  const y4 = gradient(p + 4 * s, mask, masked);
  let a = add(add(y0, y2), y4), c = fma(16, y4, fma(4, y2, y0)), g = fma(2, y4, fma(8, y2, mul(32, y0)));
  // The odd parts: of 1, of 2 halved, of 1/2 divided by 4.
  let b = add(y1, y3), e = fma(4, y3, y1), h = fma(4, y1, y3), y = y4;
  if (m > 5) { y = gradient(p + 5 * s, mask, masked); b = add(b, y); e = fma(16, y, e); h = fma(0.25, y, h); }
  if (m > 6) { y = gradient(p + 6 * s, mask, masked); a = add(a, y); c = fma(64, y, c); g = fma(0.5, y, g); }
  if (n == 8) st(q + 7 * r, y);
  st(q + r, add(a, b)); st(q + 2 * r, sub(a, b));
  st(q + 3 * r, fma(2, e, c)); st(q + 4 * r, fma(-2, e, c));
  st(q + 5 * r, fma(4, h, g)); st(q + 6 * r, fma(-4, h, g));
}

/** G: taps to n points. */
@inline export function tapsToPoints(n: i32, taps: i32, p: usize, s: usize, q: usize, r: usize): void {
  const w0 = ld(p), w1 = ld(p + s), w2 = taps == 3 ? ld(p + 2 * s) : w1, a = taps == 3 ? add(w0, w2) : w0;
  if (n == 4) {
    st(q, w0); st(q + r, mul(0.5, add(a, w1))); st(q + 2 * r, mul(0.5, sub(a, w1))); st(q + 3 * r, w2);
    return;
  }
  const b = taps == 3 ? fma(4, w2, w0) : w0, c = add(w1, w1);
  const u: f32 = n == 6 ? -1.0 / 6 : -2.0 / 9, v: f32 = n == 6 ? 1.0 / 24 : 1.0 / 90;
  st(q, n == 6 ? mul(0.25, w0) : w0);
  st(q + r, mul(u, add(a, w1))); st(q + 2 * r, mul(u, sub(a, w1)));
  st(q + 3 * r, mul(v, add(b, c))); st(q + 4 * r, mul(v, sub(b, c)));
  if (n == 6) st(q + 5 * r, w2);
  else {
    const e = taps == 3 ? fma(4, w0, w2) : mul(4, w0);
    st(q + 5 * r, mul(1.0 / 180, add(e, c))); st(q + 6 * r, mul(1.0 / 180, sub(e, c)));
    if (n == 8) st(q + 7 * r, w2);
  }
}

/** G^T: n points to gradients of taps. */
@inline export function pointsToTaps(n: i32, taps: i32, p: usize, s: usize, q: usize, r: usize): void {
  const s0 = ld(p), s1 = ld(p + s), s2 = ld(p + 2 * s), s3 = ld(p + 3 * s), p1 = add(s1, s2), q1 = sub(s1, s2);
  if (n == 4) {
    st(q, fma(0.5, p1, s0));
    st(q + r, taps == 2 ? fma(0.5, q1, s3) : mul(0.5, q1));
    if (taps == 3) st(q + 2 * r, fma(0.5, p1, s3));
    return;
  }
  const s4 = ld(p + 4 * s), s5 = ld(p + 5 * s), p2 = add(s3, s4), q2 = sub(s3, s4);
  if (n == 6) {
    st(q, fma(0.25, s0, fma(-1.0 / 6, p1, mul(1.0 / 24, p2))));
    const z = fma(-1.0 / 6, q1, mul(1.0 / 12, q2));
    st(q + r, taps == 2 ? add(z, s5) : z);
    if (taps == 3) st(q + 2 * r, fma(1.0 / 6, sub(p2, p1), s5));
  } else {
    const s6 = ld(p + 6 * s), p3 = add(s5, s6), q3 = sub(s5, s6);
    st(q, fma(1.0 / 45, p3, fma(1.0 / 90, p2, fma(-2.0 / 9, p1, s0))));
    const y = fma(1.0 / 90, q3, fma(1.0 / 45, q2, mul(-2.0 / 9, q1)));
    st(q + r, n == 8 && taps == 2 ? add(y, ld(p + 7 * s)) : y);
    if (taps == 2) return;
    const z = fma(1.0 / 180, p3, fma(2.0 / 45, p2, mul(-2.0 / 9, p1)));
    st(q + 2 * r, n == 8 ? add(z, ld(p + 7 * s)) : z);
  }
}
