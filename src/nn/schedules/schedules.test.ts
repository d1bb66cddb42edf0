/** Every schedule against Keras in float64, on the host and as a graph on every backend; names, configs, refusals. */

import { afterAll, describe, expect, it } from "vitest";
import { golden } from "../../../test/support/goldens.js";
import { inCamelCase } from "../../../test/support/keras-names.js";
import { allBackends, closeBackends, runGraph } from "../../../test/support/run-graph.js";
import { OptionError } from "../../core/errors.js";
import type { NDArray } from "../../core/ndarray.js";
import { fromTyped } from "../../core/ndarray-create.js";
import { read } from "../../graph/leaves.js";
import { Variable } from "../../graph/tensor.js";
import { optimizers, resolveOptimizer } from "../optimizers/index.js";
import { learningRateOption, type Schedule, schedules } from "./index.js";

interface GoldenCase {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly rates: NDArray;
}

const { steps, cases } = golden<{ steps: NDArray; cases: readonly GoldenCase[] }>("schedules");

const backends = allBackends();
afterAll(() => closeBackends(backends));

const check = learningRateOption();
const made = (className: string, config: unknown): Schedule => check.read({ className, config }) as Schedule;

describe("schedules as Keras's", () => {
  const titled = cases.map((item, i) => [`${i}: ${item.name} ${JSON.stringify(item.options)}`, item]) as [
    string,
    GoldenCase,
  ][];
  it.each(titled)("%s", async (_, { name, options, rates }) => {
    const schedule = made(name, inCamelCase(options));
    const iterations = read(new Variable("iterations", [], "int32"));
    const rate = schedule(iterations);
    expect([rate.shape, rate.dtype]).toEqual([[], "float32"]);
    for (const [i, step] of [...steps.data].entries()) {
      const expected = rates.data[i]!;
      expect(Math.abs(schedule(step) - expected), `step ${step}`).toBeLessThan(2e-11);
      const leaves = new Map([[iterations, fromTyped(Int32Array.of(step), [], "int32")]]);
      for (const { name: backend, backend: engine } of backends) {
        const found = await runGraph(engine, { rate }, leaves, 1);
        expect(Math.abs(found.rate![0]! - expected), `${backend}: step ${step}`).toBeLessThan(
          2e-6 * Math.max(1, expected),
        );
      }
    }
  });

  it("are all there", () => {
    expect([...new Set(cases.map(({ name }) => name))].sort()).toEqual(
      Object.values(schedules)
        .map(({ className }) => className)
        .sort(),
    );
  });

  it("begin again at the very step, however often", () => {
    const schedule = schedules.cosineDecayRestarts({ initialLearningRate: 1, firstDecaySteps: 10 });
    for (let k = 1; k < 14; k++) {
      const start = 10 * (2 ** k - 1);
      expect(schedule(start)).toBe(1);
      expect(schedule(start - 1)).toBeLessThan(0.03);
    }
  });
});

const examples: Readonly<Record<keyof typeof schedules, Schedule>> = {
  cosineDecay: schedules.cosineDecay({ initialLearningRate: 0.1, decaySteps: 10, warmupTarget: 0.2, warmupSteps: 5 }),
  cosineDecayRestarts: schedules.cosineDecayRestarts({ initialLearningRate: 0.1, firstDecaySteps: 10, name: "mine" }),
  exponentialDecay: schedules.exponentialDecay({ initialLearningRate: 0.1, decaySteps: 10, decayRate: 0.9 }),
  inverseTimeDecay: schedules.inverseTimeDecay({ initialLearningRate: 0.1, decaySteps: 10, decayRate: 0.9 }),
  piecewiseConstantDecay: schedules.piecewiseConstantDecay({ boundaries: [1, 2], values: [3, 4, 5] }),
  polynomialDecay: schedules.polynomialDecay({ initialLearningRate: 0.1, decaySteps: 10, cycle: true }),
};

