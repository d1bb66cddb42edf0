/**
 * How exact Winograd's convolution is. Its results differ from the sum of their terms by the rounding of the tile they lie
 * in, whatever their own terms are, and transforms to and from points enlarge it: for F(4, 3) by about 10 and for F(6, 3)
 * by about 20 in the mean. So the bound is c * 2^-24 * the largest sum of the terms' sizes in the picture, for each filter.
 * The gradients go the same ways back: that by the input has the same bound for each channel; that by the filter, whose
 * taps come from sums over whole tiles, one by the largest of all its elements' terms.
 */

import type { Points } from "../../src/backends/wasm/kernels.js";

/**
 * c by side of a tile: twice the worst met among the forward kernel's tests on both modules (2.5, 34, 45 and 56; in the
 * gradient's 2.7, 38, 51 and 52 for the input, 3.8, 52, 52 and 56 for the filter). A worst case
 * from the norms of the transforms alone would be 100 times as large, and no test could fail by it. As a part of the
 * results' standard deviation these are 3e-6, 2e-5, 5e-5 and 6e-5 at 64 channels, the filter's gradient 1e-5 to 3e-5.
 */
export const winogradBound: { readonly [P in Points]: number } = { 4: 5, 6: 68, 7: 92, 8: 112 };

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
