/** Batch normalisation and its gradients, channels last. Words, and what they mean: kernels/normalization.ts. */
import {
  BatchGradientSumsWords, BatchGradientTermsWords, BatchInputGradientWords, BatchMomentsWords, BatchStatisticsWords,
  ScaleChannelsWords,
} from "./generated/words";
import { blockOf, demote, high64, loadPart, low64, madd, nmadd, storePart, tileEnd, touch } from "./simd";

@inline function splat(x: f32): v128 { return f32x4.splat(x); }

/** gamma / sqrt(variance + epsilon): the same bits wherever it is needed. */
@inline function scaleOf(gamma: v128, variance: v128, epsilon: v128): v128 {
  return f32x4.div(gamma, f32x4.sqrt(f32x4.add(variance, epsilon)));
}

/** The least and the most an activation gives; NaN where it has no bound. */
@inline function lowest(activation: i32): f32 { return activation == 0 ? NaN : 0; }
@inline function highest(activation: i32): f32 { return activation == 2 ? 6 : NaN; }

/** v within its bounds; NaN stays, and is no bound. */
@inline function within(v: v128, low: v128, high: v128): v128 {
  return f32x4.pmin(f32x4.pmax(v, low), high);
}

/** dy where z is within its bounds, else 0. */
@inline function passed(dy: v128, z: v128, low: v128, high: v128): v128 {
  return v128.and(dy, v128.andnot(f32x4.gt(z, low), f32x4.ge(z, high)));
}

/** Sixteen channels of `count` pixels: about their mean, the mean of what it leaves, and the squares about both. */
function moments16(x: usize, row: usize, count: i32, to: usize): void {
  let a = splat(0), b = a, c = a, d = a, p = x;
  for (let n = count; n > 0; n--, p += row) {
    a = f32x4.add(a, v128.load(p)); b = f32x4.add(b, v128.load(p, 16));
    c = f32x4.add(c, v128.load(p, 32)); d = f32x4.add(d, v128.load(p, 48));
  }
  const share = splat(1 / <f32>count);
  a = f32x4.mul(a, share); b = f32x4.mul(b, share); c = f32x4.mul(c, share); d = f32x4.mul(d, share);
  let ra = splat(0), rb = ra, rc = ra, rd = ra, qa = ra, qb = ra, qc = ra, qd = ra;
  for (let n = count; n > 0; n--, x += row) {
    let t = f32x4.sub(v128.load(x), a); ra = f32x4.add(ra, t); qa = madd(t, t, qa);
    t = f32x4.sub(v128.load(x, 16), b); rb = f32x4.add(rb, t); qb = madd(t, t, qb);
    t = f32x4.sub(v128.load(x, 32), c); rc = f32x4.add(rc, t); qc = madd(t, t, qc);
    t = f32x4.sub(v128.load(x, 48), d); rd = f32x4.add(rd, t); qd = madd(t, t, qd);
  }
  storeMoments(to, row, a, ra, qa, share, 4); storeMoments(to + 16, row, b, rb, qb, share, 4);
  storeMoments(to + 32, row, c, rc, qc, share, 4); storeMoments(to + 48, row, d, rd, qd, share, 4);
}

/** n (1 to 4) channels. */
function moments4(x: usize, row: usize, count: i32, to: usize, n: i32): void {
  let a = splat(0), p = x;
  for (let i = count; i > 0; i--, p += row) a = f32x4.add(a, loadPart(p, n));
  const share = splat(1 / <f32>count);
  a = f32x4.mul(a, share);
  let r = splat(0), q = r;
  for (let i = count; i > 0; i--, x += row) {
    const t = f32x4.sub(loadPart(x, n), a);
    r = f32x4.add(r, t); q = madd(t, t, q);
  }
  storeMoments(to, row, a, r, q, share, n);
}

/** From sums r of x - a and q of (x - a) squared: a, what it misses the mean by, and the sum of squares about the mean. */
@inline function storeMoments(to: usize, row: usize, a: v128, r: v128, q: v128, share: v128, n: i32): void {
  const rest = f32x4.mul(r, share);
  storePart(to, a, n);
  storePart(to + row, rest, n);
  storePart(to + 2 * row, nmadd(r, rest, q), n);
}

export function batchMoments(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<BatchMomentsWords>(w);
  const channels = p.channels, row = <usize>channels << 2, from = tile * p.chunk, count = tileEnd(tile, p.chunk, p.n(rows)) - from;
  const x = p.x + <usize>from * row, to = p.partials + <usize>(3 * tile) * row;
  if (channels > 16) touch(x, row, count, row, scratch);
  let i = 0;
  for (; i + 16 <= channels; i += 16) moments16(x + (<usize>i << 2), row, count, to + (<usize>i << 2));
  for (; i < channels; i += 4) moments4(x + (<usize>i << 2), row, count, to + (<usize>i << 2), min(channels - i, 4));
}

