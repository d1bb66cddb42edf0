/**
 * Random networks trained whole, some of them: the engine agrees with the reference and does not depend on the threads.
 * Hundreds in test/long/random-networks.test.ts. FOVEA_TEST_SEED chooses other ones; a failure prints its seed.
 */

import { describe } from "vitest";
import { randomNetworks } from "./cases/random-networks.js";

describe("random networks", () => {
  randomNetworks({ networks: 25, parts: 6 });
});
