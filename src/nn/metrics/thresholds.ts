/**
 * Thresholds, and how often labels of 1 and of 0 came with predictions above each: what precision, recall, AUC and their
 * like are made of. A prediction is positive where it is above the threshold, not on it, in float32.
 */

import { either, inRange, listOf, nullable, withDefault } from "../../core/options.js";
import { epsilon } from "../losses/loss.js";
import { mostThresholds } from "./limits.js";

const oneThreshold = inRange(0, 1);

/** A threshold from 0 to 1, or a list of some. Default null, which is 0.5 (or, with `topK`, none). */
export const thresholdsOption = withDefault(
  nullable(either(oneThreshold, listOf(oneThreshold, "a list of them", { most: mostThresholds }))),
  null,
);

/** Ordered thresholds, and into which of the gaps between them a prediction falls. */
export interface Thresholds {
  readonly count: number;
  /** How many thresholds are below a float32. */
  below(prediction: number): number;
  /** At which place in the order each given threshold stands. */
  readonly places: ArrayLike<number>;
}

/** Thresholds in any order. Those that lie evenly from 0 to 1 are found by a multiplication in float32, as Keras does. */
export function thresholdsOf(values: readonly number[]): Thresholds {
  if (areEven(values)) return evenThresholds(values.length, false);
  const given = Float32Array.from(values);
  const sorted = given.toSorted();
  return {
    count: values.length,
    places: given.map((value) => sorted.indexOf(value)),
    below(prediction) {
      let [low, high] = [0, sorted.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (sorted[middle]! < prediction) low = middle + 1;
        else high = middle;
      }
      return low;
    },
  };
}

/** From 0 to 1 in equal steps. `outside`: the first is a little below 0 and the last a little above 1. */
export function evenThresholds(count: number, outside: boolean): Thresholds {
  const least = outside ? 1 : 0;
  return {
    count,
    places: Int32Array.from({ length: count }, (_, i) => i),
    below(prediction) {
      if (Number.isNaN(prediction)) return 0;
      const clipped = Math.min(Math.max(prediction, 0), 1);
      return Math.max(least, Math.ceil(Math.fround(clipped * (count - 1))));
    },
  };
}

/** Whether thresholds are what Keras takes for even: three at least, 0 to 1, each near its place. */
export function areEven(values: readonly number[]): boolean {
  const last = values.length - 1;
  return (
    values.length >= 3 &&
    values.every((value, i) => {
      const place = Math.fround(i / last);
      return Math.abs(value - place) <= epsilon + 1e-5 * Math.abs(place);
    })
  );
}

/** For each threshold, in the order in which they were given, the weights of what fell on each side. */
export interface Confusion {
  readonly truePositives: Float64Array;
  readonly falsePositives: Float64Array;
  readonly trueNegatives: Float64Array;
  readonly falseNegatives: Float64Array;
}

/** Counts for each of some columns (labels); nothing but additions in the order of what comes. */
export class ThresholdCounts {
  /** By column, and within it by the number of thresholds below: one more than there are thresholds. */
  readonly #ones: Float64Array;
  readonly #zeros: Float64Array;

  constructor(
    readonly thresholds: Thresholds,
    readonly columns = 1,
  ) {
    this.#ones = new Float64Array(columns * (thresholds.count + 1));
    this.#zeros = new Float64Array(columns * (thresholds.count + 1));
  }

  add(column: number, label: number, prediction: number, weight: number): void {
    const place = column * (this.thresholds.count + 1) + this.thresholds.below(prediction);
    const side = label !== 0 ? this.#ones : this.#zeros;
    side[place] = side[place]! + weight;
  }

  /** What has been counted in a column. */
  confusion(column = 0): Confusion {
    const [truePositives, falseNegatives] = this.#sides(this.#ones, column);
    const [falsePositives, trueNegatives] = this.#sides(this.#zeros, column);
    return { truePositives, falsePositives, trueNegatives, falseNegatives };
  }

  /** Above each threshold, and not above it. */
  #sides(counts: Float64Array, column: number): [above: Float64Array, below: Float64Array] {
    const { count, places } = this.thresholds;
    const own = counts.subarray(column * (count + 1), (column + 1) * (count + 1));
    const [above, below] = [new Float64Array(count), new Float64Array(count)];
    for (let i = count - 1, sum = 0; i >= 0; i--) above[i] = sum += own[i + 1]!;
    for (let i = 0, sum = 0; i < count; i++) below[i] = sum += own[i]!;
    const inOrder = (values: Float64Array) => Float64Array.from(places, (place) => values[place]!);
    return [inOrder(above), inOrder(below)];
  }
}
