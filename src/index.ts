/**
 * fovea: train, judge and use image classifiers. This is the table of contents of what a program imports; the
 * things themselves are in the rooms beside.
 */

import type { Backend, BackendDescription } from "./backends/backend.js";
import { configureEngine, defaultEngine, type EngineOptions } from "./backends/registry.js";
import { type Configuration, configure as configureWasm } from "./backends/wasm/configure.js";
import type { NDArray } from "./core/ndarray.js";
import type { ByteSource } from "./data/source.js";
import type { ModelOptions } from "./models/described-model.js";
import { modelFromConfig as fromConfig, sequentialFromConfig as sequentialFrom } from "./models/from-config.js";
import { Functional, type FunctionalOptions } from "./models/functional.js";
import { fromKerasConfig } from "./models/keras-config/read.js";
import { loadModelFile } from "./models/load-model.js";
import { Sequential, type Stacked } from "./models/sequential.js";

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
export * as checks from "./core/option-checks.js";
export { RandomStream, randomStream } from "./core/random.js";
export type { ImageDataset } from "./data/dataset.js";
export { datasets, listDatasets } from "./data/datasets/index.js";
export * from "./evaluation/index.js";
export { type CsvValue, writeCsv } from "./formats/csv.js";
export type { Tensor } from "./graph/tensor.js";
export type { Callback, CallbackModel, FitParams, Logs } from "./models/callback.js";
export type { CompileOptions } from "./models/compile.js";
export type { ModelOptions } from "./models/described-model.js";
export type { FitOptions } from "./models/fit.js";
export type { Functional, FunctionalOptions } from "./models/functional.js";
export type { History } from "./models/history.js";
export type { EvaluateOptions, PredictOptions } from "./models/judge.js";
export type { KerasConfig } from "./models/keras-config/write.js";
export type { Model } from "./models/model.js";
export type { FunctionalConfig, LayerConfig, ModelConfig, Place, SequentialConfig } from "./models/model-config.js";
export type { SaveOptions } from "./models/model-file.js";
export type { Arrays } from "./models/rows.js";
export type { Sequential } from "./models/sequential.js";
export type { ModelSummaryOptions as SummaryOptions } from "./models/summary.js";
export { activations } from "./nn/activations/index.js";
export { type Constraint, type ConstraintFunction, constraints } from "./nn/constraints/index.js";
export { defineLayer, type LayerDefinition } from "./nn/define-layer.js";
export { type Initializer, type InitializerFunction, initializers } from "./nn/initializers/index.js";
export type { Layer, LayerOutput, Symbolic } from "./nn/layer.js";
export type { Weight, WeightSpec } from "./nn/layer-parts.js";
export { type LambdaFunction, layers, type Normalization } from "./nn/layers/index.js";
export { type Loss, type LossFunction, losses, type OwnLoss } from "./nn/losses/index.js";
export { type Metric, type MetricFunction, type MetricResult, metrics, type ValueMetric } from "./nn/metrics/index.js";
export { ops } from "./nn/ops.js";
export { type Optimizer, optimizers } from "./nn/optimizers/index.js";
export { type Regularizer, type RegularizerFunction, regularizers } from "./nn/regularizers/index.js";
export { type Schedule, schedules } from "./nn/schedules/index.js";

/** Options of `sequential`: `seed`, `name`, `trainable`, and the backend where it is not to be the process's own. */
export interface SequentialCreation extends ModelOptions {
  readonly backend?: Backend | undefined;
}

/**
 * A model of layers one on the other, the first of them `layers.input`. A model is a layer too; where it comes first, what
 * it takes is what comes in.
 *
 * Everything random in it follows from `seed` (default random, recorded as `model.seed`): initial weights, and by
 * default the shuffling and dropout of fit. Results are the same to the bit for any number of threads.
 * @throws OptionError if the first is neither an input layer nor a model, or two have one name; ShapeError where two do not fit.
 * @example
 * const model = sequential([layers.input({ shape: [4] }), layers.dense({ units: 3, activation: "softmax" })], { seed: 7 });
 */
export function sequential(list: readonly Stacked[], { backend, ...options }: SequentialCreation = {}): Sequential {
  return new Sequential(list, options, backend === undefined ? defaultEngine : () => backend);
}

/** Options of `model`: `inputs`, `outputs`, `seed`, `name`, `trainable`, and the backend where it is not to be the process's own. */
export interface FunctionalCreation extends FunctionalOptions {
  readonly backend?: Backend | undefined;
}

