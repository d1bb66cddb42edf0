/** Batch normalisation, channels last. Words, and what they mean: kernels/normalization.ts. */
import { BatchMomentsWords, BatchStatisticsWords, ScaleChannelsWords } from "./generated/words";
import { blockOf, demote, high64, loadPart, low64, madd, nmadd, storePart, tileEnd, touch } from "./simd";

@inline export function splat(x: f32): v128 { return f32x4.splat(x); }

/** gamma / sqrt(variance + epsilon): the same bits wherever it is needed. */
@inline export function scaleOf(gamma: v128, variance: v128, epsilon: v128): v128 {
  return f32x4.div(gamma, f32x4.sqrt(f32x4.add(variance, epsilon)));
}

/** v as activation 0 to 2 (linear, relu, relu6) leaves it; NaN stays. */
@inline function activated(activation: i32, v: v128): v128 {
  if (activation == 0) return v;
  const above = f32x4.pmax(v, splat(0));
  return activation == 1 ? above : f32x4.pmin(above, splat(6));
}

/**
 * Every eighth pixel is looked at first, to be near the mean: the squares about their mean are at most eight times those
 * about the mean of all, and lose no more digits than that when the difference is taken off.
 */
@inline const EVERY: i32 = 8;

/** n (1 to 4) channels of `count` pixels: about their mean, the mean of what it leaves, and the squares about both. */
@inline function moments4(x: usize, row: usize, count: i32, to: usize, n: i32): void {
  let a = splat(0), p = x;
  for (let i = count; i > 0; i -= EVERY, p += row * EVERY) a = f32x4.add(a, loadPart(p, n));
  a = f32x4.mul(a, splat(1 / <f32>((count + EVERY - 1) / EVERY)));
  // Four sums of each: one would have to wait for itself.
  let r0 = splat(0), r1 = r0, r2 = r0, r3 = r0, q0 = r0, q1 = r0, q2 = r0, q3 = r0, i = count;
  for (; i >= 4; i -= 4, x += row * 4) {
    const t0 = f32x4.sub(loadPart(x, n), a), t1 = f32x4.sub(loadPart(x + row, n), a);
    const t2 = f32x4.sub(loadPart(x + 2 * row, n), a), t3 = f32x4.sub(loadPart(x + 3 * row, n), a);
    r0 = f32x4.add(r0, t0); r1 = f32x4.add(r1, t1); r2 = f32x4.add(r2, t2); r3 = f32x4.add(r3, t3);
    q0 = madd(t0, t0, q0); q1 = madd(t1, t1, q1); q2 = madd(t2, t2, q2); q3 = madd(t3, t3, q3);
  }
  for (; i > 0; i--, x += row) {
    const t = f32x4.sub(loadPart(x, n), a);
    r0 = f32x4.add(r0, t); q0 = madd(t, t, q0);
  }
  const r = f32x4.add(f32x4.add(r0, r1), f32x4.add(r2, r3)), q = f32x4.add(f32x4.add(q0, q1), f32x4.add(q2, q3));
  storeMoments(to, row, a, r, q, splat(1 / <f32>count), n);
}

/** From sums r of x - a and q of (x - a) squared: a, what it misses the mean by, and the sum of squares about the mean. */
@inline function storeMoments(to: usize, row: usize, a: v128, r: v128, q: v128, share: v128, n: i32): void {
  const rest = f32x4.mul(r, share);
  storePart(to, a, n);
  storePart(to + row, rest, n);
  // Squares beyond all numbers stay so: what is taken off may be as well.
  storePart(to + 2 * row, v128.bitselect(q, nmadd(r, rest, q), f32x4.eq(q, splat(Infinity))), n);
}

