/**
 * The values of options in Keras's words and in fovea's: plain ones, initializers, activations. A new kind of thing that
 * layers are configured with is a line in `rooms`. Not the options of layers: layer.ts.
 */

import { OptionError } from "../../core/errors.js";
import { formatReceived, type OptionTable } from "../../core/options.js";
import { activations } from "../../nn/activations/index.js";
import { constraints } from "../../nn/constraints/index.js";
import { type Config, snakeCase } from "../../nn/factory.js";
import { initializers } from "../../nn/initializers/index.js";
import { layers } from "../../nn/layers/index.js";
import { regularizers } from "../../nn/regularizers/index.js";
import { float32Policy, kerasObject, readCommon, readObject } from "./keras-object.js";
import { below, type Json, refusal, sameJson, unknown } from "./path.js";

/** What makes things of one class. */
interface Maker {
  readonly className: string;
  readonly table: OptionTable;
}

/** Things that are objects in Keras's configurations. */
interface ProductRoom {
  /** The kind of thing, for messages. */
  readonly what: string;
  readonly module: string;
  readonly makers: Readonly<Record<string, Maker>>;
  /** Keras's options that fovea has not, with the only value that they can have here, by the maker's name. */
  readonly further: Readonly<Record<string, Config>>;
  /** Options that Keras forgets when it writes, by the maker's name: they must have their default. */
  readonly forgotten?: Readonly<Record<string, string>>;
}

const fans: Config = { input_axes: null, output_axes: null };

/** By the last word of the options that take them. */
const rooms: Readonly<Record<string, ProductRoom>> = {
  Initializer: {
    what: "initializer",
    module: "keras.initializers",
    makers: initializers,
    further: {
      glorotNormal: fans,
      glorotUniform: fans,
      heNormal: fans,
      heUniform: fans,
      lecunNormal: fans,
      lecunUniform: fans,
    },
    forgotten: { identity: "gain" },
  },
  Regularizer: { what: "regularizer", module: "keras.regularizers", makers: regularizers, further: {} },
  Constraint: { what: "constraint", module: "keras.constraints", makers: constraints, further: {} },
};

/** The same name in this library's spelling: "fan_in" gives "fanIn". */
function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function roomOf(option: string): ProductRoom | undefined {
  return rooms[/[A-Z][a-z]*$/.exec(option)?.[0] ?? ""];
}

/** Keras's value of an option. `call` goes in front of what is refused. */
export function writeValue(option: string, value: unknown, call: string): unknown {
  if (value === undefined || value === null) return null;
  if (option === "activation") return writeActivation(value, call);
  const room = roomOf(option);
  if (room !== undefined) return writeProduct(room, value, call);
  return typeof value === "string" ? snakeCase(value) : value;
}

/**
 * fovea's value of an option, which its check accepts; undefined where it is left out.
 * @throws OptionError for a value that it refuses, with the path to it.
 */
export function readValue(option: string, value: unknown, check: OptionTable[string], path: string): unknown {
  if (value === null && check!.presence === "optional") return undefined;
  const room = roomOf(option);
  let translated = value;
  if (option === "activation") translated = readActivation(value, path);
  else if (room !== undefined && value !== null) translated = readProduct(room, value, path);
  else if (typeof value === "string" && check!.read(value) === undefined) translated = camelCase(value);
  if (check!.read(translated) !== undefined) return translated;
  const hint = check!.hint?.(translated);
  throw refusal(
    path,
    `must be ${check!.describe}, received ${formatReceived(value)}${hint === undefined ? "." : `; ${hint}`}`,
  );
}

/** A thing as fovea's configs have it: its name, or `{ className, config }`. */
function partsOf(value: unknown): { readonly name: string; readonly config: Config } {
  if (typeof value === "string") return { name: value, config: {} };
  const { className, config } = value as { className: string; config: Config };
  return { name: className, config };
}

function writeProduct({ what, module, makers, further, forgotten }: ProductRoom, value: unknown, call: string): Json {
  const { name, config } = partsOf(value);
  const { className, table: all } = makers[name]!;
  const { [forgotten?.[name] ?? ""]: lost, ...table } = all;
  const option = forgotten?.[name];
  if (lost !== undefined && option !== undefined && config[option] !== lost.fallback?.()) {
    throw new OptionError(
      `${call}: Keras does not write ${option} of the ${what} "${name}", so it must be the default.`,
    );
  }
  return kerasObject(module, className, { ...further[name], ...writeOptions(table, config, call) });
}

