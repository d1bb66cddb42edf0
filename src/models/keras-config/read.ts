/** A model's configuration in fovea's words from Keras's own. Not its layers' options: layer.ts. */

import type { LayerConfig, Place } from "../model-config.js";
import { type ReadObject, readCommon, readObject } from "./keras-object.js";
import { readLayer } from "./layer.js";
import { below, type Json, listAt, objectAt, refusal, textAt, unknown } from "./path.js";

/** Models within models: more than anybody makes, less than runs out of stack. */
const MAX_DEPTH = 100;

/** What is written of a model besides what every object has. */
const modelKeys = ["compile_config"];
/** What is written of a layer of a functional model besides. */
const nodeKeys = ["name", "inbound_nodes"];

/**
 * The configuration in fovea's words: what `model.toConfig()` would give, but for the seed.
 * @param given - what Keras's `model.to_json()` gives, or the config.json of a .keras file: as text or as an object.
 * @throws OptionError, with the path to it, for what is not there in fovea and for anything that is no configuration.
 */
export function fromKerasConfig(given: unknown): LayerConfig {
  const value = typeof given === "string" ? parsed(given) : given;
  const object = objectAt("", value);
  if (object.keras_version !== undefined || object.backend !== undefined) {
    throw refusal("", "it is one of Keras 2; load the model with Keras 3 and write it again.");
  }
  const read = readObject("", object, modelKeys);
  if (!isModel(read)) throw unknown("class_name", "model", read.className, ["Sequential", "Functional"]);
  return readModel(read, "", { ids: new Map(), depth: 0 });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refusal("", `JSON expected (${(error as Error).message}).`);
  }
}

interface Reading {
  /** The numbers of objects that are met several times, by Keras's. */
  readonly ids: Map<unknown, number>;
  readonly depth: number;
}

function isModel({ className }: ReadObject): boolean {
  return className === "Sequential" || className === "Functional";
}

function readModel({ className, config }: ReadObject, path: string, reading: Reading): LayerConfig {
  if (reading.depth > MAX_DEPTH) throw refusal(path, `more than ${MAX_DEPTH} models within each other.`);
  const inner = { ...reading, depth: reading.depth + 1 };
  const where = below(path, "config");
  const { name, trainable, rest } = readCommon(where, config);
  const frozen = trainable ? {} : { trainable: false as const };
  if (name === undefined) throw refusal(below(where, "name"), "a name is missing.");
  const { layers: given, ...ends } = rest;
  const layers = listAt(below(where, "layers"), given).map((layer, i) => ({
    layer,
    at: `${below(where, "layers")}[${i}]`,
  }));
  if (className === "Sequential") {
    const { build_input_shape: shape = null } = objectAt(where, ends, ["build_input_shape"]);
    const read = layers.map(({ layer, at }) => readEntry(readObject(at, layer, modelKeys), at, inner));
    // Keras writes no input layer where the model was built by build, or by its first call.
    const begin =
      shape === null || read[0]?.className === "InputLayer" ? [] : [inputOf(shape, below(where, "build_input_shape"))];
    return { className, config: { name, layers: [...begin, ...read] }, ...frozen };
  }
  const { input_layers, output_layers } = objectAt(where, ends, ["input_layers", "output_layers"]);
  const read = layers.map(({ layer, at }): LayerConfig => {
    const object = readObject(at, layer, [...modelKeys, ...nodeKeys]);
    const entry = readEntry(object, at, inner);
    const named = textAt(below(at, "name"), object.given.name);
    const nodes = below(at, "inbound_nodes");
    const calls = listAt(nodes, object.given.inbound_nodes).map((node, k) => readNode(node, `${nodes}[${k}]`));
    return { ...entry, config: { ...entry.config, name: named }, calls };
  });
  const functional = new Set(
    read.filter((entry) => entry.className === "Functional").map(({ config: { name } }) => name),
  );
  // Here, and only here, Keras counts the calls of a functional model from 1.
  const end = ([layer, call, output]: Place): Place => [layer, functional.has(layer) ? call - 1 : call, output];
  return {
    className,
    config: {
      name,
      layers: read,
      inputs: readEnds(input_layers, below(where, "input_layers"), end),
      outputs: readEnds(output_layers, below(where, "output_layers"), end),
    },
    ...frozen,
  };
}

/** The input layer of a batch's shape. */
function inputOf(shape: unknown, path: string): LayerConfig {
  const { className, config } = readLayer("InputLayer", { batch_shape: listAt(path, shape) }, path);
  return { className, config };
}

function readEntry(object: ReadObject, path: string, reading: Reading): LayerConfig {
  const shared = sharedNumber(object, reading);
  const number = shared === undefined ? {} : { shared };
  if (isModel(object)) return { ...readModel(object, path, reading), ...number };
  const { className, config, name, trainable } = readLayer(object.className, object.config, path);
  return {
    className,
    config: name === "" ? config : { ...config, name },
    ...(trainable ? {} : { trainable: false as const }),
    ...number,
  };
}

function sharedNumber({ given: { shared_object_id: id } }: ReadObject, { ids }: Reading): number | undefined {
  if (id === undefined) return undefined;
  if (!ids.has(id)) ids.set(id, ids.size + 1);
  return ids.get(id);
}

/** What one use of a layer is of. */
function readNode(given: unknown, path: string): readonly Place[] {
  const { args, kwargs } = objectAt(path, given, ["args", "kwargs"]);
  const at = below(path, "args");
  const [inputs, ...more] = listAt(at, args);
  if (more.length > 0 || inputs === undefined) {
    throw refusal(at, "a layer's inputs expected as its only argument: one tensor, or a list of them.");
  }
  for (const [key, value] of Object.entries(objectAt(below(path, "kwargs"), kwargs))) {
    const nothing = value === null || (Array.isArray(value) && value.every((one) => one === null));
    if (!nothing) throw refusal(below(below(path, "kwargs"), key), "layers are called on their inputs alone here.");
  }
  return Array.isArray(inputs)
    ? inputs.map((tensor, i) => readTensor(tensor, `${at}[0][${i}]`))
    : [readTensor(inputs, `${at}[0]`)];
}

function readTensor(given: unknown, path: string): Place {
  const { class_name, config } = objectAt(path, given);
  if (class_name !== "__keras_tensor__") {
    throw refusal(path, "the output of a layer expected; constants are no inputs of layers here.");
  }
  const { keras_history } = objectAt(below(path, "config"), config) as Json;
  return readPlace(keras_history, below(below(path, "config"), "keras_history"));
}

function readEnds(given: unknown, path: string, end: (place: Place) => Place): Place | readonly Place[] {
  if (typeof given === "object" && given !== null && !Array.isArray(given)) {
    throw refusal(path, "a record of inputs or outputs by name is not there in fovea; make the model with lists.");
  }
  const list = listAt(path, given);
  if (typeof list[0] === "string") return end(readPlace(list, path));
  return list.map((place, i) => end(readPlace(place, `${path}[${i}]`)));
}

function readPlace(given: unknown, path: string): Place {
  const [layer, call, output, ...more] = listAt(path, given);
  const whole = [call, output].every((number) => Number.isSafeInteger(number) && (number as number) >= 0);
  if (typeof layer === "string" && whole && more.length === 0) return [layer, call as number, output as number];
  throw refusal(path, "a place [layer, call, output] expected.");
}
