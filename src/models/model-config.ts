/**
 * A model's configuration in fovea's own words: its layers, their options and how they are called on each other, as
 * plain JSON. from-config.ts reads it. Not Keras's words for the same (keras-config/), and no weights.
 */

import type { Dimensions } from "../graph/dimensions.js";
import { withoutTrainable } from "../nn/define-layer.js";
import type { Config } from "../nn/factory.js";
import type { Layer } from "../nn/layer.js";
import { ModelLayer, type ModelParts } from "./model-layer.js";
import type { Network, PlacedCall, PlacedLayer, Source } from "./network.js";

/** One result of one use of a layer; uses and results count from 0. */
export type Place = readonly [layer: string, call: number, output: number];

/** A layer, or a model, written down. */
export interface LayerConfig {
  readonly className: string;
  /** Its options and its name; of a model its layers. */
  readonly config: Config;
  /** There where training does not change it. */
  readonly trainable?: false;
  /** There where it has several places in a model and those within it: entries of one number are one layer. */
  readonly shared?: number;
  /** In a functional model: what each use of it is of. An input layer has none. */
  readonly calls?: readonly (readonly Place[])[];
}

/** A sequential model's configuration. */
export interface SequentialConfig extends LayerConfig {
  readonly className: "Sequential";
  readonly config: {
    readonly name: string;
    readonly seed: number;
    readonly layers: readonly LayerConfig[];
  };
}

/** A functional model's configuration. */
export interface FunctionalConfig extends LayerConfig {
  readonly className: "Functional";
  readonly config: {
    readonly name: string;
    readonly seed: number;
    readonly layers: readonly LayerConfig[];
    /** A place, or a list of them, as they were given. */
    readonly inputs: Place | readonly Place[];
    readonly outputs: Place | readonly Place[];
  };
}

/** Any model's configuration. */
export type ModelConfig = SequentialConfig | FunctionalConfig;

/** Numbers of the layers that have several places in a model and the models within it. */
export type SharedNumbers = ReadonlyMap<Layer, number>;

/**
 * The model written down.
 * @throws OptionError where an option is a function of the user's own.
 */
export function configOf(model: ModelParts, shared: SharedNumbers = sharedLayers(model)): ModelConfig {
  const { kind, name, seed, network, trainable, listed } = model;
  const places = new Places(network);
  const layers = network.layers.map((placed): LayerConfig => {
    const { layer } = placed;
    const number = shared.get(layer);
    const config = layer instanceof ModelLayer ? configOf(layer.model, shared).config : withoutTrainable(layer.config);
    return {
      className: layer.className,
      config: { ...config, name: placed.name },
      ...(layer.trainable || layer.className === "InputLayer" ? {} : { trainable: false as const }),
      ...(number === undefined ? {} : { shared: number }),
      ...(kind === "Sequential" ? {} : { calls: places.inputsOf(placed) }),
    };
  });
  const frozen = trainable ? {} : { trainable: false as const };
  if (kind === "Sequential") return { className: kind, config: { name, seed, layers }, ...frozen };
  const { inputs, outputs } = places.ends(listed);
  return { className: kind, config: { name, seed, layers, inputs, outputs }, ...frozen };
}

/** How configurations name the results of calls in a network. */
export class Places {
  readonly #calls: readonly PlacedCall[];
  readonly #network: Network;
  readonly #uses = new Map<PlacedLayer, PlacedCall[]>();

  constructor(network: Network) {
    this.#network = network;
    this.#calls = network.calls;
    for (const call of this.#calls.toSorted((a, b) => a.serial - b.serial)) {
      const uses = this.#uses.get(call.placed);
      if (uses === undefined) this.#uses.set(call.placed, [call]);
      else uses.push(call);
    }
  }

  of({ call, index }: Source): Place {
    const made = this.#calls[call]!;
    return [made.placed.name, this.#uses.get(made.placed)!.indexOf(made), index];
  }

  shapeOf({ call, index }: Source): Dimensions {
    return this.#calls[call]!.outputShapes[index]!;
  }

  /** The uses of a layer on something, in order. */
  usesOf(placed: PlacedLayer): readonly PlacedCall[] {
    return this.#uses.get(placed)!.filter(({ inputs }) => inputs.length > 0);
  }

  /** What each use of a layer is of. */
  inputsOf(placed: PlacedLayer): readonly (readonly Place[])[] {
    return this.usesOf(placed).map(({ inputs }) => inputs.map((source) => this.of(source)));
  }

  /** The network's inputs and outputs, as lists where they were given so. */
  ends(listed: ModelParts["listed"]): Record<"inputs" | "outputs", Place | readonly Place[]> {
    const { inputs, outputs } = this.#network;
    const starts = inputs.map(({ name }): Place => [name, 0, 0]);
    const ends = outputs.map(({ source }) => this.of(source));
    return {
      inputs: listed.inputs ? starts : starts[0]!,
      outputs: listed.outputs ? ends : ends[0]!,
    };
  }
}

/** The layers that are met more than once in a model and the models within it, numbered from 1. */
export function sharedLayers(model: ModelParts): SharedNumbers {
  const seen = new Set<Layer>();
  const numbers = new Map<Layer, number>();
  const visit = ({ network }: ModelParts): void => {
    for (const { layer } of network.layers) {
      if (seen.has(layer)) {
        if (!numbers.has(layer)) numbers.set(layer, numbers.size + 1);
        continue;
      }
      seen.add(layer);
      if (layer instanceof ModelLayer) visit(layer.model);
    }
  };
  visit(model);
  return numbers;
}
