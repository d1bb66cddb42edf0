/**
 * How exact Winograd's convolution is. Its results differ from the sum of their terms by the rounding of the tile they lie
 * in, whatever their own terms are, and transforms to and from points enlarge it: for F(4, 3) by about 10 and for F(6, 3)
 * by about 20 in the mean. So the bound is c * 2^-24 * the largest sum of the terms' sizes in the picture, for each filter.
 * The gradients go the same ways back: that by the input has the same bound for each channel; that by the filter, whose
 * taps come from sums over whole tiles, one by the largest of all its elements' terms.
 */

import type { Points, Taps, Tiling } from "../../src/backends/wasm/kernels.js";

/**
 * c by taps and side of a tile. A worst case from the norms of the transforms alone would be 100 times as large, and no test
 * could fail by it. What c is worth was sampled once, with uniform and with normal values, on both modules, which differ
 * little; as parts of c the worst errors were
 * - among 22,233 random shapes that the rule (winograd-rule.ts) sends by tiles, at least 1,444 of each kind: 0.65 in y, 0.59
 *   in dx and 1.09 in dw, for which the cases take 1.5 c (cases/bounds.ts);
 * - among 20,000 of any kind, 2,500 of each, whether tiles pay for them or not: 1.13 in y (of one channel), 0.91 in dx and
 *   1.16 in dw (of pictures smaller than a tile). From 16 channels and filters on it is 0.38 in y and 0.33 in dx.
 * As a part of the results' standard deviation these are 6e-6, 3e-5, 1e-4 and 1e-4 with three taps and 64 channels. With two
 * taps the rounding of the same tile stands beside 4 terms instead of 9.
 */
export const winogradBound: { readonly [T in Taps]: { readonly [P in Points]: number } } = {
  2: { 4: 9.5, 6: 220, 7: 410, 8: 460 },
  3: { 4: 10, 6: 95, 7: 220, 8: 240 },
};

/**
 * The bound of a filter's gradient where x or dy is mostly zeros: a number that is not meets a single one of the other side
 * in each tap, but the rounding of a whole tile's.
 */
export function sparseFilterBound({ taps, points }: Pick<Tiling, "taps" | "points">): number {
  return winogradBound[taps][points] * (points - taps + 1) ** 2;
}

/** The largest of each picture and filter in all its places, in place; `terms` is [pictures, pixels, filters]. */
export function spreadTerms(terms: Float64Array, pixels: number, filters: number): void {
  for (let start = 0; start < terms.length; start += pixels * filters) {
    for (let k = start; k < start + filters; k++) {
      let most = 0;
      for (let i = k; i < start + pixels * filters; i += filters) most = Math.max(most, terms[i]!);
      for (let i = k; i < start + pixels * filters; i += filters) terms[i] = most;
    }
  }
}
