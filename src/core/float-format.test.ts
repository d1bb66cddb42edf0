import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { positional, scalarText, scientific, scientificFixed } from "./float-format.js";

describe("scalarText", () => {
  // As numpy 2.4 prints np.float32(x) and np.float64(x).
  it.each([
    [1e5, "100000.0", "100000.0"],
    [1e6, "1e+06", "1000000.0"],
    [12345678, "1.2345678e+07", "12345678.0"],
    [99999990, "9.999999e+07", "99999990.0"],
    [1e16, "1e+16", "1e+16"],
    [0.1, "0.1", "0.1"],
    [0.0001, "1e-04", "0.0001"],
    [9.9e-5, "9.9e-05", "9.9e-05"],
    [-0, "-0.0", "-0.0"],
    [Number.NaN, "nan", "nan"],
    [Number.NEGATIVE_INFINITY, "-inf", "-inf"],
  ])("%d", (value, single, double) => {
    expect(scalarText(Math.fround(value), true)).toBe(single);
    expect(scalarText(value, false)).toBe(double);
  });

  it("reads back as the same number", () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (x) => {
        expect(Math.fround(Number(scalarText(x, true)))).toBe(x);
      }),
    );
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
        expect(Number(scalarText(x, false))).toBe(x);
      }),
    );
  });
});

describe("cut digits", () => {
  it("round to the nearest, ties to even", () => {
    expect(positional(0.001953125, 8, false)).toEqual({ whole: "0", fraction: "00195312" });
    expect(positional(0.005859375, 8, false)).toEqual({ whole: "0", fraction: "00585938" });
    expect(positional(1 / 3, 8, false)).toEqual({ whole: "0", fraction: "33333333" });
    expect(positional(-2, 8, false)).toEqual({ whole: "-2", fraction: "" });
    expect(positional(1e-12, 8, false)).toEqual({ whole: "0", fraction: "" });
    expect(positional(123456, 8, false)).toEqual({ whole: "123456", fraction: "" });
    expect(scientific(1.5e-10, 8, false)).toEqual({ whole: "1", fraction: "5", exponent: -10 });
    expect(scientific(2.5, 0, false)).toEqual({ whole: "2", fraction: "", exponent: 0 });
    expect(scientific(3.5, 0, false)).toEqual({ whole: "4", fraction: "", exponent: 0 });
    expect(scientific(9.75, 1, false)).toEqual({ whole: "9", fraction: "8", exponent: 0 });
    expect(scientificFixed(-1, 3)).toEqual({ whole: "-1", fraction: "000", exponent: 0 });
  });
});
