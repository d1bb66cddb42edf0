/** All losses by name, and a loss from a name, a config or a function. */

import { OptionError } from "../../core/errors.js";
import { type AnyFactory, factoryAmong, find, type Identifier, type NameIn, type Room, snakeCase } from "../factory.js";
import { binaryCrossentropy, binaryFocalCrossentropy } from "./binaryCrossentropy.js";
import { categoricalCrossentropy, categoricalFocalCrossentropy } from "./categoricalCrossentropy.js";
import { klDivergence, poisson } from "./divergence.js";
import { categoricalHinge, hinge, squaredHinge } from "./hinge.js";
import type { Loss } from "./loss.js";
import { type LossFunction, type OwnLoss, ownLoss } from "./own.js";
import {
  huber,
  logCosh,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanSquaredError,
  meanSquaredLogarithmicError,
} from "./regression.js";
import { cosineSimilarity } from "./similarity.js";
import { sparseCategoricalCrossentropy } from "./sparseCategoricalCrossentropy.js";

export type { Loss } from "./loss.js";
export type { LossFunction, OwnLoss } from "./own.js";

/** Makes losses. */
export const losses = {
  binaryCrossentropy,
  binaryFocalCrossentropy,
  categoricalCrossentropy,
  categoricalFocalCrossentropy,
  categoricalHinge,
  cosineSimilarity,
  hinge,
  huber,
  klDivergence,
  logCosh,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanSquaredError,
  meanSquaredLogarithmicError,
  poisson,
  sparseCategoricalCrossentropy,
  squaredHinge,
} as const;

/** Short names of losses, and of the metrics of the same formula, that Keras knows. */
export const shortNames = {
  bce: "binaryCrossentropy",
  BCE: "binaryCrossentropy",
  kld: "klDivergence",
  KLD: "klDivergence",
  mae: "meanAbsoluteError",
  MAE: "meanAbsoluteError",
  mape: "meanAbsolutePercentageError",
  MAPE: "meanAbsolutePercentageError",
  mse: "meanSquaredError",
  MSE: "meanSquaredError",
  msle: "meanSquaredLogarithmicError",
  MSLE: "meanSquaredLogarithmicError",
} as const satisfies Readonly<Record<string, keyof typeof losses>>;

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

/** The names of losses: in code, in Keras's snake_case, their classes', and short ones. */
export type LossName = NameIn<typeof losses> | keyof typeof shortNames;

/** What `compile` takes as a loss. */
export type LossLike = Identifier<Loss, LossName> | AnyFactory<Loss> | LossFunction | OwnLoss;

/**
 * The loss that `identifier` names ("sparseCategoricalCrossentropy", "sparse_categorical_crossentropy", "mse"),
 * describes ({ className, config }) or is, or that one of the functions `losses`, uncalled, makes with its defaults, or a
 * function of the user's own. One given by name is logged by it, as in Keras.
 * @throws OptionError for an unknown name, with the nearest known one, and for anything else.
 */
export function resolveLoss(identifier: LossLike | string): Loss {
  if (identifier === "crossentropy" || identifier === "ce") {
    throw new OptionError(
      `compile: the loss "${identifier}" depends on the labels; give sparse_categorical_crossentropy for class numbers, categorical_crossentropy for one-hot rows, or binary_crossentropy for one output.`,
    );
  }
  const made = madeLoss(identifier);
  if (made !== undefined) return made;
  if (isOwn(identifier)) return ownLoss(identifier);
  const loss = find(room, identifier, "compile");
  return typeof identifier === "string" ? { ...loss, name: logName(identifier) } : loss;
}

/** The loss that a value is, or that one of the functions `losses`, uncalled, makes; undefined for anything else. */
export function madeLoss(value: unknown): Loss | undefined {
  return room.is(value) ? value : factoryAmong(room, value)?.read({});
}

/** A function, or an object about one. */
function isOwn(value: unknown): value is LossFunction | OwnLoss {
  return typeof value === "function" || (typeof value === "object" && value !== null && "call" in value);
}
