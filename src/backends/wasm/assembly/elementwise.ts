/**
 * One element of the output from one of each input. Arrays of one shape are a single run of elements; with broadcasting
 * the output is walked in runs along the innermost axis, on which every operand moves by 0 or 1. Numbers of the ops and
 * words: kernels/elementwise.ts.
 */
import { BinaryWords, CastScaleWords, CastWords, ClipWords, SelectWords, UnaryWords } from "./generated/words";
import { exp4, log4, sigmoid4, sign4 } from "./math";
import { blockOf, loadPart, madd, storePart, tileEnd } from "./simd";
import { tanhLoop } from "./tanh";

@inline function applyUnary(op: i32, x: v128): v128 {
  if (op == 0) return f32x4.neg(x);
  if (op == 1) return f32x4.abs(x);
  if (op == 2) return f32x4.mul(x, x);
  if (op == 3) return f32x4.sqrt(x);
  if (op == 4) return f32x4.div(f32x4.splat(1), x);
  if (op == 5) return sign4(x);
  // NaN stays; what is added makes 0 of -0.
  if (op == 6) return f32x4.add(f32x4.pmax(x, f32x4.splat(0)), f32x4.splat(0));
  if (op == 7) return exp4(x);
  if (op == 8) return log4(x);
  if (op == 11) return f32x4.nearest(x);
  return sigmoid4(x);
}

@inline function unaryLoop(op: i32, x: usize, y: usize, n: i32): void {
  // What is quicker than going round.
  if (op < 7) {
    for (; n >= 16; n -= 16, x += 64, y += 64) {
      v128.store(y, applyUnary(op, v128.load(x))); v128.store(y, applyUnary(op, v128.load(x, 16)), 16);
      v128.store(y, applyUnary(op, v128.load(x, 32)), 32); v128.store(y, applyUnary(op, v128.load(x, 48)), 48);
    }
  }
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, applyUnary(op, v128.load(x)));
  if (n > 0) storePart(y, applyUnary(op, loadPart(x, n)), n);
}

export function unary(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<UnaryWords>(w);
  const block = blockOf(w), from = tile * block, n = tileEnd(tile, block, p.n(rows)) - from;
  const x = p.x + (<usize>from << 2), y = p.y + (<usize>from << 2);
  switch (p.op) {
    case 0: unaryLoop(0, x, y, n); break;
    case 1: unaryLoop(1, x, y, n); break;
    case 2: unaryLoop(2, x, y, n); break;
    case 3: unaryLoop(3, x, y, n); break;
    case 4: unaryLoop(4, x, y, n); break;
    case 5: unaryLoop(5, x, y, n); break;
    case 6: unaryLoop(6, x, y, n); break;
    case 7: unaryLoop(7, x, y, n); break;
    case 8: unaryLoop(8, x, y, n); break;
    case 9: tanhLoop(x, y, n, scratch); break;
    case 10: unaryLoop(10, x, y, n); break;
    case 11: unaryLoop(11, x, y, n); break;
    default: unreachable();
  }
}

@inline function applyBinary(op: i32, a: v128, b: v128): v128 {
  if (op == 0) return f32x4.add(a, b);
  if (op == 1) return f32x4.sub(a, b);
  if (op == 2) return f32x4.mul(a, b);
  if (op == 3) return f32x4.div(a, b);
  if (op == 4) return f32x4.max(a, b);
  if (op == 5) return f32x4.min(a, b);
  if (op == 6) return v128.and(b, f32x4.gt(a, f32x4.splat(0)));
  if (op == 7) return f32x4.mul(b, f32x4.mul(a, f32x4.sub(f32x4.splat(1), a)));
  if (op == 8) return f32x4.mul(b, f32x4.mul(f32x4.sub(f32x4.splat(1), a), f32x4.add(f32x4.splat(1), a)));
  if (op == 9) return i32x4.add(a, b);
  if (op == 10) return i32x4.sub(a, b);
  if (op == 11) return i32x4.mul(a, b);
  if (op == 12) return i32x4.max_s(a, b);
  if (op == 13) return i32x4.min_s(a, b);
  if (op == 14) return f32x4.eq(a, b);
  if (op == 15) return f32x4.gt(a, b);
  if (op == 16) return f32x4.ge(a, b);
  if (op == 17) return i32x4.eq(a, b);
  if (op == 18) return i32x4.gt_s(a, b);
  return i32x4.ge_s(a, b);
}

