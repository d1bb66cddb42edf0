/** A model from a model file. What is in one, and the writing: model-file.ts. */

import type { Backend } from "../backends/backend.js";
import { FormatError, OptionError, ShapeError, StateError } from "../core/errors.js";
import type { NDArrayLike } from "../core/ndarray.js";
import { fromTyped } from "../core/ndarray-create.js";
import { formatReceived, readOption } from "../core/options.js";
import { type ByteSource, byteSource, readSource } from "../data/source.js";
import { readSafetensors, type SafeTensors } from "../formats/safetensors.js";
import { currentPlatform } from "../platform/current.js";
import { checkSeal } from "./checksum.js";
import type { CompileOptions } from "./compile.js";
import { modelFromConfig } from "./from-config.js";
import type { Functional } from "./functional.js";
import { checkGoldenPairs } from "./golden-pairs.js";
import { fromKerasConfig } from "./keras-config/read.js";
import { MODEL_FORMAT_VERSION } from "./model-file.js";
import { isPlain, MAX_JSON_DEPTH } from "./plain-json.js";
import type { Sequential } from "./sequential.js";
import { MODEL_FORMAT, pickWeights, TRAINING_PREFIX } from "./weights-file.js";
import { checkWork } from "./work.js";

/** The largest file that is read: Node reads no larger one. */
const MAX_BYTES = 2 ** 31 - 1;

/**
 * The model that a file holds, tried on its golden inputs.
 * @throws FormatError, FileError: see loadModel of the table of contents.
 */
export async function loadModelFile(source: ByteSource, backend: () => Backend): Promise<Sequential | Functional> {
  const checked = readOption("loadModel", "source", byteSource(), source);
  const { bytes, name } = await readSource(checked, {
    platform: currentPlatform(),
    option: "model",
    limit: MAX_BYTES,
  });
  const file = readSafetensors(bytes, name);
  checkFormat(file, name);
  checkSeal(bytes, file, name);
  const parts = readMetadata(file, name);
  const model = as(name, "its layers cannot be made", () =>
    modelFromConfig(fromKerasConfig(parts.config), backend, { seed: parts.seed }),
  );
  try {
    checkWork(model.network, name);
    await fill(model, file, parts, name);
    await checkGoldenPairs(model, parts.golden, name);
  } catch (error) {
    model.free();
    throw error;
  }
  return model;
}

interface Metadata {
  readonly config: string;
  readonly seed: number;
  readonly golden: unknown;
  readonly classNames: readonly string[] | undefined;
  readonly preprocessing: Readonly<Record<string, unknown>> | undefined;
  readonly compile: unknown;
}

/** @throws FormatError for a file that is none of a model. */
function checkFormat({ metadata }: SafeTensors, name: string): void {
  const { format, format_version: version, fovea } = metadata;
  if (format !== MODEL_FORMAT) {
    const advice =
      format === "fovea-weights" ? "It holds weights alone: make the model and read it with loadWeights." : "";
    throw new FormatError(
      `${name}: expected the format "${MODEL_FORMAT}", found ${formatReceived(format)}. ${advice}`.trimEnd(),
    );
  }
  if (version === MODEL_FORMAT_VERSION) return;
  throw new FormatError(
    `${name}: expected "${MODEL_FORMAT_VERSION}" (this is a file of fovea ${fovea}) as format_version, found ${formatReceived(version)}.`,
  );
}

/** @throws FormatError for what is not as it is written. */
function readMetadata({ metadata }: SafeTensors, name: string): Metadata {
  const text = (key: string): string | undefined => (Object.hasOwn(metadata, key) ? metadata[key] : undefined);
  const json = (key: string): unknown => {
    const given = text(key);
    let value: unknown;
    try {
      value = given === undefined ? undefined : JSON.parse(given);
    } catch (cause) {
      throw new FormatError(`${name}: expected JSON as ${key}, found ${formatReceived(given)}.`, { cause });
    }
    if (value === undefined || isPlain(value)) return value;
    throw wrong(key, `JSON of finite numbers, at most ${MAX_JSON_DEPTH} lists and objects within each other,`);
  };
  const wrong = (key: string, expected: string) =>
    new FormatError(`${name}: expected ${expected} as ${key}, found ${formatReceived(text(key))}.`);
  const config = text("config");
  if (config === undefined) throw wrong("config", "a configuration");
  const seed = /^\d{1,16}$/.test(text("seed") ?? "") ? Number(text("seed")) : Number.NaN;
  if (!Number.isSafeInteger(seed)) throw wrong("seed", "a whole number");
  const classNames = json("class_names");
  if (classNames !== undefined && !(Array.isArray(classNames) && classNames.every((one) => typeof one === "string"))) {
    throw wrong("class_names", "a list of texts");
  }
  const preprocessing = json("preprocessing");
  const isObject = typeof preprocessing === "object" && preprocessing !== null && !Array.isArray(preprocessing);
  if (preprocessing !== undefined && !isObject) throw wrong("preprocessing", "an object");
  return {
    config,
    seed,
    golden: json("golden"),
    classNames: classNames as readonly string[] | undefined,
    preprocessing: preprocessing as Readonly<Record<string, unknown>> | undefined,
    compile: json("compile"),
  };
}

/** Gives the model what the file holds besides its layers. */
async function fill(model: Sequential | Functional, { tensors }: SafeTensors, parts: Metadata, name: string) {
  const values = pickWeights(tensors, model.network.weights, name);
  await model.setWeights(
    model.network.weights.map(({ variable, shape }) => fromTyped(values.get(variable)!, shape, "float32")),
  );
  model.classNames = parts.classNames;
  model.preprocessing = parts.preprocessing;
  if (parts.compile !== undefined) {
    as(name, "it cannot be compiled", () => model.compile(parts.compile as CompileOptions));
  }
  const state: Record<string, NDArrayLike> = {};
  for (const [key, { data, shape, dtype }] of tensors) {
    if (key.startsWith(TRAINING_PREFIX)) state[key.slice(TRAINING_PREFIX.length)] = fromTyped(data, shape, dtype);
  }
  if (Object.keys(state).length === 0) return;
  try {
    await model.setOptimizerState(state);
  } catch (error) {
    throw asFormatError(error, name, "the state of its optimizer cannot be read");
  }
}

/** Does something, and says that the file is wrong where it cannot be done. */
function as<T>(name: string, what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asFormatError(error, name, what);
  }
}

/** What is wrong with options is wrong with the file that they come from; other errors stay as they are. */
function asFormatError(error: unknown, name: string, what: string): unknown {
  const fromFile = error instanceof OptionError || error instanceof ShapeError || error instanceof StateError;
  return fromFile ? new FormatError(`${name}: ${what}: ${error.message}`, { cause: error }) : error;
}
