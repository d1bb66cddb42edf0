/**
 * Metrics that gather labels and predictions, along with training and judging: what a program hands out for them, that it
 * is the same without them, and that their numbers do not depend on jobs. Keras's are in test/goldens-metrics.test.ts.
 */

import { afterAll, describe, expect, it } from "vitest";
import { allBackends, closeBackends } from "../../test/support/run-graph.js";
import { OptionError, ShapeError } from "../core/errors.js";
import {
  array,
  type CompileOptions,
  type Logs,
  layers,
  metrics,
  model,
  NDArray,
  ops,
  sequential,
  type Tensor,
} from "../index.js";
import { resolveObjective } from "./compile.js";
import { type BatchType, evaluationGraph, trainingGraph, trainingState } from "./graphs.js";
import { RowResults } from "./row-results.js";

const backends = allBackends();
afterAll(() => closeBackends(backends));
const { backend: wasm } = backends[1]!;

const rows = 600;
const x = array(
  Float32Array.from({ length: rows * 4 }, (_, i) => Math.sin(i * 1.7)),
  { shape: [rows, 4] },
);
const classes = Array.from({ length: rows }, (_, i) => (Math.sin(i) * 7.3 > 0 ? 1 : 0) + (i % 2));
const y = array(
  Float32Array.from({ length: rows * 3 }, (_, i) => Number(classes[Math.floor(i / 3)] === i % 3)),
  { shape: [rows, 3] },
);

const layersOf = () => [
  layers.input({ shape: [4] }),
  layers.dense({ units: 8, activation: "relu" }),
  layers.dense({ units: 3, activation: "softmax" }),
];

function compiled(options: Partial<CompileOptions>, backend = wasm) {
  const made = sequential(layersOf(), { seed: 3, backend });
  made.compile({ loss: "categorical_crossentropy", optimizer: "adam", ...options });
  return made;
}

const batch: BatchType = {
  xs: [{ dtype: "float32", rowShape: [4] }],
  ys: [{ dtype: "float32", rowShape: [3] }],
};

/** The graphs of training and judging of a model compiled with some metrics. */
function graphsOf(given: CompileOptions["metrics"]) {
  const made = sequential(layersOf(), { seed: 3 });
  const { network } = made;
  const options = { loss: "categorical_crossentropy", optimizer: "sgd", metrics: given } as const;
  const objective = resolveObjective(options, made, 0);
  const state = trainingState(objective);
  return {
    objective,
    state,
    network,
    training: trainingGraph(network, objective, state, batch, "direct"),
    judging: evaluationGraph(network, objective, batch),
  };
}

/** The kernels that the engine runs for a judging, in their order. */
async function kernelsOf(given: CompileOptions["metrics"]): Promise<string[]> {
  const { network, judging } = graphsOf(given);
  const variables = new Map(
    await Promise.all(
      network.weights.map(async ({ variable, shape }) => [variable, await wasm.allocate("float32", shape)] as const),
    ),
  );
  const program = await wasm.lower(judging, { capacity: 8, variables });
  const inputs = {
    x: { buffer: await wasm.allocate("float32", [8, 4]) },
    y: { buffer: await wasm.allocate("float32", [8, 3]) },
  };
  const outputs: Record<string, { buffer: Awaited<ReturnType<typeof wasm.allocate>> }> = {};
  for (const [name, { dtype, shape }] of Object.entries(judging.outputs)) {
    outputs[name] = { buffer: await wasm.allocate(dtype, [8, ...(shape.slice(1) as number[])]) };
  }
  const { times } = await wasm.run(program, { inputs, outputs, rows: 8, batch: 8, timed: true });
  wasm.release(program);
  wasm.free(...variables.values(), ...Object.values({ ...inputs, ...outputs }).map(({ buffer }) => buffer));
  return times!.map(({ kernel }) => kernel);
}

