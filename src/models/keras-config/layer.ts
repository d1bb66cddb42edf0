/** A layer's options in Keras's words and in fovea's, by its table of options and its entry in layer-table.ts. */

import { OptionError } from "../../core/errors.js";
import { formatReceived, type OptionTable } from "../../core/options.js";
import { type Config, snakeCase } from "../../nn/factory.js";
import { layers } from "../../nn/layers/index.js";
import { float32Policy, readCommon } from "./keras-object.js";
import { type KerasLayer, kerasLayers } from "./layer-table.js";
import { below, type Json, refusal, unknown } from "./path.js";
import { checkFurther, readValue, writeValue } from "./values.js";

type LayerName = keyof typeof layers;

/** The names of all classes of layers, as Keras spells them. */
const classNames: readonly string[] = Object.values(layers).map(({ className }) => className);

/** A class of layers: its options, and what Keras says beyond them. */
interface LayerClass {
  readonly call: string;
  readonly table: OptionTable;
  readonly entry: KerasLayer;
}

function classOf(className: string): LayerClass | undefined {
  const call = (Object.keys(layers) as LayerName[]).find((name) => layers[name].className === className);
  return call === undefined ? undefined : { call, table: layers[call].table, entry: kerasLayers[call] };
}

/** Keras's name of an option. */
function kerasName(option: string, { options }: KerasLayer): string {
  return options?.[option]?.name ?? snakeCase(option);
}

/** A layer's options as fovea has them. */
interface LayerOptions {
  readonly className: string;
  readonly config: Config;
  /** Not there where a configuration does not say it. */
  readonly name: string | undefined;
  readonly trainable: boolean;
}

/**
 * The options in Keras's words, with all that Keras writes.
 * @throws OptionError for what Keras has no words for.
 */
export function writeLayer({ className, config, name, trainable }: LayerOptions): Json {
  const found = classOf(className);
  if (found === undefined) {
    throw new OptionError(
      `${name}: ${className} is a layer of your own and cannot be written into a config, for only its code can make it again. The model's weights can be saved: saveWeights.`,
    );
  }
  const { call, table, entry } = found;
  const written = Object.keys(table).flatMap((option) => {
    const own = entry.options?.[option]?.write;
    const value = own === undefined ? config[option] : own(config[option], config);
    // What is not given is written where Keras writes it all the same: further says as what.
    if (option === "name" || option === "trainable" || value === undefined) return [];
    return [[kerasName(option, entry), writeValue(option, value, call)] as const];
  });
  return {
    name,
    ...(entry.without?.includes("trainable") ? {} : { trainable }),
    ...(entry.without?.includes("dtype") ? {} : { dtype: float32Policy }),
    ...entry.further,
    ...Object.fromEntries(written),
  };
}

/** What Keras writes beside the inputs of a layer's call. */
export function callArgumentsOf(className: string): Json {
  return classOf(className)!.entry.callArguments ?? {};
}

/**
 * The options in fovea's words.
 * @throws OptionError, with the path to it, for an unknown layer, an option that fovea has not with a value that would
 * change something, and a value that it refuses.
 */
export function readLayer(className: string, config: Json, path: string): LayerOptions {
  const found = classOf(className);
  if (found === undefined) throw unknown(path, "layer", className, classNames);
  const { table, entry } = found;
  const known = new Map(Object.keys(table).map((option) => [kerasName(option, entry), option]));
  const where = below(path, "config");
  const { name, trainable, rest } = readCommon(where, config, [...known.keys(), ...Object.keys(entry.further ?? {})]);
  const read: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(rest)) {
    const option = known.get(key);
    if (option === undefined) {
      checkFurther(entry.further ?? {}, key, value, where, known.keys());
      continue;
    }
    const own = entry.options?.[option]?.read;
    const translated = own === undefined ? value : own(value);
    if (translated === undefined) {
      throw refusal(below(where, key), `${formatReceived(value)} is no ${key}.`);
    }
    const checked = readValue(option, translated, table[option]!, below(where, key));
    if (checked !== undefined) read[option] = checked;
  }
  return { className, config: read, name, trainable };
}
