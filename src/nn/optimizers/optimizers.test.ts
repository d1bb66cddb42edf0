/** Every optimizer: 20 steps against Keras 3.15.1 (JAX, float64), slots, names, and what is refused. */

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
  const learningRate = new Variable("learning_rate", [], "float32");
  const iterations = new Variable("iterations", [], "int32");
  const slots = optimizer.slots(weight).map(({ name, shape }) => new Variable(name, shape, "float32"));
  const w = Float64Array.of(1, -2, 0.5);
  const variables = new Map([
    [weight, w],
    [learningRate, Float64Array.of(optimizer.learningRate)],
    [iterations, Float64Array.of(0)],
    ...slots.map((slot) => [slot, new Float64Array(3)] as const),
  ]);
  const gradient = input("gradient", [3], "float32");
  const effect = optimizer.update({
    weight: read(weight),
    gradient,
    slots: slots.map(read),
    learningRate: read(learningRate),
    iterations: read(iterations),
  });
  return Array.from({ length: 20 }, (_, step) => {
    variables.get(iterations)![0] = step;
    apply(effect, { variables, inputs: new Map([[gradient, w.map((v, i) => a[i]! * (v - target[i]!))]]) });
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
    expect(optimizers.sgd().config).toEqual({ learningRate: 0.01, momentum: 0, nesterov: false });
    expect(optimizers.adam().config).toEqual({ learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 });
  });
});

describe("names and options", () => {
  it.each([
    ["adam", "Adam"],
    ["Adam", "Adam"],
    ["sgd", "SGD"],
    ["SGD", "SGD"],
  ])("%s is found", (name, className) => {
    expect(resolveOptimizer(name).className).toBe(className);
  });

  it("makes a config round trip", () => {
    for (const { optimizer } of Object.values(trajectories)) {
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
    for (const [option, check] of Object.entries(make.table)) {
      for (const value of check.refuses) {
        expect(() => make.read({ [option]: value })).toThrow(OptionError);
        expect(() => make.read({ [option]: value })).toThrow(`${call}: ${option} must be `);
      }
    }
  });

  it("says what is wrong", () => {
    expect(() => optimizers.adam({ learningRate: Number.NaN })).toThrow(
      "adam: learningRate must be a finite number, 0 or more, received NaN.",
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
    expect(() => resolveOptimizer("adm")).toThrow(
      new OptionError('compile: unknown optimizer "adm"; did you mean "adam"?'),
    );
    expect(() => resolveOptimizer(0.01 as never)).toThrow(/^compile: an optimizer must be a name, such as "adam"/);
  });
});
