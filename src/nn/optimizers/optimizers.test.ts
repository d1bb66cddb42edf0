/**
 * Optimizers: 20 steps of the two plain ones against Keras 3.15.1 (JAX, float64), defaults, names, and what is refused.
 * All others are held against Keras in test/goldens-optimizers.test.ts.
 */

import { describe, expect, it } from "vitest";
import { apply } from "../../../test/support/evaluate.js";
import { OptionError } from "../../core/errors.js";
import { input, read } from "../../graph/leaves.js";
import { Variable } from "../../graph/tensor.js";
import { type Optimizer, optimizers, resolveOptimizer } from "./index.js";

/** The weight after each of 20 steps down a valley: gradient a (w - target). */
function descend(optimizer: Optimizer): number[][] {
  const a = [1, 0.5, 2];
  const target = [0.3, 0.1, -0.7];
  const weight = new Variable("w", [3], "float32");
  const begin = optimizer.learningRate as number;
  const learningRate = new Variable("learning_rate", [], "float32");
  const iterations = new Variable("iterations", [], "int32");
  const slots = optimizer.slots(weight).map(({ name, shape }) => new Variable(name, shape, "float32"));
  const w = Float64Array.of(1, -2, 0.5);
  const variables = new Map([
    [weight, w],
    [learningRate, Float64Array.of(begin)],
    [iterations, Float64Array.of(0)],
    ...slots.map((slot) => [slot, new Float64Array(3)] as const),
  ]);
  const gradient = input("gradient", [3], "float32");
  const effects = optimizer.update({
    weights: [{ name: "w", weight: read(weight), gradient, slots: slots.map(read) }],
    shared: [],
    learningRate: read(learningRate),
    iterations: read(iterations),
  });
  return Array.from({ length: 20 }, (_, step) => {
    variables.get(iterations)![0] = step;
    const inputs = new Map([[gradient, w.map((v, i) => a[i]! * (v - target[i]!))]]);
    for (const effect of effects) apply(effect, { variables, inputs });
    return [...w];
  });
}

const trajectories: Readonly<
  Record<string, { optimizer: Optimizer; slots: string[]; after: Record<number, number[]> }>
> = {
  sgd: {
    optimizer: optimizers.sgd({ learningRate: 0.1 }),
    slots: [],
    after: {
      1: [0.93, -1.895, 0.26],
      2: [0.867, -1.79525, 0.068],
      20: [0.385103658, -0.652820437, -0.686164942],
    },
  },
  "sgd with momentum": {
    optimizer: optimizers.sgd({ learningRate: 0.1, momentum: 0.9 }),
    slots: ["momentum"],
    after: {
      1: [0.93, -1.895, 0.26],
      2: [0.804, -1.70075, -0.148],
      20: [0.541267214, 0.354374104, -1.11910314],
    },
  },
  "sgd with nesterov momentum": {
    optimizer: optimizers.sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true }),
    slots: ["momentum"],
    after: {
      1: [0.867, -1.8005, 0.044],
      2: [0.70257, -1.5349025, -0.43312],
      20: [0.383980568, 0.245049147, -0.747396944],
    },
  },
  adam: {
    optimizer: optimizers.adam({ learningRate: 0.1 }),
    slots: ["momentum", "velocity"],
    after: {
      1: [0.900000452, -1.9000003, 0.400000132],
      2: [0.800695206, -1.80015736, 0.300321065],
      20: [0.178747326, -0.205462242, -0.962158326],
    },
  },
  "adam with other numbers": {
    optimizer: optimizers.adam({ learningRate: 0.05, beta1: 0.5, beta2: 0.9, epsilon: 1e-3 }),
    slots: ["momentum", "velocity"],
    after: {
      1: [0.950224861, -1.95015013, 0.450065794],
      2: [0.900944562, -1.90043241, 0.400424059],
      20: [0.334337057, -1.07945591, -0.340301156],
    },
  },
};

describe("optimizers", () => {
  it.each(Object.entries(trajectories))("%s goes where Keras's goes", (_, { optimizer, slots, after }) => {
    expect(optimizer.slots({ name: "w", shape: [3] })).toEqual(slots.map((name) => ({ name, shape: [3] })));
    const path = descend(optimizer);
    for (const [step, expected] of Object.entries(after)) {
      path[Number(step) - 1]!.forEach((value, i) => {
        expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-8);
      });
    }
  });

  it("have Keras's defaults", () => {
    const common = {
      learningRate: 0.001,
      weightDecay: null,
      clipnorm: null,
      clipvalue: null,
      globalClipnorm: null,
      useEma: false,
      emaMomentum: 0.99,
      emaOverwriteFrequency: null,
      lossScaleFactor: null,
      gradientAccumulationSteps: null,
    };
    const betas = { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };
    const own: Record<keyof typeof optimizers, object> = {
      adadelta: { rho: 0.95, epsilon: 1e-7 },
      adagrad: { initialAccumulatorValue: 0.1, epsilon: 1e-7 },
      adam: { ...betas, amsgrad: false },
      adamW: { ...betas, amsgrad: false, weightDecay: 0.004 },
      adamax: betas,
      lion: { beta1: 0.9, beta2: 0.99 },
      muon: {
        adamBeta1: 0.9,
        adamBeta2: 0.999,
        adamWeightDecay: 0.004,
        epsilon: 1e-7,
        weightDecay: 0.004,
        excludeLayers: [],
        excludeEmbeddings: true,
        muonA: 3.4445,
        muonB: -4.775,
        muonC: 2.0315,
        adamLrRatio: 1,
        momentum: 0.95,
        nsSteps: 5,
        nesterov: true,
        rmsRate: 0.2,
      },
      nadam: betas,
      rmsprop: { rho: 0.9, momentum: 0, epsilon: 1e-7, centered: false },
      sgd: { learningRate: 0.01, momentum: 0, nesterov: false },
    };
    for (const [call, make] of Object.entries(optimizers)) {
      expect(make.read({}).config, call).toEqual({ ...common, ...own[call as keyof typeof optimizers] });
    }
  });
});

