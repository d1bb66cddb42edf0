/** All losses by name, and a loss from a name or a config. */

import { find, type Identifier, type Room, snakeCase } from "../factory.js";
import { binaryCrossentropy } from "./binaryCrossentropy.js";
import { categoricalCrossentropy, sparseCategoricalCrossentropy } from "./categoricalCrossentropy.js";
import { hinge } from "./hinge.js";
import type { Loss } from "./loss.js";
import { meanAbsoluteError, meanSquaredError } from "./regression.js";

export type { Labels, Loss } from "./loss.js";

/** Makes losses. */
export const losses = {
  binaryCrossentropy,
  categoricalCrossentropy,
  hinge,
  meanAbsoluteError,
  meanSquaredError,
  sparseCategoricalCrossentropy,
} as const;

/** Short names of losses, and of the metrics of the same formula, that Keras knows. */
export const shortNames: Readonly<Record<string, keyof typeof losses>> = {
  bce: "binaryCrossentropy",
  BCE: "binaryCrossentropy",
  mae: "meanAbsoluteError",
  MAE: "meanAbsoluteError",
  mse: "meanSquaredError",
  MSE: "meanSquaredError",
};

/** How logs spell a name that a user gave: a short name as it is, another one in Keras's snake_case. */
export function logName(name: string): string {
  return Object.hasOwn(shortNames, name) ? name : snakeCase(name);
}

const room: Room<Loss> = {
  what: "loss",
  factories: losses,
  aliases: shortNames,
  is: (value): value is Loss =>
    typeof value === "object" && value !== null && "labels" in value && "call" in value && "config" in value,
};

/**
 * The loss that `identifier` names ("sparseCategoricalCrossentropy", "sparse_categorical_crossentropy", "mse"),
 * describes ({ className, config }) or is. One given by name is logged by it, as in Keras.
 * @throws OptionError for an unknown name, with the nearest known one, and for anything else.
 */
export function resolveLoss(identifier: Identifier<Loss>): Loss {
  const loss = find(room, identifier, "compile");
  return typeof identifier === "string" ? { ...loss, name: logName(identifier) } : loss;
}
