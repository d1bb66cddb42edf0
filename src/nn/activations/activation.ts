/** What an activation is to a layer, and how one is defined. The activations are beside, their names in index.ts. */

import type { InputOf, OptionTable, OutputOf } from "../../core/options.js";
import type { Tensor } from "../../graph/tensor.js";
import { type Config, defineFactory } from "../factory.js";

/** A function of a tensor, of its shape. */
export type ActivationFunction = (x: Tensor) => Tensor;

/** An activation as a layer holds it. */
export interface Activation {
  /** Its name, or that of the user's own function. */
  readonly name: string;
  /** Those of its options that are not the default; null for a function of the user's own. */
  readonly config: Config | null;
  readonly call: ActivationFunction;
}

/** An activation of the library: a function of a tensor and options, which can also be read from a name and a config. */
export interface NamedActivation<T extends OptionTable = OptionTable> {
  (x: Tensor, options?: InputOf<T>): Tensor;
  /** Its name; Keras has no classes of activations. */
  readonly className: string;
  /** The activation with options of unknown origin: a config. */
  read(options: unknown): Activation;
  readonly table: T;
}

/** Defines an activation. All of its options have defaults; `apply` is the formula. */
export function defineActivation<const T extends OptionTable>(definition: {
  readonly name: string;
  readonly options: T;
  apply(x: Tensor, options: OutputOf<T>): Tensor;
}): NamedActivation<T> {
  const { name, options: table, apply } = definition;
  const { read } = defineFactory<T, Activation>({
    className: name,
    call: name,
    options: table,
    build: (options) => ({ name, config: changed(options, table), call: (x) => apply(x, options) }),
  });
  return Object.assign((x: Tensor, options?: InputOf<T>) => read(options).call(x), { className: name, read, table });
}

/** The options that are not the default: most activations are known by their name alone, as in Keras's configs. */
function changed(options: object, table: OptionTable): Config {
  return Object.fromEntries(Object.entries(options).filter(([key, value]) => value !== table[key]!.fallback?.()));
}
