import { describe, expect, it } from "vitest";
import { forEachRow, isContiguous, mayClash, type Strided, wholeOf } from "./strided.js";

const whole = (shape: readonly number[]): Strided<"float32"> =>
  wholeOf("float32", new Float32Array(shape.reduce((a, b) => a * b, 1)), shape);

/** The rows that a walk over the views visits: length, starts, steps. */
function rowsOf(shape: readonly number[], views: readonly Pick<Strided, "strides" | "offset">[]): unknown[] {
  const rows: unknown[] = [];
  forEachRow(shape, views, (length, starts, steps) => rows.push([length, [...starts], [...steps]]));
  return rows;
}

describe("forEachRow", () => {
  it("walks contiguous arrays of one shape as a single row", () => {
    expect(rowsOf([2, 1, 3, 4], [whole([2, 1, 3, 4]), whole([2, 1, 3, 4])])).toEqual([[24, [0, 0], [1, 1]]]);
  });

  it("breaks where one of them is not evenly strided", () => {
    const row = { strides: [0, 1], offset: 7 };
    expect(rowsOf([2, 3], [whole([2, 3]), row])).toEqual([
      [3, [0, 7], [1, 1]],
      [3, [3, 7], [1, 1]],
    ]);
    const column = { strides: [1, 0], offset: 0 };
    expect(rowsOf([2, 3], [column])).toEqual([
      [3, [0], [0]],
      [3, [1], [0]],
    ]);
  });

  it("visits a scalar once and nothing never", () => {
    expect(rowsOf([], [whole([])])).toEqual([[1, [0], [0]]]);
    expect(rowsOf([2, 0], [whole([2, 0])])).toEqual([]);
  });
});

describe("isContiguous", () => {
  it("ignores the strides of axes of length 1, and of arrays without elements", () => {
    expect(isContiguous({ ...whole([2, 3]), shape: [3, 2], strides: [1, 3] })).toBe(false);
    expect(isContiguous({ ...whole([3]), shape: [1, 3], strides: [99, 1] })).toBe(true);
    expect(isContiguous({ ...whole([0]), shape: [0, 2], strides: [1, 5] })).toBe(true);
    expect(isContiguous({ ...whole([3]), shape: [3], strides: [-1], offset: 2 })).toBe(false);
  });
});

describe("mayClash", () => {
  it("is false for the same view and for other memory", () => {
    const view = whole([2, 2]);
    expect(mayClash(view, view)).toBe(false);
    expect(mayClash(view, whole([2, 2]))).toBe(false);
    expect(mayClash(view, { ...view, strides: [1, 2] })).toBe(true);
    expect(mayClash({ ...view, shape: [2], strides: [1] }, { ...view, shape: [2], strides: [1], offset: 1 })).toBe(
      true,
    );
  });
});
