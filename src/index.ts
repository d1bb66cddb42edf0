/**
 * fovea: train, judge and use image classifiers. This is the table of contents of what a program imports; the
 * things themselves are in the rooms beside.
 */

import type { Backend, BackendDescription } from "./backends/backend.js";
import { configureEngine, defaultEngine, type EngineOptions } from "./backends/registry.js";
import { type Configuration, configure as configureWasm } from "./backends/wasm/configure.js";
import { sequentialFromConfig as fromConfig } from "./models/from-config.js";
import { Sequential, type SequentialOptions } from "./models/sequential.js";
import type { Layer } from "./nn/layer.js";

export type { Backend, BackendDescription, BackendName, Buffer, Program } from "./backends/backend.js";
export { createBackend } from "./backends/registry.js";
export type { DType, TypedArray } from "./core/dtype.js";
export * from "./core/errors.js";
export { nearestName, unknownName } from "./core/names.js";
export { NDArray, type NDArrayLike } from "./core/ndarray.js";
export {
  arange,
  array,
  concatenate,
  eye,
  fromTyped,
  full,
  linspace,
  ones,
  stack,
  zeros,
} from "./core/ndarray-create.js";
export { RandomStream, randomStream } from "./core/random.js";
export type { ImageDataset } from "./data/dataset.js";
export { datasets, listDatasets } from "./data/datasets/index.js";
export * from "./evaluation/index.js";
export { type CsvValue, writeCsv } from "./formats/csv.js";
export type { Callback, CallbackModel, FitParams, Logs } from "./models/callback.js";
export type { CompileOptions } from "./models/compile.js";
export type { FitOptions } from "./models/fit.js";
export type { History } from "./models/history.js";
export type { EvaluateOptions, PredictOptions } from "./models/judge.js";
export type { Sequential, SequentialConfig, SequentialOptions } from "./models/sequential.js";
export { activations } from "./nn/activations/index.js";
export { initializers } from "./nn/initializers/index.js";
export type { Layer } from "./nn/layer.js";
export { layers } from "./nn/layers/index.js";
export { type Loss, type LossFunction, losses, type OwnLoss } from "./nn/losses/index.js";
export { type Metric, metrics } from "./nn/metrics/index.js";
export { type Optimizer, optimizers } from "./nn/optimizers/index.js";

/** Options of `sequential`: `seed`, `name`, and the backend where it is not to be the process's own. */
export interface SequentialCreation extends SequentialOptions {
  readonly backend?: Backend | undefined;
}

/**
 * A model of layers one on the other, the first of them `layers.input`.
 *
 * Everything random in it follows from `seed` (default random, recorded as `model.seed`): initial weights, and by
 * default the shuffling and dropout of fit. Results are the same to the bit for any number of threads.
 * @throws OptionError if the first layer is not an input, or two have one name; ShapeError where two do not fit.
 * @example
 * const model = sequential([layers.input({ shape: [4] }), layers.dense({ units: 3, activation: "softmax" })], { seed: 7 });
 */
export function sequential(list: readonly Layer[], { backend, ...options }: SequentialCreation = {}): Sequential {
  return new Sequential(list, options, backend === undefined ? defaultEngine : () => backend);
}

/** The model that `model.toConfig()` was written from, with new weights. */
export function sequentialFromConfig(config: unknown, { backend }: { readonly backend?: Backend } = {}): Sequential {
  return fromConfig(config, backend === undefined ? defaultEngine : () => backend);
}

/** Settings of the process or page: `backend`, `threads`, `module`; `assets` and `debug` of the WASM engine. */
export type Settings = EngineOptions & Configuration;

/**
 * Settings that hold for the whole process or page.
 * @throws OptionError for an unknown setting; StateError if the engine runs already.
 * @example
 * configure({ threads: 1, assets: "https://example.org/fovea/" });
 */
export function configure({ assets, debug, ...engine }: Settings): void {
  configureEngine(engine);
  configureWasm({ ...(assets === undefined ? {} : { assets }), ...(debug === undefined ? {} : { debug }) });
}

/** What computes here: threads, SIMD, memory, and why it is slower than it could be. Starts it if need be. */
export function describeEngine(): Promise<BackendDescription> {
  return defaultEngine().describe();
}
