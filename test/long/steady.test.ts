/** The notebook's first network for 10,000 steps: memory stays as it is. A short form of it is test/steady.test.ts. */

import { expect, it } from "vitest";
import { growth, watch } from "../steady/steady.js";

it("10,000 steps of the notebook's network leave memory as it was", async () => {
  const watched = await watch({ steps: 500, epochs: 21, batch: 128, inputs: 784, units: [512, 256, 128] });
  expect(watched.levels).toHaveLength(20);
  const { used, reserved, heap, rss } = growth(watched);
  expect({ used, reserved }).toEqual({ used: 0, reserved: 0 });
  expect(heap).toBeLessThan(400e3);
  expect(rss).toBeLessThan(30e6);
  const { few, many } = watched.allocation;
  // Jobs of 50 and 500 steps are cut into dispatches of about 40 ms, each of which has its own messages.
  expect(Math.abs(many - few) / 450).toBeLessThan(8000);
});