describe("what a program hands out", () => {
  it("is a number a row, and labels with predictions once where metrics gather them", () => {
    const plain = graphsOf(["accuracy", "root_mean_squared_error"]);
    const names = ["loss", "accuracy", "root_mean_squared_error"];
    for (const graph of [plain.training, plain.judging]) expect(Object.keys(graph.outputs)).toEqual(names);
    const gathering = graphsOf(["accuracy", "auc", metrics.precision(), metrics.f1Score()]);
    for (const graph of [gathering.training, gathering.judging]) {
      expect(Object.keys(graph.outputs)).toEqual(["loss", "accuracy", "pairs 0"]);
      expect(graph.outputs["pairs 0"]).toMatchObject({ shape: [null, 6], dtype: "float32" });
    }
  });

  it("costs no kernel where no metric gathers, and one copy of both where some do", async () => {
    const plain = await kernelsOf(["accuracy"]);
    const gathering = await kernelsOf(["accuracy", "auc", "precision", "recall"]);
    // Those of the plain program, in any order, and what is behind them.
    const added = [...gathering];
    for (const kernel of plain) {
      const place = added.indexOf(kernel);
      expect(place, kernel).toBeGreaterThanOrEqual(0);
      added.splice(place, 1);
    }
    expect(added.sort()).toEqual(["copy (output)", "copyRuns (concatenate)", "copyRuns (concatenate)"]);
  });

  it("takes at most 16 MB of labels and predictions a job", async () => {
    const wide = sequential([layers.input({ shape: [2] }), layers.dense({ units: 3000 })], { backend: wasm });
    const objective = resolveObjective({ loss: "mse", optimizer: "sgd", metrics: ["auc"] }, wide, 0);
    const judging = evaluationGraph(wide.network, objective, {
      xs: [{ dtype: "float32", rowShape: [2] }],
      ys: [{ dtype: "float32", rowShape: [3000] }],
    });
    const results = await RowResults.make(wasm, judging, objective, { rows: 6400, batch: 100 });
    expect(results.room).toBe(600);
    results.free();
    const plain = graphsOf(["accuracy"]);
    const all = await RowResults.make(wasm, plain.judging, plain.objective, { rows: 6400, batch: 100 });
    expect(all.room).toBe(6400);
    all.free();
  });
});

const many = () => [
  "accuracy" as const,
  metrics.auc(),
  metrics.auc({ curve: "PR", multiLabel: true }),
  metrics.f1Score(),
  metrics.r2Score(),
  metrics.oneHotMeanIoU({ numClasses: 3 }),
  metrics.precisionAtRecall({ recall: 0.6 }),
];

describe("numbers", () => {
  it("do not depend on how rows were cut into jobs, nor on threads", async () => {
    const seen: Logs[] = [];
    const one = compiled({ metrics: many() });
    // A hook for batches makes every job one step.
    const { history } = await one.fit(x, y, { batchSize: 32, epochs: 2, validationSplit: 0.2, verbose: 0 });
    const single = compiled({ metrics: many() });
    const watched = await single.fit(x, y, {
      batchSize: 32,
      epochs: 2,
      validationSplit: 0.2,
      verbose: 0,
      callbacks: [{ onTrainBatchEnd: (_, logs) => void seen.push(logs), onTestBatchEnd: () => {} }],
    });
    expect(watched.history).toEqual(history);
    const twice = compiled({ metrics: many() }, backends[2]!.backend);
    const threads = await twice.fit(x, y, { batchSize: 32, epochs: 2, validationSplit: 0.2, verbose: 0 });
    expect(threads.history).toEqual(history);
    expect(seen).toHaveLength(30);
    // The last batch's logs are the epoch's.
    for (const name of Object.keys(seen[0]!)) expect(seen[14]![name]).toBe(history[name]![0]);
    expect(Object.keys(seen[0]!)).toEqual([
      "accuracy",
      "auc",
      "auc_1",
      "f1_score[0]",
      "f1_score[1]",
      "f1_score[2]",
      "loss",
      "one_hot_mean_io_u",
      "precision_at_recall",
      "r2_score",
    ]);
    for (const made of [one, single, twice]) made.free();
  });

  it("are those by hand of what predict gives", async () => {
    const made = compiled({ metrics: many() });
    await made.fit(x, y, { batchSize: 64, verbose: 0 });
    const logs = await made.evaluate(x, y, { batchSize: 128, verbose: 0 });
    const predictions = await made.predict(x, { batchSize: 128 });
    for (const metric of many().slice(1) as Exclude<ReturnType<typeof many>[number], string>[]) {
      if (metric.className === "AUC") continue;
      metric.updateState(y, predictions);
      const found = metric.result();
      if (typeof found === "number") expect(logs[metric.name]).toBe(found);
      else expect(found.map((_, i) => logs[`${metric.name}[${i}]`])).toEqual(found);
    }
    made.free();
  });

  it("of eleven places are in their order", async () => {
    const thresholds = Array.from({ length: 11 }, (_, i) => i / 10);
    const made = compiled({ metrics: [metrics.truePositives({ thresholds, name: "tp" })] });
    const logs = await made.evaluate(x, y, { verbose: 0 });
    expect(Object.keys(logs)).toEqual(["loss", ...thresholds.map((_, i) => `tp[${i}]`)]);
    made.free();
  });

  it("of class numbers and scores, and of outputs of several axes", async () => {
    const numbers = sequential(layersOf(), { seed: 3, backend: wasm });
    const meanIoU = () => metrics.meanIoU({ numClasses: 3, sparseYPred: false });
    numbers.compile({ loss: "sparse_categorical_crossentropy", optimizer: "sgd", metrics: [meanIoU()] });
    const logs = await numbers.evaluate(x, array(Int32Array.from(classes)), { verbose: 0 });
    const byHand = meanIoU();
    byHand.updateState(array(Int32Array.from(classes)), await numbers.predict(x));
    expect(logs.mean_io_u).toBe(byHand.result());
    numbers.free();

    const input = layers.input({ shape: [4] });
    const wide = model({ inputs: input, outputs: layers.reshape({ targetShape: [2, 2] })(input), backend: wasm });
    const make = () => metrics.recall({ classId: 1 });
    wide.compile({ loss: "mse", optimizer: "sgd", metrics: [make()] });
    const labels = new NDArray({ ...x.reshape([rows, 2, 2]).greater(0.5).astype("float32") } as never);
    const expected = make();
    expected.updateState(labels, x.reshape([rows, 2, 2]));
    expect((await wide.evaluate(x, labels, { verbose: 0 })).recall).toBe(expected.result());
    wide.free();
  });
});

