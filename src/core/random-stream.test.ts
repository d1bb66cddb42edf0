import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OptionError } from "./errors.js";
import { philox4x32 } from "./philox.js";
import { hashStream } from "./random-counter.js";
import { randomStream } from "./random-stream.js";

const stream = (seed = 7, path = "layer", purpose = "test") => randomStream(seed, path, purpose);

/** Pearson's statistic of counts that should all be equal. */
function chiSquare(counts: ArrayLike<number>): number {
  const all = Array.from(counts);
  const expected = all.reduce((a, b) => a + b, 0) / all.length;
  return all.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** A bound that a fair statistic exceeds about once in 30,000 times. */
const chiSquareBound = (freedom: number) => freedom + 4 * Math.sqrt(2 * freedom) + 8;

describe("RandomStream", () => {
  it("draws the words of the documented counters, over the 32-bit edge of the block index too", () => {
    for (const start of [0, 5, 4 * 2 ** 32 - 6]) {
      const random = randomStream(2 ** 33 + 3, "a/b", "c").at(start);
      const out = new Uint32Array(4);
      for (let p = start; p < start + 12; p++) {
        const block = Math.floor(p / 4);
        philox4x32([block >>> 0, Math.floor(block / 2 ** 32), 0, hashStream("a/b", "c")], [3, 2], out);
        expect(random.uint32()).toBe(out[p % 4]);
      }
      expect(random.position).toBe(start + 12);
    }
  });

  it("gives the same words whether they are drawn, skipped or addressed", () => {
    fc.assert(
      fc.property(fc.nat(100), fc.nat(100), (a, b) => {
        const drawn = stream();
        for (let i = 0; i < a + b; i++) drawn.uint32();
        const expected = drawn.uint32();
        expect(stream().skip(a).skip(b).uint32()).toBe(expected);
        expect(
          stream()
            .at(a + b)
            .uint32(),
        ).toBe(expected);
        const mixed = stream();
        for (let i = 0; i < a; i++) mixed.uint32();
        expect(mixed.skip(b).uint32()).toBe(expected);
      }),
    );
  });

  it("never changes its results", () => {
    expect(Array.from({ length: 4 }, stream().uint32.bind(stream()))).toMatchInlineSnapshot(`
      [
        3514982697,
        2988782301,
        3843988922,
        2791231856,
      ]
    `);
    expect([...stream().uniform({ shape: [3] }).data]).toMatchInlineSnapshot(`
      [
        0.8183956742286682,
        0.6958800554275513,
        0.8949983716011047,
      ]
    `);
    expect([...stream().uniform({ shape: [2], dtype: "float64" }).data]).toMatchInlineSnapshot(`
      [
        0.8183956868639596,
        0.8949984136960231,
      ]
    `);
    expect([...stream().normal({ shape: [3], dtype: "float64" }).data]).toMatchInlineSnapshot(`
      [
        -0.21115853342684765,
        -0.5968506931129356,
        -0.2771397939404678,
      ]
    `);
    expect([...stream().truncatedNormal({ shape: [3] }).data]).toMatchInlineSnapshot(`
      [
        -0.21115852892398834,
        -0.5968506932258606,
        -0.2771397829055786,
      ]
    `);
    expect([...stream().integers({ shape: [6], low: -5, high: 5 }).data]).toMatchInlineSnapshot(`
      [
        2,
        -4,
        -3,
        1,
        2,
        -5,
      ]
    `);
    expect([...stream().permutation(8)]).toMatchInlineSnapshot(`
      [
        4,
        0,
        5,
        3,
        6,
        2,
        7,
        1,
      ]
    `);
    expect([...stream().choice(100, 5)]).toMatchInlineSnapshot(`
      [
        97,
        22,
        76,
        17,
        15,
      ]
    `);
  });

  it("differs between seeds, paths and purposes", () => {
    const first = [stream(7), stream(8), stream(7 + 2 ** 32), stream(7, "layer_1"), stream(7, "layer", "other")];
    expect(new Set(first.map((random) => random.uint32())).size).toBe(5);
  });

  it("has streams that do not correlate", () => {
    const n = 20_000;
    const a = stream(7, "dense_1/kernel").normal({ shape: [n], dtype: "float64" }).data;
    for (const other of [
      stream(7, "dense_2/kernel"),
      stream(8, "dense_1/kernel"),
      stream(7, "dense_1/kernel").skip(n),
    ]) {
      const b = other.normal({ shape: [n], dtype: "float64" }).data;
      const correlation = a.reduce((sum, x, i) => sum + x * b[i]!, 0) / n;
      expect(Math.abs(correlation)).toBeLessThan(4.2 / Math.sqrt(n));
    }
  });
});

describe("uniform", () => {
  it("fills its interval evenly", () => {
    const n = 100_000;
    for (const dtype of ["float32", "float64"] as const) {
      const x = stream().uniform({ low: -2, high: 3, shape: [100, n / 100], dtype });
      expect(x.dtype).toBe(dtype);
      expect(x.shape).toEqual([100, n / 100]);
      expect(x.min()).toBeGreaterThanOrEqual(-2);
      expect(x.max()).toBeLessThan(3);
      expect(Math.abs(x.mean() - 0.5)).toBeLessThan((4 * 5) / Math.sqrt(12 * n));
      expect(Math.abs(x.std() - 5 / Math.sqrt(12))).toBeLessThan(0.01);
      const counts = new Float64Array(100);
      for (const value of x.data) counts[Math.floor((value + 2) * 20)]! += 1;
      expect(chiSquare(counts)).toBeLessThan(chiSquareBound(99));
    }
  });

  it("has neighbours that are independent", () => {
    const x = stream().uniform({ shape: [100_000] }).data;
    const counts = new Float64Array(100);
    for (let i = 0; i + 1 < x.length; i += 2) counts[Math.floor(x[i]! * 10) * 10 + Math.floor(x[i + 1]! * 10)]! += 1;
    expect(chiSquare(counts)).toBeLessThan(chiSquareBound(99));
  });

  it("gives float32 numbers that are exact multiples of 2^-24", () => {
    for (const x of stream().uniform({ shape: [1000] }).data) expect(Number.isInteger(x * 2 ** 24)).toBe(true);
  });
});

describe("normal", () => {
  const n = 200_000;

  it("has the moments and the shares of a normal distribution", () => {
    const x = stream()
      .normal({ mean: 3, stddev: 2, shape: [n], dtype: "float64" })
      .data.map((v) => (v - 3) / 2);
    const moment = (power: number) => x.reduce((sum, v) => sum + v ** power, 0) / n;
    // Four standard errors of each moment: sqrt(variance of v^power / n).
    expect(Math.abs(moment(1))).toBeLessThan(4 * Math.sqrt(1 / n));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
    expect(Math.abs(moment(3))).toBeLessThan(4 * Math.sqrt(15 / n));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(4 * Math.sqrt(96 / n));
    for (const [within, share] of [
      [1, 0.6826894921],
      [2, 0.9544997361],
      [3, 0.9973002039],
    ] as const) {
      const found = x.filter((v) => Math.abs(v) < within).length / n;
      expect(Math.abs(found - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / n));
    }
  });

  it("cuts at two standard deviations and keeps the shape between", () => {
    const x = stream().truncatedNormal({ mean: 1, stddev: 0.5, shape: [n], dtype: "float64" });
    expect(x.min()).toBeGreaterThanOrEqual(0);
    expect(x.max()).toBeLessThanOrEqual(2);
    expect(Math.abs(x.mean() - 1)).toBeLessThan((4 * 0.44) / Math.sqrt(n));
    expect(Math.abs(x.std() - 0.5 * 0.87962566103423978)).toBeLessThan(0.003);
    const inner = x.data.filter((v) => Math.abs(v - 1) < 0.5).length / n;
    expect(Math.abs(inner - 0.6826894921 / 0.9544997361)).toBeLessThan(0.005);
  });

  it("is its mean where the deviation is 0", () => {
    expect([...stream().normal({ mean: 3, stddev: 0, shape: [3] }).data]).toEqual([3, 3, 3]);
  });
});

describe("integers", () => {
  it("are equally likely, also where the range does not divide 2^32", () => {
    for (const [low, high] of [
      [0, 10],
      [-3, 4],
      [5, 106],
    ] as const) {
      const counts = new Float64Array(high - low);
      for (const x of stream().integers({ low, high, shape: [50_000] }).data) counts[x - low]! += 1;
      expect(counts.every((count) => count > 0)).toBe(true);
      expect(chiSquare(counts)).toBeLessThan(chiSquareBound(high - low - 1));
    }
  });

  it("have no bias towards small ones in a range of three quarters of 2^32", () => {
    const low = -(2 ** 31);
    const x = stream().integers({ low, high: low + 3 * 2 ** 30, shape: [30_000] }).data;
    const counts = new Float64Array(3);
    for (const value of x) counts[Math.floor((value - low) / 2 ** 30)]! += 1;
    expect(chiSquare(counts)).toBeLessThan(chiSquareBound(2));
  });

  it("reach all of int32", () => {
    const x = stream().integers({ low: -(2 ** 31), high: 2 ** 31, shape: [1000] });
    expect(x.min()).toBeLessThan(-2e9);
    expect(x.max()).toBeGreaterThan(2e9);
  });
});

describe("permutation and choice", () => {
  it("permutation has every number once", () => {
    for (const n of [0, 1, 2, 17, 1000]) {
      expect([...stream().permutation(n)].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
    }
  });

  it("every order is equally likely", () => {
    const random = stream();
    const counts = new Map<string, number>();
    for (let i = 0; i < 12_000; i++) {
      const order = random.permutation(4).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    expect(chiSquare([...counts.values()])).toBeLessThan(chiSquareBound(23));
  });

  it("choice picks distinct ones, every pair equally likely", () => {
    const random = stream();
    const counts = new Map<string, number>();
    for (let i = 0; i < 10_000; i++) {
      const picks = random.choice(["a", "b", "c", "d", "e"], 2);
      expect(picks[0]).not.toBe(picks[1]);
      counts.set(picks.join(""), (counts.get(picks.join("")) ?? 0) + 1);
    }
    expect(counts.size).toBe(20);
    expect(chiSquare([...counts.values()])).toBeLessThan(chiSquareBound(19));
  });

  it("choice with replacement repeats", () => {
    const picks = stream().choice(3, 3000, { replace: true });
    const counts = [0, 1, 2].map((value) => picks.filter((pick) => pick === value).length);
    expect(chiSquare(counts)).toBeLessThan(chiSquareBound(2));
    expect(stream().choice(0, 0)).toHaveLength(0);
  });
});

describe("bad input", () => {
  it.each([
    ["a seed that is not whole", () => stream(1.5)],
    ["a negative seed", () => stream(-1)],
    ["uniform without a shape", () => stream().uniform({} as never)],
    ["uniform of a wrong shape", () => stream().uniform({ shape: [-1] })],
    ["uniform, low above high", () => stream().uniform({ shape: [1], low: 1, high: 0 })],
    ["uniform, NaN", () => stream().uniform({ shape: [1], low: Number.NaN })],
    ["uniform, int32", () => stream().uniform({ shape: [1], dtype: "int32" as never })],
    ["normal, negative stddev", () => stream().normal({ shape: [1], stddev: -1 })],
    ["normal, a misspelled option", () => stream().normal({ shape: [1], std: 1 } as never)],
    ["integers, empty range", () => stream().integers({ shape: [1], low: 3, high: 3 })],
    ["integers beyond int32", () => stream().integers({ shape: [1], high: 2 ** 40 })],
    ["permutation of -1", () => stream().permutation(-1)],
    ["choice of too many", () => stream().choice(3, 4)],
    ["choice from nothing", () => stream().choice([], 1, { replace: true })],
    ["skip backwards", () => stream().skip(-1)],
    ["at a fraction", () => stream().at(0.5)],
  ])("refuses %s", (_name, act) => {
    expect(act).toThrow(OptionError);
  });
});
