/** All optimizers by name, and an optimizer from a name or a config. */

import { find, type Identifier, type Room } from "../factory.js";
import { adam } from "./adam.js";
import type { Optimizer } from "./optimizer.js";
import { sgd } from "./sgd.js";

export type { Optimizer, Slot, UpdateContext } from "./optimizer.js";

/** Makes optimizers. */
export const optimizers = { adam, sgd } as const;

const room: Room<Optimizer> = {
  what: "optimizer",
  factories: optimizers,
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