describe("names and options", () => {
  it.each([
    ["adam", "Adam"],
    ["Adam", "Adam"],
    ["sgd", "SGD"],
    ["SGD", "SGD"],
    ["AdamW", "AdamW"],
    ["adamw", "AdamW"],
    ["adamW", "AdamW"],
    ["RMSprop", "RMSprop"],
    ["rmsprop", "RMSprop"],
    ["Adadelta", "Adadelta"],
    ["muon", "Muon"],
  ])("%s is found", (name, className) => {
    expect(resolveOptimizer(name).className).toBe(className);
  });

  it("are Keras's, or one's own", () => {
    expect(Object.values(optimizers).map((make) => make.read({}).name)).toEqual([
      "adadelta",
      "adagrad",
      "adam",
      "adam_w",
      "adamax",
      "lion",
      "muon",
      "nadam",
      "rm_sprop",
      "sgd",
    ]);
    expect(optimizers.sgd({ name: "mine" }).name).toBe("mine");
  });

  it("makes a config round trip", () => {
    const all = Object.values(optimizers).map((make) =>
      make.read({ learningRate: 0.5, weightDecay: 0.25, clipnorm: 2, useEma: true, excludeFromWeightDecay: ["bias"] }),
    );
    for (const optimizer of [...all, ...Object.values(trajectories).map((one) => one.optimizer)]) {
      const written = JSON.parse(JSON.stringify({ className: optimizer.className, config: optimizer.config }));
      const again = resolveOptimizer(written);
      expect([again.name, again.config, again.learningRate]).toEqual([
        optimizer.name,
        optimizer.config,
        optimizer.learningRate,
      ]);
    }
    const adam = optimizers.adam();
    expect(resolveOptimizer(adam)).toBe(adam);
  });

  it.each(Object.entries(optimizers))("%s refuses every bad value of every option", (call, make) => {
    for (const [option, check] of Object.entries(make.table) as [string, { refuses: readonly unknown[] }][]) {
      for (const value of check.refuses) {
        expect(() => make.read({ [option]: value })).toThrow(OptionError);
        expect(() => make.read({ [option]: value })).toThrow(`${call}: ${option} must be `);
      }
    }
  });

  it("says what is wrong", () => {
    expect(() => optimizers.adam({ learningRate: Number.NaN })).toThrow(
      "adam: learningRate must be a finite number, 0 or more, or a schedule made by schedules, received NaN.",
    );
    expect(() => optimizers.sgd({ learningRate: -0.1 })).toThrow(/received -0\.1\.$/);
    expect(() => optimizers.sgd({ momentum: 1.5 })).toThrow(
      "sgd: momentum must be a number from 0 to 1, received 1.5.",
    );
    expect(() => optimizers.adam({ beta2: 1 })).toThrow(/beta2 must be a number from 0 up to, not including, 1/);
    // @ts-expect-error Keras's spelling
    expect(() => optimizers.adam({ learning_rate: 1 })).toThrow(
      'adam: unknown option "learning_rate"; did you mean "learningRate"?',
    );
    // @ts-expect-error not an option of sgd
    expect(() => optimizers.sgd({ beta1: 0.9 })).toThrow(/^sgd: unknown option "beta1"/);
    // @ts-expect-error AdamW has weights that decay
    expect(() => optimizers.adamW({ weightDecay: null })).toThrow(/^adamW: weightDecay must be a finite number/);
    // @ts-expect-error patterns are strings
    expect(() => optimizers.muon({ excludeLayers: [/dense/] })).toThrow(
      /^muon: excludeLayers must be a list of regular/,
    );
    expect(() => optimizers.lion({ beta1: 0 })).toThrow(
      /^lion: beta1 must be a number above 0, up to 1, received 0\.$/,
    );
    expect(() => optimizers.sgd({ clipnorm: 1, globalClipnorm: 2 })).toThrow(
      new OptionError(
        "sgd: only one of clipnorm, clipvalue and globalClipnorm can be set, received clipnorm 1 and globalClipnorm 2.",
      ),
    );
    expect(() => resolveOptimizer("adm")).toThrow(
      new OptionError('compile: unknown optimizer "adm"; did you mean "adam"?'),
    );
    expect(() => resolveOptimizer(0.01 as never)).toThrow(/^compile: an optimizer must be a name, such as "adadelta"/);
  });
});
