/** A model's configuration in fovea's words from Keras's own. Not its layers' options: layer.ts. */

import { formatReceived } from "../../core/received.js";
import type { LayerConfig, Place } from "../model-config.js";
import { type ReadObject, readCommon, readObject } from "./keras-object.js";
import { readLayer } from "./layer.js";
import { below, listAt, objectAt, refusal, sameJson, textAt, unknown } from "./path.js";

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
    const begin = beginOf(read[0], shape, below(where, "build_input_shape"));
    return { className, config: { name, layers: [...begin, ...read] }, ...frozen };
  }
  const { input_layers, output_layers } = objectAt(where, ends, ["input_layers", "output_layers"]);
  const read = layers.map(({ layer, at }): LayerConfig => {
    const object = readObject(at, layer, [...modelKeys, ...nodeKeys]);
    const entry = readEntry(object, at, inner);
    const named = textAt(below(at, "name"), object.given.name);
    const own = entry.config.name ?? named;
    if (own !== named) {
      throw refusal(
        below(at, "name"),
        `the layer is named ${formatReceived(own)} in its config, and ${formatReceived(named)} here.`,
      );
    }
    const nodes = below(at, "inbound_nodes");
    const calls = listAt(nodes, object.given.inbound_nodes).map((node, k) => readNode(node, `${nodes}[${k}]`));
    if (entry.className === "InputLayer" && calls.length > 0) {
      throw refusal(nodes, "an input layer begins a model; it is called on nothing.");
    }
    return { ...entry, config: { ...entry.config, name: named }, calls };
  });
  const functional = new Set(
    read.filter((entry) => entry.className === "Functional").map(({ config: { name } }) => name),
  );
  // Here, and only here, Keras counts the calls of a functional model from 1.
  const end = ([layer, call, output]: Place, at: string): Place => {
    if (!functional.has(layer)) return [layer, call, output];
    if (call === 0) throw refusal(at, `calls of a functional model, such as "${layer}", are counted from 1 here.`);
    return [layer, call - 1, output];
  };
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

/**
 * What a stack begins with before its first layer: nothing where that is an input layer, as in all that Keras writes of
 * built models. Where it is another one, Keras builds the model for `build_input_shape` when it reads it.
 */
function beginOf(first: LayerConfig | undefined, shape: unknown, path: string): readonly LayerConfig[] {
  if (shape === null) return [];
  const { className, config } = readLayer("InputLayer", { batch_shape: listAt(path, shape) }, path);
  if (first?.className !== "InputLayer") return [{ className, config }];
  if (sameJson(first.config.shape, config.shape)) return [];
  throw refusal(
    path,
    `the model begins with rows of ${formatReceived(first.config.shape)}, received ${formatReceived(shape)}.`,
  );
}

function readEntry(object: ReadObject, path: string, reading: Reading): LayerConfig {
  const shared = sharedNumber(object.given.shared_object_id, below(path, "shared_object_id"), reading);
  const number = shared === undefined ? {} : { shared };
  if (isModel(object)) return { ...readModel(object, path, reading), ...number };
  const { className, config, name, trainable } = readLayer(object.className, object.config, path);
  return {
    className,
    config: name === undefined ? config : { ...config, name },
    ...(trainable ? {} : { trainable: false as const }),
    ...number,
  };
}

function sharedNumber(id: unknown, path: string, { ids }: Reading): number | undefined {
  if (id === undefined) return undefined;
  if (!Number.isInteger(id)) throw refusal(path, `a whole number expected, received ${formatReceived(id)}.`);
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
    if (!nothing)
      throw refusal(
        below(path, "kwargs"),
        `layers are called on their inputs alone here, received ${formatReceived(key)}.`,
      );
  }
  return Array.isArray(inputs)
    ? inputs.map((tensor, i) => readTensor(tensor, `${at}[0][${i}]`))
    : [readTensor(inputs, `${at}[0]`)];
}

function readTensor(given: unknown, path: string): Place {
  const { class_name, ...rest } = objectAt(path, given);
  if (class_name !== "__keras_tensor__") {
    throw refusal(path, "the output of a layer expected; constants are no inputs of layers here.");
  }
  const { config } = objectAt(path, rest, ["config"]);
  // Of what shape it is follows from the layers: Keras does not read it either.
  const { keras_history } = objectAt(below(path, "config"), config, ["shape", "dtype", "keras_history"]);
  return readPlace(keras_history, below(below(path, "config"), "keras_history"));
}

function readEnds(given: unknown, path: string, end: (place: Place, path: string) => Place): Place | readonly Place[] {
  if (typeof given === "object" && given !== null && !Array.isArray(given)) {
    throw refusal(path, "a record of inputs or outputs by name is not there in fovea; make the model with lists.");
  }
  const list = listAt(path, given);
  if (typeof list[0] === "string") return end(readPlace(list, path), path);
  return list.map((place, i) => end(readPlace(place, `${path}[${i}]`), `${path}[${i}]`));
}

function readPlace(given: unknown, path: string): Place {
  const [layer, call, output, ...more] = listAt(path, given);
  const whole = [call, output].every((number) => Number.isSafeInteger(number) && (number as number) >= 0);
  if (typeof layer === "string" && whole && more.length === 0) return [layer, call as number, output as number];
  throw refusal(path, "a place [layer, call, output] expected.");
}
