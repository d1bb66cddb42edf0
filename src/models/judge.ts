/** evaluate and predict of a model: options and data checked, a program found, rows swept, callbacks and progress told. */

import type { TypedArray } from "../core/dtype.js";
import type { NDArray } from "../core/ndarray.js";
import { fromTyped } from "../core/ndarray-create.js";
import {
  custom,
  type OptionsInput,
  oneOf,
  optional,
  optionsOf,
  positiveInteger,
  withDefault,
} from "../core/options.js";
import { withRows } from "../graph/dimensions.js";
import { currentPlatform } from "../platform/current.js";
import type { Callback, Logs } from "./callback.js";
import { evaluateRows, predictRows, type Sweep } from "./evaluator.js";
import { batchType, columnName, evaluationGraph, type Objective, predicted, predictionGraph } from "./graphs.js";
import type { ModelMemory } from "./model-memory.js";
import type { Network } from "./network.js";
import { ProgressBar } from "./progress.js";
import { type NamedRows, type RowSource, streamedSource } from "./row-source.js";
import { type Arrays, arraysFor, type Examples, inputRows, labelRows, type RowData } from "./rows.js";

/** A list of callbacks as an option. */
export const callbackList = custom<readonly Callback[]>("a list of callbacks (objects with hooks)", (value) =>
  Array.isArray(value) && value.every((item) => typeof item === "object" && item !== null)
    ? (value as readonly Callback[])
    : undefined,
);

/** 0: silent; 1: a progress line; 2: one line at the end. */
export const verbosity = oneOf([0, 1, 2]);

const evaluateOptions = optionsOf("evaluate", {
  batchSize: withDefault(positiveInteger(), 32),
  verbose: optional(verbosity),
  callbacks: withDefault(callbackList, []),
});

const predictOptions = optionsOf("predict", {
  batchSize: withDefault(positiveInteger(), 32),
  verbose: withDefault(verbosity, 0),
  callbacks: withDefault(callbackList, []),
});

/** Options of evaluate. */
export type EvaluateOptions = OptionsInput<typeof evaluateOptions>;

/** Options of predict. */
export type PredictOptions = OptionsInput<typeof predictOptions>;

/** What predicting needs of a model. */
interface Predicting {
  readonly network: Network;
  readonly memory: ModelMemory;
}

/** What judging needs of a model. */
export interface Judging extends Predicting {
  readonly objective: Objective;
}

/** Model.evaluate. */
export async function evaluateModel(
  judging: Judging,
  x: Arrays,
  y: Arrays,
  options: EvaluateOptions,
): Promise<Record<string, number>> {
  const { batchSize, verbose, callbacks } = evaluateOptions(options);
  const examples = checkedExamples(judging, x, y, "evaluate");
  const batch = Math.min(batchSize, rowCount(examples));
  return observed(callbacks, "Test", verbose, async (watch) => {
    return sweepRows(judging, columnsOf(examples), batch, watch, (source, part) =>
      evaluateExamples(judging, examples, source, batch, part),
    );
  });
}

/** The loss and every metric over the rows of a source, which are of the examples' types. */
export async function evaluateExamples(
  { network, objective, memory }: Judging,
  examples: Examples,
  source: RowSource,
  batch: number,
  watch: Watch,
): Promise<Record<string, number>> {
  const type = batchType(examples);
  const key = `evaluate ${objective.id} ${JSON.stringify(type)}`;
  const graph = () => evaluationGraph(network, objective, type);
  const common = { backend: memory.store.backend, source, rows: rowCount(examples), batch };
  return memory.programs.use(key, nextPowerOfTwo(batch), graph, (lowered) =>
    evaluateRows({ ...common, lowered, ...watch }, objective),
  );
}

/** Model.predict: one array for each output. */
export async function predictModel(predicting: Predicting, x: Arrays, options: PredictOptions): Promise<NDArray[]> {
  const { batchSize, verbose, callbacks } = predictOptions(options);
  const { network, memory } = predicting;
  const xs = inputRows(x, network, "predict");
  const { rows } = xs[0]!;
  const batch = Math.min(batchSize, rows);
  return observed(callbacks, "Predict", verbose, async (watch) => {
    const graph = () => predictionGraph(network, xs);
    const outputs = await sweepRows(predicting, columnsOf({ xs, ys: [] }), batch, watch, (source, part) => {
      const common = { backend: memory.store.backend, source, rows, batch };
      return memory.programs.use(`predict ${xs.map(({ dtype }) => dtype)}`, nextPowerOfTwo(batch), graph, (lowered) =>
        predictRows({ ...common, lowered, ...part }),
      );
    });
    return network.outputs.map(({ shape }, i) =>
      fromTyped(outputs[predicted(i)] as Float32Array, withRows(shape, rows)),
    );
  });
}

