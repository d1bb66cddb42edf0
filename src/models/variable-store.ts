/**
 * The memory of a model's variables: made when first needed, given back by `free` or, as a last resort, when the model
 * is collected. What another model holds already is shared (shared-buffers.ts). Not here: what the variables mean.
 */

import type { Backend, Buffer } from "../backends/backend.js";
import type { TypedArray } from "../core/dtype.js";
import { StateError } from "../core/errors.js";
import type { Variable } from "../graph/tensor.js";
import { hold, letGo, share } from "./shared-buffers.js";

/** A variable and the values it begins with; zeros without. */
interface InitialVariable {
  readonly variable: Variable;
  readonly initial?: () => TypedArray;
}

interface Held {
  readonly backend: Backend;
  readonly buffers: Map<Variable, Buffer>;
}

// A dropped model must not keep its memory; neither the registry nor what it holds refers to the store.
const dropped = new FinalizationRegistry<Held>(({ backend, buffers }) => letGo(backend, buffers));

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
      const buffer = hold(this.backend, variable) ?? (await this.#begin(variable, initial));
      this.#held.buffers.set(variable, buffer);
    }
  }

  /** A new buffer with the values it begins with; or that of another model which was quicker. */
  async #begin(variable: Variable, initial: (() => TypedArray) | undefined): Promise<Buffer> {
    const buffer = await this.backend.allocate(variable.dtype, variable.shape);
    try {
      if (initial !== undefined) await this.backend.write(buffer, initial());
      this.#check();
    } catch (error) {
      this.backend.free(buffer);
      throw error;
    }
    const other = hold(this.backend, variable);
    if (other === undefined) share(this.backend, variable, buffer);
    else this.backend.free(buffer);
    return other ?? buffer;
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
    const gone: [Variable, Buffer][] = [];
    for (const variable of [...(variables ?? buffers.keys())]) {
      const buffer = buffers.get(variable);
      if (buffer !== undefined) gone.push([variable, buffer]);
      buffers.delete(variable);
    }
    letGo(this.backend, gone);
    if (variables !== undefined) return;
    this.#freed = true;
    dropped.unregister(this);
  }

  #check(): void {
    if (this.#freed) throw new StateError(`${this.owner}: used after free().`);
  }
}
