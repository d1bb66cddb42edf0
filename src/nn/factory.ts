/**
 * How everything in nn/ that a user configures is made: a checked table of options in, an immutable product out, the
 * same from code (`optimizers.adam({ ... })`), by name ("adam") and from a config ({ className: "Adam", config }).
 * Not the products themselves.
 */

import { OptionError } from "../core/errors.js";
import {
  custom,
  formatReceived,
  nearestName,
  type OptionsCheck,
  type OptionTable,
  type OutputOf,
  optionsOf,
  type RequiredCheck,
} from "../core/options.js";

/** What is left of a product when it is written down: JSON-able, in this library's words. */
export type Config = Readonly<Record<string, unknown>>;

/** A product written down, or the part of it that says how to make it again. */
export interface Description {
  readonly className: string;
  readonly config: Config;
}

/** Makes products of one class. */
export interface Factory<T extends OptionTable, Product> {
  (...options: Parameters<OptionsCheck<T>>): Product;
  /** Keras's name of the class: "Conv2D". */
  readonly className: string;
  /** The same for options of unknown origin: a config. */
  read(options: unknown): Product;
  readonly table: T;
}

/** What the tables of a room hold: factories of any options. */
export interface AnyFactory<Product> {
  readonly className: string;
  read(options: unknown): Product;
}

/**
 * Defines a factory. `call` is its name in code, which messages begin with; `build` gets the checked options and a
 * function that writes them down.
 */
export function defineFactory<const T extends OptionTable, Product>(definition: {
  readonly className: string;
  readonly call: string;
  readonly options: T;
  build(options: OutputOf<T>, config: () => Config): Product;
}): Factory<T, Product> {
  const { className, call, options: table, build } = definition;
  const check = optionsOf(call, table);
  const make = (options: OutputOf<T>): Product => build(options, () => describeOptions(options, call));
  return Object.assign((...options: Parameters<OptionsCheck<T>>) => make(check(...options)), {
    className,
    read: (options: unknown) => make(check.read(options)),
    table,
  });
}

/** An option that is itself named and configured, such as an initializer or an activation. */
interface NamedOption {
  readonly name: string;
  readonly config: Config | null;
}

/**
 * Options as plain values: a named one becomes its name, or `{ className, config }` where it has a config.
 * @throws OptionError for an option that is code of the user's own (config null): nothing could make it again.
 */
function describeOptions(options: object, call: string): Config {
  const entries = Object.entries(options).map(([key, value]: [string, unknown]) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return [key, value] as const;
    const { name, config } = value as NamedOption;
    if (config === null) {
      throw new OptionError(
        `${call}: ${key} is a function of your own (${name}) and cannot be written into a config. Use a known name to save this model's architecture; its weights can be saved either way.`,
      );
    }
    return [key, Object.keys(config).length === 0 ? name : { className: name, config }] as const;
  });
  return Object.fromEntries(entries);
}

/**
 * Keras's spelling of a name: "SparseCategoricalCrossentropy" and "sparseCategoricalCrossentropy" give
 * "sparse_categorical_crossentropy", "Conv2D" gives "conv2d", "MaxPooling2D" "max_pooling2d".
 */
export function snakeCase(name: string): string {
  return name
    .replace(/(.)([A-Z][a-z]+)/g, "$1_$2")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();
}

/** The same name in Keras's snake_case. */
export type SnakeCase<Name extends string> = Name extends `${infer Letter}${infer Rest}`
  ? `${Letter extends Lowercase<Letter> ? Letter : `_${Lowercase<Letter>}`}${SnakeCase<Rest>}`
  : "";

/** The names that a thing of a table has: in code, in Keras's snake_case, and its class's. */
export type NameIn<Table> = Spelled<keyof Table & string>;
type Spelled<Name extends string> = Name | SnakeCase<Name> | Capitalize<Name>;

/** What a table of a room can be asked for. */
export type Identifier<Product, Name extends string> = Name | Product | Description;

/** How a room finds its products. */
export interface Room<Product> {
  /** The kind of thing, for messages: "loss". */
  readonly what: string;
  /** By the name they have in code. */
  readonly factories: Readonly<Record<string, AnyFactory<Product>>>;
  /** Other names that Keras knows: mse. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Whether a value is such a product already. */
  is(value: unknown): value is Product;
}

/** Whether a value is a product that is applied to a tensor: an activation, a regularizer, a constraint. */
export function isApplied<Product extends { readonly name: string; readonly config: unknown; call: unknown }>(
  value: unknown,
): value is Product {
  return typeof value === "object" && value !== null && "call" in value && "name" in value && "config" in value;
}

/**
 * A product by its name (in code, Keras's snake_case, or the class's), from its description, or itself.
 * @throws OptionError for an unknown name, with the nearest known one, and for anything else; `where` goes in front.
 */
