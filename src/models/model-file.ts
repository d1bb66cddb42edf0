/**
 * A whole model as one safetensors file: weights as tensors, the rest as JSON in its metadata. Not the reading: that is
 * load-model.ts.
 *
 * Metadata: `sha256` (checksum.ts), `format` "fovea-model", `format_version` "1", `fovea` (the version that wrote it),
 * `config` (Keras's words), `seed`, `golden` (golden-pairs.ts), and where they are there `class_names`, `preprocessing`, `compile`. State of the
 * optimizer is in tensors whose names begin with "/optimizer/".
 */

import { OptionError, StateError } from "../core/errors.js";
import type { NDArray } from "../core/ndarray.js";
import { boolean, formatReceived, type OptionsInput, optionsOf, withDefault } from "../core/options.js";
import { version } from "../core/version.js";
import type { SafeTensor } from "../formats/safetensors.js";
import { writeSealed } from "./checksum.js";
import type { CompileOptions } from "./compile.js";
import { goldenPairs, type Predicting } from "./golden-pairs.js";
import type { KerasConfig } from "./keras-config/write.js";
import { isPlain } from "./plain-json.js";
import type { NamedWeight } from "./weights-file.js";
import { MODEL_FORMAT, TRAINING_PREFIX, type WeightValues, weightTensors } from "./weights-file.js";

export const MODEL_FORMAT_VERSION = "1";

const saveOptions = optionsOf("save", { includeOptimizer: withDefault(boolean(), false) });

/** Options of save and toBytes. `includeOptimizer` false: whether what training goes on from is in the file. */
export type SaveOptions = OptionsInput<typeof saveOptions>;

/** What is saved of a model. */
interface Saved extends Predicting {
  readonly name: string;
  readonly seed: number;
  readonly classNames: readonly string[] | undefined;
  readonly preprocessing: Readonly<Record<string, unknown>> | undefined;
  readonly compileOptions: CompileOptions | undefined;
  toKerasConfig(): KerasConfig;
  getWeights(): Promise<NDArray[]>;
  getOptimizerState(): Promise<Record<string, NDArray>>;
}

/** How often saving looks whether the weights stay as they are while it predicts. */
const ATTEMPTS = 3;

/**
 * The bytes of a model file.
 * @throws OptionError, StateError: see Model.toBytes.
 */
export async function encodeModel(model: Saved, options: SaveOptions): Promise<Uint8Array> {
  const { includeOptimizer } = saveOptions(options);
  const { compileOptions, preprocessing } = model;
  const classNames = checkedNames(model);
  if (preprocessing !== undefined && !isPlainObject(preprocessing)) {
    throw new OptionError(
      `save: preprocessing must be an object of plain JSON, received ${formatReceived(preprocessing)}.`,
    );
  }
  const config = model.toKerasConfig();
  const compile = compileOptions === undefined ? undefined : plainCompile(compileOptions);
  if (includeOptimizer && compile === undefined) {
    const why = compileOptions === undefined ? "was not compiled" : "was compiled with functions of one's own";
    throw new OptionError(`save: includeOptimizer needs options of compile to go with it, but the model ${why}.`);
  }
  const { golden, weights, state } = await momentOf(model, includeOptimizer);
  const tensors: Record<string, SafeTensor> = weightTensors(weights);
  for (const [name, { dtype, shape, data }] of Object.entries(state)) {
    tensors[TRAINING_PREFIX + name] = { dtype, shape: [...shape], data } as SafeTensor;
  }
  return writeSealed(tensors, {
    format: MODEL_FORMAT,
    format_version: MODEL_FORMAT_VERSION,
    fovea: version,
    config: JSON.stringify(config),
    seed: String(model.seed),
    golden: JSON.stringify(golden),
    ...(classNames === undefined ? {} : { class_names: JSON.stringify(classNames) }),
    ...(preprocessing === undefined ? {} : { preprocessing: JSON.stringify(preprocessing) }),
    ...(compile === undefined ? {} : { compile: JSON.stringify(compile) }),
  });
}

/** Weights, golden pairs and state of one moment: a step of training may come between any two reads. */
async function momentOf(model: Saved, includeOptimizer: boolean) {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = await model.getWeights();
    const golden = await goldenPairs(model);
    const state = includeOptimizer ? await model.getOptimizerState() : {};
    const after = await model.getWeights();
    if (before.every(({ data }, i) => data.every((value, k) => Object.is(value, after[i]!.data[k])))) {
      const weights = model.network.weights.map(
        (weight: NamedWeight, i): WeightValues => ({ ...weight, data: after[i]!.data as Float32Array }),
      );
      return { golden, weights, state };
    }
  }
  throw new StateError("save: training changes the weights meanwhile; save from a callback, or after fit.");
}

/** @throws OptionError for names that are not there for each class. */
function checkedNames({ classNames, network: { outputs } }: Saved): readonly string[] | undefined {
  if (classNames === undefined) return undefined;
  if (!Array.isArray(classNames) || !classNames.every((name) => typeof name === "string")) {
    throw new OptionError(`save: classNames must be a list of texts, received ${formatReceived(classNames)}.`);
  }
  const classes = outputs.length === 1 ? outputs[0]!.shape.at(-1)! : classNames.length;
  // One number between two classes: a sigmoid's.
  if (classNames.length === classes || (classes === 1 && classNames.length === 2)) return classNames;
  throw new OptionError(`save: classNames has ${classNames.length} names, but the model's output ${classes} numbers.`);
}

/** What compile was given as plain JSON, or undefined where it is not plain. */
function plainCompile(options: CompileOptions): unknown {
  const plain = withoutProducts(options);
  return isPlain(plain) && !hasOwnCode(plain) ? plain : undefined;
}

/** Losses, metrics and optimizers as `{ className, config }`. */
function withoutProducts(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutProducts);
  const { className, config } = value as { className?: unknown; config?: unknown };
  if (typeof className === "string") return { className, config };
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(entries.map(([key, part]) => [key, withoutProducts(part)]));
}

function isPlainObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && isPlain(value);
}

/** Whether somewhere in plain JSON is what has a class but no config: code of the user's own, described for messages only. */
function hasOwnCode(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { className, config } = value as { className?: unknown; config?: unknown };
  return (typeof className === "string" && config === null) || Object.values(value).some(hasOwnCode);
}
