/**
 * Vectors of four floats: the few helpers that all kernels share. The one difference between the two modules is here:
 * relaxed SIMD fuses multiply and add where the machine can. Not here: functions like exp (math.ts).
 */

/** a * b + c. */
@inline export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** c - a * b. */
@inline export function nmadd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_nmadd(a, b, c);
  return f32x4.sub(c, f32x4.mul(a, b));
}

/** All ones where a lane is infinite or NaN. */
@inline export function notFinite(x: v128): v128 {
  return i32x4.eq(v128.and(x, i32x4.splat(0x7f800000)), i32x4.splat(0x7f800000));
}

/** The first n (1 to 4) floats at p, the other lanes zero. */
@inline export function loadPart(p: usize, n: i32): v128 {
  if (n >= 4) return v128.load(p);
  let v = v128.load32_zero(p);
  if (n > 1) v = v128.load_lane<u32>(p, v, 1, 4);
  if (n > 2) v = v128.load_lane<u32>(p, v, 2, 8);
  return v;
}

/** Stores the first n (1 to 4) lanes. */
@inline export function storePart(p: usize, v: v128, n: i32): void {
  if (n >= 4) { v128.store(p, v); return; }
  v128.store_lane<u32>(p, v, 0);
  if (n > 1) v128.store_lane<u32>(p, v, 1, 4);
  if (n > 2) v128.store_lane<u32>(p, v, 2, 8);
}

@inline function high(x: v128): v128 { return i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7); }

/** The first two lanes as doubles. */
@inline export function low64(x: v128): v128 { return f64x2.promote_low_f32x4(x); }

/** The last two lanes as doubles. */
@inline export function high64(x: v128): v128 { return f64x2.promote_low_f32x4(high(x)); }

/** Two pairs of doubles as four floats. */
@inline export function demote(a: v128, b: v128): v128 {
  const l = f32x4.demote_f64x2_zero(a), h = f32x4.demote_f64x2_zero(b);
  return v128.shuffle<i32>(l, h, 0, 1, 4, 5);
}

/** Sum of the lanes, always (0 + 2) + (1 + 3). */
@inline export function sumLanes(v: v128): f32 {
  const s = f32x4.add(v, high(v));
  return f32x4.extract_lane(s, 0) + f32x4.extract_lane(s, 1);
}

/**
 * Reads every line of `rows` stretches of bytes, so that they come in order: what jumps about in them afterwards is far
 * quicker. `to`: four bytes that nobody reads, so that the reading is not left out.
 */
@inline export function touch(from: usize, row: usize, rows: i32, bytes: usize, to: usize): void {
  let v = 0;
  for (; rows > 0; rows--, from += row) {
    for (let p = from, end = from + bytes; p < end; p += 64) v |= load<u8>(p);
  }
  store<i32>(to, v);
}

/** Where tile number `tile` of `block` units ends. */
@inline export function tileEnd(tile: i32, block: i32, count: i32): i32 {
  return min(tile * block + block, count);
}

/** The block length of an instruction's tile rule, from the address of its words (layout.ts: INSTRUCTION). */
@inline export function blockOf(w: usize): i32 {
  return load<i32>(w - 8);
}
