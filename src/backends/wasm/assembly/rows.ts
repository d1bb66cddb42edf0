/** Softmax, the losses on it and argmax: kernels that work on one row after another. Words: kernels/rows.ts. */
import {
  ArgmaxWords, SoftmaxCrossentropyGradientWords, SoftmaxGradientWords, SoftmaxWords, SparseCategoricalCrossentropyGradientWords,
  SparseCategoricalCrossentropyWords, SparseSoftmaxCrossentropyGradientWords, SparseSoftmaxCrossentropyWords,
} from "./generated/words";
import { exp4, log4 } from "./math";
import { labelAt } from "./movement";
import { blockOf, loadPart, madd, storePart, sumLanes, tileEnd } from "./simd";

/** All ones in the first n lanes. */
@inline function firstLanes(n: i32): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(n));
}

@inline function log1(x: f32): f32 { return f32x4.extract_lane(log4(f32x4.splat(x)), 0); }

/** The largest of n numbers; NaN if one is. */
function rowMax(x: usize, n: i32): f32 {
  let m = f32x4.splat(-Infinity);
  for (; n >= 4; n -= 4, x += 16) m = f32x4.max(m, v128.load(x));
  if (n > 0) m = f32x4.max(m, v128.bitselect(loadPart(x, n), m, firstLanes(n)));
  m = f32x4.max(m, i8x16.shuffle(m, m, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return max(f32x4.extract_lane(m, 0), f32x4.extract_lane(m, 1));
}

function rowSum(x: usize, n: i32): f32 {
  let s = f32x4.splat(0);
  for (; n >= 4; n -= 4, x += 16) s = f32x4.add(s, v128.load(x));
  if (n > 0) s = f32x4.add(s, loadPart(x, n));
  return sumLanes(s);
}

/** y = e^(x - m); returns its sum. */
function rowExp(x: usize, m: f32, y: usize, n: i32): f32 {
  const shift = f32x4.splat(m);
  let s = f32x4.splat(0);
  for (; n >= 4; n -= 4, x += 16, y += 16) {
    const e = exp4(f32x4.sub(v128.load(x), shift));
    v128.store(y, e);
    s = f32x4.add(s, e);
  }
  if (n > 0) {
    const e = v128.and(exp4(f32x4.sub(loadPart(x, n), shift)), firstLanes(n));
    storePart(y, e, n);
    s = f32x4.add(s, e);
  }
  return sumLanes(s);
}

/** The sum of e^(x - m) alone. */
function rowExpSum(x: usize, m: f32, n: i32): f32 {
  const shift = f32x4.splat(m);
  let s = f32x4.splat(0);
  for (; n >= 4; n -= 4, x += 16) s = f32x4.add(s, exp4(f32x4.sub(v128.load(x), shift)));
  if (n > 0) s = f32x4.add(s, v128.and(exp4(f32x4.sub(loadPart(x, n), shift)), firstLanes(n)));
  return sumLanes(s);
}

export function softmax(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<SoftmaxWords>(w);
  const block = blockOf(w), to = tileEnd(tile, block, p.n(rows)), length = p.length, bytes = <usize>length << 2;
  for (let r = tile * block; r < to; r++) {
    let x = p.x + <usize>r * bytes, y = p.y + <usize>r * bytes, n = length;
    const m = rowMax(x, n);
    if (p.log != 0) {
      const whole = f32x4.splat(log1(rowExpSum(x, m, n))), shift = f32x4.splat(m);
      for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, f32x4.sub(f32x4.sub(v128.load(x), shift), whole));
      if (n > 0) storePart(y, f32x4.sub(f32x4.sub(loadPart(x, n), shift), whole), n);
    } else {
      const sum = f32x4.splat(rowExp(x, m, y, n));
      for (; n >= 4; n -= 4, y += 16) v128.store(y, f32x4.div(v128.load(y), sum));
      if (n > 0) storePart(y, f32x4.div(loadPart(y, n), sum), n);
    }
  }
}

export function softmaxGradient(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<SoftmaxGradientWords>(w);
  const block = blockOf(w), to = tileEnd(tile, block, p.n(rows)), bytes = <usize>p.length << 2;
  for (let r = tile * block; r < to; r++) {
    const y = p.y + <usize>r * bytes, dy = p.dy + <usize>r * bytes, dx = p.dx + <usize>r * bytes;
    let s = f32x4.splat(0), n = p.length, i: usize = 0;
    for (; n >= 4; n -= 4, i += 16) s = madd(v128.load(y + i), v128.load(dy + i), s);
    if (n > 0) s = madd(loadPart(y + i, n), loadPart(dy + i, n), s);
    s = f32x4.splat(sumLanes(s));
    for (n = p.length, i = 0; n >= 4; n -= 4, i += 16) {
      v128.store(dx + i, f32x4.mul(v128.load(y + i), f32x4.sub(v128.load(dy + i), s)));
    }
    if (n > 0) storePart(dx + i, f32x4.mul(loadPart(y + i, n), f32x4.sub(loadPart(dy + i, n), s)), n);
  }
}

export function argmax(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<ArgmaxWords>(w);
  const block = blockOf(w), to = tileEnd(tile, block, p.n(rows)), length = p.length;
  for (let r = tile * block; r < to; r++) {
    const x = p.x + (<usize>r * length << 2);
    let best = load<f32>(x), at = 0;
    for (let j = 1; j < length; j++) {
      const v = load<f32>(x + (<usize>j << 2));
      if (v > best) { best = v; at = j; }
    }
    store<i32>(p.y + (<usize>r << 2), at);
  }
}

/** y[i] = x[i] * factor + term, n numbers. */
function rowScale(x: usize, factor: f32, term: f32, y: usize, n: i32): void {
  const f = f32x4.splat(factor), t = f32x4.splat(term);
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, f32x4.add(f32x4.mul(v128.load(x), f), t));
  if (n > 0) storePart(y, f32x4.add(f32x4.mul(loadPart(x, n), f), t), n);
}

