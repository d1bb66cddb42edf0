/** What History and evaluate call metrics, in which order, and what they say, held against Keras on every backend. */

import { afterAll, describe, expect, it } from "vitest";
import { type CompileOptions, layers, losses, metrics, model, type NDArray, ops, type Tensor } from "../src/index.js";
import { golden } from "./support/goldens.js";
import { allBackends, closeBackends } from "./support/run-graph.js";

interface Trained {
  /** By name in Keras's order, a number for each epoch. */
  readonly history: readonly (readonly [string, readonly number[]])[];
  readonly evaluated: readonly (readonly [string, number])[];
}

type Cases = Readonly<Record<string, Partial<CompileOptions>>>;

const { x, y, kernels, ...goldens } = golden<{
  readonly x: NDArray;
  readonly y: NDArray;
  readonly kernels: readonly NDArray[];
  readonly single: Readonly<Record<string, Trained>>;
  readonly several: Readonly<Record<string, Trained>>;
}>("metrics-names");

const backends = allBackends();
afterAll(() => closeBackends(backends));

const worstError = (yTrue: Tensor, yPred: Tensor) => ops.max(ops.absolute(ops.subtract(yTrue, yPred)), { axis: -1 });
const mean_of_all = (_: Tensor, yPred: Tensor) => ops.mean(yPred);
/** A function without a name of its own. */
const nameless = () => (yTrue: Tensor, yPred: Tensor) => worstError(yTrue, yPred);

/** What Keras is given in test/goldens/make/metrics-names.py. */
const single: Cases = {
  "a function without a name": { metrics: [nameless()] },
  "two of them": { metrics: [nameless(), nameless()] },
  "named functions": { metrics: [worstError, mean_of_all, worstError] },
  losses: { metrics: [losses.huber({ delta: 0.1 }), losses.logCosh({ name: "own" }), losses.meanAbsoluteError] },
  classes: { metrics: [metrics.meanSquaredError, metrics.auc] },
  "a wrapped function": {
    metrics: [metrics.meanMetricWrapper({ fn: worstError }), metrics.meanMetricWrapper({ fn: worstError, name: "w" })],
  },
  "short names": { metrics: ["mse", "MSE", "mae", "MAPE", "msle"] },
  "long names": {
    metrics: ["mean_squared_error", "MeanSquaredError", "cosine_similarity", "CosineSimilarity", "hinge"],
  },
  accuracies: { metrics: ["accuracy", "acc", "CategoricalAccuracy", "categorical_accuracy"] },
  "weighted ones": { metrics: ["mae", "mse"], weightedMetrics: ["mse", "hinge", worstError] },
  "weighted functions": { metrics: [worstError, nameless()], weightedMetrics: [worstError, nameless()] },
  "a record": { metrics: { one: ["mse", "mae"] } },
  "a loss function": { loss: worstError, metrics: ["mse"] },
  none: {},
};
const several: Cases = {
  lists: { metrics: [["mse"], ["mae", worstError]] },
  records: { metrics: { one: ["mae"], two: ["mse", "mse"] } },
  "one each": { metrics: ["mse", worstError] },
  "one for one of them": { metrics: { one: "mse" } },
  "one and a list": { metrics: ["mse", ["mae", "mse"]] },
  "weighted ones": { metrics: [["mse"], ["mae"]], weightedMetrics: { two: ["mse"], one: ["mse", nameless()] } },
  "named losses": { loss: [losses.meanSquaredError({ name: "first" }), "mae"], lossWeights: [1, 0.5] },
  "losses by name": { loss: { one: "mae", two: "mse" }, metrics: [[], [nameless()]] },
};

function expectNear(found: readonly number[], expected: readonly number[], what: string): void {
  expect(found, what).toHaveLength(expected.length);
  found.forEach((value, i) => {
    const wanted = expected[i]!;
    expect(Math.abs(value - wanted), `${what}: ${value}, not ${wanted}`).toBeLessThan(
      1e-5 * Math.max(1, Math.abs(wanted)),
    );
  });
}

describe.each([
  ["of one output", ["one"], single, goldens.single],
  ["of several outputs", ["two", "one"], several, goldens.several],
] as const)("a model %s", (_, outputs, cases, expected) => {
  it("has Keras's cases", () => {
    expect(Object.keys(cases).sort()).toEqual(Object.keys(expected).sort());
  });

  it.each(Object.keys(expected))("%s", async (title) => {
    const { history: records, evaluated } = expected[title]!;
    for (const { name, backend } of backends) {
      const inputs = layers.input({ shape: [5] });
      const made = outputs.map((output) => layers.dense({ units: 3, useBias: false, name: output })(inputs));
      const net = model({ inputs, outputs: made.length > 1 ? made : made[0]!, backend });
      net.compile({ loss: "mse", optimizer: { className: "SGD", config: { learningRate: 0.1 } }, ...cases[title] });
      await net.setWeights(kernels.slice(0, made.length));
      const labels = made.length > 1 ? made.map(() => y) : y;
      const options = { batchSize: 4, verbose: 0 } as const;
      const validationData = [x, labels] as const;
      const { history } = await net.fit(x, labels, { ...options, epochs: 2, shuffle: false, validationData });
      expect(Object.keys(history), name).toEqual(records.map(([key]) => key));
      for (const [key, numbers] of records) expectNear(history[key]!, numbers, `${name}: ${key}`);
      const logs = await net.evaluate(x, labels, options);
      expect(Object.keys(logs), name).toEqual(evaluated.map(([key]) => key));
      for (const [key, number] of evaluated) expectNear([logs[key]!], [number], `${name}: evaluate, ${key}`);
      net.free();
    }
  });
});
