/**
 * What a model keeps in a backend: its variables, its programs, and the state that training adds. Made on first use.
 */

import type { Backend } from "../backends/backend.js";
import type { TypedArray } from "../core/dtype.js";
import { randomStream } from "../core/random.js";
import type { Weight } from "../nn/layer.js";
import { stateVariables, type TrainingState } from "./graphs.js";
import type { Network } from "./network.js";
import { ProgramCache } from "./program-cache.js";
import { VariableStore } from "./variable-store.js";

/** The memory of one model. */
export class ModelMemory {
  readonly store: VariableStore;
  readonly programs: ProgramCache;

  constructor(
    readonly network: Network,
    readonly seed: number,
    readonly backend: Backend,
    owner: string,
  ) {
    this.store = new VariableStore(backend, owner);
    this.programs = new ProgramCache(this.store);
  }

  /** Makes the weights, with their initial values where they are new. */
  async ensureWeights(): Promise<void> {
    await this.store.ensure(
      this.network.weights.map((weight) => ({
        variable: weight.variable,
        initial: () => initialValues(weight, this.seed),
      })),
    );
  }

  /** Makes the state of training, zeros but for the learning rate. */
  async ensureState(state: TrainingState, learningRate: number): Promise<void> {
    await this.ensureWeights();
    await this.store.ensure([
      { variable: state.iterations },
      { variable: state.learningRate, initial: () => Float32Array.of(learningRate) },
      { variable: state.random },
      ...[...state.slots.values()].flat().map((variable) => ({ variable })),
    ]);
  }

  /** Forgets the state of training and every program. */
  dropState(state: TrainingState): void {
    this.programs.clear();
    this.store.free(stateVariables(state));
  }

  /** Forgets memory that the backend lost; everything is made anew when it is next needed. */
  reset(): void {
    this.programs.clear();
    this.store.forget();
  }

  /** Gives everything back, for good. */
  free(): void {
    this.programs.clear();
    this.store.free();
  }
}

/** The values a weight begins with: a function of the seed and the weight's own name. */
function initialValues(weight: Weight, seed: number): TypedArray {
  return weight.initializer.generate(weight.shape, randomStream(seed, weight.variable.name, "initializer"));
}
