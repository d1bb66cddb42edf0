/** The form in which Keras writes every object down: where its class is, its options, and a name for classes of one's own. */

import { formatReceived } from "../../core/received.js";
import { below, type Json, objectAt, refusal, textAt, unknown } from "./path.js";

/** An object written down. */
export type KerasObject = {
  readonly module: string;
  readonly class_name: string;
  readonly config: Json;
  readonly registered_name: string | null;
  /** There where it is met several times: objects of one number are one. */
  readonly shared_object_id?: number;
};

/** An object of a class that Keras has in `module`. */
export function kerasObject(module: string, className: string, config: Json): KerasObject {
  return { module, class_name: className, config, registered_name: null };
}

/** What numbers are computed in: Keras writes it into every layer. */
export const float32Policy = kerasObject("keras", "DTypePolicy", { name: "float32" });

const keys = ["module", "class_name", "config", "registered_name", "shared_object_id", "build_config"];

/** An object read. */
export interface ReadObject {
  readonly className: string;
  readonly config: Json;
  readonly given: Json;
}

/**
 * The parts of an object that is Keras's own.
 * @throws OptionError for anything else: a class of one's own, an operation outside of a layer.
 */
export function readObject(path: string, value: unknown, further: readonly string[] = []): ReadObject {
  const given = objectAt(path, value, [...keys, ...further]);
  const className = textAt(below(path, "class_name"), given.class_name);
  const { module = null, registered_name: registered = null } = given;
  if (typeof module === "string" && module.startsWith("keras.src.ops")) {
    throw refusal(path, `"${className}" is an operation, not a layer. Use layers, such as keras.layers.Add.`);
  }
  const own = registered !== null && registered !== className;
  if (own || (module !== null && !(typeof module === "string" && /^keras(\.|$)/.test(module)))) {
    throw refusal(
      path,
      `${formatReceived(className)} is a class of one's own (${formatReceived(own ? registered : module)}), which fovea does not know.`,
    );
  }
  return { className, config: objectAt(below(path, "config"), given.config), given };
}

/** What every layer and model has. */
interface Common {
  readonly name: string | undefined;
  readonly trainable: boolean;
  /** The other options. */
  readonly rest: Json;
}

/**
 * The options that every layer has, but for those in `own`, apart from the others.
 * @throws OptionError for numbers other than float32, with the path to them.
 */
export function readCommon(path: string, config: Json, own: readonly string[] = []): Common {
  const { name, trainable = true, dtype, ...others } = config;
  if (typeof trainable !== "boolean") {
    throw refusal(below(path, "trainable"), `true or false expected, received ${formatReceived(trainable)}.`);
  }
  const ownDtype = own.includes("dtype");
  if (!ownDtype && dtype !== undefined) checkPolicy(below(path, "dtype"), dtype);
  return {
    name: name === undefined || name === null ? undefined : nameAt(below(path, "name"), name),
    trainable,
    rest: ownDtype && dtype !== undefined ? { ...others, dtype } : others,
  };
}

function nameAt(path: string, given: unknown): string {
  const name = textAt(path, given);
  if (name !== "" && !name.includes("/")) return name;
  throw refusal(path, `a name that is not empty and has no "/" expected, received ${formatReceived(name)}.`);
}

/** The classes of policies that say nothing but a name: the second is that of Keras 3.3. */
const policies = ["DTypePolicy", "FloatDTypePolicy"];

function checkPolicy(path: string, dtype: unknown): void {
  if (dtype === null) return;
  const policy = typeof dtype === "string" ? dtype : policyName(path, dtype);
  if (policy === "float32") return;
  throw refusal(path, `layers compute in "float32" here, received ${formatReceived(policy)}.`);
}

function policyName(path: string, dtype: unknown): unknown {
  const { className, config } = readObject(path, dtype);
  if (!policies.includes(className)) throw unknown(path, "policy of numbers", className, policies);
  return objectAt(below(path, "config"), config, ["name"]).name;
}
