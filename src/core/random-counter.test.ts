import { describe, expect, it } from "vitest";
import { OptionError } from "./errors.js";
import { philox4x32 } from "./philox.js";
import { dropoutKeeps, fillUniformAt, hashStream, seedKey, uniformAt } from "./random-counter.js";

describe("seedKey", () => {
  it("splits the seed into two words", () => {
    expect(seedKey(0)).toEqual([0, 0]);
    expect(seedKey(7)).toEqual([7, 0]);
    expect(seedKey(2 ** 32 + 5)).toEqual([5, 1]);
    expect(seedKey(2 ** 53 - 1)).toEqual([0xffffffff, 0x1fffff]);
  });

  it.each([-1, 1.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY, "7", null])("refuses %s", (seed) => {
    expect(() => seedKey(seed as number, "fit: seed")).toThrow(OptionError);
    expect(() => seedKey(seed as number, "fit: seed")).toThrow(/^fit: seed must be a whole number from 0 to 2\^53 - 1/);
  });
});

describe("hashStream", () => {
  it("never changes", () => {
    expect(hashStream("", "")).toBe(0x0578ab1b);
    expect(hashStream("dense_1/kernel", "initializer")).toBe(0xedc3dd5a);
    expect(hashStream("größe", "dropout")).toBe(0xab75039b);
  });

  it("keeps names apart", () => {
    const seen = new Set<number>();
    for (let i = 0; i < 1000; i++) {
      for (const purpose of ["dropout", "initializer", "shuffle"]) seen.add(hashStream(`dense_${i}`, purpose));
    }
    // 3,000 of 2^32 words: a chance of 0.1 % for one collision.
    expect(seen.size).toBe(3000);
    expect(hashStream("a", "bc")).not.toBe(hashStream("ab", "c"));
  });
});

describe("uniformAt", () => {
  it("is the documented word of the documented block", () => {
    const [key0, key1] = seedKey(2 ** 40 + 9);
    const stream = hashStream("dropout", "dropout");
    const words = new Uint32Array(4);
    const filled = new Float32Array(9);
    fillUniformAt(filled, key0, key1, stream, 3, 41);
    for (let element = 0; element < 9; element++) {
      philox4x32([element >>> 2, 41, 3, stream], [key0, key1], words);
      const expected = (words[element & 3]! >>> 8) / 2 ** 24;
      expect(uniformAt(key0, key1, stream, 3, 41, element)).toBe(expected);
      expect(filled[element]).toBe(expected);
      expect(dropoutKeeps(expected, key0, key1, stream, 3, 41, element)).toBe(true);
      expect(dropoutKeeps(expected + 2 ** -24, key0, key1, stream, 3, 41, element)).toBe(false);
    }
  });

  it("keeps the share 1 - rate", () => {
    const values = new Float64Array(100_000);
    fillUniformAt(values, 1, 0, hashStream("dropout", "dropout"), 0, 0);
    const kept = values.filter((value) => value >= 0.3).length;
    expect(Math.abs(kept / values.length - 0.7)).toBeLessThan(4 * Math.sqrt((0.3 * 0.7) / values.length));
  });
});
