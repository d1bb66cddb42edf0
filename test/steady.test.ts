/**
 * What training costs in memory as it goes on: nothing more of any kind, and in JavaScript nothing for a step. 2,000 steps
 * of a small network; the notebook's for 10,000 in test/long/steady.test.ts.
 */

import { beforeAll, describe, expect, it } from "vitest";
import { growth, type Watch, watch } from "./steady/steady.js";

describe("2,000 steps of a small network", () => {
  const steps = 200;
  let watched: Watch;
  beforeAll(async () => {
    watched = await watch({ steps, epochs: 11, batch: 16, inputs: 20, units: [32, 16] });
  });

  it("leave the engine's memory as it was, and the heap and the process hardly larger", () => {
    expect(watched.levels).toHaveLength(10);
    const { used, reserved, heap, rss } = growth(watched);
    expect({ used, reserved }).toEqual({ used: 0, reserved: 0 });
    // Measured: 60 KB, which is code that was compiled meanwhile, and 1 MB.
    expect(heap).toBeLessThan(400e3);
    expect(rss).toBeLessThan(20e6);
  });

  it("allocate in JavaScript for each job handed to the engine, and nothing for a step of it", () => {
    const { few, many, perJob, stepsPerJob } = watched.allocation;
    // Measured: 30 KB for a job of 20 steps and for one of 200. A single promise a step were 100 bytes.
    expect(Math.abs(many - few) / (steps - steps / 10)).toBeLessThan(32);
    // Measured: 70 KB a job of 50 to 64 steps: messages to the workers, the control block, results, logs.
    expect(stepsPerJob).toBeGreaterThanOrEqual(10);
    expect(perJob).toBeLessThan(150e3);
  });
});
