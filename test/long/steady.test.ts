/** The notebook's first network for 10,000 steps: memory stays as it is. A short form of it is test/steady.test.ts. */

import { expect, it } from "vitest";
import { growth, watch } from "../steady/steady.js";

it("10,000 steps of the notebook's network leave memory as it was", async () => {
  const watched = await watch({ steps: 500, epochs: 20, counted: 0, batch: 120, inputs: 784, units: [512, 256, 128] });
  expect(watched.levels).toHaveLength(20);
  const { used, reserved, heap, rss } = growth(watched);
  expect({ used, reserved }).toEqual({ used: 0, reserved: 0 });
  // Measured: 28 KB, and 1 MB.
  expect(heap).toBeLessThan(200e3);
  expect(rss).toBeLessThan(10e6);
});
