/** What an initializer is: where the first values of a weight come from. They are beside, their names in index.ts. */

import type { RandomStream } from "../../core/random.js";
import type { Config } from "../factory.js";

/** Makes the first values of a weight. */
export interface Initializer {
  /** Its name in `initializers`: "glorotUniform"; or that of the user's own function. */
  readonly name: string;
  /** Its options as plain values; null for a function of the user's own. */
  readonly config: Config | null;
  /**
   * Values of this shape, row-major; `stream` gives the random numbers, if it needs any and has no seed of its own.
   * @throws ShapeError where it makes no values of such a shape.
   */
  generate(shape: readonly number[], stream: RandomStream): Float32Array;
}
