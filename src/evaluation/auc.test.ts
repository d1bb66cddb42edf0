import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { testCases } from "../../test/support/evaluation-goldens.js";
import { DataError, ShapeError } from "../core/errors.js";
import { auc } from "./auc.js";

testCases("auc", auc);

test("points the wrong way, or too few, are refused by what they are", () => {
  expect(() => auc([0, 1, 0.5], [1, 1, 1])).toThrow(
    /x must rise or fall, received 0, 1 at index 1 and 1, 0.5 at index 2/,
  );
  expect(() => auc([0], [1])).toThrow(new DataError("auc: at least 2 points are needed, received 1."));
  expect(() => auc([0, 1], [1])).toThrow(/x and y must have the same length, received 2 and 1 numbers/);
  expect(() => auc([], [])).toThrow(/x is empty/);
  expect(() => auc([0, 1], ["1", "2"] as never)).toThrow(/y must hold numbers, received "1" at index 0/);
  expect(() => auc({ data: [0, 1, 2, 3], shape: [2, 2] }, [1, 2])).toThrow(ShapeError);
});

describe("identities", () => {
  const points = fc.array(fc.tuple(fc.integer({ min: -20, max: 20 }), fc.integer({ min: -20, max: 20 })), {
    minLength: 2,
    maxLength: 40,
  });
  const sorted = (values: [number, number][]) => [...values].sort(([a], [b]) => a - b);

  test("x the other way round gives the same area; y doubled gives twice of it", () => {
    fc.assert(
      fc.property(points, (values) => {
        const [x, y] = [sorted(values).map(([a]) => a), sorted(values).map(([, b]) => b)];
        const area = auc(x, y);
        expect(auc(x.toReversed(), y.toReversed())).toBeCloseTo(area, 9);
        expect(
          auc(
            x,
            y.map((value) => 2 * value),
          ),
        ).toBeCloseTo(2 * area, 9);
      }),
    );
  });

  test("two areas side by side are the area of both", () => {
    fc.assert(
      fc.property(points, fc.nat(), (values, cut) => {
        const [x, y] = [sorted(values).map(([a]) => a), sorted(values).map(([, b]) => b)];
        const at = cut % x.length;
        const part = (from: number, to: number) => (to - from < 2 ? 0 : auc(x.slice(from, to), y.slice(from, to)));
        expect(part(0, at + 1) + part(at, x.length)).toBeCloseTo(auc(x, y), 9);
      }),
    );
  });
});