/** x[label] += term, if there is such a label; else the whole row becomes NaN: a wrong label must not go unnoticed. */
@inline function atLabel(x: usize, label: i32, classes: i32, term: f32): void {
  if (<u32>label < <u32>classes) {
    const at = x + (<usize>label << 2);
    store<f32>(at, load<f32>(at) + term);
  } else {
    rowScale(x, 0, NaN, x, classes);
  }
}

/** x[label], or NaN if there is no such label. */
@inline function labelled(x: usize, label: i32, classes: i32): f32 {
  return <u32>label < <u32>classes ? load<f32>(x + (<usize>label << 2)) : NaN;
}

export function sparseCategoricalCrossentropy(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<SparseCategoricalCrossentropyWords>(w);
  const block = blockOf(w), to = tileEnd(tile, block, p.n(rows)), classes = p.classes, epsilon = p.epsilon;
  for (let r = tile * block; r < to; r++) {
    const x = p.p + (<usize>r * classes << 2);
    const q = labelled(x, labelAt(p.labels, p.labelBytes, r), classes) / rowSum(x, classes);
    store<f32>(p.loss + (<usize>r << 2), -log1(min<f32>(max<f32>(q, epsilon), 1 - epsilon)));
  }
}

export function sparseCategoricalCrossentropyGradient(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<SparseCategoricalCrossentropyGradientWords>(w);
  const block = blockOf(w), to = tileEnd(tile, block, p.n(rows)), classes = p.classes, epsilon = p.epsilon;
  for (let r = tile * block; r < to; r++) {
    const x = p.p + (<usize>r * classes << 2), dp = p.dp + (<usize>r * classes << 2);
    const label = labelAt(p.labels, p.labelBytes, r);
    const g = load<f32>(p.upstream + (<usize>(r * p.upstreamStride) << 2));
    const right = labelled(x, label, classes), sum = rowSum(x, classes), q = right / sum;
    const clipped = q < epsilon || q > 1 - epsilon;
    // Where clipped the row is 0, unless there is no such label at all.
    rowScale(x, 0, clipped ? 0 : g / sum, dp, classes);
    atLabel(dp, label, classes, clipped ? 0 : -g / right);
  }
}

export function softmaxCrossentropyGradient(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<SoftmaxCrossentropyGradientWords>(w);
  const block = blockOf(w), to = tileEnd(tile, block, p.n(rows)), classes = p.classes, epsilon = p.epsilon;
  for (let r = tile * block; r < to; r++) {
    const x = p.p + (<usize>r * classes << 2), dz = p.dz + (<usize>r * classes << 2);
    const label = labelAt(p.labels, p.labelBytes, r);
    const g = load<f32>(p.upstream + (<usize>(r * p.upstreamStride) << 2));
    const sum = rowSum(x, classes), q = labelled(x, label, classes) / sum;
    const factor: f32 = q < epsilon || q > 1 - epsilon ? 0 : g;
    rowScale(x, factor / sum, 0, dz, classes);
    atLabel(dz, label, classes, -factor);
  }
}

export function sparseSoftmaxCrossentropy(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<SparseSoftmaxCrossentropyWords>(w);
  const block = blockOf(w), to = tileEnd(tile, block, p.n(rows)), classes = p.classes;
  for (let r = tile * block; r < to; r++) {
    const x = p.z + (<usize>r * classes << 2);
    const m = rowMax(x, classes);
    const right = labelled(x, labelAt(p.labels, p.labelBytes, r), classes);
    store<f32>(p.loss + (<usize>r << 2), log1(rowExpSum(x, m, classes)) - (right - m));
  }
}

export function sparseSoftmaxCrossentropyGradient(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<SparseSoftmaxCrossentropyGradientWords>(w);
  const block = blockOf(w), to = tileEnd(tile, block, p.n(rows)), classes = p.classes;
  for (let r = tile * block; r < to; r++) {
    const x = p.z + (<usize>r * classes << 2), dz = p.dz + (<usize>r * classes << 2);
    const g = load<f32>(p.upstream + (<usize>(r * p.upstreamStride) << 2));
    const sum = rowExp(x, rowMax(x, classes), dz, classes);
    rowScale(dz, g / sum, 0, dz, classes);
    atLabel(dz, labelAt(p.labels, p.labelBytes, r), classes, -g);
  }
}
