/** What an optimizer is. How one is defined is in define.ts; the optimizers are beside, their names in index.ts. */

import type { Tensor } from "../../graph/tensor.js";
import type { Config } from "../factory.js";
import type { Schedule } from "../schedules/index.js";

/** State that an optimizer keeps. */
export interface Slot {
  /** Keras's name of it: "momentum", "velocity". */
  readonly name: string;
  readonly shape: readonly number[];
  /** What every element begins with. Default 0. */
  readonly initial?: number;
}

/** What an optimizer is told of a weight. */
export interface WeightShape {
  /** The weight's path in the network: `dense/kernel`. */
  readonly name: string;
  readonly shape: readonly number[];
}

/** One weight in an update. */
export interface WeightUpdate {
  /** Its path in the network. */
  readonly name: string;
  /** The weight, read from its variable. */
  readonly weight: Tensor;
  readonly gradient: Tensor;
  /** Its slots, read from their variables, in the order of `slots`. */
  readonly slots: readonly Tensor[];
}

/** What one update of all weights is made of. */
export interface UpdateContext {
  readonly weights: readonly WeightUpdate[];
  /** The optimizer's own state, read from its variables, in the order of `shared`. */
  readonly shared: readonly Tensor[];
  /** A float32 scalar: it can change between steps. */
  readonly learningRate: Tensor;
  /** An int32 scalar: steps done before this one. */
  readonly iterations: Tensor;
}

/** How gradients change weights. */
export interface Optimizer {
  /** Keras's name of the class: "SGD". */
  readonly className: string;
  readonly name: string;
  /** The learning rate that training begins with, or the schedule that it follows. */
  readonly learningRate: number | Schedule;
  /** What the loss is multiplied with before gradients are taken, which `update` then divides by; null for nothing. */
  readonly lossScaleFactor: number | null;
  /** Whether the first slot of a weight is its moving average, which the weight becomes at the end of fit. */
  readonly useEma: boolean;
  /** Its options as plain values. */
  readonly config: Config;
  /** The state it keeps for a weight. */
  slots(weight: WeightShape): readonly Slot[];
  /** The state it keeps once, whatever the weights. */
  readonly shared: readonly Slot[];
  /** The effects that change the weights and all state, but `iterations`. */
  update(context: UpdateContext): readonly Tensor[];
}