/** Four lanes of ones or zeros as four bytes of 1 or 0. */
@inline function maskBytes(mask: v128): i32 {
  return (i32x4.bitmask(mask) * 0x00204081) & 0x01010101;
}

/** Runs of sixteen elements; an operand that stands still is read once. Returns how many are left. */
@inline function binaryRuns(op: i32, a: usize, aStep: usize, b: usize, bStep: usize, y: usize, n: i32): i32 {
  if (aStep == 0) {
    const v = v128.load(a);
    for (; n >= 16; n -= 16, b += 64, y += 64) {
      v128.store(y, applyBinary(op, v, v128.load(b))); v128.store(y, applyBinary(op, v, v128.load(b, 16)), 16);
      v128.store(y, applyBinary(op, v, v128.load(b, 32)), 32); v128.store(y, applyBinary(op, v, v128.load(b, 48)), 48);
    }
  } else if (bStep == 0) {
    const v = v128.load(b);
    for (; n >= 16; n -= 16, a += 64, y += 64) {
      v128.store(y, applyBinary(op, v128.load(a), v)); v128.store(y, applyBinary(op, v128.load(a, 16), v), 16);
      v128.store(y, applyBinary(op, v128.load(a, 32), v), 32); v128.store(y, applyBinary(op, v128.load(a, 48), v), 48);
    }
  } else {
    for (; n >= 16; n -= 16, a += 64, b += 64, y += 64) {
      v128.store(y, applyBinary(op, v128.load(a), v128.load(b)));
      v128.store(y, applyBinary(op, v128.load(a, 16), v128.load(b, 16)), 16);
      v128.store(y, applyBinary(op, v128.load(a, 32), v128.load(b, 32)), 32);
      v128.store(y, applyBinary(op, v128.load(a, 48), v128.load(b, 48)), 48);
    }
  }
  return n;
}

@inline function binaryLoop(op: i32, a: usize, aStep: usize, b: usize, bStep: usize, y: usize, n: i32): void {
  if (op < 14) {
    const done = <usize>(n - binaryRuns(op, a, aStep, b, bStep, y, n));
    n &= 15;
    y += done << 2;
    if (aStep != 0) a += done << 2;
    if (bStep != 0) b += done << 2;
  }
  for (; n >= 4; n -= 4, a += aStep, b += bStep) {
    const r = applyBinary(op, v128.load(a), v128.load(b));
    if (op < 14) { v128.store(y, r); y += 16; }
    else { store<i32>(y, maskBytes(r)); y += 4; }
  }
  if (n > 0) {
    const r = applyBinary(op, aStep != 0 ? loadPart(a, n) : v128.load(a), bStep != 0 ? loadPart(b, n) : v128.load(b));
    if (op < 14) storePart(y, r, n);
    else for (let bytes = maskBytes(r); n > 0; n--, y++, bytes >>= 8) store<u8>(y, bytes);
  }
}

/** One run of n elements; an operand that stands still is spread over 16 bytes of scratch first. */
function binaryRun(op: i32, a: usize, aMoves: i32, b: usize, bMoves: i32, y: usize, n: i32, scratch: usize): void {
  let aStep: usize = 16, bStep: usize = 16;
  if (aMoves == 0) { v128.store(scratch, v128.load32_splat(a)); a = scratch; aStep = 0; }
  if (bMoves == 0) { v128.store(scratch, v128.load32_splat(b), 16); b = scratch + 16; bStep = 0; }
  switch (op) {
    case 0: binaryLoop(0, a, aStep, b, bStep, y, n); break;
    case 1: binaryLoop(1, a, aStep, b, bStep, y, n); break;
    case 2: binaryLoop(2, a, aStep, b, bStep, y, n); break;
    case 3: binaryLoop(3, a, aStep, b, bStep, y, n); break;
    case 4: binaryLoop(4, a, aStep, b, bStep, y, n); break;
    case 5: binaryLoop(5, a, aStep, b, bStep, y, n); break;
    case 6: binaryLoop(6, a, aStep, b, bStep, y, n); break;
    case 7: binaryLoop(7, a, aStep, b, bStep, y, n); break;
    case 8: binaryLoop(8, a, aStep, b, bStep, y, n); break;
    case 9: binaryLoop(9, a, aStep, b, bStep, y, n); break;
    case 10: binaryLoop(10, a, aStep, b, bStep, y, n); break;
    case 11: binaryLoop(11, a, aStep, b, bStep, y, n); break;
    case 12: binaryLoop(12, a, aStep, b, bStep, y, n); break;
    case 13: binaryLoop(13, a, aStep, b, bStep, y, n); break;
    case 14: binaryLoop(14, a, aStep, b, bStep, y, n); break;
    case 15: binaryLoop(15, a, aStep, b, bStep, y, n); break;
    case 16: binaryLoop(16, a, aStep, b, bStep, y, n); break;
    case 17: binaryLoop(17, a, aStep, b, bStep, y, n); break;
    case 18: binaryLoop(18, a, aStep, b, bStep, y, n); break;
    case 19: binaryLoop(19, a, aStep, b, bStep, y, n); break;
    default: unreachable();
  }
}