/** Rows of examples. */
export function rowCount({ xs }: Examples): number {
  return xs[0]!.rows;
}

/** The columns of examples by the names that graphs know them by. */
export function columnsOf({ xs, ys }: Examples): NamedRows {
  const named = (letter: "x" | "y", all: readonly RowData[]) =>
    all.map((rows, i) => [columnName(letter, i, all.length), rows] as const);
  return Object.fromEntries([...named("x", xs), ...named("y", ys)]);
}

/** Pictures and labels, checked against a model. */
export function checkedExamples(
  { network, objective }: Pick<Judging, "network" | "objective">,
  x: Arrays,
  y: Arrays,
  call: string,
): Examples {
  const xs = inputRows(x, network, call);
  const arrays = arraysFor(
    y,
    network.outputs.map(({ name }) => name),
    `${call}: y`,
  );
  const ys = arrays.map((array, i) => {
    const { labels, ignoreClass } = objective.outputs[i]!.loss;
    const rule = { labels, ignoreClass, outputShape: network.outputs[i]!.shape };
    return labelRows(array, rule, xs[0]!.rows, call);
  });
  return { xs, ys };
}

/** The bar for a verbosity; by default a progress line where there is a terminal, nothing in a page. */
export function progressBar(verbose: 0 | 1 | 2 | undefined): ProgressBar | null {
  const { environment, terminal } = currentPlatform();
  const level = verbose ?? (environment.isBrowser ? 0 : 1);
  return level === 0 ? null : new ProgressBar(terminal, { verbose: level });
}

/** How a sweep is watched. */
type Watch = Pick<Sweep, "single" | "onBatchBegin" | "onProgress">;

/** Runs `work` with the callbacks' hooks of its kind and a progress bar around it. */
export async function observed<T extends Record<string, number> | readonly NDArray[]>(
  callbacks: readonly Callback[],
  kind: "Test" | "Predict",
  verbose: 0 | 1 | 2 | undefined,
  work: (watch: (steps: number) => Watch) => Promise<T>,
): Promise<T> {
  const progress = progressBar(verbose);
  const call = async (hook: (callback: Callback) => void | Promise<void>): Promise<void> => {
    for (const callback of callbacks) await hook(callback);
  };
  const single = callbacks.some(
    (callback) => callback[`on${kind}BatchBegin`] !== undefined || callback[`on${kind}BatchEnd`] !== undefined,
  );
  const watch = (steps: number): Watch => {
    progress?.begin({ steps });
    return {
      single,
      onBatchBegin: (batch) => (single ? call((c) => c[`on${kind}BatchBegin`]?.(batch, {})) : Promise.resolve()),
      onProgress: async (done, means) => {
        progress?.update(done, means);
        if (single) await call((c) => c[`on${kind}BatchEnd`]?.(done - 1, means));
      },
    };
  };
  try {
    await call((c) => c[`on${kind}Begin`]?.({}));
    const result = await work(watch);
    const logs: Logs = kind === "Test" ? (result as Record<string, number>) : {};
    progress?.end(logs);
    await call((c) => c[`on${kind}End`]?.(logs));
    return result;
  } finally {
    progress?.breakLine();
  }
}

/** Makes the weights and a source for the rows, and gives the source's memory back when the work is done. */
async function sweepRows<T extends Record<string, number | TypedArray>>(
  { memory }: Predicting,
  rows: NamedRows,
  batch: number,
  watch: (steps: number) => Watch,
  work: (source: RowSource, part: Watch) => Promise<T>,
): Promise<T> {
  await memory.ensureWeights();
  const source = await streamedSource(memory.store.backend, rows, batch);
  try {
    return await work(source, watch(Math.ceil(Object.values(rows)[0]!.rows / batch)));
  } finally {
    source.free();
  }
}

function nextPowerOfTwo(n: number): number {
  return 2 ** Math.ceil(Math.log2(n));
}
