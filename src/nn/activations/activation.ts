/** What an activation is to a layer: a named function of a tensor. The functions are beside, the names in index.ts. */

import type { Tensor } from "../../graph/tensor.js";
import type { Config } from "../factory.js";

/** A function of a tensor, of its shape. */
export type ActivationFunction = (x: Tensor) => Tensor;

/** An activation as a layer holds it. */
export interface Activation {
  /** Its name, or that of the user's own function. */
  readonly name: string;
  /** null for a function of the user's own. */
  readonly config: Config | null;
  readonly call: ActivationFunction;
}
