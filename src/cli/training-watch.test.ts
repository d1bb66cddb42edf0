import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { TrainingWatch } from "./training-watch.js";

let now = 0;
beforeEach(() => {
  now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now);
});
afterEach(() => {
  vi.restoreAllMocks();
});

async function took(watch: TrainingWatch, steps: number, milliseconds: number): Promise<void> {
  now += milliseconds;
  await watch.onTrainProgress(steps);
}

const params = { epochs: 5, steps: 399, batchSize: 128, seed: 1 };

it("knows the place, from the first step on", async () => {
  const watch = new TrainingWatch();
  expect(watch.place).toBeUndefined();
  watch.setParams(params);
  watch.onEpochBegin(0);
  expect(watch.place).toBeUndefined();
  await took(watch, 1, 100);
  expect(watch.place).toBe("epoch 1, step 1 of 399");
  watch.onEpochBegin(1);
  expect(watch.place).toBe("epoch 2, step 0 of 399");
  await took(watch, 117, 100);
  expect(watch.place).toBe("epoch 2, step 117 of 399");
});

it("times steps without the first return from the engine and without what lies between epochs", async () => {
  const watch = new TrainingWatch();
  watch.setParams(params);
  watch.onEpochBegin(0);
  await took(watch, 1, 500);
  expect(watch.msPerStep).toBe(500);
  await took(watch, 11, 40);
  expect(watch.msPerStep).toBe(4);
  now += 10_000;
  watch.onEpochBegin(1);
  await took(watch, 10, 60);
  expect(watch.msPerStep).toBe(5);
});