/** Pixels of chunk c. */
@inline function countOf(c: i32, chunk: i32, n: i32): f64 { return <f64>min(chunk, n - c * chunk); }

export function batchStatistics(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<BatchStatisticsWords>(w);
  const block = blockOf(w), n = p.n(rows), chunk = p.chunk, chunks = (n + chunk - 1) / chunk, row = <usize>p.channels << 2;
  const share = f64x2.splat(1 / <f64>n), epsilon = splat(p.epsilon);
  for (let i = tile * block, to = tileEnd(tile, block, p.channels); i < to; i += 4) {
    const at = <usize>i << 2, left = min(to - i, 4);
    let m0 = f64x2.splat(0), m1 = m0, from = p.partials + at;
    for (let c = 0; c < chunks; c++, from += 3 * row) {
      const a = loadPart(from, left), rest = loadPart(from + row, left), count = f64x2.splat(countOf(c, chunk, n));
      m0 = f64x2.add(m0, f64x2.mul(count, f64x2.add(low64(a), low64(rest))));
      m1 = f64x2.add(m1, f64x2.mul(count, f64x2.add(high64(a), high64(rest))));
    }
    m0 = f64x2.mul(m0, share); m1 = f64x2.mul(m1, share);
    let v0 = f64x2.splat(0), v1 = v0;
    from = p.partials + at;
    for (let c = 0; c < chunks; c++, from += 3 * row) {
      const a = loadPart(from, left), rest = loadPart(from + row, left), squares = loadPart(from + 2 * row, left);
      const count = f64x2.splat(countOf(c, chunk, n));
      const d0 = f64x2.sub(f64x2.add(low64(a), low64(rest)), m0), d1 = f64x2.sub(f64x2.add(high64(a), high64(rest)), m1);
      v0 = f64x2.add(v0, f64x2.add(low64(squares), f64x2.mul(count, f64x2.mul(d0, d0))));
      v1 = f64x2.add(v1, f64x2.add(high64(squares), f64x2.mul(count, f64x2.mul(d1, d1))));
    }
    const variance = demote(f64x2.mul(v0, share), f64x2.mul(v1, share));
    storePart(p.mean + at, demote(m0, m1), left);
    storePart(p.variance + at, variance, left);
    storePart(p.scale + at, scaleOf(loadPart(p.gamma + at, left), variance, epsilon), left);
  }
}

/** One pixel; with `centre` the mean is taken off first. */
@inline function scalePixel(centre: bool, p: ScaleChannelsWords, x: usize, y: usize, low: v128, high: v128): void {
  let n = p.channels, i: usize = 0;
  const mean = p.mean, scale = p.scale, shift = p.shift;
  for (; n >= 4; n -= 4, i += 16) {
    let v = v128.load(x + i);
    if (centre) v = f32x4.sub(v, v128.load(mean + i));
    v128.store(y + i, within(madd(v, v128.load(scale + i), v128.load(shift + i)), low, high));
  }
  if (n > 0) {
    let v = loadPart(x + i, n);
    if (centre) v = f32x4.sub(v, loadPart(mean + i, n));
    storePart(y + i, within(madd(v, loadPart(scale + i, n), loadPart(shift + i, n)), low, high), n);
  }
}

export function scaleChannels(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<ScaleChannelsWords>(w);
  const block = blockOf(w), row = <usize>p.channels << 2, to = tileEnd(tile, block, p.n(rows));
  const low = splat(lowest(p.activation)), high = splat(highest(p.activation));
  let at = <usize>(tile * block) * row;
  const end = <usize>to * row;
  if (p.mean != 0) for (; at < end; at += row) scalePixel(true, p, p.x + at, p.y + at, low, high);
  else for (; at < end; at += row) scalePixel(false, p, p.x + at, p.y + at, low, high);
}

