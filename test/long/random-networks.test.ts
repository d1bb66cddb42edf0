/** Hundreds of random networks trained whole; some of them are in test/random-networks.test.ts. */

import { describe } from "vitest";
import { randomNetworks } from "../cases/random-networks.js";

describe("random networks", () => {
  randomNetworks({ networks: 600, parts: 9 });
});
