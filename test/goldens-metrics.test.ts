/**
 * Metrics against Keras: by hand after each of several batches, with weights, ties and empty classes; the same through
 * evaluate, and in fit under Keras's names, on every backend.
 */

import { afterAll, describe, expect, it } from "vitest";
import { layers, losses, metrics, model, NDArray, ops, sequential, type Tensor } from "../src/index.js";
import { type Metric, resolveMetric } from "../src/nn/metrics/index.js";
import { golden } from "./support/goldens.js";
import { camelCase, inCamelCase } from "./support/keras-names.js";
import { allBackends, closeBackends } from "./support/run-graph.js";

interface Batch {
  readonly labels: NDArray;
  readonly predictions: NDArray;
  readonly weights?: NDArray;
}

interface Case {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly data: string;
  /** After each batch: a number, or several. */
  readonly results: NDArray;
}

interface Reduction {
  readonly name: "Mean" | "Sum";
  readonly values: NDArray;
  readonly weights?: NDArray;
  readonly result: number;
}

type Numbers = Readonly<Record<string, readonly number[]>>;

interface Fitted {
  /** By name, for each epoch. */
  readonly history: Readonly<Record<string, readonly (readonly number[])[]>>;
  readonly evaluated: Numbers;
}

const { data, byHand, reductions, models } = golden<{
  readonly data: Readonly<Record<string, readonly Batch[]>>;
  readonly byHand: readonly Case[];
  readonly reductions: readonly Reduction[];
  readonly models: { readonly single: Fitted; readonly several: Fitted } & Readonly<
    Record<"x" | "kernel" | "second" | "labels" | "more", NDArray>
  >;
}>("metrics");

const backends = allBackends();
afterAll(() => closeBackends(backends));

const tolerance = 5e-6;

function expectNear(found: readonly number[], expected: ArrayLike<number>, what: string): void {
  expect(found, what).toHaveLength(expected.length);
  found.forEach((value, i) => {
    const wanted = expected[i]!;
    const near = Math.abs(value - wanted) <= tolerance * Math.max(1, Math.abs(wanted));
    if (!near) expect(value, `${what}, number ${i}`).toBe(wanted);
  });
}

/** Keras's options in this library's words, values too. */
function optionsOf({ options }: Case): Record<string, unknown> {
  const words = Object.entries(inCamelCase(options)).map(([key, value]) => [
    key,
    key === "classAggregation" && typeof value === "string" ? camelCase(value) : value,
  ]);
  return Object.fromEntries(words);
}

/** The metric of a case for labels of its data. */
function metricOf(item: Case, name = "m"): Metric {
  const lossLabels = takesClasses(item.data) ? "classes" : "values";
  const { shape } = data[item.data]![0]!.predictions;
  const description = { className: item.name, config: { ...optionsOf(item), name } };
  return resolveMetric(description, { outputShape: [null, ...shape.slice(1)], lossLabels });
}

/** Whether labels are a number for a row of several predictions. */
function takesClasses(name: string): boolean {
  const [{ labels, predictions }] = data[name] as [Batch];
  return labels.rank < predictions.rank;
}

describe("by hand", () => {
  it.each(byHand.map((item) => [`${item.name} ${JSON.stringify(item.options)} of ${item.data}`, item] as const))(
    "%s",
    (_, item) => {
      const metric = metricOf(item);
      for (let round = 0; round < 2; round++) {
        data[item.data]!.forEach(({ labels, predictions, weights }, i) => {
          metric.updateState(labels, predictions, weights);
          expectNear([metric.result()].flat(), item.results.slice(i).data, `batch ${i}`);
        });
        metric.resetState();
      }
    },
  );

  it.each(reductions.map((item, i) => [`${i}: ${item.name}`, item] as const))("%s", (_, item) => {
    const metric = metrics[item.name === "Mean" ? "mean" : "sum"]();
    metric.updateState(item.values, item.weights);
    metric.updateState(2.5);
    expectNear([metric.result()], [item.result], item.name);
    metric.resetState();
    expect(metric.result()).toBe(0);
  });

  it("are all there", () => {
    const here = new Set([...byHand, ...reductions].map(({ name }) => name));
    // Means of losses that test/goldens-losses.test.ts holds against Keras.
    const losses = ["Huber", "BinaryFocalCrossentropy", "CategoricalFocalCrossentropy"];
    const others = Object.values(metrics).map(({ className }) => className as string);
    const missing = others.filter((name) => !here.has(name) && !losses.includes(name));
    expect(missing.sort()).toEqual(["Accuracy", "MeanMetricWrapper"]);
  });
});

/** Numbers of logs under a name: one, or those of its places. */
function logged(logs: Readonly<Record<string, number>>, name: string): number[] {
  if (logs[name] !== undefined) return [logs[name]];
  return Object.keys(logs).flatMap((key) =>
    key.startsWith(`${name}[`) && key.endsWith("]") ? [logs[`${name}[${key.slice(name.length + 1, -1)}]`]!] : [],
  );
}

const whole = (name: string, part: "labels" | "predictions"): NDArray => {
  const parts = data[name]!.map((batch) => batch[part]);
  const rows = parts.reduce((sum, { shape }) => sum + shape[0]!, 0);
  const shape = parts[0]!.rank === 1 && !takesClasses(name) ? [rows, 1] : [rows, ...parts[0]!.shape.slice(1)];
  return new NDArray({
    dtype: parts[0]!.dtype,
    shape,
    strides: shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1)),
    offset: 0,
    storage: Float32Array.from(parts.flatMap((one) => [...one.data])),
  } as never);
};

