/**
 * Sums and averages in numpy's order of additions, so that scores equal scikit-learn's to the last bit. Not the
 * reductions of NDArray.
 */

import { DataError } from "../core/errors.js";

/**
 * The sum of numbers by numpy's pairwise scheme: up to 128 elements in eight running sums, longer ones in halves.
 * Source: N. J. Higham, The accuracy of floating point summation, 1993; the block sizes are numpy's.
 */
export function sum(values: readonly number[], start = 0, length = values.length): number {
  if (length < 8) {
    let total = 0;
    for (let i = start; i < start + length; i++) total += values[i]!;
    return total;
  }
  if (length <= 128) {
    const running = values.slice(start, start + 8);
    const whole = length - (length % 8);
    for (let i = 8; i < whole; i++) running[i % 8]! += values[start + i]!;
    const [a, b, c, d, e, f, g, h] = running as [number, number, number, number, number, number, number, number];
    let total = a + b + (c + d) + (e + f + (g + h));
    for (let i = start + whole; i < start + length; i++) total += values[i]!;
    return total;
  }
  const half = Math.floor(length / 2);
  const left = half - (half % 8);
  return sum(values, start, left) + sum(values, start + left, length - left);
}

/** Σ(value · weight) / Σ weight, or the plain mean without weights. NaN or infinite where the weights cancel out. */
export function average(values: readonly number[], weights: readonly number[] | null): number {
  if (weights === null) return sum(values) / values.length;
  return sum(values.map((value, i) => value * weights[i]!)) / sum(weights);
}

/**
 * The mean of one value a sample, or with `normalize: false` the sum; each counts `weights`.
 * @throws DataError where the weights sum to 0, so that there is no mean.
 */
export function meanOrSum(
  op: string,
  values: readonly number[],
  weights: readonly number[] | null,
  normalize: boolean,
): number {
  if (!normalize) return sum(weights === null ? values : values.map((value, i) => value * weights[i]!));
  if (weights !== null && sum(weights) === 0) {
    throw new DataError(
      `${op}: sampleWeight sums to 0, so there is no weighted mean; received weights that cancel out.`,
    );
  }
  return average(values, weights);
}

/**
 * The average over the values that are not NaN; NaN where none is left. Where the weights that are left sum to 0, the
 * plain mean.
 */
export function averageOfNumbers(values: readonly number[], weights: readonly number[] | null): number {
  const kept = values.map((value) => !Number.isNaN(value));
  const count = kept.filter(Boolean).length;
  if (count === 0) return Number.NaN;
  // numpy's nanmean adds a 0 for each NaN rather than leaving it out: the order of additions stays.
  if (weights === null) return sum(values.map((value, i) => (kept[i] ? value : 0))) / count;
  const left = values.filter((_, i) => kept[i]);
  const weightsLeft = weights.filter((_, i) => kept[i]);
  return average(left, sum(weightsLeft) === 0 ? null : weightsLeft);
}
