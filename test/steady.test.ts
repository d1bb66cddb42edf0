/**
 * What training costs in memory as it goes on: nothing more of any kind, and in JavaScript nothing for a step. 2,000 steps
 * of a small network; the notebook's for 10,000 in test/long/steady.test.ts.
 */

import { beforeAll, describe, expect, it } from "vitest";
import { growth, type Watch, watch } from "./steady/steady.js";

describe("2,000 steps of a small network", () => {
  const steps = 100;
  let watched: Watch;
  beforeAll(async () => {
    watched = await watch({ steps, epochs: 20, counted: 10, batch: 20, inputs: 20, units: [32, 16] });
  });

  it("leave the engine's memory as it was, and the heap and the process hardly larger", () => {
    expect(watched.levels).toHaveLength(20);
    const { used, reserved, heap, rss } = growth(watched);
    expect({ used, reserved }).toEqual({ used: 0, reserved: 0 });
    // Measured: 20 KB, and 1 MB. A kilobyte a step would be 500 KB from one quarter to the next.
    expect(heap).toBeLessThan(200e3);
    expect(rss).toBeLessThan(10e6);
  });

  it("allocate in JavaScript for each job handed to the engine, and nothing for a step of it", () => {
    const { few, many, stepsOfMany, perStep } = watched.allocation!;
    expect(stepsOfMany).toBe(1000);
    // Measured: 30 KB for a job of 100 steps and for one of 1000. A single promise a step would be 100 bytes.
    expect(Math.abs(many - few) / (0.9 * stepsOfMany)).toBeLessThan(32);
    // Measured: 1.5 KB, of jobs of 50 steps: messages to the workers, the control block, results, logs.
    expect(perStep).toBeLessThan(15e3);
  });
});

describe.each([
  // A job a step, and its hooks.
  { also: "callbacks", least: { jobs: 2000, noted: 6000, written: 0 } },
  { also: "gathering", least: { jobs: 20, noted: 0, written: 0 } },
  // All rows in every epoch.
  { also: "streaming", least: { jobs: 20, noted: 0, written: 20 * 2000 * 20 * 4 } },
] as const)("2,000 steps with $also", ({ also, least }) => {
  it("leave memory as it was too", async () => {
    const watched = await watch({ steps: 100, epochs: 20, counted: 0, batch: 20, inputs: 20, units: [32, 16], also });
    expect(watched.levels).toHaveLength(20);
    expect(watched.jobs).toBeGreaterThanOrEqual(least.jobs);
    expect(watched.noted).toBeGreaterThanOrEqual(least.noted);
    expect(watched.written).toBeGreaterThanOrEqual(least.written);
    const { used, reserved, heap, rss } = growth(watched);
    expect({ used, reserved }).toEqual({ used: 0, reserved: 0 });
    expect(heap).toBeLessThan(200e3);
    expect(rss).toBeLessThan(10e6);
  });
});
