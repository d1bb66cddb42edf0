/**
 * What a model keeps in a backend: its variables, its programs, and the state that training adds. Made on first use.
 */

import type { Backend } from "../backends/backend.js";
import type { TypedArray } from "../core/dtype.js";
import { randomStream } from "../core/random.js";
import { sizeOf } from "../core/shape.js";
import type { Weight } from "../nn/layer-parts.js";
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

  /** Makes the state of training, with what it begins with where it is new. */
  async ensureState(state: TrainingState): Promise<void> {
    await this.ensureWeights();
    await this.store.ensure(
      stateVariables(state).map((variable) => {
        const value = state.initial.get(variable);
        if (value === undefined) return { variable };
        return { variable, initial: () => new Float32Array(sizeOf(variable.shape)).fill(value) };
      }),
    );
  }

  /** The number of steps that this state has been trained for. */
  async iterations({ iterations }: TrainingState): Promise<number> {
    return (await this.store.read(iterations))[0]!;
  }

  /** Makes each weight what its first slot says, its moving average. Before the first step there is none. */
  async takeAverages(state: TrainingState): Promise<void> {
    if ((await this.iterations(state)) === 0) return;
    const pairs = [...state.slots].map(([weight, [average]]) => [weight, average!] as const);
    const values = await Promise.all(pairs.map(([, average]) => this.store.read(average)));
    await Promise.all(pairs.map(([weight], i) => this.store.write(weight, values[i]!)));
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
