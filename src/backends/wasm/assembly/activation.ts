/**
 * Activations and their gradients, one element at a time. Numbers of the formulas and words: kernels/activation.ts; the
 * formulas in words: graph/ops/activation.ts.
 */
import { ActivationGradientWords, ActivationWords } from "./generated/words";
import { exp4, expm1Below4, log1p4, normalShare4, sigmoid4 } from "./math";
import { blockOf, loadPart, madd, storePart, tileEnd } from "./simd";

@inline function splat(x: f32): v128 { return f32x4.splat(x); }

/** (x + 3) / 6 before the division, from 0 to 6. */
@inline function hard4(x: v128): v128 {
  return f32x4.min(f32x4.max(f32x4.add(x, splat(3)), splat(0)), splat(6));
}

/** 2 u of gelu's approximation by tanh u, for x kept where its sigmoid is not 0 or 1 already. */
@inline function geluInner4(x: v128): v128 {
  const near = f32x4.max(f32x4.min(x, splat(20)), splat(-20)), square = f32x4.mul(near, near);
  return f32x4.mul(near, madd(square, splat(0.0713548162726), splat(1.59576912161)));
}

/** tanh(ln(1 + e^x)) = top / (top + low), both made of e = e^-|x|, so that neither overflows nor cancels. */
@inline function mishTop4(x: v128, e: v128): v128 {
  const left = f32x4.mul(e, f32x4.add(e, splat(2))), right = f32x4.add(splat(1), f32x4.add(e, e));
  return v128.bitselect(left, right, f32x4.lt(x, splat(0)));
}

@inline function mishLow4(x: v128, e: v128): v128 {
  return v128.bitselect(splat(2), f32x4.mul(splat(2), f32x4.mul(e, e)), f32x4.lt(x, splat(0)));
}

@inline function value(f: i32, x: v128, p0: v128, p1: v128, p2: v128): v128 {
  if (f == 0) {
    // Plus 0: nothing below the threshold is a negative zero. And 0 times -infinity is 0 here.
    let low = f32x4.add(f32x4.mul(p0, f32x4.sub(x, p1)), splat(0));
    low = v128.andnot(low, v128.and(f32x4.eq(p0, splat(0)), f32x4.eq(x, splat(-Infinity))));
    return v128.bitselect(f32x4.min(x, p2), low, f32x4.gt(x, p1));
  }
  if (f == 1) {
    const low = f32x4.mul(p1, expm1Below4(f32x4.mul(p2, f32x4.min(x, splat(0)))));
    return v128.bitselect(f32x4.mul(p0, x), low, f32x4.gt(x, splat(0)));
  }
  if (f == 2) return f32x4.mul(x, normalShare4(x, exp4(f32x4.mul(splat(-0.5), f32x4.mul(x, x)))));
  if (f == 3) return f32x4.mul(x, sigmoid4(geluInner4(x)));
  if (f == 4) return f32x4.mul(x, sigmoid4(x));
  if (f == 5) {
    const e = exp4(f32x4.neg(f32x4.abs(x))), top = mishTop4(x, e);
    return f32x4.mul(x, f32x4.div(top, f32x4.add(top, mishLow4(x, e))));
  }
  if (f == 6) return f32x4.add(f32x4.max(x, splat(0)), log1p4(exp4(f32x4.neg(f32x4.abs(x)))));
  if (f == 7) return f32x4.div(x, f32x4.add(splat(1), f32x4.abs(x)));
  if (f == 8) return f32x4.div(hard4(x), splat(6));
  return f32x4.div(f32x4.mul(x, hard4(x)), splat(6));
}