/**
 * Offset in elements of an operand at run number `outer`: dims are d1 to d4, strides those from the second axis on (the
 * outermost axis takes what is left).
 */
@inline export function runOffset(outer: i32, dims: usize, strides: usize): i32 {
  let offset = 0;
  for (let axis = 0; axis < 4 && outer != 0; axis++, dims += 4, strides += 4) {
    const d = load<i32>(dims);
    if (d == 1) continue;
    const q = outer / d;
    offset += (outer - q * d) * load<i32>(strides);
    outer = q;
  }
  return offset;
}

/** The stride of the outermost axis counts only behind the four inner ones: its index times the stride. */
@inline export function outermost(outer: i32, dims: usize): i32 {
  return outer / (load<i32>(dims) * load<i32>(dims, 4) * load<i32>(dims, 8) * load<i32>(dims, 12));
}

export function binary(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<BinaryWords>(w);
  const block = blockOf(w), to = tileEnd(tile, block, p.n(rows)), inner = p.inner(rows), op = p.op;
  const dims = w + offsetof<BinaryWords>("d1");
  const aStrides = w + offsetof<BinaryWords>("a1"), bStrides = w + offsetof<BinaryWords>("b1");
  let at = tile * block, outer = at / inner, i = at % inner;
  for (; at < to; outer++) {
    const n = min(inner - i, to - at), far = outermost(outer, dims);
    const a = p.a0 * i + runOffset(outer, dims, aStrides) + far * p.a5;
    const b = p.b0 * i + runOffset(outer, dims, bStrides) + far * p.b5;
    const y = p.y + (<usize>at << (op < 14 ? 2 : 0));
    binaryRun(op, p.a + (<usize>a << 2), p.a0, p.b + (<usize>b << 2), p.b0, y, n, scratch);
    at += n; i = 0;
  }
}

/** One run of n elements of four bytes; what stands still is spread over scratch first, as in binaryRun. */
function selectRun(c: usize, cMoves: i32, a: usize, aMoves: i32, b: usize, bMoves: i32, y: usize, n: i32, scratch: usize): void {
  let aStep: usize = 16, bStep: usize = 16, cStep: usize = 4;
  if (aMoves == 0) { v128.store(scratch, v128.load32_splat(a)); a = scratch; aStep = 0; }
  if (bMoves == 0) { v128.store(scratch, v128.load32_splat(b), 16); b = scratch + 16; bStep = 0; }
  if (cMoves == 0) { store<i32>(scratch, load<u8>(c) * 0x01010101, 32); c = scratch + 32; cStep = 0; }
  for (; n >= 4; n -= 4, a += aStep, b += bStep, c += cStep, y += 16) {
    const chosen = i32x4.ne(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(c))), i32x4.splat(0));
    v128.store(y, v128.bitselect(v128.load(a), v128.load(b), chosen));
  }
  for (let i: usize = 0; n > 0; n--, i++) {
    const from = load<u8>(c + (cStep != 0 ? i : 0)) != 0 ? (aStep != 0 ? a + 4 * i : a) : bStep != 0 ? b + 4 * i : b;
    store<u32>(y + 4 * i, load<u32>(from));
  }
}

