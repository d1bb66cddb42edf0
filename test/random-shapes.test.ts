/**
 * Ops at random shapes, a few hundred of them: the engine agrees with the reference and does not depend on the threads.
 * Thousands in test/long/random-shapes.test.ts. FOVEA_TEST_SEED chooses other ones; a failure prints its seed.
 */

import { describe } from "vitest";
import { randomShapes } from "./cases/random-shapes.js";

describe("random shapes", () => {
  randomShapes({
    convolutions: 500,
    products: 200,
    poolings: 80,
    normalizations: 120,
    resamplings: 80,
    walks: 400,
    multiplications: 700_000,
  });
});
