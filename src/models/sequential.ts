/** The sequential model: layers one on the other. Not here: what a model does (model.ts). */

import type { Backend } from "../backends/backend.js";
import { OptionError } from "../core/errors.js";
import { formatReceived, optionsOf } from "../core/options.js";
import { Layer, type LayerOutput, only, outputOf } from "../nn/layer.js";
import { input } from "../nn/layers/input.js";
import { DescribedModel, type ModelOptions, modelOptions } from "./described-model.js";
import { Model } from "./model.js";
import { ModelLayer } from "./model-layer.js";
import { type Network, networkBetween, uniqueNames } from "./network.js";

const sequentialOptions = optionsOf("sequential", modelOptions);

/** A stack of layers. Made by `sequential([...])`. */
export class Sequential extends Model {
  /** @throws OptionError, ShapeError: see `sequential`. */
  constructor(layers: readonly Stacked[], options: ModelOptions, backend: () => Backend) {
    super("Sequential", stackOf(layers), sequentialOptions(options), backend);
  }

  override readonly listed = { inputs: false, outputs: false };
}

/** What a sequential model is made of: layers, and models, which are layers too. */
export type Stacked = Layer | DescribedModel;

/**
 * Puts layers one on the other.
 * @throws OptionError if the first is neither an input layer nor a model of one input, a later one is an input layer, or
 * two have one name; ShapeError where two do not fit.
 */
function stackOf(given: readonly Stacked[]): Network {
  const [first, ...above] = withInput(layersOf(given));
  const begin = outputOf(first, "sequential");
  const names = uniqueNames(
    [first, ...above].sort((a, b) => a.serial - b.serial),
    "sequential",
  );
  let current: LayerOutput = begin;
  above.forEach((layer, i) => {
    const name = names.get(layer)!;
    if (layer.className === "InputLayer") {
      throw new OptionError(`sequential: layer ${i + 1} ("${name}") is an input layer; only the first can be one.`);
    }
    current = only(
      layer.applyTo(current, name),
      `sequential: layer "${name}" must have one output, but has`,
      "outputs",
    );
  });
  return networkBetween([begin], [current], "sequential");
}

/** Every item as a layer. */
function layersOf(given: unknown): readonly Layer[] {
  if (!Array.isArray(given)) {
    const found =
      given instanceof Layer
        ? `${/^[aeiou]/i.test(given.className) ? "an" : "a"} ${given.className} layer`
        : formatReceived(given);
    throw new OptionError(`sequential: a list of layers expected, as in sequential([a, b]), received ${found}.`);
  }
  const seen = new Set<unknown>();
  return given.map((item: unknown, i) => {
    const layer = item instanceof DescribedModel ? item.asLayer : item;
    if (!(layer instanceof Layer)) {
      const advice = typeof item === "function" ? " Call it: layers.dense({ units: 10 })." : "";
      throw new OptionError(`sequential: item ${i} is not a layer but ${formatReceived(item)}.${advice}`);
    }
    if (seen.has(layer)) {
      const what = item === layer ? "layer" : "model";
      throw new OptionError(
        `sequential: item ${i} is a ${what} that is in the list already; make another one like it.`,
      );
    }
    seen.add(layer);
    return layer;
  });
}

/** The layers, the first of them an input layer: a model that stands there says itself what comes in. */
function withInput(layers: readonly Layer[]): readonly [Layer, ...Layer[]] {
  const [first, ...rest] = layers;
  if (first?.className === "InputLayer") return [first, ...rest];
  if (first instanceof ModelLayer) {
    const { inputs } = first.model.network;
    const { shape, dtype } = only(
      inputs,
      `sequential: the first layer, the model "${first.model.name}", has`,
      "inputs",
    );
    return [input({ shape: shape.slice(1) as number[], dtype: dtype as "float32" }), ...layers];
  }
  const found = first === undefined ? "no layers" : `a ${first.className} layer`;
  throw new OptionError(`sequential: the first layer must be layers.input({ shape }), received ${found}.`);
}