/** Eight channels of `count` pixels: sums of dz, and of dz (x - mean). `o`: bytes to the channels; `at`: to the pixels. */
@inline function sums8(masks: bool, p: BatchGradientSumsWords, at: usize, o: usize, row: usize, count: i32, to: usize): void {
  const m0 = v128.load(p.mean + o), m1 = v128.load(p.mean + o, 16);
  let a0 = splat(0), a1 = a0, b0 = a0, b1 = a0, low = a0, high = a0;
  if (masks) {
    const epsilon = splat(p.epsilon);
    a0 = scaleOf(v128.load(p.gamma + o), v128.load(p.variance + o), epsilon);
    a1 = scaleOf(v128.load(p.gamma + o, 16), v128.load(p.variance + o, 16), epsilon);
    b0 = v128.load(p.beta + o); b1 = v128.load(p.beta + o, 16);
    low = splat(lowest(p.activation)); high = splat(highest(p.activation));
  }
  let s0 = splat(0), s1 = s0, q0 = s0, q1 = s0, x = p.x + at + o, dy = p.dy + at + o;
  for (; count > 0; count--, x += row, dy += row) {
    const t0 = f32x4.sub(v128.load(x), m0), t1 = f32x4.sub(v128.load(x, 16), m1);
    let d0 = v128.load(dy), d1 = v128.load(dy, 16);
    if (masks) { d0 = passed(d0, madd(t0, a0, b0), low, high); d1 = passed(d1, madd(t1, a1, b1), low, high); }
    s0 = f32x4.add(s0, d0); s1 = f32x4.add(s1, d1);
    q0 = madd(t0, d0, q0); q1 = madd(t1, d1, q1);
  }
  v128.store(to + o, s0); v128.store(to + o, s1, 16);
  v128.store(to + row + o, q0); v128.store(to + row + o, q1, 16);
}

/** n (1 to 4) channels. */
@inline function sums4(masks: bool, p: BatchGradientSumsWords, at: usize, o: usize, row: usize, count: i32, to: usize, n: i32): void {
  const m = loadPart(p.mean + o, n);
  let a = splat(0), b = a, low = a, high = a;
  if (masks) {
    a = scaleOf(loadPart(p.gamma + o, n), loadPart(p.variance + o, n), splat(p.epsilon));
    b = loadPart(p.beta + o, n);
    low = splat(lowest(p.activation)); high = splat(highest(p.activation));
  }
  let s = splat(0), q = s, x = p.x + at + o, dy = p.dy + at + o;
  for (; count > 0; count--, x += row, dy += row) {
    const t = f32x4.sub(loadPart(x, n), m);
    let d = loadPart(dy, n);
    if (masks) d = passed(d, madd(t, a, b), low, high);
    s = f32x4.add(s, d); q = madd(t, d, q);
  }
  storePart(to + o, s, n); storePart(to + row + o, q, n);
}

export function batchGradientSums(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<BatchGradientSumsWords>(w);
  const channels = p.channels, row = <usize>channels << 2, from = tile * p.chunk, count = tileEnd(tile, p.chunk, p.n(rows)) - from;
  const at = <usize>from * row, to = p.partials + <usize>(2 * tile) * row, masks = p.activation != 0;
  if (channels > 16) { touch(p.x + at, row, count, row, scratch); touch(p.dy + at, row, count, row, scratch); }
  let i = 0;
  if (masks) for (; i + 8 <= channels; i += 8) sums8(true, p, at, <usize>i << 2, row, count, to);
  else for (; i + 8 <= channels; i += 8) sums8(false, p, at, <usize>i << 2, row, count, to);
  for (; i < channels; i += 4) {
    if (masks) sums4(true, p, at, <usize>i << 2, row, count, to, min(channels - i, 4));
    else sums4(false, p, at, <usize>i << 2, row, count, to, min(channels - i, 4));
  }
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

/** One pixel. */
@inline function inputPixel(masks: bool, p: BatchInputGradientWords, at: usize, row: usize, low: v128, high: v128): void {
  let n = p.channels, i: usize = 0;
  const x = p.x + at, dy = p.dy + at, dx = p.dx + at, mean = p.mean, beta = p.beta, scales = p.terms, terms = scales + row, slopes = terms + row;
  for (; n >= 4; n -= 4, i += 16) {
    const t = f32x4.sub(v128.load(x + i), v128.load(mean + i)), a = v128.load(scales + i);
    let d = v128.load(dy + i);
    if (masks) d = passed(d, madd(t, a, v128.load(beta + i)), low, high);
    v128.store(dx + i, madd(a, d, nmadd(t, v128.load(slopes + i), v128.load(terms + i))));
  }
  if (n > 0) {
    const t = f32x4.sub(loadPart(x + i, n), loadPart(mean + i, n)), a = loadPart(scales + i, n);
    let d = loadPart(dy + i, n);
    if (masks) d = passed(d, madd(t, a, loadPart(beta + i, n)), low, high);
    storePart(dx + i, madd(a, d, nmadd(t, loadPart(slopes + i, n), loadPart(terms + i, n))), n);
  }
}

export function batchInputGradient(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<BatchInputGradientWords>(w);
  const block = blockOf(w), row = <usize>p.channels << 2;
  const low = splat(lowest(p.activation)), high = splat(highest(p.activation));
  let at = <usize>(tile * block) * row;
  const end = <usize>tileEnd(tile, block, p.n(rows)) * row;
  if (p.activation != 0) for (; at < end; at += row) inputPixel(true, p, at, row, low, high);
  else for (; at < end; at += row) inputPixel(false, p, at, row, low, high);
}
