/** The complementary error function against Python's math.erfc. */

import { describe, expect, it } from "vitest";
import { erfc } from "./error-function.js";

const known: readonly (readonly [number, number])[] = [
  [0, 1],
  [1e-10, 0.999999999887162],
  [0.1, 0.8875370839817152],
  [1, 0.15729920705028513],
  [1.5, 0.033894853524689274],
  [1.99, 0.004888586800383003],
  [2, 0.004677734981047265],
  [2.5, 0.0004069520174449589],
  [4, 1.541725790028002e-8],
  [10, 2.088487583762545e-45],
  [26, 5.663192408856143e-296],
  [-0.3, 1.3286267594591274],
  [-2.7, 1.9998656672600594],
];

describe("erfc", () => {
  it.each(known)("of %d", (x, expected) => {
    expect(Math.abs(erfc(x) - expected)).toBeLessThanOrEqual(1e-13 * expected);
  });

  it("ends at 0 and 2, and keeps NaN", () => {
    expect([erfc(40), erfc(Number.POSITIVE_INFINITY), erfc(Number.NEGATIVE_INFINITY)]).toEqual([0, 0, 2]);
    expect(erfc(Number.NaN)).toBeNaN();
  });
});
