/** What random cases are made of: lengths, paddings, patterns, rows of a job; and the limit of their work. */

import fc from "fast-check";
import type { Padding } from "../../src/graph/ops/window.js";
import type { CaseOptions } from "./case.js";
import { type Special, zeroPatterns } from "./patterns.js";

export type Pair = readonly [number, number];

/** The rows of the only job of a case: the last of its steps may have fewer rows, and no step fills the capacity. */
export interface Rows {
  readonly capacity: number;
  readonly batch: number;
  readonly rows: number;
}

export const upTo = (most: number): fc.Arbitrary<number> => fc.integer({ min: 1, max: most });
export const pairs = (most: number): fc.Arbitrary<Pair> => fc.tuple(upTo(most), upTo(most));
export const fixedPair = (n: number): fc.Arbitrary<Pair> => fc.constant([n, n] as const);

/** Counts: any, and those that fill registers and tiles. */
export const counts = (most: number): fc.Arbitrary<number> =>
  fc.oneof(upTo(most), fc.constantFrom(...[1, 4, 8, 16, 32, 64].filter((n) => n <= most)));

export const paddings = fc.constantFrom<Padding[]>("valid", "same");
export const activations = fc.constantFrom<("linear" | "relu")[]>("linear", "relu");
export const mostlyDense = fc.oneof(
  { weight: 2, arbitrary: fc.constant("dense" as const) },
  { weight: 1, arbitrary: fc.constantFrom(...zeroPatterns) },
);
export const specials: fc.Arbitrary<Special> = fc.record({
  value: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
  place: fc.integer({ min: 0, max: 99 }).map((n) => n / 100),
});
export const seldom = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 8 });

/** Rows of a job that are at most `capacity` a step. */
export const rowCounts: fc.Arbitrary<Rows> = fc
  .oneof({ weight: 5, arbitrary: upTo(6) }, { weight: 1, arbitrary: upTo(40) })
  .chain((capacity) =>
    fc
      .tuple(upTo(capacity), upTo(2 * capacity))
      .map(([batch, rows]) => ({ capacity, batch: Math.min(batch, rows), rows })),
  );

/** Halves the largest of these numbers until the work is at most `most`; a single float64 loop has to do it too. */
export function within<T extends object>(
  item: T,
  names: readonly (keyof T)[],
  most: number,
  work: (item: T) => number,
): T {
  let result = item;
  while (work(result) > most) {
    const size = (name: keyof T): number => Math.max(...[result[name] as number | readonly number[]].flat());
    const largest = names.reduce((a, b) => (size(b) > size(a) ? b : a));
    const half = (n: number): number => Math.max(1, n >> 1);
    const value = result[largest] as number | readonly number[];
    result = { ...result, [largest]: typeof value === "number" ? half(value) : value.map(half) };
    if (size(largest) === 1) break;
  }
  return result;
}

/** The one job of a case. */
export const jobOf = ({ capacity, batch, rows }: Rows): Pick<CaseOptions, "capacity" | "jobs" | "gradient"> => ({
  capacity,
  jobs: [{ rows, batch }],
  gradient: false,
});
