/** The sequential model: layers one on the other. Not here: what a model does (model.ts). */

import type { Backend } from "../backends/backend.js";
import { OptionError } from "../core/errors.js";
import { formatReceived, optionsOf } from "../core/options.js";
import { callOf, Layer, type LayerOutput, outputOf } from "../nn/layer.js";
import { type ModelOptions, modelOptions } from "./described-model.js";
import { Model } from "./model.js";
import { type Network, networkBetween, uniqueNames } from "./network.js";

const sequentialOptions = optionsOf("sequential", modelOptions);

/** A stack of layers. Made by `sequential([...])`. */
export class Sequential extends Model {
  /** @throws OptionError, ShapeError: see `sequential`. */
  constructor(layers: readonly Layer[], options: ModelOptions, backend: () => Backend) {
    super(stackOf(layers), { name: "sequential", ...sequentialOptions(options) }, backend);
  }

  override readonly kind = "Sequential";
  override readonly listed = { inputs: false, outputs: false };

  protected override get listsInputs(): boolean {
    return false;
  }
}

/**
 * Puts layers one on the other.
 * @throws OptionError if the first is not an input layer, a later one is, or two have one name; ShapeError where two
 * do not fit.
 */
function stackOf(layers: readonly Layer[]): Network {
  checkLayers(layers);
  const first = layers[0];
  if (first?.className !== "InputLayer") {
    const found = first === undefined ? "no layers" : `a ${first.className} layer`;
    throw new OptionError(`sequential: the first layer must be layers.input({ shape }), received ${found}.`);
  }
  const input = outputOf(first, "sequential");
  let current: LayerOutput = input;
  const names = uniqueNames(
    layers.toSorted((a, b) => a.serial - b.serial),
    "sequential",
  );
  layers.slice(1).forEach((layer, i) => {
    if (layer.className === "InputLayer") {
      const name = names.get(layer);
      throw new OptionError(`sequential: layer ${i + 1} ("${name}") is an input layer; only the first can be one.`);
    }
    current = callOf(layer, [current], layer.outputShapes(current.shape, names.get(layer)))[0]!;
  });
  return networkBetween([input], [current], "sequential");
}

function checkLayers(layers: unknown): void {
  if (!Array.isArray(layers)) {
    throw new OptionError(`sequential: a list of layers expected, received ${formatReceived(layers)}.`);
  }
  const seen = new Set<unknown>();
  layers.forEach((layer: unknown, i) => {
    if (!(layer instanceof Layer)) {
      const advice = typeof layer === "function" ? " Call it: layers.dense({ units: 10 })." : "";
      throw new OptionError(`sequential: item ${i} is not a layer but ${formatReceived(layer)}.${advice}`);
    }
    if (seen.has(layer)) {
      throw new OptionError(`sequential: item ${i} is a layer that is in the list already; make another one like it.`);
    }
    seen.add(layer);
  });
}