describe("names and options", () => {
  it.each(Object.entries(examples))("%s makes a config round trip, within an optimizer's", (_, schedule) => {
    const optimizer = optimizers.lion({ learningRate: schedule });
    expect(optimizer.learningRate).toBe(schedule);
    const written = JSON.parse(JSON.stringify({ className: "Lion", config: optimizer.config }));
    expect(written.config.learningRate).toEqual({ className: schedule.className, config: schedule.config });
    const again = resolveOptimizer(written).learningRate as Schedule;
    expect([again.className, again.name, again.config]).toEqual([schedule.className, schedule.name, schedule.config]);
    expect([1, 7, 30].map((step) => again(step))).toEqual([1, 7, 30].map((step) => schedule(step)));
  });

  it("have Keras's defaults and names", () => {
    expect(examples.cosineDecay.config).toEqual({
      initialLearningRate: 0.1,
      decaySteps: 10,
      alpha: 0,
      warmupTarget: 0.2,
      warmupSteps: 5,
      name: "CosineDecay",
    });
    expect(examples.polynomialDecay.config).toMatchObject({ endLearningRate: 0.0001, power: 1 });
    expect(examples.cosineDecayRestarts.config).toMatchObject({ tMul: 2, mMul: 1, alpha: 0 });
    expect(examples.cosineDecayRestarts.name).toBe("mine");
    const restarts = schedules.cosineDecayRestarts({ initialLearningRate: 0.1, firstDecaySteps: 10 });
    expect([restarts.name, examples.piecewiseConstantDecay.name]).toEqual(["SGDRDecay", "PiecewiseConstant"]);
  });

  it.each(Object.entries(schedules))("%s refuses every bad value of every option", (call, make) => {
    const good = examples[call as keyof typeof schedules].config;
    for (const [option, one] of Object.entries(make.table) as [string, { refuses: readonly unknown[] }][]) {
      for (const value of one.refuses) {
        expect(() => make.read({ ...good, [option]: value })).toThrow(OptionError);
        expect(() => make.read({ ...good, [option]: value })).toThrow(`${call}: ${option} must be `);
      }
    }
  });

  it("say what is wrong", () => {
    expect(() => schedules.piecewiseConstantDecay({ boundaries: [1, 2], values: [1, 2] })).toThrow(
      new OptionError(
        "piecewiseConstantDecay: one more of values than of boundaries expected, received 2 boundaries and 2 values.",
      ),
    );
    // @ts-expect-error Keras's spelling
    expect(() => schedules.polynomialDecay({ initialLearningRate: 1, decay_steps: 10 })).toThrow(
      'polynomialDecay: unknown option "decay_steps"; did you mean "decaySteps"?',
    );
    // @ts-expect-error decaySteps is required
    expect(() => schedules.polynomialDecay({ initialLearningRate: 1 })).toThrow(
      "polynomialDecay: decaySteps is missing",
    );
    for (const step of [-1, Number.NaN, Number.POSITIVE_INFINITY, "3" as never]) {
      expect(() => examples.polynomialDecay(step)).toThrow(/^polynomialDecay: a step is a number from 0 up, received/);
    }
  });

  it("are taken as a learning rate made or described, not by a name alone", () => {
    // @ts-expect-error a name
    expect(() => optimizers.sgd({ learningRate: "cosineDecay" })).toThrow(
      /^sgd: learningRate must be a finite number, 0 or more, or a schedule made by schedules, received "cosineDecay"\.$/,
    );
    // @ts-expect-error what makes schedules is none
    expect(() => optimizers.sgd({ learningRate: schedules.cosineDecay })).toThrow(OptionError);
    // @ts-expect-error a function is no schedule
    expect(() => optimizers.sgd({ learningRate: (step: number) => 1 / step })).toThrow(OptionError);
    expect(() => optimizers.sgd({ learningRate: { className: "CosineDecai", config: {} } })).toThrow(
      /unknown schedule "CosineDecai"; did you mean "cosineDecay"\?$/,
    );
    expect(() => optimizers.sgd({ learningRate: { className: "CosineDecay", config: { decaySteps: 0 } } })).toThrow(
      /cosineDecay: initialLearningRate is missing/,
    );
  });
});
