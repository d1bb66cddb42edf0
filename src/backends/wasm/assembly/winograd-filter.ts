/** Filters as points, in the layouts that the products of winograd-multiply.ts read. Words: kernels/winograd.ts. */
import { WinogradFilterWords } from "./generated/words";
import { loadPart } from "./simd";
import { filterStep } from "./winograd-multiply";
import { tapsToPoints } from "./winograd-transforms";

/**
 * Channels c0 to c0 + 8 and filters k0 to k1 of w [taps][taps][channels][filters]: to [n * n][filters / 8][channels][8] at `forward`
 * and to [n * n][channels / 8][filters][8] at `backward`, where those are not 0; panels are filled up with zeros, the other axis to
 * a multiple of 4.
 */
@inline function filterPoints(n: i32, taps: i32, w: usize, channels: i32, filters: i32, c0: i32, k0: i32, k1: i32, forward: usize, backward: usize, temporary: usize): void {
  const N = <usize>n, T = <usize>taps, all = (T * T) << 4, wide = (channels + 3) & ~3, deep = (filters + 3) & ~3;
  const fs = filterStep(wide, (filters + 7) & ~7), bs = filterStep(deep, (channels + 7) & ~7);
  const tile = temporary, half = tile + all, four = half + ((N * T) << 4), plane = <usize>(channels * filters) << 2;
  for (let c = c0; c < c0 + 8; c += 4) for (let k = k0; k < k1; k += 4) {
    for (let e = 0; e < 4; e++) {
      let p = w + (<usize>((c + e) * filters + k) << 2);
      const there = c + e < channels && k < filters, part = min(filters - k, 4);
      for (let a: usize = 0; a < all; a += 16, p += plane) v128.store(tile + a, there ? loadPart(p, part) : f32x4.splat(0));
      for (let b: usize = 0; b < T; b++) tapsToPoints(n, taps, tile + (b << 4), T << 4, half + (b << 4), T << 4);
      for (let a: usize = 0; a < N; a++) tapsToPoints(n, taps, half + ((a * T) << 4), 16, four + (((a * N) << 2) + <usize>e << 4), 64);
    }
    let p = four;
    if (forward != 0 && c < wide) {
      let f = forward + (<usize>((k >> 3) * wide + c) << 5) + (<usize>(k & 7) << 2);
      for (let a: usize = 0; a < N * N; a++, p += 64, f += fs) {
        v128.store(f, v128.load(p)); v128.store(f, v128.load(p, 16), 32);
        v128.store(f, v128.load(p, 32), 64); v128.store(f, v128.load(p, 48), 96);
      }
    }
    if (backward == 0 || k >= deep) continue;
    let b = backward + (<usize>((c >> 3) * deep + k) << 5) + (<usize>(c & 7) << 2);
    p = four;
    for (let a: usize = 0; a < N * N; a++, p += 64, b += bs) {
      const r0 = v128.load(p), r1 = v128.load(p, 16), r2 = v128.load(p, 32), r3 = v128.load(p, 48);
      const x = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), y = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
      const z = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5), u = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
      v128.store(b, v128.shuffle<f64>(x, z, 0, 2)); v128.store(b, v128.shuffle<f64>(x, z, 1, 3), 32);
      v128.store(b, v128.shuffle<f64>(y, u, 0, 2), 64); v128.store(b, v128.shuffle<f64>(y, u, 1, 3), 96);
    }
  }
}

export function winogradFilter(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<WinogradFilterWords>(w);
  const channels = p.channels, filters = p.filters, across = (filters + 31) >> 5;
  const c = tile / across << 3, k0 = tile % across << 5, k1 = min(k0 + 32, (filters + 7) & ~7);
  switch (10 * (p.points - p.taps + 1) + p.taps) {
    case 63: filterPoints(8, 3, p.w, channels, filters, c, k0, k1, p.forward, p.backward, scratch); break;
    case 53: filterPoints(7, 3, p.w, channels, filters, c, k0, k1, p.forward, p.backward, scratch); break;
    case 43: filterPoints(6, 3, p.w, channels, filters, c, k0, k1, p.forward, p.backward, scratch); break;
    case 23: filterPoints(4, 3, p.w, channels, filters, c, k0, k1, p.forward, p.backward, scratch); break;
    case 72: filterPoints(8, 2, p.w, channels, filters, c, k0, k1, p.forward, p.backward, scratch); break;
    case 62: filterPoints(7, 2, p.w, channels, filters, c, k0, k1, p.forward, p.backward, scratch); break;
    case 52: filterPoints(6, 2, p.w, channels, filters, c, k0, k1, p.forward, p.backward, scratch); break;
    default: filterPoints(4, 2, p.w, channels, filters, c, k0, k1, p.forward, p.backward, scratch);
  }
}