export function batchMoments(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<BatchMomentsWords>(w);
  const channels = p.channels, row = <usize>channels << 2, from = tile * p.chunk, count = tileEnd(tile, p.chunk, p.n(rows)) - from;
  const x = p.x + <usize>from * row, to = p.partials + <usize>(3 * tile) * row;
  if (channels > 16) touch(x, row, count, row, scratch);
  let i = 0;
  for (; i + 4 <= channels; i += 4) moments4(x + (<usize>i << 2), row, count, to + (<usize>i << 2), 4);
  if (i < channels) moments4(x + (<usize>i << 2), row, count, to + (<usize>i << 2), channels - i);
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

/** Sixteen channels of pixels; with `centre` the mean is taken off first. `o`: bytes to the channels. */
@inline function scale16(centre: bool, activation: i32, p: ScaleChannelsWords, o: usize, x: usize, end: usize, row: usize): void {
  const mean = p.mean + o, scale = p.scale + o, shift = p.shift + o, far = p.y - p.x;
  let m0 = splat(0), m1 = m0, m2 = m0, m3 = m0;
  if (centre) { m0 = v128.load(mean); m1 = v128.load(mean, 16); m2 = v128.load(mean, 32); m3 = v128.load(mean, 48); }
  const f0 = v128.load(scale), f1 = v128.load(scale, 16), f2 = v128.load(scale, 32), f3 = v128.load(scale, 48);
  const s0 = v128.load(shift), s1 = v128.load(shift, 16), s2 = v128.load(shift, 32), s3 = v128.load(shift, 48);
  for (; x < end; x += row) {
    let a = v128.load(x), b = v128.load(x, 16), c = v128.load(x, 32), d = v128.load(x, 48);
    if (centre) { a = f32x4.sub(a, m0); b = f32x4.sub(b, m1); c = f32x4.sub(c, m2); d = f32x4.sub(d, m3); }
    const y = x + far;
    v128.store(y, activated(activation, madd(a, f0, s0))); v128.store(y, activated(activation, madd(b, f1, s1)), 16);
    v128.store(y, activated(activation, madd(c, f2, s2)), 32); v128.store(y, activated(activation, madd(d, f3, s3)), 48);
  }
}

/** n (1 to 4) channels. */
@inline function scale4(centre: bool, activation: i32, p: ScaleChannelsWords, o: usize, x: usize, end: usize, row: usize, n: i32): void {
  const m = centre ? loadPart(p.mean + o, n) : splat(0), f = loadPart(p.scale + o, n), s = loadPart(p.shift + o, n), far = p.y - p.x;
  for (; x < end; x += row) {
    let v = loadPart(x, n);
    if (centre) v = f32x4.sub(v, m);
    storePart(x + far, activated(activation, madd(v, f, s)), n);
  }
}

/**
 * Bytes of the pixels that are walked channels by channels: they stay in the first-level cache, and are read in order first,
 * for far memory is slow to give lines that do not follow each other.
 */
@inline const NEAR: usize = 8192;

/** Bytes of a run of pixels of `row` bytes. */
@inline export function nearRun(row: usize): usize { return max(NEAR / row, 1) * row; }

@inline function scaleAll(centre: bool, activation: i32, p: ScaleChannelsWords, x: usize, end: usize, row: usize, scratch: usize): void {
  for (const run = nearRun(row); x < end; x += run) {
    const to = min(x + run, end);
    if (row > 64) touch(x, 0, 1, to - x, scratch);
    let i = 0;
    for (; i + 16 <= p.channels; i += 16) scale16(centre, activation, p, <usize>i << 2, x + (<usize>i << 2), to, row);
    for (; i < p.channels; i += 4) scale4(centre, activation, p, <usize>i << 2, x + (<usize>i << 2), to, row, min(p.channels - i, 4));
  }
}

export function scaleChannels(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<ScaleChannelsWords>(w);
  const block = blockOf(w), row = <usize>p.channels << 2;
  const x = p.x + <usize>(tile * block) * row, end = p.x + <usize>tileEnd(tile, block, p.n(rows)) * row;
  if (p.mean != 0) {
    if (p.activation == 0) scaleAll(true, 0, p, x, end, row, scratch);
    else if (p.activation == 1) scaleAll(true, 1, p, x, end, row, scratch);
    else scaleAll(true, 2, p, x, end, row, scratch);
  } else {
    if (p.activation == 0) scaleAll(false, 0, p, x, end, row, scratch);
    else if (p.activation == 1) scaleAll(false, 1, p, x, end, row, scratch);
    else scaleAll(false, 2, p, x, end, row, scratch);
  }
}
