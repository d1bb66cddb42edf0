import fc from "fast-check";
import { expect, test } from "vitest";
import { average, averageOfNumbers, sum } from "./averages.js";

test("sum adds in numpy's order: eight running sums, halves above 128", () => {
  // Each printed by numpy 2: np.sum(1 / np.arange(1, n + 1)).
  const harmonic = (n: number) => sum(Array.from({ length: n }, (_, i) => 1 / (i + 1)));
  expect([harmonic(7), harmonic(13), harmonic(128), harmonic(1000), harmonic(10007)]).toEqual([
    2.5928571428571425, 3.180133755133755, 5.433147092589173, 7.485470860550345, 9.788305756184304,
  ]);
});

test("sum is near the exact sum, and exact for whole numbers", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1000, max: 1000 }), { maxLength: 700 }), (values) => {
      expect(sum(values)).toBe(values.reduce((total, value) => total + value, 0));
    }),
  );
});

test("average and averageOfNumbers", () => {
  expect(average([1, 2, 6], null)).toBe(3);
  expect(average([1, 2, 6], [1, 0, 3])).toBe(4.75);
  expect(averageOfNumbers([1, Number.NaN, 3], null)).toBe(2);
  expect(averageOfNumbers([1, Number.NaN, 3], [3, 100, 1])).toBe(1.5);
  expect(averageOfNumbers([1, Number.NaN, 3], [0, 100, 0])).toBe(2);
  expect(averageOfNumbers([Number.NaN], null)).toBeNaN();
});
