/** A model from its configuration in fovea's words: the same layers, names and seed, with weights as new. */

import type { Backend } from "../backends/backend.js";
import { FoveaError, OptionError, ShapeError } from "../core/errors.js";
import {
  custom,
  nonNegativeInteger,
  oneOf,
  optional,
  optionsOf,
  positiveInteger,
  readOption,
  string,
} from "../core/options.js";
import type { Config, Description } from "../nn/factory.js";
import type { Layer } from "../nn/layer.js";
import { layerFromConfig } from "../nn/layers/index.js";
import { type Connected, connect } from "./connect.js";
import { Functional } from "./functional.js";
import type { Place } from "./model-config.js";
import { Sequential } from "./sequential.js";

const object = custom<Config>("an object", (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Config) : undefined,
);
const list = custom<readonly unknown[]>("a list", (value) => (Array.isArray(value) ? value : undefined));
const frozen = custom<false>("false, or not there", (value) => (value === false ? false : undefined));

function isPlace(value: unknown): value is Place {
  if (!Array.isArray(value) || value.length !== 3 || typeof value[0] !== "string") return false;
  return value.slice(1).every((number) => Number.isSafeInteger(number) && number >= 0);
}

const places = custom<readonly Place[]>("a list of places [layer, call, output]", (value) =>
  Array.isArray(value) && value.every(isPlace) ? value : undefined,
);
const ends = custom<Place | readonly Place[]>("a place [layer, call, output], or a list of them", (value) =>
  isPlace(value) ? value : places.read(value),
);

const modelTable = optionsOf("modelFromConfig", {
  className: oneOf(["Sequential", "Functional"]),
  config: object,
  trainable: optional(frozen),
});
const common = { name: string(), seed: optional(nonNegativeInteger()), layers: list };
const sequentialTable = optionsOf("modelFromConfig", common);
const functionalTable = optionsOf("modelFromConfig", { ...common, inputs: ends, outputs: ends });
const entryTable = optionsOf("modelFromConfig", {
  className: string(),
  config: object,
  trainable: optional(frozen),
  shared: optional(positiveInteger()),
  calls: optional(list),
});

/** Models within models: more than anybody makes, less than runs out of stack. */
const MAX_DEPTH = 100;

/** What reading one configuration needs. */
interface Reading {
  readonly backend: () => Backend;
  /** Layers with several places, by their number. */
  readonly shared: Map<number, Layer>;
  readonly depth: number;
}

/**
 * The model that `model.toConfig()` was written from.
 * @throws OptionError for an unknown layer (with the nearest known one), an option it refuses, a place that is not
 * there or a circle of calls; ShapeError where layers do not fit. The message says which layer.
 */
export function modelFromConfig(
  config: unknown,
  backend: () => Backend,
  { seed }: { readonly seed?: number | undefined } = {},
): Sequential | Functional {
  const { className, config: inner, trainable } = modelTable.read(config);
  const made = modelOf(className, inner, { backend, shared: new Map(), depth: 0 }, seed);
  if (trainable === false) made.asLayer.freezeAlone();
  return made;
}

/**
 * The sequential model that `model.toConfig()` was written from.
 * @throws OptionError, ShapeError as modelFromConfig; OptionError for a model of another kind.
 */
export function sequentialFromConfig(config: unknown, backend: () => Backend): Sequential {
  const made = modelFromConfig(config, backend);
  if (made instanceof Sequential) return made;
  throw new OptionError("sequentialFromConfig: this is a functional model; read it with modelFromConfig.");
}

function modelOf(className: "Sequential" | "Functional", config: Config, reading: Reading, ownSeed?: number) {
  if (reading.depth > MAX_DEPTH) {
    throw new OptionError(`modelFromConfig: more than ${MAX_DEPTH} models within each other.`);
  }
  if (className === "Sequential") {
    const { name, seed = ownSeed, layers } = sequentialTable.read(config);
    const made = layers.map((entry, i) => layerOf(entry, i, reading).layer);
    return new Sequential(made, { name, seed }, reading.backend);
  }
  const { name, seed = ownSeed, layers, inputs, outputs } = functionalTable.read(config);
  const connected = layers.map((entry, i) => layerOf(entry, i, reading));
  const made = new Functional({ ...connect(connected, inputs, outputs), name, seed }, reading.backend);
  const used = new Set(made.layers);
  const unused = connected.find(({ layer }) => !used.has(layer));
  if (unused !== undefined) throw new OptionError(`modelFromConfig: no output needs layer "${unused.name}".`);
  return made;
}

/** A layer, how configurations name it, and what its calls are of. */
function layerOf(given: unknown, i: number, reading: Reading): Connected {
  return within(`layers[${i}]`, given, () => {
    const { className, config, trainable, shared, calls = [] } = entryTable.read(given);
    const { name } = config;
    const known = shared === undefined ? undefined : reading.shared.get(shared);
    if (known !== undefined && known.className !== className) {
      throw new OptionError(`shared ${shared} is of class ${known.className} elsewhere, and ${className} here.`);
    }
    const layer = known ?? newLayer({ className, config }, reading);
    // Of the layers within it the configuration says each by itself.
    if (trainable === false) layer.freezeAlone();
    if (shared !== undefined) reading.shared.set(shared, layer);
    return {
      layer,
      name: typeof name === "string" ? name : undefined,
      calls: calls.map((call, k) => readOption("modelFromConfig", `calls[${k}]`, places, call)),
    };
  });
}

function newLayer({ className, config }: Description, reading: Reading): Layer {
  if (className !== "Sequential" && className !== "Functional") return layerFromConfig({ className, config });
  return modelOf(className, config, { ...reading, depth: reading.depth + 1 }).asLayer;
}

/** Does something, and says of what in front of what is wrong. */
function within<T>(path: string, given: unknown, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof FoveaError)) throw error;
    const name = (given as { config?: { name?: unknown } } | null)?.config?.name;
    const message = `${path}${typeof name === "string" ? ` ("${name.slice(0, 40)}")` : ""}: ${error.message}`;
    throw error instanceof ShapeError ? new ShapeError(message) : new OptionError(message);
  }
}
