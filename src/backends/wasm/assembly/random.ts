/** Philox 4x32-10 (Salmon et al., SC 2011), four counters at a time, and dropout and noise on it. Words: kernels/rows.ts. */
import { DropoutWords, RandomNormalWords } from "./generated/words";
import { log4, turnedCosine4 } from "./math";
import { blockOf, loadPart, storePart, tileEnd } from "./simd";

/** y = x scale where word >>> 8 reaches the threshold, else 0; n (1 to 4) elements. */
@inline function keep(x: usize, y: usize, n: i32, word: v128, threshold: v128, scale: v128): void {
  const kept = i32x4.ge_s(i32x4.shr_u(word, 8), threshold);
  storePart(y, v128.and(f32x4.mul(loadPart(x, n), scale), kept), n);
}

/** y = mean + stddev times normal numbers of pairs of words; n (1 to 8) elements. */
@inline function normals(y: usize, n: i32, left: v128, right: v128, mean: v128, stddev: v128): void {
  const p = i32x4.shr_u(left, 8), q = i32x4.shr_u(right, 8), unit = f32x4.splat(1 / <f32>16777216);
  const a = f32x4.convert_i32x4_s(i32x4.add(v128.shuffle<i32>(p, q, 0, 2, 4, 6), i32x4.splat(1)));
  const turns = f32x4.mul(f32x4.convert_i32x4_s(v128.shuffle<i32>(p, q, 1, 3, 5, 7)), unit);
  const radius = f32x4.mul(f32x4.sqrt(f32x4.mul(log4(f32x4.mul(a, unit)), f32x4.splat(-2))), stddev);
  const even = f32x4.add(mean, f32x4.mul(radius, turnedCosine4(turns, 0)));
  const odd = f32x4.add(mean, f32x4.mul(radius, turnedCosine4(turns, 3)));
  storePart(y, v128.shuffle<i32>(even, odd, 0, 4, 1, 5), n);
  if (n > 4) storePart(y + 16, v128.shuffle<i32>(even, odd, 2, 6, 3, 7), n - 4);
}

/**
 * The elements from `from`, a multiple of 4, to `to`; the first lies at x and goes to y. Noise has mean a and standard
 * deviation b; dropout the threshold a and scale b.
 */
@inline function run(noise: bool, state: usize, streamOf: i32, a: v128, b: v128, from: i32, to: i32, x: usize, y: usize): void {
  const key0 = load<i32>(state), key1 = load<i32>(state, 4);
  const epoch = i32x4.splat(load<i32>(state, 8)), step = i32x4.splat(load<i32>(state, 12));
  const stream = i32x4.splat(streamOf);
  const m0 = i32x4.splat(0xd2511f53), m1 = i32x4.splat(0xcd9e8d57);
  for (let i = from; i < to; i += 16, x += 64, y += 64) {
    let c0 = i32x4.add(i32x4.splat(i >> 2), i32x4(0, 1, 2, 3)), c1 = step, c2 = epoch, c3 = stream;
    let k0 = key0, k1 = key1;
    for (let round = 0; round < 10; round++) {
      const p = i64x2.extmul_low_i32x4_u(c0, m0), q = i64x2.extmul_high_i32x4_u(c0, m0);
      const r = i64x2.extmul_low_i32x4_u(c2, m1), s = i64x2.extmul_high_i32x4_u(c2, m1);
      const high0 = v128.shuffle<i32>(p, q, 1, 3, 5, 7), low0 = v128.shuffle<i32>(p, q, 0, 2, 4, 6);
      const high1 = v128.shuffle<i32>(r, s, 1, 3, 5, 7), low1 = v128.shuffle<i32>(r, s, 0, 2, 4, 6);
      c0 = v128.xor(v128.xor(high1, c1), i32x4.splat(k0)); c1 = low1;
      c2 = v128.xor(v128.xor(high0, c3), i32x4.splat(k1)); c3 = low0;
      k0 += 0x9e3779b9; k1 += 0xbb67ae85;
    }
    // Vectors hold one word of four counters; elements want four words of one.
    const ab = v128.shuffle<i32>(c0, c1, 0, 4, 1, 5), cd = v128.shuffle<i32>(c2, c3, 0, 4, 1, 5);
    const ef = v128.shuffle<i32>(c0, c1, 2, 6, 3, 7), gh = v128.shuffle<i32>(c2, c3, 2, 6, 3, 7);
    const w0 = v128.shuffle<i32>(ab, cd, 0, 1, 4, 5), w1 = v128.shuffle<i32>(ab, cd, 2, 3, 6, 7);
    const w2 = v128.shuffle<i32>(ef, gh, 0, 1, 4, 5), w3 = v128.shuffle<i32>(ef, gh, 2, 3, 6, 7);
    const n = to - i;
    if (noise) {
      normals(y, min(n, 8), w0, w1, a, b);
      if (n > 8) normals(y + 32, min(n - 8, 8), w2, w3, a, b);
    } else if (n >= 16) {
      keep(x, y, 4, w0, a, b); keep(x + 16, y + 16, 4, w1, a, b);
      keep(x + 32, y + 32, 4, w2, a, b); keep(x + 48, y + 48, 4, w3, a, b);
    } else {
      keep(x, y, min(n, 4), w0, a, b);
      if (n > 4) keep(x + 16, y + 16, min(n - 4, 4), w1, a, b);
      if (n > 8) keep(x + 32, y + 32, min(n - 8, 4), w2, a, b);
      if (n > 12) keep(x + 48, y + 48, n - 12, w3, a, b);
    }
  }
}

/** Dropout of the elements from `from`, a multiple of 4, to `to`; the first lies at x and goes to y. */
export function dropoutRun(
  state: usize, stream: i32, threshold: i32, scale: f32, from: i32, to: i32, x: usize, y: usize,
): void {
  run(false, state, stream, i32x4.splat(threshold), f32x4.splat(scale), from, to, x, y);
}

export function dropout(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<DropoutWords>(w);
  const block = blockOf(w), from = tile * block, to = tileEnd(tile, block, p.n(rows)), at = <usize>from << 2;
  dropoutRun(p.state, p.stream, p.threshold, p.scale, from, to, p.x + at, p.y + at);
}

export function randomNormal(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<RandomNormalWords>(w);
  const block = blockOf(w), from = tile * block, to = tileEnd(tile, block, p.n(rows)), y = p.y + (<usize>from << 2);
  run(true, p.state, p.stream, f32x4.splat(p.mean), f32x4.splat(p.stddev), from, to, y, y);
}
