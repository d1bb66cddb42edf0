/** Philox 4x32-10 (Salmon et al., SC 2011), four counters at a time, and dropout and noise on it. Words: kernels/rows.ts. */
import { DropoutWords, RandomNormalWords } from "./generated/words";
import { log4, turnedCosine4 } from "./math";
import { blockOf, loadPart, storePart, tileEnd } from "./simd";

/** The random words of elements i to i + 15, i a multiple of 4, in their order at `to`. */
function words16(state: usize, stream: i32, i: i32, to: usize): void {
  const m0 = i32x4.splat(0xd2511f53), m1 = i32x4.splat(0xcd9e8d57);
  let c0 = i32x4.add(i32x4.splat(i >> 2), i32x4(0, 1, 2, 3)), c1 = i32x4.splat(load<i32>(state, 12));
  let c2 = i32x4.splat(load<i32>(state, 8)), c3 = i32x4.splat(stream);
  let k0 = load<i32>(state), k1 = load<i32>(state, 4);
  for (let round = 0; round < 10; round++) {
    const a = i64x2.extmul_low_i32x4_u(c0, m0), b = i64x2.extmul_high_i32x4_u(c0, m0);
    const c = i64x2.extmul_low_i32x4_u(c2, m1), d = i64x2.extmul_high_i32x4_u(c2, m1);
    const high0 = v128.shuffle<i32>(a, b, 1, 3, 5, 7), low0 = v128.shuffle<i32>(a, b, 0, 2, 4, 6);
    const high1 = v128.shuffle<i32>(c, d, 1, 3, 5, 7), low1 = v128.shuffle<i32>(c, d, 0, 2, 4, 6);
    c0 = v128.xor(v128.xor(high1, c1), i32x4.splat(k0)); c1 = low1;
    c2 = v128.xor(v128.xor(high0, c3), i32x4.splat(k1)); c3 = low0;
    k0 += 0x9e3779b9; k1 += 0xbb67ae85;
  }
  // Vectors hold one word of four counters; elements want four words of one.
  const ab = v128.shuffle<i32>(c0, c1, 0, 4, 1, 5), cd = v128.shuffle<i32>(c2, c3, 0, 4, 1, 5);
  const ef = v128.shuffle<i32>(c0, c1, 2, 6, 3, 7), gh = v128.shuffle<i32>(c2, c3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<i32>(ab, cd, 0, 1, 4, 5)); v128.store(to, v128.shuffle<i32>(ab, cd, 2, 3, 6, 7), 16);
  v128.store(to, v128.shuffle<i32>(ef, gh, 0, 1, 4, 5), 32); v128.store(to, v128.shuffle<i32>(ef, gh, 2, 3, 6, 7), 48);
}

export function dropout(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<DropoutWords>(w);
  const block = blockOf(w), from = tile * block, to = tileEnd(tile, block, p.n(rows));
  const threshold = i32x4.splat(p.threshold), scale = f32x4.splat(p.scale);
  let x = p.x + (<usize>from << 2), y = p.y + (<usize>from << 2);
  for (let i = from; i < to; i += 16) {
    words16(p.state, p.stream, i, scratch);
    let word = scratch;
    for (let n = min(to - i, 16); n > 0; n -= 4, x += 16, y += 16, word += 16) {
      // y = x scale where word >>> 8 reaches the threshold, else 0.
      const kept = i32x4.ge_s(i32x4.shr_u(v128.load(word), 8), threshold);
      storePart(y, v128.and(f32x4.mul(loadPart(x, n), scale), kept), n);
    }
  }
}

export function randomNormal(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<RandomNormalWords>(w);
  const block = blockOf(w), from = tile * block, to = tileEnd(tile, block, p.n(rows));
  const mean = f32x4.splat(p.mean), stddev = f32x4.splat(p.stddev), unit = f32x4.splat(1 / <f32>16777216);
  let y = p.y + (<usize>from << 2);
  for (let i = from; i < to; i += 16) {
    words16(p.state, p.stream, i, scratch);
    let word = scratch;
    for (let n = min(to - i, 16); n > 0; n -= 8, y += 32, word += 32) {
      const left = i32x4.shr_u(v128.load(word), 8), right = i32x4.shr_u(v128.load(word, 16), 8);
      const a = f32x4.convert_i32x4_s(i32x4.add(v128.shuffle<i32>(left, right, 0, 2, 4, 6), i32x4.splat(1)));
      const turns = f32x4.mul(f32x4.convert_i32x4_s(v128.shuffle<i32>(left, right, 1, 3, 5, 7)), unit);
      const radius = f32x4.mul(f32x4.sqrt(f32x4.mul(log4(f32x4.mul(a, unit)), f32x4.splat(-2))), stddev);
      const even = f32x4.add(mean, f32x4.mul(radius, turnedCosine4(turns, 0)));
      const odd = f32x4.add(mean, f32x4.mul(radius, turnedCosine4(turns, 3)));
      storePart(y, v128.shuffle<i32>(even, odd, 0, 4, 1, 5), n);
      if (n > 4) storePart(y + 16, v128.shuffle<i32>(even, odd, 2, 6, 3, 7), n - 4);
    }
  }
}
