/**
 * The checks that a table of options is made of: each says what it accepts, in words and in code. Not the table itself,
 * which is options.ts, and no check that needs to know another room: those are made with `custom`.
 */

import { OptionError } from "./errors.js";
import { nearestName } from "./names.js";
import { formatReceived } from "./received.js";

/** Whether an option must be given, may be left out, or has a value when left out. */
export type Presence = "required" | "optional" | "default";

/** One option: what it accepts (`In`), and what the op then works with (`Out`). */
export interface OptionCheck<In, Out = In, P extends Presence = Presence> {
  /** What is accepted, to be read after "must be": `a number from 0 up to, not including, 1`. */
  readonly describe: string;
  readonly presence: P;
  /** The value to work with, or `undefined` if `value` is refused. */
  read(value: unknown): Out | undefined;
  /** More advice about a refused value: `did you mean "relu"?` */
  hint?(value: unknown): string | undefined;
  /** The value when the option is left out; only where `presence` is "default". */
  fallback?(): Out;
  /** Some values that this check refuses: a test of an op's options is generated from them. */
  readonly refuses: readonly unknown[];
  /** Never there: it carries the type `In`. */
  readonly accepts?: In;
}

/** A check of an option that must be given. */
export type RequiredCheck<In, Out = In> = OptionCheck<In, Out, "required">;

function required<In, Out>(
  describe: string,
  refuses: readonly unknown[],
  read: (value: unknown) => Out | undefined,
  hint?: (value: unknown) => string | undefined,
): RequiredCheck<In, Out> {
  return { describe, presence: "required", refuses, read, ...(hint && { hint }) };
}

