/**
 * Keras's own fit against this library's, with every optimizer and on every backend: learning rates set in callbacks and
 * between fits, read behind every batch, with numbers and schedules; a last batch that is short; averages and accumulated
 * gradients across epochs and fits; steps counted. Single options: test/goldens-optimizers.test.ts.
 */

import { afterAll, describe, expect, it } from "vitest";
import type { Backend } from "../src/backends/backend.js";
import type { NDArray } from "../src/core/ndarray.js";
import { layers, optimizers } from "../src/index.js";
import { Sequential } from "../src/models/sequential.js";
import { golden } from "./support/goldens.js";
import { inCamelCase } from "./support/keras-names.js";
import { allBackends, closeBackends, relativeMiss } from "./support/run-graph.js";

type Options = Readonly<Record<string, unknown>>;

interface Fitted {
  /** Of each epoch. */
  readonly losses: readonly number[];
  /** Behind each batch. */
  readonly rates: readonly number[];
  /** Counted since the first fit. */
  readonly steps: number;
  readonly weights: readonly NDArray[];
}

interface Case {
  readonly name: string;
  /** In Keras's words; a schedule is a pair of its name and options. */
  readonly options: Options;
  readonly fits: readonly [Fitted, Fitted];
}

const { x, y, start, rates, between, cases } = golden<{
  readonly x: NDArray;
  readonly y: NDArray;
  readonly start: readonly NDArray[];
  readonly rates: readonly number[];
  readonly between: number;
  readonly cases: readonly Case[];
}>("optimizers-fit");

const backends = allBackends();
afterAll(() => closeBackends(backends));

async function compiled({ name, options }: Case, backend: Backend): Promise<Sequential> {
  const stack = [
    layers.input({ shape: [4] }),
    layers.dense({ units: 3, activation: "tanh" }),
    layers.dense({ units: 2 }),
  ];
  const model = new Sequential(stack, { seed: 1 }, () => backend);
  const config: Record<string, unknown> = inCamelCase(options);
  if (Array.isArray(config.learningRate)) {
    const [className, of] = config.learningRate as [string, Options];
    config.learningRate = { className, config: inCamelCase(of) };
  }
  model.compile({ loss: "mse", optimizer: { className: name, config } });
  await model.setWeights(start);
  return model;
}

describe("fit as Keras's", () => {
  const titled = cases.map((item) => [`${item.name} ${JSON.stringify(item.options)}`, item] as const);
  it.each(titled)("%s", async (_, item) => {
    const scheduled = "learning_rate" in item.options;
    for (const { name, backend } of backends) {
      const model = await compiled(item, backend);
      for (const [fit, expected] of item.fits.entries()) {
        const given = fit === 0 && !scheduled ? [...rates] : [];
        const seen: number[] = [];
        if (fit === 1 && !scheduled) await model.setLearningRate(between);
        const { history } = await model.fit(x, y, {
          batchSize: 8,
          epochs: 2 - fit,
          shuffle: false,
          verbose: 0,
          callbacks: [
            {
              onTrainBatchBegin: async () => {
                const rate = given.shift();
                if (rate !== undefined) await model.setLearningRate(rate);
              },
              onTrainBatchEnd: async () => void seen.push(await model.getLearningRate()),
            },
          ],
        });
        const what = `${name}, fit ${fit + 1}`;
        expect(seen.length, `${what}: batches`).toBe(expected.rates.length);
        expect(relativeMiss(seen, expected.rates), `${what}: rates`).toBeLessThan(1e-5);
        expect(relativeMiss(history.loss!, expected.losses), `${what}: losses`).toBeLessThan(1e-4);
        const weights = await model.getWeights();
        expected.weights.forEach((weight, i) => {
          expect(relativeMiss(weights[i]!.data, weight.data), `${what}: weights ${i}`).toBeLessThan(1e-4);
        });
        const steps = Object.entries(await model.getOptimizerState()).find(([key]) => key.endsWith("/iterations"))?.[1];
        expect(steps!.data[0], `${what}: steps`).toBe(expected.steps);
      }
      model.free();
    }
  });

  it("has every optimizer with a number and with a schedule", () => {
    const named = (scheduled: boolean) =>
      new Set(cases.flatMap(({ name, options }) => ("learning_rate" in options === scheduled ? [name] : [])));
    const all = Object.values(optimizers)
      .map(({ className }) => className as string)
      .sort();
    for (const scheduled of [true, false]) expect([...named(scheduled)].sort()).toEqual(all);
  });
});
