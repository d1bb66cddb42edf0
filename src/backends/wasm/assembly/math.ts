/**
 * Elementary functions on four floats at a time: own polynomials (the coefficients are those of the Cephes library,
 * S. Moshier), so that results are the same on every machine. Errors are at most 2 units in the last place. Not here:
 * the loops over arrays (elementwise.ts).
 */
import { madd, nmadd } from "./simd";

@inline function splat(x: f32): v128 { return f32x4.splat(x); }

/** x 2^n for integers n, in two steps, so that results below the normal numbers round only once. */
@inline function scale(x: v128, n: v128): v128 {
  const half = i32x4.shr_s(n, 1), bias = i32x4.splat(127);
  const low = i32x4.shl(i32x4.add(half, bias), 23), high = i32x4.shl(i32x4.add(i32x4.sub(n, half), bias), 23);
  return f32x4.mul(f32x4.mul(x, low), high);
}

/** e^r - 1 for |r| <= ln(2) / 2. */
@inline function expm1OfRest(r: v128): v128 {
  let p = madd(splat(1.9875691500e-4), r, splat(1.3981999507e-3));
  p = madd(p, r, splat(8.3334519073e-3));
  p = madd(p, r, splat(4.1665795894e-2));
  p = madd(p, r, splat(1.6666665459e-1));
  p = madd(p, r, splat(5.0000001201e-1));
  return madd(p, f32x4.mul(r, r), r);
}

/** e^x = 2^n e^r with |r| <= ln(2) / 2. */
export function exp4(x: v128): v128 {
  const t = f32x4.max(f32x4.min(x, splat(89)), splat(-105));
  const n = f32x4.nearest(f32x4.mul(t, splat(1.44269504088896341)));
  // ln 2 in two parts, the first so short that n times it is exact.
  const r = nmadd(n, splat(-2.12194440e-4), nmadd(n, splat(0.693359375), t));
  return scale(f32x4.add(expm1OfRest(r), splat(1)), i32x4.trunc_sat_f32x4_s(n));
}

/** e^x - 1 for x <= 0, without the digits that are lost near 0 where 1 is taken off last: 2^n (e^r - 1) + (2^n - 1). */
export function expm1Below4(x: v128): v128 {
  const t = f32x4.max(x, splat(-30));
  const n = f32x4.nearest(f32x4.mul(t, splat(1.44269504088896341)));
  const r = nmadd(n, splat(-2.12194440e-4), nmadd(n, splat(0.693359375), t));
  const power = scale(splat(1), i32x4.trunc_sat_f32x4_s(n));
  return madd(power, expm1OfRest(r), f32x4.sub(power, splat(1)));
}

/** ln x = ln m + e ln 2 with m in [sqrt(1/2), sqrt(2)). */
export function log4(x: v128): v128 {
  const tiny = f32x4.lt(x, splat(1.17549435e-38));
  // Numbers below the normal ones are made normal first.
  const y = v128.bitselect(f32x4.mul(x, splat(8388608)), x, tiny);
  // The exponent of y / sqrt(1/2), by integers: 0x3f3504f3 are the bits of sqrt(1/2).
  const shifted = i32x4.sub(y, i32x4.splat(0x3f3504f3));
  const exponent = i32x4.shr_s(shifted, 23);
  const m = i32x4.sub(y, i32x4.shl(exponent, 23));
  const e = f32x4.sub(f32x4.convert_i32x4_s(exponent), v128.and(tiny, splat(23)));
  const f = f32x4.sub(m, splat(1));
  const z = f32x4.mul(f, f);
  let p = madd(splat(7.0376836292e-2), f, splat(-1.1514610310e-1));
  p = madd(p, f, splat(1.1676998740e-1));
  p = madd(p, f, splat(-1.2420140846e-1));
  p = madd(p, f, splat(1.4249322787e-1));
  p = madd(p, f, splat(-1.6668057665e-1));
  p = madd(p, f, splat(2.0000714765e-1));
  p = madd(p, f, splat(-2.4999993993e-1));
  p = madd(p, f, splat(3.3333331174e-1));
  p = f32x4.mul(p, f32x4.mul(f, z));
  p = madd(e, splat(-2.12194440e-4), p);
  p = nmadd(splat(0.5), z, p);
  let r = madd(e, splat(0.693359375), f32x4.add(f, p));
  // -infinity at 0, NaN below; infinity and NaN as they are.
  r = v128.bitselect(splat(-Infinity), r, f32x4.eq(x, splat(0)));
  r = v128.bitselect(splat(NaN), r, f32x4.lt(x, splat(0)));
  return v128.bitselect(f32x4.add(x, x), r, v128.or(f32x4.eq(x, splat(Infinity)), f32x4.ne(x, x)));
}

