/** All initializers by name, and the check of an option that takes one. */

import type { RequiredCheck } from "../../core/options.js";
import {
  type AnyFactory,
  type Description,
  find,
  productOrFunctionOption,
  type Room,
  type SnakeCase,
} from "../factory.js";
import { constant, identity, ones, zeros } from "./constant.js";
import type { Initializer } from "./initializer.js";
import { orthogonal } from "./orthogonal.js";
import { type InitializerFunction, ownInitializer } from "./own.js";
import { randomNormal, randomUniform, truncatedNormal } from "./random.js";
import {
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  lecunNormal,
  lecunUniform,
  varianceScaling,
} from "./varianceScaling.js";

export type { Initializer } from "./initializer.js";
export type { InitializerFunction } from "./own.js";

/** Makes initializers. */
export const initializers = {
  constant,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  identity,
  lecunNormal,
  lecunUniform,
  ones,
  orthogonal,
  randomNormal,
  randomUniform,
  truncatedNormal,
  varianceScaling,
  zeros,
} as const;

/** Other names of initializers that Keras knows. */
const aliases = {
  IdentityInitializer: "identity",
  OrthogonalInitializer: "orthogonal",
  normal: "randomNormal",
  one: "ones",
  uniform: "randomUniform",
  zero: "zeros",
} as const;

/** The name of an initializer. */
type InitializerName = keyof typeof initializers | SnakeCase<keyof typeof initializers> | keyof typeof aliases;

const room: Room<Initializer> = {
  what: "initializer",
  factories: initializers,
  aliases,
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
export type InitializerLike =
  | InitializerName
  | Initializer
  | AnyFactory<Initializer>
  | InitializerFunction
  | Description;

/** An option that is an initializer: a name, `{ className, config }`, one made by `initializers`, or a function. */
export function initializerOption(): RequiredCheck<InitializerLike, Initializer> {
  return productOrFunctionOption<Initializer, InitializerLike, InitializerFunction>(
    room,
    'an initializer: one made by initializers, a name such as "glorotUniform", or a function of a shape',
    ["golrotUniform", "", null, 3, {}, ["zeros"], { className: "Constant", config: { value: Number.NaN } }],
    ownInitializer,
  );
}
