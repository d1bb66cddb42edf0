/** Where a layer's random numbers come from in a training step. Not the numbers: core/random-counter.ts. */

import { StateError } from "../core/errors.js";
import { hashStream } from "../core/random.js";
import type { Tensor } from "../graph/tensor.js";
import type { CallContext } from "./layer-parts.js";

/** The run's random state, and the stream that is a layer's own: of its name, what it is for, and its seed if it has one. */
export interface LayerRandom {
  readonly state: Tensor;
  readonly stream: number;
}

/**
 * A layer's random numbers.
 * @throws StateError where the step has no random state.
 */
export function randomOf(
  { randomState }: CallContext,
  name: string,
  purpose: string,
  seed: number | undefined,
): LayerRandom {
  if (randomState === null) throw new StateError(`${name}: training needs the run's random state.`);
  return { state: randomState, stream: hashStream(name, seed === undefined ? purpose : `${purpose} ${seed}`) };
}
