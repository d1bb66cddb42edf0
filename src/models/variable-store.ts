/**
 * The memory of a model's variables: made when first needed, given back by `free` or, as a last resort, when the model
 * is collected. Not here: what the variables mean.
 */

import type { Backend, Buffer } from "../backends/backend.js";
import type { TypedArray } from "../core/dtype.js";
import { StateError } from "../core/errors.js";
import type { Variable } from "../graph/tensor.js";

/** A variable and the values it begins with; zeros without. */
export interface InitialVariable {
  readonly variable: Variable;
  readonly initial?: () => TypedArray;
}

interface Held {
  readonly backend: Backend;
  readonly buffers: Map<Variable, Buffer>;
}

// A dropped model must not keep its memory; neither the registry nor what it holds refers to the store.
const dropped = new FinalizationRegistry<Held>(({ backend, buffers }) => backend.free(...buffers.values()));

/** The buffers of variables in one backend. */
export class VariableStore {
  readonly #held: Held;
  #making: Promise<void> = Promise.resolve();
  #freed = false;

  constructor(
    readonly backend: Backend,
    readonly owner: string,
  ) {
    this.#held = { backend, buffers: new Map() };
    dropped.register(this, this.#held, this);
  }

  /** Every variable with its buffer, for lowering a graph. */
  get buffers(): ReadonlyMap<Variable, Buffer> {
    return this.#held.buffers;
  }

  /** Whether the backend lost the memory: the values are gone for good. */
  get lost(): boolean {
    return [...this.#held.buffers.values()].some((buffer) => buffer.lost === true);
  }

  /** Forgets memory that was lost, so that `ensure` makes it anew. */
  forget(): void {
    this.#held.buffers.clear();
  }

  /** Makes those variables that are not there yet. @throws StateError after free. */
  ensure(variables: readonly InitialVariable[]): Promise<void> {
    // One call after the other: two at once would both make what is missing.
    const made = this.#making.then(() => this.#make(variables));
    this.#making = made.catch(() => undefined);
    return made;
  }

  async #make(variables: readonly InitialVariable[]): Promise<void> {
    for (const { variable, initial } of variables) {
      this.#check();
      if (this.#held.buffers.has(variable)) continue;
      const buffer = await this.backend.allocate(variable.dtype, variable.shape);
      try {
        if (initial !== undefined) await this.backend.write(buffer, initial());
        this.#check();
      } catch (error) {
        this.backend.free(buffer);
        throw error;
      }
      this.#held.buffers.set(variable, buffer);
    }
  }

  /** The buffer of a variable that is there. */
  buffer(variable: Variable): Buffer {
    this.#check();
    const buffer = this.#held.buffers.get(variable);
    if (buffer === undefined) throw new StateError(`${this.owner}: variable ${variable.name} has no memory yet.`);
    return buffer;
  }

  /** A copy of a variable's values; in `into`, if that is given. */
  read(variable: Variable, into?: TypedArray): Promise<TypedArray> {
    return this.backend.read(this.buffer(variable), 0, undefined, into);
  }

  /** Overwrites a variable's values. */
  write(variable: Variable, values: TypedArray): Promise<void> {
    return this.backend.write(this.buffer(variable), values);
  }

  /** Gives back the memory of some variables; of all of them and for good without an argument. */
  free(variables?: Iterable<Variable>): void {
    const { buffers } = this.#held;
    for (const variable of [...(variables ?? buffers.keys())]) {
      const buffer = buffers.get(variable);
      if (buffer !== undefined) this.backend.free(buffer);
      buffers.delete(variable);
    }
    if (variables !== undefined) return;
    this.#freed = true;
    dropped.unregister(this);
  }

  #check(): void {
    if (this.#freed) throw new StateError(`${this.owner}: used after free().`);
  }
}
