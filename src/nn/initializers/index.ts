/** All initializers by name, and the check of an option that takes one. */

import { OptionError } from "../../core/errors.js";
import { custom, type RequiredCheck } from "../../core/options.js";
import { type Description, find, hintFor, type Room } from "../factory.js";
import { constant, ones, zeros } from "./constant.js";
import type { Initializer } from "./initializer.js";
import { randomNormal, randomUniform } from "./random.js";
import { glorotNormal, glorotUniform, heNormal, heUniform, lecunNormal, lecunUniform } from "./varianceScaling.js";

export type { Initializer } from "./initializer.js";

/** Makes initializers. */
export const initializers = {
  constant,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  lecunNormal,
  lecunUniform,
  ones,
  randomNormal,
  randomUniform,
  zeros,
} as const;

/** The name of an initializer. */
export type InitializerName = keyof typeof initializers;

const room: Room<Initializer> = {
  what: "initializer",
  factories: initializers,
  is: (value): value is Initializer =>
    typeof value === "object" && value !== null && typeof (value as Partial<Initializer>).generate === "function",
};

/**
 * The initializer that `identifier` names ("glorotUniform", "glorot_uniform"), describes ({ className, config }) or is.
 * @throws OptionError for an unknown name, with the nearest known one, and for anything else.
 */
export function resolveInitializer(identifier: unknown, where?: string): Initializer {
  return find(room, identifier, where);
}

/** The same name in Keras's snake_case. */
type SnakeCase<Name extends string> = Name extends `${infer Letter}${infer Rest}`
  ? `${Letter extends Lowercase<Letter> ? Letter : `_${Lowercase<Letter>}`}${SnakeCase<Rest>}`
  : "";

/** What a layer takes as an initializer. */
export type InitializerLike = InitializerName | SnakeCase<InitializerName> | Initializer | Description;

/** An option that is an initializer: a name, `{ className, config }`, or one made by `initializers`. */
export function initializerOption(): RequiredCheck<InitializerLike, Initializer> {
  return custom<Initializer, InitializerLike>(
    `an initializer: one made by initializers, or a name such as "glorotUniform"`,
    (value) => {
      try {
        return find(room, value);
      } catch (error) {
        if (error instanceof OptionError) return undefined;
        throw error;
      }
    },
    {
      refuses: ["golrotUniform", "", null, 3, {}, ["zeros"], { className: "Constant", config: { value: Number.NaN } }],
      hint: (value) => hintFor(room, value) ?? complaintOf(value),
    },
  );
}

/** Why a description of a known initializer is refused. */
function complaintOf(value: unknown): string | undefined {
  if (typeof (value as Partial<Description> | null)?.className !== "string") return undefined;
  try {
    find(room, value);
    return undefined;
  } catch (error) {
    return error instanceof OptionError ? error.message.replace(/\.$/, "") : undefined;
  }
}