/** f'(x). */
@inline function slope(f: i32, x: v128, p0: v128, p1: v128, p2: v128): v128 {
  if (f == 0) {
    const high = v128.and(splat(1), f32x4.lt(x, p2));
    return v128.bitselect(high, p0, f32x4.gt(x, p1));
  }
  if (f == 1) {
    const low = f32x4.mul(f32x4.mul(p1, p2), exp4(f32x4.mul(p2, f32x4.min(x, splat(0)))));
    return v128.bitselect(p0, low, f32x4.gt(x, splat(0)));
  }
  if (f == 2) {
    const e = exp4(f32x4.mul(splat(-0.5), f32x4.mul(x, x)));
    return madd(f32x4.mul(x, splat(0.398942280401)), e, normalShare4(x, e));
  }
  if (f == 3) {
    const near = f32x4.max(f32x4.min(x, splat(20)), splat(-20));
    const inner = madd(f32x4.mul(near, near), splat(0.214064448818), splat(1.59576912161));
    const u = geluInner4(x), s = sigmoid4(u);
    return madd(f32x4.mul(f32x4.mul(near, inner), s), sigmoid4(f32x4.neg(u)), s);
  }
  if (f == 4) {
    const s = sigmoid4(x);
    return f32x4.mul(s, madd(x, sigmoid4(f32x4.neg(x)), splat(1)));
  }
  if (f == 5) {
    const e = exp4(f32x4.neg(f32x4.abs(x))), top = mishTop4(x, e), low = mishLow4(x, e);
    const sum = f32x4.add(top, low), t = f32x4.div(top, sum), rest = f32x4.div(low, sum);
    return madd(f32x4.mul(x, sigmoid4(x)), f32x4.mul(rest, f32x4.add(splat(1), t)), t);
  }
  if (f == 6) return sigmoid4(x);
  if (f == 7) {
    const d = f32x4.div(splat(1), f32x4.add(splat(1), f32x4.abs(x)));
    return f32x4.mul(d, d);
  }
  if (f == 8) return v128.and(splat(0.166666666667), v128.and(f32x4.gt(x, splat(-3)), f32x4.lt(x, splat(3))));
  const between = v128.and(f32x4.div(f32x4.add(f32x4.add(x, x), splat(3)), splat(6)), f32x4.gt(x, splat(-3)));
  return v128.bitselect(between, splat(1), f32x4.lt(x, splat(3)));
}

@inline function valueLoop(f: i32, x: usize, y: usize, n: i32, p0: v128, p1: v128, p2: v128): void {
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, value(f, v128.load(x), p0, p1, p2));
  if (n > 0) storePart(y, value(f, loadPart(x, n), p0, p1, p2), n);
}

@inline function gradientLoop(f: i32, x: usize, dy: usize, dx: usize, n: i32, p0: v128, p1: v128, p2: v128): void {
  for (; n >= 4; n -= 4, x += 16, dy += 16, dx += 16) {
    v128.store(dx, f32x4.mul(v128.load(dy), slope(f, v128.load(x), p0, p1, p2)));
  }
  if (n > 0) storePart(dx, f32x4.mul(loadPart(dy, n), slope(f, loadPart(x, n), p0, p1, p2)), n);
}

export function activation(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<ActivationWords>(w);
  const block = blockOf(w), from = tile * block, n = tileEnd(tile, block, p.n(rows)) - from;
  const x = p.x + (<usize>from << 2), y = p.y + (<usize>from << 2);
  const p0 = splat(p.p0), p1 = splat(p.p1), p2 = splat(p.p2);
  switch (p.formula) {
    case 0: valueLoop(0, x, y, n, p0, p1, p2); break;
    case 1: valueLoop(1, x, y, n, p0, p1, p2); break;
    case 2: valueLoop(2, x, y, n, p0, p1, p2); break;
    case 3: valueLoop(3, x, y, n, p0, p1, p2); break;
    case 4: valueLoop(4, x, y, n, p0, p1, p2); break;
    case 5: valueLoop(5, x, y, n, p0, p1, p2); break;
    case 6: valueLoop(6, x, y, n, p0, p1, p2); break;
    case 7: valueLoop(7, x, y, n, p0, p1, p2); break;
    case 8: valueLoop(8, x, y, n, p0, p1, p2); break;
    case 9: valueLoop(9, x, y, n, p0, p1, p2); break;
    default: unreachable();
  }
}

export function activationGradient(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<ActivationGradientWords>(w);
  const block = blockOf(w), from = tile * block, n = tileEnd(tile, block, p.n(rows)) - from;
  const x = p.x + (<usize>from << 2), dy = p.dy + (<usize>from << 2), dx = p.dx + (<usize>from << 2);
  const p0 = splat(p.p0), p1 = splat(p.p1), p2 = splat(p.p2);
  switch (p.formula) {
    case 0: gradientLoop(0, x, dy, dx, n, p0, p1, p2); break;
    case 1: gradientLoop(1, x, dy, dx, n, p0, p1, p2); break;
    case 2: gradientLoop(2, x, dy, dx, n, p0, p1, p2); break;
    case 3: gradientLoop(3, x, dy, dx, n, p0, p1, p2); break;
    case 4: gradientLoop(4, x, dy, dx, n, p0, p1, p2); break;
    case 5: gradientLoop(5, x, dy, dx, n, p0, p1, p2); break;
    case 6: gradientLoop(6, x, dy, dx, n, p0, p1, p2); break;
    case 7: gradientLoop(7, x, dy, dx, n, p0, p1, p2); break;
    case 8: gradientLoop(8, x, dy, dx, n, p0, p1, p2); break;
    case 9: gradientLoop(9, x, dy, dx, n, p0, p1, p2); break;
    default: unreachable();
  }
}