const notNumbers: readonly unknown[] = ["1", Number.NaN, null, {}, [1], true];
const notFinite: readonly unknown[] = [...notNumbers, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

function numberWhere(describe: string, refuses: readonly unknown[], accept: (value: number) => boolean) {
  return required<number, number>(describe, refuses, (value) =>
    typeof value === "number" && accept(value) ? value : undefined,
  );
}

/** Any number but NaN: infinities are accepted. */
export function number(): RequiredCheck<number> {
  return numberWhere("a number", notNumbers, (value) => !Number.isNaN(value));
}

/** Any number but NaN and the infinities. */
export function finite(): RequiredCheck<number> {
  return numberWhere("a finite number", notFinite, Number.isFinite);
}

/** A finite number above 0. */
export function positiveNumber(): RequiredCheck<number> {
  return numberWhere("a finite number above 0", [...notFinite, 0, -1], (value) => Number.isFinite(value) && value > 0);
}

/** A finite number, 0 or more. */
export function nonNegative(): RequiredCheck<number> {
  return numberWhere("a finite number, 0 or more", [...notFinite, -1], (value) => Number.isFinite(value) && value >= 0);
}

/** A number from `min` to `max`; either end can be excluded. */
export function inRange(
  min: number,
  max: number,
  { includeMin = true, includeMax = true }: { includeMin?: boolean; includeMax?: boolean } = {},
): RequiredCheck<number> {
  const lower = includeMin ? `from ${min}` : `above ${min},`;
  const upper = includeMax ? (includeMin ? `to ${max}` : `up to ${max}`) : `up to, not including, ${max}`;
  const outside = [...notFinite, min - 1, max + 1, ...(includeMin ? [] : [min]), ...(includeMax ? [] : [max])];
  return numberWhere(
    `a number ${lower} ${upper}`,
    outside,
    (value) => (includeMin ? value >= min : value > min) && (includeMax ? value <= max : value < max),
  );
}

/** A whole number that a float64 holds exactly, within `min` and `max`, both included. */
export function integer({ min, max }: { min?: number; max?: number } = {}): RequiredCheck<number> {
  const bounds =
    min !== undefined && max !== undefined
      ? ` from ${min} to ${max}`
      : min !== undefined
        ? `, ${min} or more`
        : max !== undefined
          ? `, ${max} or less`
          : "";
  const outside = [...(min === undefined ? [] : [min - 1]), ...(max === undefined ? [] : [max + 1])];
  return numberWhere(
    `a whole number${bounds}`,
    [...notFinite, 1.5, ...outside],
    (value) =>
      Number.isSafeInteger(value) && (min === undefined || value >= min) && (max === undefined || value <= max),
  );
}

/** A whole number, 1 or more. */
export function positiveInteger(): RequiredCheck<number> {
  return integer({ min: 1 });
}

/** A whole number, 0 or more: what a seed is. */
export function nonNegativeInteger(): RequiredCheck<number> {
  return integer({ min: 0 });
}

/** `true` or `false`; nothing that is merely true-ish. */
export function boolean(): RequiredCheck<boolean> {
  return required("true or false", [0, 1, "true", null, {}], (value) =>
    typeof value === "boolean" ? value : undefined,
  );
}

/** A string of at least one character. */
export function string(): RequiredCheck<string> {
  return required("a non-empty string", ["", 1, null, {}, ["a"]], (value) =>
    typeof value === "string" && value.length > 0 ? value : undefined,
  );
}

/** One of some strings or numbers; a refused string is answered with the nearest one. */
export function oneOf<const T extends string | number>(values: readonly T[]): RequiredCheck<T> {
  const words = values.filter((value): value is T & string => typeof value === "string");
  return required(
    `one of ${values.map((value) => JSON.stringify(value)).join(", ")}`,
    ["not one of these", null, {}, [values[0]], true],
    (value) => values.find((known) => known === value),
    (value) => {
      const near = typeof value === "string" ? nearestName(value, words) : undefined;
      return near === undefined ? undefined : `did you mean "${near}"?`;
    },
  );
}

/** The same of strings in small letters, which are taken in any: Keras's `padding` is "same" and "SAME". */
export function oneOfAnyCase<const T extends string>(values: readonly T[]): RequiredCheck<T> {
  const one = oneOf(values);
  return { ...one, read: (value) => one.read(typeof value === "string" ? value.toLowerCase() : value) };
}

/** One value for both directions, or `[vertical, horizontal]`: `kernelSize: 3` and `kernelSize: [3, 3]` are the same. */
export function pair({
  min = 1,
}: {
  min?: number;
} = {}): RequiredCheck<number | readonly [number, number], readonly [number, number]> {
  const whole = integer({ min });
  return required(
    `${whole.describe}, or a pair [a, b] of them`,
    [...whole.refuses.filter((value) => !Array.isArray(value)), [], [1], [1, 2, 3], [1, min - 1], [1.5, 1], ["1", 1]],
    (value) => {
      const both = Array.isArray(value) ? value : [value, value];
      const [a, b] = both.map((part) => whole.read(part));
      return both.length === 2 && a !== undefined && b !== undefined ? [a, b] : undefined;
    },
  );
}

/** A shape: an array of whole numbers, 1 or more; with `infer`, one of them may be -1 ("what is left"). */
export function shapeOption({
  infer = false,
}: {
  infer?: boolean;
} = {}): RequiredCheck<readonly number[], readonly number[]> {
  const length = (value: unknown) => Number.isSafeInteger(value) && ((value as number) >= 1 || (infer && value === -1));
  return required(
    `a shape: an array of whole numbers, 1 or more${infer ? ", of which one may be -1" : ""}`,
    [3, "3", null, {}, [0], [1.5], ["3"], [null], [Number.NaN], infer ? [-1, -1] : [-1]],
    (value) => {
      if (!Array.isArray(value) || !value.every(length)) return undefined;
      return value.filter((part) => part === -1).length <= 1 ? [...value] : undefined;
    },
    (value) =>
      Array.isArray(value) && value.length > 1 && value[0] === null && value.slice(1).every(length)
        ? `leave the batch out: [${value.slice(1).join(", ")}]`
        : undefined,
  );
}

/**
 * A list of items, one or more and at most `most`, each of which `item` accepts. `describe` says what list it is: "a list of
 * class numbers".
 */
export function listOf<In, Out>(
  item: RequiredCheck<In, Out>,
  describe: string,
  { most }: { most: number },
): RequiredCheck<readonly In[], readonly Out[]> {
  return required(
    `${describe}, at most ${most.toLocaleString("en-US")}`,
    [[], "a", 1, null, {}, ...item.refuses.map((value) => [value])],
    (value) => {
      if (!Array.isArray(value) || value.length === 0 || value.length > most) return undefined;
      const items = value.map((one) => item.read(one));
      return items.every((one) => one !== undefined) ? items : undefined;
    },
  );
}

/**
 * A check of one's own: `read` gives the value to work with, or `undefined` to refuse; `describe` is read after
 * "must be". `refuses` are values for a generated test.
 *
 * @example
 * const signal = custom("an AbortSignal", (value) => (value instanceof AbortSignal ? value : undefined));
 */
export function custom<Out, In = Out>(
  describe: string,
  read: (value: unknown) => Out | undefined,
  { refuses = [], hint }: { refuses?: readonly unknown[]; hint?: (value: unknown) => string | undefined } = {},
): RequiredCheck<In, Out> {
  return required(describe, refuses, read, hint);
}

/** What either of two checks accepts; the first that does gives the value. */
export function either<InA, OutA, InB, OutB>(
  a: RequiredCheck<InA, OutA>,
  b: RequiredCheck<InB, OutB>,
): RequiredCheck<InA | InB, OutA | OutB> {
  return required(
    `${a.describe}, or ${b.describe}`,
    [...a.refuses, ...b.refuses].filter((value) => a.read(value) === undefined && b.read(value) === undefined),
    (value) => {
      const first = a.read(value);
      return first !== undefined ? first : b.read(value);
    },
    (value) => a.hint?.(value) ?? b.hint?.(value),
  );
}

/** What `check` accepts, or `null`. */
export function nullable<In, Out>(check: RequiredCheck<In, Out>): RequiredCheck<In | null, Out | null> {
  return required(
    `${check.describe}, or null`,
    check.refuses.filter((value) => value !== null),
    (value) => (value === null ? null : check.read(value)),
    (value) => check.hint?.(value),
  );
}

/** An option that may be left out; it is then not in the result either. */
export function optional<In, Out>(check: RequiredCheck<In, Out>): OptionCheck<In, Out, "optional"> {
  return { ...check, presence: "optional" };
}

/**
 * An option with a value when left out. The default goes through the check too, so `withDefault(pair(), 1)` gives [1, 1].
 * @throws OptionError where the check refuses the default.
 */
export function withDefault<In, Out>(check: RequiredCheck<In, Out>, value: In): OptionCheck<In, Out, "default"> {
  const fallback = (): Out => {
    const read = check.read(value);
    if (read === undefined) {
      throw new OptionError(`withDefault: a default must be ${check.describe}, received ${formatReceived(value)}.`);
    }
    return read;
  };
  fallback();
  return { ...check, presence: "default", fallback };
}
