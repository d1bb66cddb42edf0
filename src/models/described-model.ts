/**
 * What a model is apart from its numbers: a network with a name, which can be written down, shown, and called as a layer
 * of another model. Not here: weights, training, predictions (model.ts).
 */

import { OptionError } from "../core/errors.js";
import { unknownName } from "../core/names.js";
import { nonNegativeInteger, optional, string } from "../core/options.js";
import { Callable } from "../nn/callable.js";
import type { Layer, LayerOutput } from "../nn/layer.js";
import { type KerasConfig, kerasConfigOf } from "./keras-config/write.js";
import { configOf, type ModelConfig } from "./model-config.js";
import { ModelLayer, type ModelParts } from "./model-layer.js";
import { type Network, parameters } from "./network.js";
import { type SummaryOptions, summaryOf } from "./summary.js";

/** What a model is made with. */
export interface ModelOptions {
  /** Whole number from 0 to 2^53 - 1: initial weights, shuffling and dropout follow from it. Default: random, and recorded. */
  readonly seed?: number | undefined;
  /** Default "sequential", or "functional". */
  readonly name?: string | undefined;
}

/** The options of a model, checked, in the table of the function that makes it. */
export const modelOptions = { seed: optional(nonNegativeInteger()), name: optional(string()) };

/** The same, checked. */
export interface NameAndSeed {
  readonly seed?: number;
  readonly name?: string;
}

/** A model as configurations and summaries see it. */
export abstract class DescribedModel extends Callable implements ModelParts {
  readonly name: string;
  /** The seed of the initial weights, and by default of fit. */
  readonly seed: number;
  readonly network: Network;
  #layer: Layer | undefined;

  constructor(network: Network, { seed = randomSeed(), name = "model" }: NameAndSeed) {
    super();
    this.seed = seed;
    this.name = name;
    this.network = network;
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

  /** What it begins with, symbolically: another model can begin with it too. */
  get inputs(): readonly LayerOutput[] {
    return this.network.ends.inputs;
  }

  /** What it ends with, symbolically. */
  get outputs(): readonly LayerOutput[] {
    return this.network.ends.outputs;
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
}

/** A seed of 53 random bits. */
function randomSeed(): number {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2));
  return (high! >>> 11) * 2 ** 32 + low!;
}
