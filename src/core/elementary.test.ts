import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cosSinOfTurns, logOfFraction } from "./elementary.js";

describe("logOfFraction", () => {
  it("agrees with Math.log", () => {
    for (let word = 1; word <= 2 ** 32; word = Math.ceil(word * 1.01)) {
      const x = word * 2 ** -32;
      expect(Math.abs(logOfFraction(x) - Math.log(x))).toBeLessThanOrEqual(5e-16 * Math.abs(Math.log(x)));
    }
    expect(logOfFraction(1)).toBe(0);
    expect(logOfFraction(Number.MIN_VALUE)).toBeCloseTo(Math.log(Number.MIN_VALUE), 12);
  });
});

describe("cosSinOfTurns", () => {
  it("agrees with Math.cos and Math.sin, and is exact at quarter turns", () => {
    const out = new Float64Array(2);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (word) => {
        const turns = word * 2 ** -32;
        cosSinOfTurns(turns, out);
        expect(Math.abs(out[0]! - Math.cos(2 * Math.PI * turns))).toBeLessThan(1e-15);
        expect(Math.abs(out[1]! - Math.sin(2 * Math.PI * turns))).toBeLessThan(1e-15);
      }),
      { numRuns: 2000 },
    );
    for (const [turns, cos, sin] of [
      [0, 1, 0],
      [0.25, 0, 1],
      [0.5, -1, 0],
      [0.75, 0, -1],
    ] as const) {
      cosSinOfTurns(turns, out);
      expect(out[0]! + 0).toBe(cos);
      expect(out[1]! + 0).toBe(sin);
    }
  });
});
