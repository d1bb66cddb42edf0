/** Cases of convolutions that are dilated, in groups, or depthwise. */

import type { Case } from "./case.js";
import { type Convolution, fusedCasesOf, singleCases } from "./picture.js";

const base: Convolution = { size: [7, 6], channels: 4, filters: 6, kernel: [3, 3], strides: [1, 1], padding: "valid" };
const same = { padding: "same" } as const;

const dilated: Convolution[] = [
  { ...base, dilationRate: [2, 2] },
  { ...base, dilationRate: [2, 2], ...same },
  { ...base, dilationRate: [3, 3], ...same, channels: 1 },
  { ...base, size: [9, 5], dilationRate: [1, 2], kernel: [5, 3], ...same },
  { ...base, size: [3, 8], dilationRate: [5, 4], kernel: [2, 2], ...same },
  { ...base, size: [11, 1], dilationRate: [4, 1], kernel: [3, 1], filters: 1 },
  // Strides too: phases of their own where they share a divisor, none where they are equal, pixels that no window sees.
  { ...base, size: [9, 10], dilationRate: [2, 3], strides: [2, 2] },
  { ...base, size: [12, 9], dilationRate: [2, 4], strides: [4, 2], ...same },
  { ...base, size: [10, 7], dilationRate: [3, 2], kernel: [2, 3], strides: [2, 3], ...same },
  // By tiles, whole and folded, and by single pixels.
  { ...base, size: [13, 15], channels: 16, filters: 24, dilationRate: [2, 2], ...same },
  { ...base, size: [15, 13], channels: 9, filters: 13, dilationRate: [2, 2] },
  { ...base, size: [25, 24], channels: 8, filters: 16, kernel: [5, 5], dilationRate: [1, 2], strides: [2, 1], ...same },
  { ...base, size: [6, 7], channels: 13, filters: 50, kernel: [1, 1], dilationRate: [2, 2] },
];

const grouped: Convolution[] = [
  { ...base, groups: 2 },
  { ...base, channels: 6, filters: 3, groups: 3, ...same },
  { ...base, channels: 6, filters: 10, groups: 2, strides: [2, 2], ...same },
  { ...base, size: [5, 7], channels: 32, filters: 32, groups: 8, ...same },
  { ...base, channels: 10, filters: 15, groups: 5, kernel: [1, 1] },
  { ...base, size: [6, 6], channels: 26, filters: 100, groups: 2, kernel: [1, 1] },
  { ...base, size: [9, 8], channels: 32, filters: 48, groups: 2, ...same },
  { ...base, size: [12, 11], channels: 18, filters: 26, groups: 2, kernel: [5, 5], strides: [2, 2], ...same },
  { ...base, groups: 2, dilationRate: [2, 1], ...same },
  { ...base, size: [8, 9], channels: 12, filters: 9, groups: 3, dilationRate: [2, 3] },
];

/** Channels that fill vectors and do not, edges on all sides and none, every kind of stride and dilation. */
const depthwise: Convolution[] = [
  ...[2, 3, 4, 5, 7, 8, 12, 13, 16, 23].map((n) => ({ ...base, ...same, channels: n, filters: n, groups: n })),
  ...[4, 13].map((n) => ({ ...base, size: [9, 10] as const, channels: n, filters: n, groups: n })),
  ...[2, 3, 4, 5, 9].map((m) => ({ ...base, ...same, channels: 3, filters: 3 * m, groups: 3 })),
  { ...base, size: [9, 12], channels: 10, filters: 20, groups: 10, strides: [2, 2], ...same },
  { ...base, size: [9, 12], channels: 9, filters: 9, groups: 9, strides: [2, 2], ...same },
  { ...base, size: [10, 11], channels: 12, filters: 12, groups: 12, strides: [2, 2] },
  { ...base, size: [13, 17], channels: 8, filters: 8, groups: 8, strides: [1, 2], kernel: [5, 5], ...same },
  { ...base, size: [13, 17], channels: 12, filters: 12, groups: 12, kernel: [7, 7], ...same },
  { ...base, size: [7, 8], channels: 8, filters: 8, groups: 8, kernel: [2, 2], strides: [3, 3] },
  { ...base, size: [3, 3], channels: 8, filters: 8, groups: 8, kernel: [5, 7], ...same },
  { ...base, size: [1, 1], channels: 8, filters: 16, groups: 8, ...same },
  { ...base, size: [1, 19], channels: 16, filters: 16, groups: 16, kernel: [1, 3], ...same },
  { ...base, size: [6, 5], channels: 9, filters: 9, groups: 9, kernel: [1, 1] },
  { ...base, size: [7, 7], channels: 8, filters: 8, groups: 8, kernel: [1, 1], strides: [2, 3] },
  { ...base, size: [9, 9], channels: 12, filters: 12, groups: 12, dilationRate: [2, 2], ...same },
  { ...base, size: [9, 11], channels: 5, filters: 10, groups: 5, dilationRate: [3, 2] },
  { ...base, size: [11, 10], channels: 8, filters: 8, groups: 8, dilationRate: [2, 3], strides: [2, 2], ...same },
  { ...base, size: [11, 14], channels: 8, filters: 8, groups: 8, dilationRate: [2, 4], strides: [4, 6] },
];

const convolutions = [...dilated, ...grouped, ...depthwise];

/** Each of these convolutions by every op. */
export const partedCases: readonly Case[] = convolutions.flatMap((convolution, number) => [
  ...singleCases(convolution),
  ...fusedCasesOf(convolution, number),
]);