/**
 * A model of layers called on each other: branches, residuals, layers that are shared, several inputs and outputs.
 *
 * `inputs` are input layers, `outputs` what layers made of them; either may be a list. Seeds as in `sequential`. fit and
 * evaluate take a list of arrays, or a record by name, where there are several inputs or outputs; `predict` gives a
 * record by the names of several outputs.
 * @throws OptionError where the outputs need an input that is not given, an input leads to no output, or two layers
 * have one name.
 * @example
 * const x = layers.input({ shape: [8, 8, 4] });
 * const inner = layers.conv2d({ filters: 4, kernelSize: 3, padding: "same", activation: "relu" })(x);
 * const classes = layers.dense({ units: 3, activation: "softmax" })(layers.flatten()(layers.add()([x, inner])));
 * const residual = model({ inputs: x, outputs: classes, seed: 7 });
 */
export function model<const Options extends FunctionalCreation>({
  backend,
  ...options
}: Options): Functional<Options["outputs"] extends readonly unknown[] ? Predicted<Options["outputs"]> : NDArray> {
  return new Functional(options, backend === undefined ? defaultEngine : () => backend);
}

/** What a list of outputs is predicted as: of one, an array; of several, a record. */
type Predicted<List extends readonly unknown[]> = List["length"] extends 1
  ? NDArray
  : Readonly<Record<string, NDArray>>;

/** Where a model that is read computes, and the seed of its new weights. */
export interface ModelReading {
  readonly backend?: Backend | undefined;
  /** Default that of the configuration; where it has none, random, and recorded as `model.seed`. */
  readonly seed?: number | undefined;
}

/**
 * The model that `model.toConfig()` was written from, with new weights.
 * @throws OptionError for an unknown layer (with the nearest known one), an option that it refuses, or calls of layers
 * that are not there; ShapeError where layers do not fit. The message says which layer.
 * @example
 * const made = sequential([layers.input({ shape: [4] }), layers.dense({ units: 3 })]);
 * const copy = modelFromConfig(made.toConfig());
 */
export function modelFromConfig(config: unknown, { backend, seed }: ModelReading = {}): Sequential | Functional {
  return fromConfig(config, backend === undefined ? defaultEngine : () => backend, { seed });
}

/** As modelFromConfig, of a sequential model. @throws OptionError for a model of another kind. */
export function sequentialFromConfig(config: unknown, { backend }: { readonly backend?: Backend } = {}): Sequential {
  return sequentialFrom(config, backend === undefined ? defaultEngine : () => backend);
}

/**
 * The model that a configuration of Keras 3 describes, with new weights: what `model.to_json()` gives, or the config.json
 * in a .keras file, as text or as an object. Sequential and functional models of all layers that fovea has; `setWeights`
 * takes what Keras's `get_weights()` gives. Batches of a fixed size become batches of any size; how the model was compiled is
 * not read.
 * @throws OptionError, with the path to it, for a layer, initializer or activation that fovea has not (with the nearest
 * one), an option that it has not with a value that would change something, and a value that it refuses; ShapeError where
 * layers do not fit.
 * @example
 * const made = sequential([layers.input({ shape: [4] }), layers.dense({ units: 3 })]);
 * const same = modelFromKerasConfig(JSON.stringify(made.toKerasConfig()), { seed: 7 });
 */
export function modelFromKerasConfig(json: unknown, options: ModelReading = {}): Sequential | Functional {
  return modelFromConfig(fromKerasConfig(json), options);
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

/**
 * The model that `model.save` or `model.toBytes` wrote, from a path (not in a browser), a URL or bytes: layers, weights,
 * names and seed, `classNames`, `preprocessing`; compiled, where it was with options that are plain; with its optimizer's
 * state, where that was included. It is tried on the file's three golden inputs before it is given.
 * @throws FormatError for anything that is not a whole model file, one of layers that this fovea has not, and a model that
 * predicts otherwise here than where it was saved; FileError where the bytes cannot be had.
 * @example
 * const made = sequential([layers.input({ shape: [4] }), layers.dense({ units: 3 })]);
 * made.classNames = ["cat", "dog", "owl"];
 * const same = await loadModel(await made.toBytes());
 */
export function loadModel(
  source: ByteSource,
  { backend }: { readonly backend?: Backend | undefined } = {},
): Promise<Sequential | Functional> {
  return loadModelFile(source, backend === undefined ? defaultEngine : () => backend);
}
