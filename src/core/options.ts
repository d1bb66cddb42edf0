/**
 * Checking a call's options against a table, once, at the edge: what is unknown, missing, of the wrong type or out of
 * range is refused by name. From the same table follow the type a caller may pass and the type the op works with.
 * Not the single checks: those are option-checks.ts.
 */

import { OptionError } from "./errors.js";
import { unknownName } from "./names.js";
import type { OptionCheck, Presence } from "./option-checks.js";
import { formatReceived } from "./received.js";

export { nearestName, unknownName } from "./names.js";
export * from "./option-checks.js";
export { formatReceived } from "./received.js";

/** The options of an op by name. */
export type OptionTable = Readonly<Record<string, OptionCheck<unknown, unknown, Presence>>>;

type In<C> = C extends OptionCheck<infer I, unknown, Presence> ? I : never;
type Out<C> = C extends { read(value: unknown): infer O } ? Exclude<O, undefined> : never;
type KeysWith<T extends OptionTable, P extends Presence> = {
  [K in keyof T]: T[K]["presence"] extends P ? K : never;
}[keyof T];
type Flat<T> = { [K in keyof T]: T[K] } & {};

/** What a caller may pass: required options, and those with a default or optional ones, which may be `undefined`. */
export type InputOf<T extends OptionTable> = Flat<
  { readonly [K in KeysWith<T, "required">]: In<T[K]> } & {
    readonly [K in KeysWith<T, "optional" | "default">]?: In<T[K]> | undefined;
  }
>;

/** What the op works with: defaults filled in; an optional option that was left out is not there. */
export type OutputOf<T extends OptionTable> = Flat<
  { readonly [K in KeysWith<T, "required" | "default">]: Out<T[K]> } & {
    readonly [K in KeysWith<T, "optional">]?: Out<T[K]>;
  }
>;

type Arguments<T extends OptionTable> = [KeysWith<T, "required">] extends [never]
  ? [options?: InputOf<T> | undefined]
  : [options: InputOf<T>];

/** Checks options and gives them back with defaults filled in. Can be called without any if none is required. */
export interface OptionsCheck<T extends OptionTable> {
  (...options: Arguments<T>): OutputOf<T>;
  /** The same for options of unknown origin: a file, JavaScript. */
  read(options: unknown): OutputOf<T>;
  readonly op: string;
  readonly table: T;
}

/** The type a caller may pass to a check: `type DropoutOptions = OptionsInput<typeof check>`. */
export type OptionsInput<C> = C extends OptionsCheck<infer T> ? InputOf<T> : never;

/** The type a check gives back. */
export type OptionsOutput<C> = C extends OptionsCheck<infer T> ? OutputOf<T> : never;

/**
 * The check of an op's options.
 *
 * The check throws an OptionError that names the op, the option, what was expected and what was received: for an
 * unknown option (with the nearest known one), a missing one, and one of the wrong type, out of range, NaN or infinite.
 *
 * @example
 * const check = optionsOf("dropout", { rate: inRange(0, 1, { includeMax: false }), seed: optional(nonNegativeInteger()) });
 * check({ rate: 0.5 }); // { rate: 0.5 }
 * check({ rate: 1 }); // OptionError: dropout: rate must be a number from 0 up to, not including, 1, received 1.
 */
export function optionsOf<const T extends OptionTable>(op: string, table: T): OptionsCheck<T> {
  const read = (options: unknown = {}): OutputOf<T> => {
    if (typeof options !== "object" || options === null || Array.isArray(options)) {
      throw new OptionError(`${op}: options must be an object, received ${formatReceived(options)}.`);
    }
    const given = options as Record<string, unknown>;
    for (const key in given) {
      if (!Object.hasOwn(table, key)) throw unknownName("option", key, Object.keys(table), op);
    }
    const result: Record<string, unknown> = {};
    for (const [key, check] of Object.entries(table)) {
      const value = given[key];
      if (value !== undefined) result[key] = readOption(op, key, check, value);
      else if (check.fallback !== undefined) result[key] = check.fallback();
      else if (check.presence === "required") {
        throw new OptionError(`${op}: ${key} is missing; it must be ${check.describe}.`);
      }
    }
    return result as OutputOf<T>;
  };
  return Object.assign((...options: Arguments<T>) => read(options[0]), { read, op, table });
}

/**
 * One option or argument against its check, for what does not come in a table.
 * @throws OptionError `op: key must be ..., received ...`
 */
export function readOption<Out>(
  op: string,
  key: string,
  check: OptionCheck<unknown, Out, Presence>,
  value: unknown,
): Out {
  const read = check.read(value);
  if (read !== undefined) return read;
  const hint = check.hint?.(value);
  throw new OptionError(
    `${op}: ${key} must be ${check.describe}, received ${formatReceived(value)}${hint === undefined ? "." : `; ${hint}`}`,
  );
}
