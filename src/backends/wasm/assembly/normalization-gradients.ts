/** The gradients of batch normalisation, channels last. Words, and what they mean: kernels/normalization.ts. */
import { BatchGradientSumsWords, BatchGradientTermsWords, BatchInputGradientWords } from "./generated/words";
import { nearRun, scaleOf, splat } from "./normalization";
import { blockOf, demote, high64, loadPart, low64, madd, nmadd, storePart, tileEnd, touch } from "./simd";

/** dy where the activation lets z through, else 0. */
@inline function passed(activation: i32, dy: v128, z: v128): v128 {
  if (activation == 0) return dy;
  const above = v128.and(dy, f32x4.gt(z, splat(0)));
  return activation == 1 ? above : v128.andnot(above, f32x4.ge(z, splat(6)));
}

/**
 * n (1 to 4) channels of `count` pixels: sums of dz, and of dz (x - mean), those of even pixels and of odd ones. With more
 * channels at a time not all that the loop needs would fit into the registers. `o`: bytes to the channels; `at`: to the pixels.
 */
@inline function sums4(activation: i32, p: BatchGradientSumsWords, at: usize, o: usize, row: usize, count: i32, to: usize, n: i32): void {
  const m = loadPart(p.mean + o, n);
  let a = m, b = m;
  if (activation != 0) {
    a = scaleOf(loadPart(p.gamma + o, n), loadPart(p.variance + o, n), splat(p.epsilon));
    b = loadPart(p.beta + o, n);
  }
  let s0 = splat(0), s1 = s0, q0 = s0, q1 = s0, x = p.x + at + o, dy = p.dy + at + o;
  for (; count > 1; count -= 2, x += 2 * row, dy += 2 * row) {
    const t0 = f32x4.sub(loadPart(x, n), m), t1 = f32x4.sub(loadPart(x + row, n), m);
    const d0 = passed(activation, loadPart(dy, n), madd(t0, a, b)), d1 = passed(activation, loadPart(dy + row, n), madd(t1, a, b));
    s0 = f32x4.add(s0, d0); s1 = f32x4.add(s1, d1);
    q0 = madd(t0, d0, q0); q1 = madd(t1, d1, q1);
  }
  if (count > 0) {
    const t = f32x4.sub(loadPart(x, n), m), d = passed(activation, loadPart(dy, n), madd(t, a, b));
    s0 = f32x4.add(s0, d); q0 = madd(t, d, q0);
  }
  storePart(to + o, f32x4.add(s0, s1), n); storePart(to + row + o, f32x4.add(q0, q1), n);
}

@inline function sumsAll(activation: i32, p: BatchGradientSumsWords, at: usize, row: usize, count: i32, to: usize): void {
  let i = 0;
  for (; i + 4 <= p.channels; i += 4) sums4(activation, p, at, <usize>i << 2, row, count, to, 4);
  if (i < p.channels) sums4(activation, p, at, <usize>i << 2, row, count, to, p.channels - i);
}

export function batchGradientSums(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<BatchGradientSumsWords>(w);
  const row = <usize>p.channels << 2, from = tile * p.chunk, count = tileEnd(tile, p.chunk, p.n(rows)) - from;
  const at = <usize>from * row, to = p.partials + <usize>(2 * tile) * row;
  if (p.channels > 16) { touch(p.x + at, row, count, row, scratch); touch(p.dy + at, row, count, row, scratch); }
  if (p.activation == 0) sumsAll(0, p, at, row, count, to);
  else if (p.activation == 1) sumsAll(1, p, at, row, count, to);
  else sumsAll(2, p, at, row, count, to);
}

