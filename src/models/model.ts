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
import type { Variable } from "../graph/tensor.js";
import type { Connects } from "../nn/layer.js";
import type { Optimizer } from "../nn/optimizers/index.js";
import type { Schedule } from "../nn/schedules/index.js";
import { currentPlatform } from "../platform/current.js";
import { type CompileOptions, resolveObjective } from "./compile.js";
import { DescribedModel, type OwnOptions } from "./described-model.js";
import { type FitOptions, fitModel } from "./fit.js";
import { type Objective, type TrainingState, trainingState } from "./graphs.js";
import type { History } from "./history.js";
import { type EvaluateOptions, evaluateModel, type PredictOptions, predictModel } from "./judge.js";
import { encodeModel, type SaveOptions } from "./model-file.js";
import type { ModelParts } from "./model-layer.js";
import { ModelMemory } from "./model-memory.js";
import type { Network } from "./network.js";
import { readState, stateValues } from "./optimizer-state.js";
import type { Arrays } from "./rows.js";
import { decodeWeights, encodeWeights, filePath, weightValues } from "./weights-file.js";

/** What compile decided, and the state that goes with it. */
interface Compiled {
  readonly objective: Objective;
  readonly state: TrainingState;
  /** What it was given. */
  readonly options: CompileOptions;
}

/**
 * A network of layers with weights. Made by `sequential([...])` and `model({ inputs, outputs })`.
 * @typeParam Prediction What `predict` gives: an array, or a record of them by the names of several outputs.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the interface has nothing but the calls that Callable makes possible.
export abstract class Model<
  Prediction extends NDArray | Readonly<Record<string, NDArray>> = NDArray,
> extends DescribedModel {
  /** Set to true, from a callback or from outside, fit ends after the step it is in and resolves. */
  stopTraining = false;
  /** The record of the last fit. */
  history: History | undefined;
  /** What the model tells apart, in the order of its output's last axis; saved with it. */
  classNames: readonly string[] | undefined;
  /** What has to be done to data before the model takes it, in words of one's own, as plain JSON; saved with it. */
  preprocessing: Readonly<Record<string, unknown>> | undefined;
  readonly #backend: () => Backend;
  #memory: ModelMemory | undefined;
  #compiled: Compiled | undefined;
  #fitting = false;
  #compiles = 0;
  /** The learning rate set since training last looked. */
  #newRate: number | undefined;
  #broken: string | undefined;
  #freed = false;

  constructor(kind: ModelParts["kind"], network: Network, options: OwnOptions, backend: () => Backend) {
    super(kind, network, options);
    this.#backend = backend;
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
    const objective = resolveObjective(options, this, this.#compiles++);
    if (this.#compiled !== undefined) this.#memory?.dropState(this.#compiled.state);
    this.#compiled = { objective, state: trainingState(objective), options };
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

  /** What compile was given last; undefined before. */
  get compileOptions(): CompileOptions | undefined {
    return this.#compiled?.options;
  }

  /**
   * The whole model as the bytes of a file that `loadModel` reads: layers in Keras's words, weights, class names,
   * preprocessing, the options of compile where they are plain (names, or made by fovea's functions), and three golden
   * pairs of inputs and predictions, by which the loaded model is tried. It is a safetensors file, whose weights
   * `loadWeights` and other programs read. Golden inputs are noise: a pattern of at most 251 numbers, repeated where an
   * input is larger; of an output of more than 256 elements, 256 are kept.
   * @param options - `includeOptimizer` (false): with what training goes on from, of a model that is compiled.
   * @throws OptionError for layers that cannot be written down; StateError where training changes the weights meanwhile.
   * @example
   * const bytes = await model.toBytes({ includeOptimizer: true });
   */
  async toBytes(options: SaveOptions = {}): Promise<Uint8Array> {
    return encodeModel(this, options);
  }

  /**
   * Writes the model to a file, whole or not at all: what `toBytes` gives. Not in a browser.
   * @throws FileError where it cannot be written, and what toBytes throws.
   */
  async save(path: string | URL, options: SaveOptions = {}): Promise<void> {
    const file = filePath(path, "save");
    await currentPlatform().files.writeWhole(file, await this.toBytes(options));
  }

  /** Copies of what training goes on from besides the weights, by name: what the optimizer keeps, steps, learning rate. */
  async getOptimizerState(): Promise<Record<string, NDArray>> {
    const { state, memory } = await this.#trainingMemory("getOptimizerState");
    return readState(state, memory.store);
  }

  /**
   * Overwrites it, all or nothing.
   * @throws OptionError for names that are missing or unknown; ShapeError; StateError during a fit and before compile.
   */
  async setOptimizerState(given: Readonly<Record<string, NDArrayLike>>): Promise<void> {
    const { state, memory } = await this.#trainingMemory("setOptimizerState");
    const values = stateValues(state, given, "setOptimizerState");
    if (this.#fitting) throw new StateError("setOptimizerState: the model is in fit; wait for it, or abort it.");
    await Promise.all([...values].map(([variable, data]) => memory.store.write(variable, data)));
  }

  /** The learning rate training goes on with: where it follows a schedule, that of the next step. */
  async getLearningRate(): Promise<number> {
    const { state, memory, optimizer } = await this.#trainingMemory("getLearningRate");
    const { learningRate: rate } = optimizer;
    if (typeof rate !== "number") return rate(await memory.iterations(state));
    return (await memory.store.read(state.learningRate!))[0]!;
  }

  /**
   * Changes the learning rate, from the next step on.
   * @throws OptionError if it is not a number >= 0; StateError where it follows a schedule.
   */
  async setLearningRate(value: number): Promise<void> {
    if (!(Number.isFinite(value) && value >= 0)) {
      throw new OptionError(`setLearningRate: a number from 0 up expected, received ${value}.`);
    }
    const { state, memory, optimizer } = await this.#trainingMemory("setLearningRate");
    if (state.learningRate === null) {
      const { className } = optimizer.learningRate as Schedule;
      throw new StateError(
        `setLearningRate: the learning rate follows a schedule (${className}). Compile with a number to set it.`,
      );
    }
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

  async #trainingMemory(call: string): Promise<{ state: TrainingState; memory: ModelMemory; optimizer: Optimizer }> {
    const { state, objective } = this.#needCompiled(call);
    const memory = this.#needMemory();
    await memory.ensureState(state);
    return { state, memory, optimizer: objective.optimizer };
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
