import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OptionError } from "../core/errors.js";
import { batchCount, batches } from "./batches.js";

describe("batches", () => {
  it("counts the remainder as a batch", () => {
    expect(batchCount(51000, 128)).toBe(399);
    expect(batchCount(256, 128)).toBe(2);
    expect(batchCount(0, 128)).toBe(0);
    expect([...batches(5, 2)]).toEqual([
      { index: 0, start: 0, end: 2 },
      { index: 1, start: 2, end: 4 },
      { index: 2, start: 4, end: 5 },
    ]);
    expect([...batches(3, 100)]).toEqual([{ index: 0, start: 0, end: 3 }]);
  });

  it("covers every row once, in order", () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.integer({ min: 1, max: 200 }), (rows, batchSize) => {
        const all = [...batches(rows, batchSize)].flatMap(({ start, end }) =>
          Array.from({ length: end - start }, (_, i) => start + i),
        );
        expect(all).toEqual(Array.from({ length: rows }, (_, i) => i));
      }),
    );
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
    "refuses a batchSize of %d and names who asked",
    (size) => {
      expect(() => batchCount(10, size, "fit")).toThrow(OptionError);
      expect(() => batchCount(10, size, "fit")).toThrow("fit: batchSize must be a whole number, 1 or more");
    },
  );
});
