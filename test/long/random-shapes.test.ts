/** Thousands of random shapes; a few hundred of them are in test/random-shapes.test.ts. */

import { describe } from "vitest";
import { randomShapes } from "../cases/random-shapes.js";

describe("random shapes", () => {
  randomShapes({
    convolutions: 5000,
    products: 2000,
    poolings: 800,
    normalizations: 800,
    resamplings: 800,
    walks: 4000,
    multiplications: 8_000_000,
  });
});
