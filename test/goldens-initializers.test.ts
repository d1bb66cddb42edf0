/** Every initializer against the distribution that Keras's follows, by scipy; and those without chance against Keras. */

import { describe, expect, it } from "vitest";
import type { NDArray } from "../src/core/ndarray.js";
import { randomStream } from "../src/core/random.js";
import { initializers, resolveInitializer } from "../src/nn/initializers/index.js";
import { golden } from "./support/goldens.js";
import { camelCase, inCamelCase } from "./support/keras-names.js";

interface Distribution {
  readonly probabilities: NDArray;
  /** Numbers that are not exceeded with these probabilities. */
  readonly quantiles: NDArray;
  /** What the largest gap between the distribution functions exceeds once in 10,000 times. */
  readonly gap: number;
}

interface GoldenCase extends Distribution {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly shape: readonly number[];
  readonly mean: number;
  readonly deviation: number;
  readonly low: number;
  readonly high: number;
}

const { cases, orthogonal, exact } = golden<{
  cases: readonly GoldenCase[];
  orthogonal: Distribution & { readonly side: number; readonly draws: number };
  exact: readonly {
    readonly name: string;
    readonly options: Readonly<Record<string, unknown>>;
    readonly shape: readonly number[];
    readonly values: NDArray;
  }[];
}>("initializers");

/** Keras's options in this library's words. */
function optionsOf(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const words = Object.entries(inCamelCase(options)).map(([key, value]) => [
    key,
    typeof value === "string" ? camelCase(value) : value,
  ]);
  return Object.fromEntries(words);
}

const draw = (name: string, options: Readonly<Record<string, unknown>>, shape: readonly number[], seed = 7) =>
  resolveInitializer({ className: name, config: optionsOf(options) }).generate(
    shape,
    randomStream(seed, "layer/kernel", "initializer"),
  );

/** The largest gap between the distribution function of a sample and the exact one (Kolmogorov and Smirnov), at the quantiles. */
function gapOf(sample: ArrayLike<number>, { probabilities, quantiles }: Distribution): number {
  const sorted = Float64Array.from(sample).sort();
  let below = 0;
  let gap = 0;
  quantiles.data.forEach((quantile, i) => {
    while (below < sorted.length && sorted[below]! <= quantile) below++;
    gap = Math.max(gap, Math.abs(below / sorted.length - probabilities.data[i]!));
  });
  return gap;
}

const titled = <T extends { name: string; options: object; shape: readonly number[] }>(items: readonly T[]) =>
  items.map(
    (item) => [`${item.name} ${JSON.stringify(item.options)} of [${item.shape.join(", ")}]`, item] as [string, T],
  );

describe("initializers of chance", () => {
  it.each(titled(cases))("%s", (_, { name, options, shape, mean, deviation, low, high, ...distribution }) => {
    const values = draw(name, options, shape);
    expect(values.length).toBe(shape.reduce((a, b) => a * b, 1));
    expect(gapOf(values, distribution)).toBeLessThan(distribution.gap);
    const found = values.reduce((sum, v) => sum + v, 0) / values.length;
    const spread = Math.sqrt(values.reduce((sum, v) => sum + (v - found) ** 2, 0) / values.length);
    // Four standard errors of a mean; of a deviation they are smaller.
    const error = (4 * deviation) / Math.sqrt(values.length);
    expect(Math.abs(found - mean)).toBeLessThan(error);
    expect(Math.abs(spread - deviation)).toBeLessThan(error);
    const rounding = 1e-7 * Math.max(Math.abs(mean), deviation);
    expect(values.every((v) => v >= low - rounding && v <= high + rounding)).toBe(true);
    // And the bounds are come near to.
    if (Number.isFinite(low)) {
      expect(Math.min(...values) - low).toBeLessThan(0.05 * deviation);
      expect(high - Math.max(...values)).toBeLessThan(0.05 * deviation);
    }
  });

  it("the test would see a wrong deviation and a shift", () => {
    const item = cases.find(({ name, options }) => name === "TruncatedNormal" && "mean" in options)!;
    const { mean, stddev } = item.options as { mean: number; stddev: number };
    for (const [name, options] of [
      ["TruncatedNormal", { mean, stddev: stddev * 1.3 }],
      ["TruncatedNormal", { mean: mean + 0.2 * stddev, stddev }],
    ] as const) {
      expect(gapOf(draw(name, options, item.shape), item)).toBeGreaterThan(item.gap);
    }
  });
});

describe("orthogonal", () => {
  it.each([
    [5, 5],
    [9, 4],
    [4, 9],
    [3, 3, 2, 7],
    [1, 1, 3, 8],
    [64, 40],
  ])("of [%j, %j, ...] has orthonormal vectors", (...shape) => {
    const gain = 1.5;
    const values = draw("Orthogonal", { gain }, shape);
    const columns = shape.at(-1)!;
    const rows = values.length / columns;
    const at = (i: number, j: number) => values[rows < columns ? i * columns + j : j * columns + i]!;
    const [count, length] = [Math.min(rows, columns), Math.max(rows, columns)];
    for (let a = 0; a < count; a++) {
      for (let b = 0; b <= a; b++) {
        let product = 0;
        for (let j = 0; j < length; j++) product += at(a, j) * at(b, j);
        expect(Math.abs(product - (a === b ? gain * gain : 0))).toBeLessThan(1e-6);
      }
    }
  });

  it("makes every such matrix equally likely", () => {
    const { side, draws } = orthogonal;
    const first = Array.from({ length: draws }, (_, seed) => draw("Orthogonal", {}, [side, side], seed));
    for (const element of [0, 1, side * side - 1]) {
      expect(
        gapOf(
          first.map((values) => values[element]!),
          orthogonal,
        ),
      ).toBeLessThan(orthogonal.gap);
    }
  });
});

describe("initializers without chance", () => {
  it.each(titled(exact))("%s", (_, { name, options, shape, values }) => {
    // Keras makes -0 of 0 times a negative gain; here it is 0.
    const plain = (list: ArrayLike<number>) => Array.from(list, (v) => v + 0);
    expect(plain(draw(name, options, shape))).toEqual(plain(values.data));
  });

  it("all initializers are there", () => {
    const covered = new Set([...cases, ...exact].map(({ name }) => name).concat("Orthogonal"));
    expect([...covered].sort()).toEqual(
      Object.values(initializers)
        .map(({ className }) => className)
        .sort(),
    );
  });
});
