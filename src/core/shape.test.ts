import { describe, expect, it } from "vitest";
import { bytesPerElement, dtypes, isFloat, promote } from "./dtype.js";
import { ShapeError } from "./errors.js";
import { broadcastShapes, formatShape, normalizeAxis, sameShape, sizeOf, stridesOf } from "./shape.js";

describe("shapes", () => {
  it("size and strides", () => {
    expect(sizeOf([])).toBe(1);
    expect(sizeOf([2, 0, 3])).toBe(0);
    expect(sizeOf([2, 3, 4])).toBe(24);
    expect(stridesOf([2, 3, 4])).toEqual([12, 4, 1]);
    expect(stridesOf([])).toEqual([]);
    expect(sameShape([1, 2], [1, 2])).toBe(true);
    expect(sameShape([1, 2], [1, 2, 1])).toBe(false);
    expect(formatShape([null, 28, 1])).toBe("[null, 28, 1]");
  });

  it("broadcasting aligns at the last axis", () => {
    expect(broadcastShapes([2, 3], [3])).toEqual([2, 3]);
    expect(broadcastShapes([4, 1], [1, 5])).toEqual([4, 5]);
    expect(broadcastShapes([], [2])).toEqual([2]);
    expect(broadcastShapes([0], [1])).toEqual([0]);
    expect(() => broadcastShapes([2, 3], [2], "add")).toThrow(ShapeError);
    expect(() => broadcastShapes([2, 3], [2], "add")).toThrow("add: shapes [2, 3] and [2] do not broadcast together.");
    expect(() => broadcastShapes([0], [2])).toThrow(ShapeError);
  });

  it("axes count from either end", () => {
    expect(normalizeAxis(-1, 3)).toBe(2);
    expect(normalizeAxis(0, 1)).toBe(0);
    for (const axis of [3, -4, 0.5, Number.NaN]) expect(() => normalizeAxis(axis, 3, "sum")).toThrow(ShapeError);
    expect(() => normalizeAxis(0, 0, "sum")).toThrow("sum: axis 0 does not exist in 0 dimensions; use none.");
  });
});

describe("dtypes", () => {
  it("promotion is commutative, associative and never narrows", () => {
    for (const a of dtypes) {
      expect(promote(a, a)).toBe(a);
      for (const b of dtypes) {
        expect(promote(a, b)).toBe(promote(b, a));
        expect(bytesPerElement(promote(a, b))).toBeGreaterThanOrEqual(bytesPerElement(a));
        expect(isFloat(promote(a, b))).toBe(isFloat(a) || isFloat(b));
        for (const c of dtypes) expect(promote(promote(a, b), c)).toBe(promote(a, promote(b, c)));
      }
    }
    expect(promote("int32", "float32")).toBe("float32");
  });
});
