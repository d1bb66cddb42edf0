/** All initializers by name, and the check of an option that takes one. */

import type { RequiredCheck } from "../../core/options.js";
import { type Description, find, productOption, type Room, type SnakeCase } from "../factory.js";
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

/** What a layer takes as an initializer. */
export type InitializerLike = InitializerName | SnakeCase<InitializerName> | Initializer | Description;

/** An option that is an initializer: a name, `{ className, config }`, or one made by `initializers`. */
export function initializerOption(): RequiredCheck<InitializerLike, Initializer> {
  return productOption<Initializer, InitializerLike>(
    room,
    'an initializer: one made by initializers, or a name such as "glorotUniform"',
    ["golrotUniform", "", null, 3, {}, ["zeros"], { className: "Constant", config: { value: Number.NaN } }],
  );
}
