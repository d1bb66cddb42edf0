/** All optimizers by name, and an optimizer from a name or a config. */

import { find, type Identifier, type NameIn, type Room } from "../factory.js";
import { adadelta } from "./adadelta.js";
import { adagrad } from "./adagrad.js";
import { adam, adamW } from "./adam.js";
import { adamax } from "./adamax.js";
import { lion } from "./lion.js";
import { muon } from "./muon.js";
import { nadam } from "./nadam.js";
import type { Optimizer } from "./optimizer.js";
import { rmsprop } from "./rmsprop.js";
import { sgd } from "./sgd.js";

export type { Optimizer } from "./optimizer.js";

/**
 * Makes optimizers.
 *
 * Besides its own, every one has these options: `learningRate`, a number (0 or more) or a schedule; `weightDecay`
 * (null: none), which takes weightDecay · learningRate of a weight off it before each step, but for weights in whose
 * path (`dense/bias`) one of the regular expressions `excludeFromWeightDecay` is found; at most one of `clipnorm` (the
 * norm of each weight's gradient), `clipvalue` (each element) and `globalClipnorm` (the norm of all gradients
 * together), null by default; `useEma` (false): a mean of each weight over the steps, mean ← emaMomentum · mean + (1 -
 * emaMomentum) · weight with `emaMomentum` 0.99, which the weight becomes at the end of fit and after every
 * `emaOverwriteFrequency` (null: none, or up to 2^24) updates; `lossScaleFactor` (null): what the loss is multiplied with before
 * gradients are taken, which are then divided by it; `gradientAccumulationSteps` (null, or from 2 to 2^24): an update every
 * so many steps, by the mean of their gradients.
 * @example
 * const rate = schedules.cosineDecay({ initialLearningRate: 0.01, decaySteps: 1000 });
 * optimizers.adamW({ learningRate: rate, globalClipnorm: 1, useEma: true, gradientAccumulationSteps: 4 });
 */
export const optimizers = { adadelta, adagrad, adam, adamW, adamax, lion, muon, nadam, rmsprop, sgd } as const;

// Keras takes the class's name in small letters.
const aliases = { adamw: "adamW" } as const;

const room: Room<Optimizer> = {
  what: "optimizer",
  factories: optimizers,
  aliases,
  is: (value): value is Optimizer =>
    typeof value === "object" && value !== null && "slots" in value && "update" in value,
};

/** The names of optimizers: in code, in Keras's snake_case, and their classes'. */
export type OptimizerName = NameIn<typeof optimizers> | keyof typeof aliases | "RMSprop" | "SGD";

/** What `compile` takes as an optimizer. */
export type OptimizerLike = Identifier<Optimizer, OptimizerName>;

/**
 * The optimizer that `identifier` names ("adam", "Adam", "sgd", "SGD"), describes ({ className, config }) or is.
 * @throws OptionError for an unknown name, with the nearest known one, and for anything else.
 */
export function resolveOptimizer(identifier: OptimizerLike | string): Optimizer {
  return find(room, identifier, "compile");
}
