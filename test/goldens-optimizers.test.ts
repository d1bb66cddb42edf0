/** Every optimizer, option and schedule against Keras: the losses of 20 steps and the weights then, on every backend. */

import { afterAll, describe, expect, it } from "vitest";
import type { Backend } from "../src/backends/backend.js";
import type { NDArray } from "../src/core/ndarray.js";
import { layers, losses, optimizers, schedules } from "../src/index.js";
import { Sequential } from "../src/models/sequential.js";
import { resolveOptimizer } from "../src/nn/optimizers/index.js";
import { golden } from "./support/goldens.js";
import { inCamelCase } from "./support/keras-names.js";
import { allBackends, closeBackends, relativeMiss } from "./support/run-graph.js";

type Options = Readonly<Record<string, unknown>>;

interface Trained {
  readonly name: string;
  /** In Keras's words; a schedule is a pair of its name and options. */
  readonly options: Options;
  readonly exclude: readonly string[] | null;
  readonly losses: readonly number[];
  readonly end: readonly NDArray[];
  /** The learning rate after the last step. */
  readonly rate: number;
}

const { x, y, start, cases } = golden<{
  x: NDArray;
  y: NDArray;
  start: readonly NDArray[];
  cases: readonly Trained[];
}>("optimizers");

const backends = allBackends();
afterAll(() => closeBackends(backends));

function configOf({ options, exclude }: Trained): Record<string, unknown> {
  const config = inCamelCase(options);
  if (Array.isArray(config.learningRate)) {
    const [className, of] = config.learningRate as [string, Options];
    config.learningRate = { className, config: inCamelCase(of) };
  }
  return exclude === null ? config : { ...config, excludeFromWeightDecay: exclude };
}

async function compiled(item: Trained, backend: Backend): Promise<Sequential> {
  const stack = [
    layers.input({ shape: [6, 6, 1] }),
    layers.conv2d({ filters: 3, kernelSize: 3, activation: "relu" }),
    layers.maxPooling2d({ poolSize: 2 }),
    layers.flatten(),
    layers.dense({ units: 20, activation: "tanh" }),
    layers.dense({ units: 3, name: "classes" }),
  ];
  const model = new Sequential(stack, { seed: 1 }, () => backend);
  const optimizer = resolveOptimizer({ className: item.name, config: configOf(item) });
  model.compile({ loss: losses.sparseCategoricalCrossentropy({ fromLogits: true }), optimizer });
  await model.setWeights(start);
  return model;
}

/** The loss of each step, from the means that are reported after each. */
async function train(model: Sequential): Promise<number[]> {
  const found: number[] = [];
  let before = 0;
  await model.fit(x, y, {
    batchSize: 8,
    shuffle: false,
    verbose: 0,
    callbacks: [
      {
        onTrainBatchEnd: (step, { loss }) => {
          found.push(loss! * (step + 1) - before);
          before = loss! * (step + 1);
        },
      },
    ],
  });
  return found;
}

describe("optimizers as Keras's", () => {
  const titled = cases.map((item, i) => [
    `${i}: ${item.name} ${JSON.stringify(item.options)}${item.exclude === null ? "" : ` without ${item.exclude}`}`,
    item,
  ]) as [string, Trained][];
  it.each(titled)("%s", async (_, item) => {
    for (const { name, backend } of backends) {
      const model = await compiled(item, backend);
      const found = await train(model);
      expect(relativeMiss(found, item.losses), `${name}: losses`).toBeLessThan(1e-4);
      const weights = await model.getWeights();
      item.end.forEach((expected, i) => {
        expect(relativeMiss(weights[i]!.data, expected.data), `${name}: weights ${i}`).toBeLessThan(1e-4);
      });
      expect(Math.abs((await model.getLearningRate()) - item.rate), `${name}: rate`).toBeLessThan(1e-6);
      model.free();
    }
  });

  it("are all there, and with every schedule", () => {
    const names = (made: object) => Object.values(made).map(({ className }) => className as string);
    expect([...new Set(cases.map(({ name }) => name))].sort()).toEqual(names(optimizers).sort());
    const followed = cases.flatMap(({ options: { learning_rate: rate } }) =>
      Array.isArray(rate) ? [rate[0] as string] : [],
    );
    expect([...new Set(followed)].sort()).toEqual(names(schedules).sort());
  });

  it("give the same in jobs of many steps and in any number of threads", async () => {
    for (const item of cases.filter(({ options }) => options.gradient_accumulation_steps === 3)) {
      const ends: Float32Array[][] = [];
      for (const { name, backend } of backends.filter((one) => one.name.startsWith("baseline"))) {
        for (const watched of [true, false]) {
          const model = await compiled(item, backend);
          if (watched) await train(model);
          else await model.fit(x, y, { batchSize: 8, shuffle: false, verbose: 0 });
          ends.push((await model.getWeights()).map(({ data }) => data as Float32Array));
          expect(ends.at(-1), `${item.name}, ${name}`).toEqual(ends[0]);
          model.free();
        }
      }
    }
  });
});