/** Options that are in a table, in Keras's words. */
function writeOptions(table: OptionTable, config: Config, call: string): Json {
  return Object.fromEntries(
    Object.keys(table).map((option) => [snakeCase(option), writeValue(option, config[option], call)]),
  );
}

function readProduct(room: ProductRoom, value: unknown, path: string): unknown {
  const { className, config } = readObject(path, value);
  const found = Object.entries(room.makers).find(([, maker]) => maker.className === className);
  if (found === undefined) {
    const known = Object.values(room.makers).map((maker) => maker.className);
    throw unknown(path, room.what, className, known);
  }
  const [name, { table }] = found;
  return { className: name, config: readOptions(table, config, room.further[name] ?? {}, below(path, "config")) };
}

/** Options in Keras's words that are in a table, or have the only value that they can have. */
function readOptions(table: OptionTable, config: Json, further: Config, path: string): Config {
  const known = new Map(Object.keys(table).map((option) => [snakeCase(option), option]));
  const read: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(config)) {
    const option = known.get(key);
    if (option === undefined) checkFurther(further, key, value, path, known.keys());
    else {
      const own = readValue(option, value, table[option]!, below(path, key));
      if (own !== undefined) read[option] = own;
    }
  }
  return read;
}

/**
 * Makes sure that an option which fovea has not has the only value that it can have here.
 * @throws OptionError for another one, and for an option that Keras has not either.
 */
export function checkFurther(
  further: Config,
  key: string,
  value: unknown,
  path: string,
  known: Iterable<string>,
): void {
  if (!Object.hasOwn(further, key)) throw unknown(path, "option", key, [...known, ...Object.keys(further)]);
  if (sameJson(further[key], value)) return;
  throw refusal(
    below(path, key),
    `fovea has no ${key}; only ${JSON.stringify(further[key])}, which changes nothing, can be read, received ${formatReceived(value)}.`,
  );
}

/** The layers that stand for an activation in Keras where it has options; they have the same ones. */
const activationLayers: Readonly<Record<string, Maker>> = {
  elu: layers.eLU,
  leakyRelu: layers.leakyReLU,
  relu: layers.reLU,
  softmax: layers.softmax,
};

function writeActivation(value: unknown, call: string): unknown {
  const { name, config } = partsOf(value);
  if (Object.keys(config).length === 0) return snakeCase(name);
  const layer = activationLayers[name];
  if (layer === undefined) {
    throw new OptionError(
      `${call}: Keras has no words for the activation "${name}" with options of its own; use its defaults, or one of ${Object.keys(activationLayers).join(", ")}.`,
    );
  }
  const { table } = activations[name as keyof typeof activations];
  const { className } = layer;
  return kerasObject("keras.layers", className, {
    name: snakeCase(className),
    trainable: true,
    dtype: float32Policy,
    ...writeOptions(table, { ...defaultsOf(table), ...config }, call),
  });
}

function defaultsOf(table: OptionTable): Config {
  return Object.fromEntries(Object.entries(table).map(([option, check]) => [option, check.fallback?.()]));
}

function readActivation(value: unknown, path: string): unknown {
  if (typeof value === "object" && value !== null) return readActivationLayer(value, path);
  if (typeof value !== "string") return value;
  const known = Object.keys(activations);
  const name = known.find((activation) => snakeCase(activation) === value);
  if (name !== undefined) return name;
  throw unknown(path, "activation", value, known.map(snakeCase));
}

function readActivationLayer(value: object, path: string): unknown {
  const { className, config } = readObject(path, value);
  const name = Object.keys(activationLayers).find((key) => activationLayers[key]!.className === className);
  if (name === undefined) {
    const known = Object.values(activationLayers).map((layer) => layer.className);
    throw unknown(path, "layer as an activation", className, known);
  }
  const { rest } = readCommon(below(path, "config"), config);
  const { table } = activations[name as keyof typeof activations];
  return { className: name, config: readOptions(table, rest, {}, below(path, "config")) };
}
