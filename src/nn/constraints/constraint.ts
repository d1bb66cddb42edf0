/** What a constraint is. They are beside, their names in index.ts. */

import type { Tensor } from "../../graph/tensor.js";
import type { Config } from "../factory.js";

/** What a weight is made to be after every update. */
export interface Constraint {
  /** Its name in `constraints`: "maxNorm"; or that of the user's own function. */
  readonly name: string;
  /** Its options as plain values; null for a function of the user's own. */
  readonly config: Config | null;
  /**
   * What becomes of a weight, float32, of its shape. Messages begin with `where`.
   * @throws ShapeError for axes that the weight does not have.
   */
  call(weight: Tensor, where: string): Tensor;
}
