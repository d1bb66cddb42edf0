/** The programs of one model: lowered when first needed, at most eight kept, the least recently used given back. */

import type { Backend, Program } from "../backends/backend.js";
import type { Graph } from "../graph/graph.js";
import type { VariableStore } from "./variable-store.js";

const kept = 8;

/** A program and the graph it was lowered from, whose outputs tell their types. */
export interface Lowered {
  readonly program: Program;
  readonly graph: Graph;
}

interface Held {
  readonly backend: Backend;
  readonly programs: Map<string, Promise<Lowered>>;
}

const dropped = new FinalizationRegistry<Held>(releaseAll);

/** Programs by key. */
export class ProgramCache {
  readonly #held: Held;

  constructor(readonly store: VariableStore) {
    this.#held = { backend: store.backend, programs: new Map() };
    dropped.register(this, this.#held, this);
  }

  /** The program of this key, lowered from `build()` for `capacity` rows if it is not there. */
  get(key: string, capacity: number, build: () => Graph): Promise<Lowered> {
    const { programs } = this.#held;
    const full = `${key} x${capacity}`;
    let program = programs.get(full);
    if (program === undefined) {
      program = this.#lower(build(), capacity);
      program.catch(() => programs.delete(full));
      const oldest = programs.size >= kept ? programs.keys().next().value : undefined;
      if (oldest !== undefined) this.#release(oldest);
    }
    // Map keeps insertion order: the last one used goes last.
    programs.delete(full);
    programs.set(full, program);
    return program;
  }

  /** Gives all programs back. */
  clear(): void {
    releaseAll(this.#held);
  }

  async #lower(graph: Graph, capacity: number): Promise<Lowered> {
    const program = await this.#held.backend.lower(graph, { capacity, variables: this.store.buffers });
    return { program, graph };
  }

  #release(key: string): void {
    const { backend, programs } = this.#held;
    releaseOne(backend, programs.get(key));
    programs.delete(key);
  }
}

function releaseAll({ backend, programs }: Held): void {
  for (const program of programs.values()) releaseOne(backend, program);
  programs.clear();
}

function releaseOne(backend: Backend, lowered: Promise<Lowered> | undefined): void {
  // A program that failed to lower was reported to whoever asked for it.
  lowered?.then(({ program }) => backend.release(program)).catch(() => undefined);
}
