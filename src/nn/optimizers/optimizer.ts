/** What an optimizer is. The optimizers are beside, their names in index.ts. */

import type { Tensor } from "../../graph/tensor.js";
import type { Config } from "../factory.js";

/** State that an optimizer keeps for one weight, zero at first. */
export interface Slot {
  /** Keras's name of it: "momentum", "velocity". */
  readonly name: string;
  readonly shape: readonly number[];
}

/** What one update of one weight is made of. */
export interface UpdateContext {
  /** The weight, read from its variable. */
  readonly weight: Tensor;
  readonly gradient: Tensor;
  /** Its slots, read from their variables, in the order of `slots`. */
  readonly slots: readonly Tensor[];
  /** A float32 scalar: it can change between steps. */
  readonly learningRate: Tensor;
  /** An int32 scalar: updates done before this one. */
  readonly iterations: Tensor;
}

/** How gradients change weights. */
export interface Optimizer {
  /** Keras's name of the class: "SGD". */
  readonly className: string;
  readonly name: string;
  /** The learning rate that training begins with. */
  readonly learningRate: number;
  /** Its options as plain values. */
  readonly config: Config;
  /** The state it keeps for a weight. */
  slots(weight: { readonly name: string; readonly shape: readonly number[] }): readonly Slot[];
  /** The effect that changes the weight and its slots. */
  update(context: UpdateContext): Tensor;
}