export function select(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<SelectWords>(w);
  const block = blockOf(w), to = tileEnd(tile, block, p.n(rows)), inner = p.inner(rows);
  const dims = w + offsetof<SelectWords>("d1");
  const shift: usize = p.bytes == 1 ? 0 : 2;
  let at = tile * block, outer = at / inner, i = at % inner;
  for (; at < to; outer++) {
    const n = min(inner - i, to - at), far = outermost(outer, dims);
    let c = p.condition + <usize>(p.c0 * i + runOffset(outer, dims, w + offsetof<SelectWords>("c1")) + far * p.c5);
    let a = p.a + (<usize>(p.a0 * i + runOffset(outer, dims, w + offsetof<SelectWords>("a1")) + far * p.a5) << shift);
    let b = p.b + (<usize>(p.b0 * i + runOffset(outer, dims, w + offsetof<SelectWords>("b1")) + far * p.b5) << shift);
    let y = p.y + (<usize>at << shift);
    if (shift != 0) selectRun(c, p.c0, a, p.a0, b, p.b0, y, n, scratch);
    else {
      const aStep = <usize>p.a0, bStep = <usize>p.b0, cStep = <usize>p.c0;
      for (const end = y + <usize>n; y < end; y++, a += aStep, b += bStep, c += cStep) store<u8>(y, load<u8>(load<u8>(c) != 0 ? a : b));
    }
    at += n; i = 0;
  }
}

export function clip(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<ClipWords>(w);
  const block = blockOf(w), from = tile * block;
  let n = tileEnd(tile, block, p.n(rows)) - from;
  let x = p.x + (<usize>from << 2), y = p.y + (<usize>from << 2);
  const low = f32x4.splat(p.low), high = f32x4.splat(p.high);
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, f32x4.min(f32x4.max(v128.load(x), low), high));
  if (n > 0) storePart(y, f32x4.min(f32x4.max(loadPart(x, n), low), high), n);
}

/** Any element as a double, which holds all of them exactly: float32, int32, uint8, bool, float64. */
@inline export function loadAs(type: i32, p: usize, i: i32): f64 {
  if (type == 0) return load<f32>(p + (<usize>i << 2));
  if (type == 1) return load<i32>(p + (<usize>i << 2));
  if (type == 4) return load<f64>(p + (<usize>i << 3));
  return load<u8>(p + i);
}

@inline function storeAs(type: i32, p: usize, i: i32, v: f64): void {
  if (type == 0) store<f32>(p + (<usize>i << 2), <f32>v);
  else if (type == 1) store<i32>(p + (<usize>i << 2), <i32>v);
  else if (type == 2) store<u8>(p + i, <i32>v);
  else if (type == 3) store<u8>(p + i, v != 0 ? 1 : 0);
  else store<f64>(p + (<usize>i << 3), v);
}

export function cast(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<CastWords>(w);
  const block = blockOf(w), to = tileEnd(tile, block, p.n(rows)), source = p.from, target = p.to;
  let i = tile * block;
  if (target == 0 && (source == 2 || source == 3)) {
    scaleBytes(p.x + i, p.y + (<usize>i << 2), to - i, 1, 0);
    return;
  }
  for (; i < to; i++) storeAs(target, p.y, i, loadAs(source, p.x, i));
}

/** y = x * scale + offset, n bytes to floats. */
export function scaleBytes(x: usize, y: usize, n: i32, scale: f32, offset: f32): void {
  const s = f32x4.splat(scale), o = f32x4.splat(offset);
  for (; n >= 8; n -= 8, x += 8, y += 32) {
    const v = v128.load8x8_u(x);
    v128.store(y, madd(f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(v)), s, o));
    v128.store(y, madd(f32x4.convert_i32x4_u(i32x4.extend_high_i16x8_u(v)), s, o), 16);
  }
  // The rest by the same vector instruction: a lone multiply and add would round otherwise.
  for (; n > 0; n--, x++, y += 4) storePart(y, madd(f32x4.splat(<f32>load<u8>(x)), s, o), 1);
}

export function castScale(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<CastScaleWords>(w);
  const block = blockOf(w), from = tile * block;
  scaleBytes(p.x + from, p.y + (<usize>from << 2), tileEnd(tile, block, p.n(rows)) - from, p.scale, p.offset);
}
