/** What a configuration is refused with: the path to what is wrong, and the parts of JSON read with it. */

import { OptionError } from "../../core/errors.js";
import { unknownName } from "../../core/names.js";
import { formatReceived } from "../../core/received.js";

/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>;

/** The error for what is at a path. */
export function refusal(path: string, message: string): OptionError {
  return new OptionError(`${pathText(path)}: ${message}`);
}

/** The error for a name that is not known, with the nearest one. */
export function unknown(path: string, what: string, name: string, known: Iterable<string>): OptionError {
  return unknownName(what, name, known, pathText(path));
}

function pathText(path: string): string {
  return `modelFromKerasConfig: ${path === "" ? "the configuration" : path}`;
}

/** The path of a part. */
export function below(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

/** An object, whose keys are among `keys` where they are given. @throws OptionError for anything else. */
export function objectAt(path: string, value: unknown, keys?: readonly string[]): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw refusal(path, `an object expected, received ${formatReceived(value)}.`);
  }
  const stranger = keys === undefined ? undefined : Object.keys(value).find((key) => !keys.includes(key));
  if (stranger !== undefined) throw unknown(path, "key", stranger, keys!);
  return value as Json;
}

/** A list. @throws OptionError for anything else. */
export function listAt(path: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw refusal(path, `a list expected, received ${formatReceived(value)}.`);
}

/** A text. @throws OptionError for anything else. */
export function textAt(path: string, value: unknown): string {
  if (typeof value === "string") return value;
  throw refusal(path, `a text expected, received ${formatReceived(value)}.`);
}

/** Whether two values of JSON are the same. It goes no deeper than `a` does. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || a === null) return a === b;
  if (typeof b !== "object" || b === null || Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && sameJson((a as Json)[key], (b as Json)[key]));
}