export function find<Product>(room: Room<Product>, identifier: unknown, where?: string): Product {
  if (room.is(identifier)) return identifier;
  if (typeof identifier === "string") return factoryNamed(room, identifier, where).read({});
  if (isDescription(identifier)) return factoryNamed(room, identifier.className, where).read(identifier.config);
  throw new OptionError(
    `${prefix(where)}${article(room.what)} must be a name, such as "${Object.keys(room.factories)[0]}", or made by one of its functions, received ${formatReceived(identifier)}.`,
  );
}

/** Whether a name is known to a room. */
export function knows<Product>(room: Room<Product>, name: string): boolean {
  return keyOf(room, name) !== undefined;
}

/** What to say of a name that is not known: the nearest one. */
function hintFor<Product>(room: Room<Product>, name: unknown): string | undefined {
  if (typeof name !== "string") return undefined;
  // Names in code come first: of equally near ones the first wins.
  const near = nearestName(name, [...Object.keys(room.factories), ...Object.keys(room.aliases ?? {})]);
  return near === undefined ? undefined : `did you mean "${near}"?`;
}

/**
 * An option that is a product of a room: by name, described, or made by one of its functions. `describe` and `refuses`
 * are those of a check (core/option-checks.ts).
 */
export function productOption<Product, Like>(
  room: Room<Product>,
  describe: string,
  refuses: readonly unknown[],
): RequiredCheck<Like, Product> {
  /** The product, or why there is none. */
  const attempt = (value: unknown): { product: Product } | { problem: string } => {
    try {
      return { product: find(room, value) };
    } catch (error) {
      if (error instanceof OptionError) return { problem: error.message.replace(/\.$/, "") };
      throw error;
    }
  };
  return custom<Product, Like>(
    describe,
    (value) => {
      const result = attempt(value);
      return "product" in result ? result.product : undefined;
    },
    {
      refuses,
      hint(value) {
        if (!isDescription(value)) return hintFor(room, value);
        const result = attempt(value);
        return "problem" in result ? result.problem : undefined;
      },
    },
  );
}

/**
 * The same option where it may be a function too: one of the room's own, uncalled, is that with its defaults; of another
 * one `own` makes the product.
 */
export function productOrFunctionOption<Product, Like, Own>(
  room: Room<Product>,
  describe: string,
  refuses: readonly unknown[],
  own: (given: Own) => Product,
): RequiredCheck<Like, Product> {
  const named = productOption<Product, Like>(room, describe, refuses);
  return custom<Product, Like>(
    describe,
    (value) => {
      if (typeof value !== "function") return named.read(value);
      return factoryAmong(room, value)?.read({}) ?? own(value as Own);
    },
    { refuses, hint: (value) => named.hint?.(value) },
  );
}

/** The room's own function that a value is, not called: it makes the product with all defaults. */
export function factoryAmong<Product>(room: Room<Product>, value: unknown): AnyFactory<Product> | undefined {
  return Object.values(room.factories).find((factory) => factory === value);
}

/**
 * How logs call a function of the user's own, as Keras does: its name in snake_case, without what is no letter, digit or
 * underscore, or "lambda" where it has none.
 */
export function logNameOf(own: { readonly name: string }): string {
  return snakeCase(own.name.replace(/[^\p{L}\p{N}_]/gu, "")) || "lambda";
}

/** What a function of the user's own is called in messages. */
export function nameOf(own: { readonly name: string }): string {
  return own.name || "unnamed";
}

function factoryNamed<Product>(room: Room<Product>, name: string, where?: string): AnyFactory<Product> {
  const key = keyOf(room, name);
  if (key !== undefined) return room.factories[key]!;
  const hint = hintFor(room, name);
  const advice = hint === undefined ? `known: ${Object.keys(room.factories).join(", ")}.` : hint;
  throw new OptionError(`${prefix(where)}unknown ${room.what} ${formatReceived(name)}; ${advice}`);
}

function keyOf<Product>(room: Room<Product>, name: string): string | undefined {
  if (room.aliases !== undefined && Object.hasOwn(room.aliases, name)) return room.aliases[name];
  const wanted = snakeCase(name);
  return Object.keys(room.factories).find(
    (key) => key === name || snakeCase(key) === wanted || snakeCase(room.factories[key]!.className) === wanted,
  );
}

/** Whether a value is a product written down. */
export function isDescription(value: unknown): value is Description {
  if (typeof value !== "object" || value === null) return false;
  const { className, config } = value as Partial<Description>;
  return typeof className === "string" && typeof config === "object" && config !== null;
}

function prefix(where: string | undefined): string {
  return where === undefined ? "" : `${where}: `;
}

function article(what: string): string {
  return `${/^[aeiou]/.test(what) ? "an" : "a"} ${what}`;
}