/** ln(1 + x) for x from 0 to 1: ln u for u = 1 + x as it is rounded, and what the rounding left out over u. */
export function log1p4(x: v128): v128 {
  const u = f32x4.add(splat(1), x);
  return f32x4.add(log4(u), f32x4.div(f32x4.sub(x, f32x4.sub(u, splat(1))), u));
}

/**
 * The share of the standard normal distribution below x, of x and e = e^(-x²/2). For x < 0 it is e t h(t) with
 * t = 1 / (1 + 0.35 |x|) and a polynomial h (fitted for the least relative error, 6e-9), so that the tail keeps its digits.
 */
export function normalShare4(x: v128, e: v128): v128 {
  const t = f32x4.div(splat(1), madd(f32x4.abs(x), splat(0.35), splat(1)));
  let h = madd(splat(0.021217391), t, splat(-0.117988214));
  h = madd(h, t, splat(0.256291687));
  h = madd(h, t, splat(-0.250312626));
  h = madd(h, t, splat(0.0874235556));
  h = madd(h, t, splat(-0.036650829));
  h = madd(h, t, splat(0.0508050881));
  h = madd(h, t, splat(0.0873615444));
  h = madd(h, t, splat(0.122595385));
  h = madd(h, t, splat(0.139627159));
  h = madd(h, t, splat(0.139629841));
  const tail = f32x4.mul(f32x4.mul(e, t), h);
  return v128.bitselect(f32x4.sub(splat(1), tail), tail, f32x4.gt(x, splat(0)));
}

/** 1 / (1 + e^-x), from e^-|x|, so that nothing overflows. */
export function sigmoid4(x: v128): v128 {
  const e = exp4(v128.or(x, i32x4.splat(0x80000000)));
  const top = v128.bitselect(e, splat(1), f32x4.lt(x, splat(0)));
  return f32x4.div(top, f32x4.add(splat(1), e));
}

/**
 * The cosine of `turns` full turns (0 to 1) and `quarters` quarter turns more; 3 of them make it the sine. The nearest
 * quarter turn is taken off exactly; the rest, at most an eighth, goes into polynomials.
 */
@inline export function turnedCosine4(turns: v128, quarters: i32): v128 {
  const whole = f32x4.nearest(f32x4.mul(turns, splat(4)));
  const r = f32x4.mul(f32x4.sub(f32x4.mul(turns, splat(4)), whole), splat(1.57079632679489662));
  const z = f32x4.mul(r, r);
  let s = madd(splat(-1.9515295891e-4), z, splat(8.3321608736e-3));
  s = madd(s, z, splat(-1.6666654611e-1));
  s = madd(f32x4.mul(s, z), r, r);
  let c = madd(splat(2.443315711809948e-5), z, splat(-1.388731625493765e-3));
  c = madd(c, z, splat(4.166664568298827e-2));
  c = madd(f32x4.mul(c, z), z, nmadd(splat(0.5), z, splat(1)));
  // cos(r), -sin(r), -cos(r) and sin(r), by how many quarters there are.
  const k = i32x4.add(i32x4.trunc_sat_f32x4_s(whole), i32x4.splat(quarters));
  const odd = i32x4.neg(v128.and(k, i32x4.splat(1)));
  const sign = i32x4.shl(v128.and(i32x4.add(k, i32x4.splat(1)), i32x4.splat(2)), 30);
  return v128.xor(v128.bitselect(s, c, odd), sign);
}

/** -1, 0 or 1; NaN stays, and so does the sign of a zero. */
@inline export function sign4(x: v128): v128 {
  const one = v128.or(v128.and(x, i32x4.splat(0x80000000)), splat(1));
  return v128.bitselect(one, x, v128.or(f32x4.lt(x, splat(0)), f32x4.gt(x, splat(0))));
}
