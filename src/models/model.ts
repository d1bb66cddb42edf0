/**
 * A model: a network of layers that is compiled, trained, judged and asked. It checks what callers give and keeps the
 * model's state in order; the work is done by fit.ts and judge.ts. Not here: how the network came about (sequential.ts,
 * functional.ts).
 */

// The declarations name Symbol.dispose, which a user's own `lib` may lack.
/// <reference lib="esnext.disposable" preserve="true" />

import type { Backend } from "../backends/backend.js";
import { OptionError, StateError } from "../core/errors.js";
import type { NDArray, NDArrayLike } from "../core/ndarray.js";
import { fromTyped } from "../core/ndarray-create.js";
import { formatReceived, nonNegativeInteger, optional, string } from "../core/options.js";
import type { Variable } from "../graph/tensor.js";
import { Callable } from "../nn/callable.js";
import type { Connects, Layer } from "../nn/layer.js";
import { currentPlatform } from "../platform/current.js";
import { type CompileOptions, resolveObjective } from "./compile.js";
import { type FitOptions, fitModel } from "./fit.js";
import { type Objective, type TrainingState, trainingState } from "./graphs.js";
import type { History } from "./history.js";
import { type EvaluateOptions, evaluateModel, type PredictOptions, predictModel } from "./judge.js";
import { type KerasConfig, kerasConfigOf } from "./keras-config/write.js";
import { configOf, type ModelConfig } from "./model-config.js";
import { ModelLayer, type ModelParts } from "./model-layer.js";
import { ModelMemory } from "./model-memory.js";
import { type Network, parameters } from "./network.js";
import type { Arrays } from "./rows.js";
import { type SummaryOptions, summaryOf } from "./summary.js";
import { decodeWeights, encodeWeights, weightValues } from "./weights-file.js";

/** What a model is made with. */
export interface ModelOptions {
  /** Whole number from 0 to 2^53 - 1: initial weights, shuffling and dropout follow from it. Default: random, and recorded. */
  readonly seed?: number | undefined;
  /** Default "sequential", or "functional". */
  readonly name?: string | undefined;
}

/** The options of a model, checked, in the table of the function that makes it. */
export const modelOptions = { seed: optional(nonNegativeInteger()), name: optional(string()) };

/** What compile decided, and the state that goes with it. */
export interface Compiled {
  readonly objective: Objective;
  readonly state: TrainingState;
}

