/** All optimizers by name, and an optimizer from a name or a config. */

import { find, type Identifier, type Room } from "../factory.js";
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

export type { Optimizer, Slot, UpdateContext, WeightUpdate } from "./optimizer.js";

/** Makes optimizers. */
export const optimizers = { adadelta, adagrad, adam, adamW, adamax, lion, muon, nadam, rmsprop, sgd } as const;

const room: Room<Optimizer> = {
  what: "optimizer",
  factories: optimizers,
  // Keras takes the class's name in small letters.
  aliases: { adamw: "adamW" },
  is: (value): value is Optimizer =>
    typeof value === "object" && value !== null && "slots" in value && "update" in value,
};

/**
 * The optimizer that `identifier` names ("adam", "Adam", "sgd", "SGD"), describes ({ className, config }) or is.
 * @throws OptionError for an unknown name, with the nearest known one, and for anything else.
 */
export function resolveOptimizer(identifier: Identifier<Optimizer>): Optimizer {
  return find(room, identifier, "compile");
}
