/** What outlives a step: optimizer updates, counters, sums; and the check that ends a step. Words: kernels/state.ts. */
import { loadAs } from "./elementwise";
import {
  AccumulateWords, AdamUpdateWords, AssignFiniteWords, CheckFiniteWords, CheckFlagWords, IncrementWords, RowCountWords,
  SgdUpdateWords,
} from "./generated/words";
import { blockOf, loadPart, madd, nmadd, notFinite, storePart, tileEnd } from "./simd";

/** b^t by repeated squaring, in double precision. */
function power(b: f64, t: i32): f64 {
  let r: f64 = 1;
  for (; t > 0; t >>= 1, b *= b) if ((t & 1) != 0) r *= b;
  return r;
}

@inline function raise(flag: usize, bad: v128): void {
  if (flag != 0 && v128.any_true(bad)) atomic.or<i32>(flag, 1);
}

export function sgdUpdate(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<SgdUpdateWords>(w);
  const block = blockOf(w), from = tile * block;
  sgdRun(p, p.gradient + (<usize>from << 2), from, tileEnd(tile, block, p.n(rows)) - from);
}

/** n weights from the first-th on; `g` is the gradient of that one. */
export function sgdRun(p: SgdUpdateWords, g: usize, first: i32, n: i32): void {
  const rate = f32x4.splat(load<f32>(p.learningRate)), momentum = f32x4.splat(p.momentum);
  let bad = i32x4.splat(0), o = <usize>first << 2;
  g -= o;
  for (; n >= 4; n -= 4, o += 16) bad = v128.or(bad, sgd4(p, g, o, 4, rate, momentum));
  if (n > 0) bad = v128.or(bad, sgd4(p, g, o, n, rate, momentum));
  raise(p.flag, bad);
}

/** n (1 to 4) weights, o bytes from the first; returns ones where something is not finite. */
@inline function sgd4(p: SgdUpdateWords, gradient: usize, o: usize, n: i32, rate: v128, momentum: v128): v128 {
  const g = loadPart(gradient + o, n);
  let x = loadPart(p.weights + o, n);
  if (p.velocity != 0) {
    const m = nmadd(rate, g, f32x4.mul(momentum, loadPart(p.velocity + o, n)));
    storePart(p.velocity + o, m, n);
    x = p.nesterov != 0 ? nmadd(rate, g, madd(momentum, m, x)) : f32x4.add(x, m);
  } else {
    x = nmadd(rate, g, x);
  }
  storePart(p.weights + o, x, n);
  return v128.or(notFinite(g), notFinite(x));
}

export function adamUpdate(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<AdamUpdateWords>(w);
  const block = blockOf(w), from = tile * block;
  adamRun(p, p.gradient + (<usize>from << 2), from, tileEnd(tile, block, p.n(rows)) - from, adamStep(p));
}

/** How far a weight moves for m / sqrt(v) = 1. */
export function adamStep(p: AdamUpdateWords): f32 {
  const t = load<i32>(p.iterations) + 1;
  // From 1 - beta: of beta near 1 float32 keeps too few digits of what is missing to 1.
  const beta1 = 1 - <f64>p.oneMinusBeta1, beta2 = 1 - <f64>p.oneMinusBeta2;
  return <f32>(<f64>load<f32>(p.learningRate) * sqrt<f64>(1 - power(beta2, t)) / (1 - power(beta1, t)));
}

/** n weights from the first-th on; `g` is the gradient of that one. */
export function adamRun(p: AdamUpdateWords, g: usize, first: i32, n: i32, step: f32): void {
  const alpha = f32x4.splat(step), epsilon = f32x4.splat(p.epsilon);
  const rest1 = f32x4.splat(p.oneMinusBeta1), rest2 = f32x4.splat(p.oneMinusBeta2);
  let bad = i32x4.splat(0), o = <usize>first << 2;
  g -= o;
  for (; n >= 4; n -= 4, o += 16) bad = v128.or(bad, adam4(p, g, o, 4, alpha, epsilon, rest1, rest2));
  if (n > 0) bad = v128.or(bad, adam4(p, g, o, n, alpha, epsilon, rest1, rest2));
  raise(p.flag, bad);
}

/** n (1 to 4) weights, o bytes from the first; returns ones where something is not finite. */
@inline function adam4(
  p: AdamUpdateWords, gradient: usize, o: usize, n: i32, alpha: v128, epsilon: v128, rest1: v128, rest2: v128,
): v128 {
  const g = loadPart(gradient + o, n);
  let m = loadPart(p.first + o, n), v = loadPart(p.second + o, n);
  m = madd(f32x4.sub(g, m), rest1, m);
  v = madd(f32x4.sub(f32x4.mul(g, g), v), rest2, v);
  const x = f32x4.sub(loadPart(p.weights + o, n), f32x4.div(f32x4.mul(m, alpha), f32x4.add(f32x4.sqrt(v), epsilon)));
  storePart(p.first + o, m, n); storePart(p.second + o, v, n); storePart(p.weights + o, x, n);
  // v grows from g squared, so it is the first to overflow; m is finite where g and v are.
  return v128.or(v128.or(notFinite(g), notFinite(v)), notFinite(x));
}

export function assignFinite(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<AssignFiniteWords>(w);
  const block = blockOf(w), from = tile * block;
  let n = tileEnd(tile, block, p.n(rows)) - from, x = p.x + (<usize>from << 2), y = p.y + (<usize>from << 2);
  let bad = i32x4.splat(0);
  for (; n > 0; n -= 4, x += 16, y += 16) {
    const v = loadPart(x, n);
    bad = v128.or(bad, notFinite(v));
    storePart(y, v, n);
  }
  raise(p.flag, bad);
}

export function accumulate(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<AccumulateWords>(w);
  const n = p.n(rows), type = p.type;
  let sum: f64 = 0;
  for (let i = 0; i < n; i++) sum += loadAs(type, p.x, i);
  if (p.integer != 0) store<i32>(p.accumulator, load<i32>(p.accumulator) + <i32>sum);
  else store<f64>(p.accumulator, load<f64>(p.accumulator) + sum);
}

export function increment(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<IncrementWords>(w);
  store<i32>(p.x, load<i32>(p.x) + p.by);
}

export function rowCount(w: usize, tile: i32, rows: i32, scratch: usize): void {
  store<f32>(changetype<RowCountWords>(w).y, <f32>rows);
}

export function checkFinite(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<CheckFiniteWords>(w);
  let bad = i32x4.splat(0), x = p.x;
  for (let n = p.n(rows); n > 0; n -= 4, x += 16) bad = v128.or(bad, notFinite(loadPart(x, n)));
  if (v128.any_true(bad)) fail(scratch);
}

export function checkFlag(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<CheckFlagWords>(w);
  if (load<i32>(p.flag) == 0) return;
  store<i32>(p.flag, 0);
  fail(scratch);
}

/** Ends the job as not finite (layout.ts: CONTROL, FAILED), unless it has failed already. */
function fail(scratch: usize): void {
  // The interpreter keeps the control block and this thread's line of it before scratch (layout.ts: SCRATCH_HEADER).
  const control = load<usize>(scratch - 64), line = load<usize>(scratch - 60);
  if (atomic.cmpxchg<i32>(control + 128, 0, 2) != 0) return;
  store<i32>(control, load<i32>(line, 4), 136);
  store<i32>(control, load<i32>(line), 140);
}