/**
 * A network of layers with weights. Made by `sequential([...])` and `model({ inputs, outputs })`.
 * @typeParam Prediction What `predict` gives: an array, or a record of them by the names of several outputs.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the interface has nothing but the calls that Callable makes possible.
export abstract class Model<Prediction extends NDArray | Readonly<Record<string, NDArray>> = NDArray> extends Callable {
  readonly name: string;
  /** The seed of the initial weights, and by default of fit. */
  readonly seed: number;
  readonly network: Network;
  /** Set to true, from a callback or from outside, fit ends after the step it is in and resolves. */
  stopTraining = false;
  /** The record of the last fit. */
  history: History | undefined;
  readonly #backend: () => Backend;
  #layer: Layer | undefined;
  #memory: ModelMemory | undefined;
  #compiled: Compiled | undefined;
  #fitting = false;
  #compiles = 0;
  /** The learning rate set since training last looked. */
  #newRate: number | undefined;
  #broken: string | undefined;
  #freed = false;

  constructor(
    network: Network,
    { seed = randomSeed(), name = "model" }: { readonly seed?: number; readonly name?: string },
    backend: () => Backend,
  ) {
    super();
    this.seed = seed;
    this.name = name;
    this.network = network;
    this.#backend = backend;
  }

  /** Keras's name of the kind of model. */
  abstract readonly kind: ModelParts["kind"];
  /** Whether inputs and outputs were given as lists, be it of one. */
  abstract readonly listed: ModelParts["listed"];

  /**
   * The model as a layer: of its own weights, which both share. Calling the model on symbolic inputs calls this.
   */
  get asLayer(): Layer {
    this.#layer ??= new ModelLayer(this, () => this.toConfig().config);
    return this.#layer;
  }

  /** Whether training a model that this one is a layer of changes its weights; as a layer's `trainable`. */
  get trainable(): boolean {
    return this.asLayer.trainable;
  }

  set trainable(value: boolean) {
    this.asLayer.trainable = value;
  }

  protected override connect(...values: unknown[]): unknown {
    return (this.asLayer as unknown as (...given: unknown[]) => unknown)(...values);
  }

  /** The layers in Keras's order, inputs first. */
  get layers(): readonly Layer[] {
    return this.network.layers.map(({ layer }) => layer);
  }

  /** The number of weights, each element counted. */
  countParams(): number {
    return this.network.layers.reduce((sum, layer) => sum + parameters(layer), 0);
  }

  /**
   * The layers, their options and how they are called on each other as plain JSON, in fovea's words: `modelFromConfig`
   * makes the same model of it, without weights.
   * @throws OptionError where an option is a function of one's own.
   */
  toConfig(): ModelConfig {
    return configOf(this);
  }

  /**
   * The same in Keras's words, as its own `model.to_json()` gives it, but for what Keras does not need to make the model
   * again (build_config, compile_config): `modelFromKerasConfig` reads it, and so does Keras's `model_from_json` as text.
   * @throws OptionError naming what Keras has no words for: a function of one's own, an activation's option.
   * @example
   * const text = JSON.stringify(model.toKerasConfig());
   */
  toKerasConfig(): KerasConfig {
    return kerasConfigOf(this);
  }

  /** Whether input layers are among those of the summary. */
  protected get listsInputs(): boolean {
    return true;
  }

  /** A table of the layers, their output shapes and their parameters, as Keras prints it. */
  summary(options: SummaryOptions = {}): string {
    return summaryOf(this.name, this.network, { ...options, inputs: this.listsInputs });
  }

  /**
   * Fixes what training minimises, how, and what it reports. Strings name the same things: `"adam"`,
   * `"sparse_categorical_crossentropy"`, `"accuracy"`. Compiling again forgets the optimizer's state, not the weights.
   * @throws OptionError for unknown names, with the nearest known one; StateError during a fit.
   * @example
   * model.compile({ loss: "sparse_categorical_crossentropy", optimizer: "adam", metrics: ["accuracy"] });
   */
  compile(options: CompileOptions): void {
    this.#check("compile");
    if (this.#fitting) throw new StateError("compile: the model is in fit; wait for it, or abort it.");
    const objective = resolveObjective(options, this.network, this.#compiles++);
    if (this.#compiled !== undefined) this.#memory?.dropState(this.#compiled.state);
    this.#compiled = { objective, state: trainingState(objective) };
  }

  /**
   * Trains the model.
   *
   * `x` holds rows of the input's shape (bytes stay bytes), `y` labels as the loss wants them. `validationSplit` takes
   * the last part of the rows, before shuffling, as Keras does. Each epoch is shuffled anew, a function of `seed`.
   * The rows are copied before `onTrainBegin`; what is changed in them later has no effect. Rows of more than 512 MB stay
   * where they are and are read batch by batch: leave them alone until fit is done.
   * @returns the History: `history.history.val_acc` has one number an epoch.
   * @throws ShapeError, DataError, OptionError for what does not fit; StateError before compile or in a fit;
   * NumericError where loss, gradients or weights stop being finite (the weights are then those before that step);
   * the signal's reason where it is aborted, after a whole step.
   * @example
   * await model.fit(x, y, { batchSize: 128, epochs: 5, validationSplit: 0.15 });
   */
  async fit(x: Arrays, y: Arrays, options: FitOptions = {}): Promise<History> {
    const compiled = this.#needCompiled("fit");
    if (this.#fitting) throw new StateError("fit: the model is in a fit already; wait for it, or abort it.");
    this.#fitting = true;
    this.stopTraining = false;
    this.#newRate = undefined;
    try {
      return await fitModel(
        {
          model: this,
          network: this.network,
          memory: this.#needMemory(),
          ...compiled,
          begun: (history) => {
            this.history = history;
          },
          broken: (error) => {
            this.#broken = `a training step of this model failed midway (${error.message})`;
          },
          takeRate: () => {
            const rate = this.#newRate;
            this.#newRate = undefined;
            return rate;
          },
        },
        x,
        y,
        options,
      );
    } finally {
      this.#fitting = false;
    }
  }

  /**
   * Judges the model on rows: the loss and every metric of compile, by name.
   * @example
   * const { loss, acc } = await model.evaluate(test.images, test.labels, { batchSize: 128 });
   */
  async evaluate(x: Arrays, y: Arrays, options: EvaluateOptions = {}): Promise<Record<string, number>> {
    const { objective } = this.#needCompiled("evaluate");
    return evaluateModel({ network: this.network, objective, memory: this.#needMemory() }, x, y, options);
  }

  /**
   * The model's output for rows, `[rows, ...]`, of several outputs a record by their names; batched inside, so that
   * memory stays bounded.
   * @example
   * const classes = (await model.predict(test.images)).argmax(1);
   */
  async predict(x: Arrays, options: PredictOptions = {}): Promise<Prediction> {
    this.#check("predict");
    const arrays = await predictModel({ network: this.network, memory: this.#needMemory() }, x, options);
    const { outputs } = this.network;
    if (outputs.length === 1) return arrays[0] as unknown as Prediction;
    return Object.fromEntries(outputs.map(({ name }, i) => [name, arrays[i]!])) as unknown as Prediction;
  }

  /** Every weight, in the order of the layers (kernel before bias), as copies. */
  async getWeights(): Promise<NDArray[]> {
    const memory = this.#needMemory("getWeights");
    await memory.ensureWeights();
    // All reads are queued at once, so that no step of a fit comes between them.
    const values = await Promise.all(this.#variables.map((variable) => memory.store.read(variable)));
    return this.#variables.map(({ shape, dtype }, i) => fromTyped(values[i]!, shape, dtype));
  }

  /**
   * Overwrites every weight, all or none.
   * @throws ShapeError naming the weight that does not fit; StateError during a fit.
   */
  async setWeights(weights: readonly NDArrayLike[]): Promise<void> {
    await this.#overwrite("setWeights", weightValues(this.network.weights, weights));
  }

  /** Writes the weights to a safetensors file, whole or not at all. Node only. */
  async saveWeights(path: string | URL): Promise<void> {
    await currentPlatform().files.writeWhole(filePath(path, "saveWeights"), await this.encodeWeights());
  }

  /** The weights as the bytes of a safetensors file. */
  async encodeWeights(): Promise<Uint8Array> {
    const arrays = await this.getWeights();
    return encodeWeights(
      this.network.weights.map((weight, i) => ({ ...weight, data: arrays[i]!.data as Float32Array })),
    );
  }

  /**
   * Reads weights from a safetensors file, by path (Node) or as bytes; all or none.
   * @throws FormatError if the file is damaged or of another model: which tensor, expected and found shape.
   */
  async loadWeights(source: string | URL | Uint8Array): Promise<void> {
    const bytes =
      source instanceof Uint8Array ? source : await currentPlatform().files.readFile(filePath(source, "loadWeights"));
    const name = source instanceof Uint8Array ? "weights" : String(source);
    await this.#overwrite("loadWeights", decodeWeights(bytes, this.network.weights, name));
  }

  /** The learning rate training goes on with. */
  async getLearningRate(): Promise<number> {
    const { state, memory } = await this.#trainingMemory("getLearningRate");
    return (await memory.store.read(state.learningRate))[0]!;
  }

  /** Changes the learning rate, from the next step on. @throws OptionError if it is not a number >= 0. */
  async setLearningRate(value: number): Promise<void> {
    if (!(Number.isFinite(value) && value >= 0)) {
      throw new OptionError(`setLearningRate: a number from 0 up expected, received ${value}.`);
    }
    const { state, memory } = await this.#trainingMemory("setLearningRate");
    await memory.store.write(state.learningRate, Float32Array.of(value));
    this.#newRate = value;
  }

  /** Gives the model's memory back at once; the model cannot be used any more. */
  free(): void {
    if (this.#fitting) throw new StateError("free: the model is in fit; wait for it, or abort it.");
    this.#freed = true;
    this.#memory?.free();
    this.#memory = undefined;
  }

  [Symbol.dispose](): void {
    this.free();
  }

  /** What the model keeps in the engine; made when first needed. */
  #needMemory(call?: string): ModelMemory {
    if (call !== undefined) this.#check(call);
    this.#memory ??= new ModelMemory(this.network, this.seed, this.#backend(), this.name);
    return this.#memory;
  }

  get #variables(): readonly Variable[] {
    return this.network.weights.map(({ variable }) => variable);
  }

  async #trainingMemory(call: string): Promise<{ state: TrainingState; memory: ModelMemory }> {
    const { state, objective } = this.#needCompiled(call);
    const memory = this.#needMemory();
    await memory.ensureState(state, objective.optimizer.learningRate);
    return { state, memory };
  }

  async #overwrite(call: string, values: ReadonlyMap<Variable, Float32Array>): Promise<void> {
    if (this.#fitting) throw new StateError(`${call}: the model is in fit; wait for it, or abort it.`);
    if (this.#freed) this.#check(call);
    const memory = this.#needMemory();
    // What training had written besides the weights is as unknown as they were.
    if (this.#broken !== undefined && this.#compiled !== undefined) memory.dropState(this.#compiled.state);
    if (memory.store.lost) memory.reset();
    await memory.ensureWeights();
    if (this.#fitting) throw new StateError(`${call}: the model is in fit; wait for it, or abort it.`);
    await Promise.all([...values].map(([variable, data]) => memory.store.write(variable, data)));
    this.#broken = undefined;
  }

  #needCompiled(call: string): Compiled {
    this.#check(call);
    if (this.#compiled === undefined) {
      throw new StateError(`${call}: compile the model first: model.compile({ loss, optimizer, metrics }).`);
    }
    return this.#compiled;
  }

  #check(call: string): void {
    if (this.#freed) throw new StateError(`${call}: the model was freed.`);
    if (this.#memory?.store.lost) this.#broken ??= "the worker that held the memory of this model died";
    if (this.#broken !== undefined) {
      throw new StateError(
        `${call}: ${this.#broken}, so its weights are unknown. Set them with setWeights or loadWeights.`,
      );
    }
  }
}

/** Called on the outputs of layers, a model is a layer of another one. */
// biome-ignore lint/correctness/noUnusedVariables: both declarations must have the same parameters.
export interface Model<Prediction extends NDArray | Readonly<Record<string, NDArray>> = NDArray> extends Connects {}

/** A path as it is, a `file:` URL as its path. @throws OptionError for anything else. */
function filePath(path: unknown, call: string): string {
  if (path instanceof URL && path.protocol === "file:") return decodeURIComponent(path.pathname);
  if (typeof path === "string" && path !== "") return path;
  const bytes = call === "loadWeights" ? ", or bytes," : "";
  throw new OptionError(`${call}: a path or a file: URL${bytes} expected, received ${formatReceived(path)}.`);
}

/** A seed of 53 random bits. */
function randomSeed(): number {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2));
  return (high! >>> 11) * 2 ** 32 + low!;
}