export function batchGradientTerms(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<BatchGradientTermsWords>(w);
  const block = blockOf(w), n = p.n(rows), chunks = (n + p.chunk - 1) / p.chunk, row = <usize>p.channels << 2;
  const share = splat(1 / <f32>n), epsilon = splat(p.epsilon);
  for (let i = tile * block, to = tileEnd(tile, block, p.channels); i < to; i += 4) {
    const at = <usize>i << 2, left = min(to - i, 4);
    let s0 = f64x2.splat(0), s1 = s0, q0 = s0, q1 = s0, from = p.partials + at;
    for (let c = 0; c < chunks; c++, from += 2 * row) {
      const s = loadPart(from, left), q = loadPart(from + row, left);
      s0 = f64x2.add(s0, low64(s)); s1 = f64x2.add(s1, high64(s));
      q0 = f64x2.add(q0, low64(q)); q1 = f64x2.add(q1, high64(q));
    }
    const dbeta = demote(s0, s1), variance = f32x4.add(loadPart(p.variance + at, left), epsilon);
    const scale = scaleOf(loadPart(p.gamma + at, left), loadPart(p.variance + at, left), epsilon);
    const dgamma = f32x4.div(demote(q0, q1), f32x4.sqrt(variance));
    if (p.dbeta != 0) storePart(p.dbeta + at, dbeta, left);
    if (p.dgamma != 0) storePart(p.dgamma + at, dgamma, left);
    storePart(p.terms + at, scale, left);
    storePart(p.terms + row + at, f32x4.neg(f32x4.mul(scale, f32x4.mul(dbeta, share))), left);
    storePart(p.terms + 2 * row + at, f32x4.div(f32x4.mul(scale, f32x4.mul(dgamma, share)), f32x4.sqrt(variance)), left);
  }
}

/** Eight channels of pixels. `at`: bytes to their first. */
@inline function input8(activation: i32, p: BatchInputGradientWords, o: usize, at: usize, end: usize, row: usize): void {
  const scales = p.terms + o, terms = scales + row, slopes = terms + row;
  const m0 = v128.load(p.mean + o), m1 = v128.load(p.mean + o, 16), a0 = v128.load(scales), a1 = v128.load(scales, 16);
  const c0 = v128.load(terms), c1 = v128.load(terms, 16), k0 = v128.load(slopes), k1 = v128.load(slopes, 16);
  let b0 = splat(0), b1 = b0;
  if (activation != 0) { b0 = v128.load(p.beta + o); b1 = v128.load(p.beta + o, 16); }
  const x = p.x, dy = p.dy, dx = p.dx;
  for (; at < end; at += row) {
    const t0 = f32x4.sub(v128.load(x + at), m0), t1 = f32x4.sub(v128.load(x + at, 16), m1);
    let d0 = v128.load(dy + at), d1 = v128.load(dy + at, 16);
    if (activation != 0) { d0 = passed(activation, d0, madd(t0, a0, b0)); d1 = passed(activation, d1, madd(t1, a1, b1)); }
    v128.store(dx + at, madd(a0, d0, nmadd(t0, k0, c0)));
    v128.store(dx + at, madd(a1, d1, nmadd(t1, k1, c1)), 16);
  }
}

/** n (1 to 4) channels. */
@inline function input4(activation: i32, p: BatchInputGradientWords, o: usize, at: usize, end: usize, row: usize, n: i32): void {
  const scales = p.terms + o, m = loadPart(p.mean + o, n), a = loadPart(scales, n), c = loadPart(scales + row, n), k = loadPart(scales + 2 * row, n);
  const b = activation != 0 ? loadPart(p.beta + o, n) : m;
  for (; at < end; at += row) {
    const t = f32x4.sub(loadPart(p.x + at, n), m);
    const d = passed(activation, loadPart(p.dy + at, n), madd(t, a, b));
    storePart(p.dx + at, madd(a, d, nmadd(t, k, c)), n);
  }
}

@inline function inputAll(activation: i32, p: BatchInputGradientWords, at: usize, end: usize, row: usize, scratch: usize): void {
  for (const run = nearRun(row); at < end; at += run) {
    const to = min(at + run, end);
    if (row > 32) { touch(p.x + at, 0, 1, to - at, scratch); touch(p.dy + at, 0, 1, to - at, scratch); }
    let i = 0;
    for (; i + 8 <= p.channels; i += 8) input8(activation, p, <usize>i << 2, at + (<usize>i << 2), to, row);
    for (; i < p.channels; i += 4) input4(activation, p, <usize>i << 2, at + (<usize>i << 2), to, row, min(p.channels - i, 4));
  }
}

export function batchInputGradient(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<BatchInputGradientWords>(w);
  const block = blockOf(w), row = <usize>p.channels << 2;
  const at = <usize>(tile * block) * row, end = <usize>tileEnd(tile, block, p.n(rows)) * row;
  if (p.activation == 0) inputAll(0, p, at, end, row, scratch);
  else if (p.activation == 1) inputAll(1, p, at, end, row, scratch);
  else inputAll(2, p, at, end, row, scratch);
}