describe("through evaluate, of predictions that a model hands on", () => {
  // Class numbers go with a loss of two scores at least.
  const unweighted = Object.keys(data).filter(
    (name) => data[name]![0]!.weights === undefined && name !== "numbers, one score",
  );
  it.each(unweighted)("%s", async (name) => {
    const own = byHand.filter((item) => item.data === name);
    const [x, y] = [whole(name, "predictions"), whole(name, "labels")];
    for (const { name: backendName, backend } of backends) {
      const same = sequential([layers.input({ shape: x.shape.slice(1) }), layers.rescaling({ scale: 1 })], { backend });
      same.compile({
        loss: takesClasses(name) ? "sparse_categorical_crossentropy" : "mse",
        optimizer: "sgd",
        metrics: own.map((item, i) => metricOf(item, `m${i}`)),
      });
      const logs = await same.evaluate(x, y, { batchSize: 5, verbose: 0 });
      own.forEach((item, i) => {
        const last = item.results.slice(-1).data;
        expectNear(logged(logs, `m${i}`), last, `${backendName}: ${item.name} ${JSON.stringify(item.options)}`);
      });
      same.free();
    }
  });
});

describe("in fit and evaluate, under Keras's names", () => {
  const { x, kernel, second, labels, more } = models;
  const a = () => layers.dense({ units: 4, activation: "softmax", useBias: false, name: "a" });
  const b = () => layers.dense({ units: 1, activation: "sigmoid", useBias: false, name: "b" });
  const worst = (yTrue: Tensor, yPred: Tensor) => ops.max(ops.absolute(ops.subtract(yTrue, yPred)), { axis: -1 });
  // The loss of one of several outputs is the mean over rows here, and that of batches in Keras.
  const isPartOfLoss = (name: string) => /(^|_)[ab]_loss$/.test(name);

  function expectLogs(logs: Readonly<Record<string, number>>, expected: Numbers, what: string): void {
    const wanted = Object.entries(expected).filter(([name]) => !isPartOfLoss(name));
    for (const [name, numbers] of wanted) expectNear(logged(logs, name), numbers, `${what}: ${name}`);
    const names = new Set(
      Object.keys(logs)
        .map((name) => name.replace(/\[\d+\]$/, ""))
        .filter((name) => !isPartOfLoss(name)),
    );
    expect([...names].sort()).toEqual(wanted.map(([name]) => name).sort());
  }

  it("of one output", async () => {
    for (const { name, backend } of backends) {
      const net = sequential([layers.input({ shape: [5] }), a()], { backend });
      net.compile({
        loss: "categorical_crossentropy",
        optimizer: { className: "SGD", config: { learningRate: 0 } },
        metrics: [
          "accuracy",
          "AUC",
          metrics.auc(),
          metrics.auc({ curve: "PR" }),
          "precision",
          metrics.recall({ thresholds: [0.2, 0.4] }),
          metrics.f1Score(),
          metrics.f1Score({ average: "macro", name: "macro" }),
          "top_k_categorical_accuracy",
          "TopKCategoricalAccuracy",
          "root_mean_squared_error",
          "R2Score",
          worst,
          metrics.oneHotMeanIoU({ numClasses: 4, name: "iou" }),
          metrics.falsePositives({ thresholds: 0.3, name: "wrong" }),
        ],
        weightedMetrics: ["accuracy", metrics.precision(), metrics.recall({ name: "own" }), "accuracy"],
      });
      await net.setWeights([kernel]);
      const rows = (from: number, to: number) => [x.slice([from, to]), labels.slice([from, to])] as const;
      const { history } = await net.fit(...rows(0, 30), {
        validationData: rows(30, 37),
        batchSize: 8,
        epochs: 2,
        shuffle: false,
        verbose: 0,
      });
      for (const epoch of [0, 1]) {
        const logs = Object.fromEntries(Object.entries(history).map(([key, values]) => [key, values[epoch]!]));
        const expected = Object.fromEntries(
          Object.entries(models.single.history).map(([key, values]) => [key, values[epoch]!]),
        );
        expectLogs(logs, expected, `${name}, epoch ${epoch}`);
      }
      expectLogs(await net.evaluate(x, labels, { batchSize: 16, verbose: 0 }), models.single.evaluated, name);
      net.free();
    }
  });

  it("of several outputs", async () => {
    for (const { name, backend } of backends) {
      const inputs = layers.input({ shape: [5] });
      const net = model({ inputs, outputs: [a()(inputs), b()(inputs)], backend });
      net.compile({
        loss: [losses.categoricalCrossentropy(), losses.binaryCrossentropy()],
        optimizer: "sgd",
        metrics: [
          ["accuracy", metrics.auc()],
          [metrics.auc(), metrics.specificityAtSensitivity({ sensitivity: 0.5, name: "at" })],
        ],
        weightedMetrics: [["accuracy"], ["accuracy"]],
      });
      await net.setWeights([kernel, second]);
      expectLogs(await net.evaluate(x, [labels, more], { batchSize: 16, verbose: 0 }), models.several.evaluated, name);
      net.free();
    }
  });
});
