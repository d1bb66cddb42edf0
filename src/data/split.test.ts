import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DataError, OptionError } from "../core/errors.js";
import { trainingRows } from "./split.js";

describe("trainingRows", () => {
  it("gives Keras's numbers, floating-point dust and all", () => {
    expect(trainingRows(60000, 0.15)).toBe(51000);
    expect(trainingRows(10, 0.1)).toBe(9);
    // 1 - 0.9 is 0.09999999999999998 in float64, so Keras too trains on 0 of 10 here and on 9 of 100.
    expect(trainingRows(100, 0.9)).toBe(9);
    expect(trainingRows(7, 0.5)).toBe(3);
    expect(trainingRows(5, 0)).toBe(5);
  });

  it.each([
    [10, 0.9, "leaves 0 to train and 10 to validate"],
    [1, 0.5, "0.5 of 1 row leaves 0 to train and 1 to validate"],
    [10, 1e-17, "leaves 10 to train and 0 to validate"],
  ])("refuses %i rows split at %d", (rows, split, message) => {
    expect(() => trainingRows(rows, split)).toThrow(DataError);
    expect(() => trainingRows(rows, split)).toThrow(message);
  });

  it.each([-0.1, 1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("refuses a split of %d", (split) => {
    expect(() => trainingRows(10, split)).toThrow(OptionError);
    expect(() => trainingRows(10, split)).toThrow(
      "fit: validationSplit must be a number from 0 up to, not including, 1",
    );
  });

  it("always leaves at least one row to each, or throws", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.double({ min: 1e-9, max: 0.999, noNaN: true }),
        (rows, split) => {
          try {
            const count = trainingRows(rows, split);
            expect(count).toBeGreaterThan(0);
            expect(count).toBeLessThan(rows);
          } catch (error) {
            expect(error).toBeInstanceOf(DataError);
          }
        },
      ),
    );
  });
});
