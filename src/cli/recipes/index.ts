/** The recipes by name, in the order in which help lists them. */

import { mnistCnn } from "./mnist-cnn.js";
import { mnistMlp } from "./mnist-mlp.js";
import type { Recipe } from "./recipe.js";

export const recipes = {
  "mnist-mlp": mnistMlp,
  "mnist-cnn": mnistCnn,
} as const satisfies Readonly<Record<string, Recipe>>;