describe("a function of one's own", () => {
  const worst = (yTrue: Tensor, yPred: Tensor) => ops.max(ops.absolute(ops.subtract(yTrue, yPred)), { axis: -1 });

  it("is a metric of its name, by its mean over rows, or a scalar", async () => {
    const total = (yTrue: Tensor, yPred: Tensor) => ops.mean(ops.subtract(yPred, yTrue));
    const made = compiled({ metrics: [worst, metrics.meanMetricWrapper({ fn: total, name: "bias" })] });
    const logs = await made.evaluate(x, y, { verbose: 0 });
    const predictions = await made.predict(x);
    const errors = predictions.subtract(y);
    const byRow = array(Array.from({ length: rows }, (_, i) => Math.max(...errors.slice(i).data.map(Math.abs))));
    expect(logs.worst).toBeCloseTo(byRow.mean(), 5);
    expect(logs.bias).toBeCloseTo(errors.mean(), 5);
    made.free();
  });

  it("gets class numbers where the loss takes them", async () => {
    const made = sequential(layersOf(), { seed: 3, backend: wasm });
    const number = (yTrue: Tensor) => ops.multiply(yTrue, 1);
    made.compile({ loss: "sparse_categorical_crossentropy", optimizer: "sgd", metrics: [number] });
    const logs = await made.evaluate(x, array(Int32Array.from(classes)), { verbose: 0 });
    expect(logs.number).toBeCloseTo(classes.reduce((a, b) => a + b) / rows, 6);
    made.free();
  });
});

describe("what compile refuses", () => {
  const compile = (options: Partial<CompileOptions>) => () => compiled(options).free();

  it.each<[string, Partial<CompileOptions>, new (message: string) => Error, RegExp]>([
    [
      "a class that the output lacks",
      { metrics: [metrics.recall({ classId: 3 })] },
      ShapeError,
      /recall: classId 3 needs/,
    ],
    ["more greatest than there are", { metrics: [metrics.precision({ topK: 5 })] }, ShapeError, /topK 5 needs/],
    ["other labels", { metrics: ["sparse_top_k_categorical_accuracy"] }, OptionError, /Use topKCategoricalAccuracy/],
    ["a sum of numbers", { metrics: [metrics.sum() as never] }, OptionError, /use it by hand/],
    [
      "a function of metrics that was not called and has no defaults",
      { metrics: [metrics.meanIoU] },
      OptionError,
      /^meanIoU: numClasses is missing/,
    ],
    [
      "a function that makes no tensor",
      { metrics: [(() => 3) as never] },
      ShapeError,
      /a metric of your own must make a tensor/,
    ],
    [
      "weighted metrics as a word",
      { weightedMetrics: "accuracy" as never },
      OptionError,
      /weightedMetrics must be a list/,
    ],
    ["an unknown weighted metric", { weightedMetrics: ["acuracy" as never] }, OptionError, /did you mean "accuracy"/],
  ])("%s", (_, options, kind, message) => {
    expect(compile(options)).toThrow(kind);
    expect(compile(options)).toThrow(message);
  });
});
