/** A model from its configuration: the same layers, names and seed, with weights as new. */

import type { Backend } from "../backends/backend.js";
import { custom, nonNegativeInteger, oneOf, optional, optionsOf, string } from "../core/options.js";
import type { Description } from "../nn/factory.js";
import { layerFromConfig } from "../nn/layers/index.js";
import { Sequential } from "./sequential.js";

const modelConfig = optionsOf("sequentialFromConfig", {
  className: oneOf(["Sequential"]),
  config: custom("an object", (value) => (typeof value === "object" && value !== null ? value : undefined)),
});

const sequentialConfig = optionsOf("sequentialFromConfig", {
  name: string(),
  seed: optional(nonNegativeInteger()),
  layers: custom("a list of layers", (value) => (Array.isArray(value) ? (value as readonly Description[]) : undefined)),
});

/**
 * The model that `model.toConfig()` was written from.
 * @throws OptionError for an unknown layer (with the nearest known one) or an option it refuses.
 */
export function sequentialFromConfig(config: unknown, backend: () => Backend): Sequential {
  const { name, seed, layers } = sequentialConfig.read(modelConfig.read(config).config);
  return new Sequential(layers.map(layerFromConfig), { name, seed }, backend);
}
