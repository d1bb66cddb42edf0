/**
 * What a model is apart from its numbers: a network with a name, which can be written down, shown, and called as a layer
 * of another model. Not here: weights, training, predictions (model.ts).
 */

import { OptionError } from "../core/errors.js";
import { unknownName } from "../core/names.js";
import { boolean, nonNegativeInteger, type OutputOf, optional } from "../core/options.js";
import type { Dimensions } from "../graph/dimensions.js";
import { Callable } from "../nn/callable.js";
import { layerName } from "../nn/define-layer.js";
import { type Layer, type LayerOutput, only } from "../nn/layer.js";
import type { Weight } from "../nn/layer-parts.js";
import { type KerasConfig, kerasConfigOf } from "./keras-config/write.js";
import { configOf, type ModelConfig } from "./model-config.js";
import { ModelLayer, type ModelParts } from "./model-layer.js";
import type { Network } from "./network.js";
import { type ModelSummaryOptions, summaryOf } from "./summary.js";

/** What a model is made with. */
export interface ModelOptions {
  /** Whole number from 0 to 2^53 - 1: initial weights, shuffling and dropout follow from it. Default: random, and recorded. */
  readonly seed?: number | undefined;
  /** Default "sequential", or "functional", numbered where models are layers of one. */
  readonly name?: string | undefined;
  /** Whether training changes its weights. False makes all of its layers not trainable. Default true. */
  readonly trainable?: boolean | undefined;
}

/** The options of a model, checked, in the table of the function that makes it. */
export const modelOptions = {
  seed: optional(nonNegativeInteger()),
  name: optional(layerName()),
  trainable: optional(boolean()),
};

/** The same, checked. */
export type OwnOptions = OutputOf<typeof modelOptions>;

/** A model as configurations and summaries see it. */
export abstract class DescribedModel extends Callable implements ModelParts {
  readonly name: string;
  /** The seed of the initial weights, and by default of fit. */
  readonly seed: number;
  /**
   * The model as a layer: of its own weights, which both share. Calling the model on symbolic inputs calls this.
   */
  readonly asLayer: Layer;

  constructor(
    /** Keras's name of the kind of model. */
    readonly kind: ModelParts["kind"],
    readonly network: Network,
    { seed = randomSeed(), name, trainable = true }: OwnOptions,
  ) {
    super();
    this.seed = seed;
    this.name = name ?? kind.toLowerCase();
    this.asLayer = new ModelLayer(this, name, () => this.toConfig().config);
    this.trainable = trainable;
  }

  /** Whether inputs and outputs were given as lists, be it of one. */
  abstract readonly listed: ModelParts["listed"];

  /**
   * Whether training changes its weights; as a layer's `trainable`. Setting it sets that of all its layers, of which each
   * can then be set by itself; training the model itself changes nothing while it is false.
   */
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

  /** What it begins with, symbolically: another model can begin with it too. */
  get inputs(): readonly LayerOutput[] {
    return this.network.ends.inputs;
  }

  /** What it ends with, symbolically. */
  get outputs(): readonly LayerOutput[] {
    return this.network.ends.outputs;
  }

  /**
   * What it begins with, of one input.
   * @throws OptionError for a model of several: they are in `inputs`.
   */
  get input(): LayerOutput {
    return only(this.inputs, `${this.name}: use inputs; the model has`, "inputs");
  }

  /**
   * What it ends with, of one output.
   * @throws OptionError for a model of several: they are in `outputs`.
   * @example
   * const base = sequential([layers.input({ shape: [8] }), layers.dense({ units: 4 })]);
   * layers.dense({ units: 2 })(base.output).shape; // [null, 2]
   */
  get output(): LayerOutput {
    return only(this.outputs, `${this.name}: use outputs; the model has`, "outputs");
  }

  /** The shape of its input, `[null, ...]`. @throws OptionError for a model of several inputs. */
  get inputShape(): Dimensions {
    return this.input.shape;
  }

  /** The shape of its output, `[null, ...]`. @throws OptionError for a model of several outputs. */
  get outputShape(): Dimensions {
    return this.output.shape;
  }

  /** Every weight, in the order of the layers: its name, shape and path. The numbers: `getWeights`. */
  get weights(): readonly Weight[] {
    return this.asLayer.weights;
  }

  /** The weights that training changes: none where the model is not trainable. */
  get trainableWeights(): readonly Weight[] {
    return this.asLayer.trainableWeights;
  }

  /** The others: those of frozen layers, and moving averages. */
  get nonTrainableWeights(): readonly Weight[] {
    return this.asLayer.nonTrainableWeights;
  }

  /**
   * A layer by the name it has in this model, or by its place among `layers`, counted from 0, or from the end below 0.
   * @throws OptionError where there is none, with the nearest known name.
   */
  getLayer(nameOrIndex: string | number): Layer {
    const { layers } = this.network;
    if (typeof nameOrIndex === "number") {
      const found = layers.at(nameOrIndex);
      if (found !== undefined && Number.isInteger(nameOrIndex)) return found.layer;
      throw new OptionError(`getLayer: the model has ${layers.length} layers, received ${nameOrIndex}.`);
    }
    const found = layers.find(({ name }) => name === nameOrIndex);
    if (found !== undefined) return found.layer;
    throw unknownName(
      "layer",
      String(nameOrIndex),
      layers.map(({ name }) => name),
      "getLayer",
    );
  }

  /** The number of weights, each element counted, those of a layer that is there twice once. */
  countParams(): number {
    return this.asLayer.countParams();
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

  /**
   * A table of the layers, their output shapes and their parameters, as Keras prints it. Options: `width` 76;
   * `showTrainable` false; `expandNested` false: with the layers of models within the model; `layerRange`: from which
   * layer to which, by name.
   * @throws OptionError for an option that is not one.
   */
  summary(options: ModelSummaryOptions = {}): string {
    return summaryOf(this, options);
  }
}

/** A seed of 53 random bits. */
function randomSeed(): number {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2));
  return (high! >>> 11) * 2 ** 32 + low!;
}
