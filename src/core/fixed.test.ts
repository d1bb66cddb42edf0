import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatFixed } from "./fixed.js";

describe("formatFixed", () => {
  // Printed by Python's "{:.{}f}".
  test.each([
    [0.125, 2, "0.12"],
    [0.375, 2, "0.38"],
    [0.625, 2, "0.62"],
    [0.875, 2, "0.88"],
    [0.03125, 4, "0.0312"],
    [0.005, 2, "0.01"],
    [0.015, 2, "0.01"],
    [2.675, 2, "2.67"],
    [0.5, 0, "0"],
    [1.5, 0, "2"],
    [2.5, 0, "2"],
    [-0.125, 2, "-0.12"],
    [-0.001, 2, "-0.00"],
    [1, 0, "1"],
    [2 / 3, 4, "0.6667"],
    [1 / 3, 20, "0.33333333333333331483"],
    [0.1, 30, "0.100000000000000005551115123126"],
    [1e22, 1, "10000000000000000000000.0"],
    [5e-324, 3, "0.000"],
    [Number.NaN, 2, "nan"],
    [Number.POSITIVE_INFINITY, 2, "inf"],
    [Number.NEGATIVE_INFINITY, 2, "-inf"],
  ])("%d with %d decimals is %s", (value, digits, text) => {
    expect(formatFixed(value, digits)).toBe(text);
  });

  test("is within half a unit of the last decimal, and differs from toFixed only at ties", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4096 }), fc.integer({ min: 0, max: 6 }), (eighths, digits) => {
        const value = eighths / 64;
        const text = formatFixed(value, digits);
        expect(Math.abs(Number(text) - value)).toBeLessThanOrEqual(0.5 * 10 ** -digits + 1e-12);
        const scaled = value * 10 ** digits;
        if (scaled - Math.floor(scaled) !== 0.5) expect(text).toBe(value.toFixed(digits));
        else expect(Number(text.at(-1)) % 2).toBe(0);
      }),
    );
  });
});
