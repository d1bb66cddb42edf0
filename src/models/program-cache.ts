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

/** A program that is in use, and how to say that it is not any more. */
export interface Lease extends Lowered {
  release(): void;
}

interface Entry {
  readonly lowered: Promise<Lowered>;
  /** Leases out. */
  uses: number;
  /** It is out of the cache, and goes when the last lease comes back. */
  gone: boolean;
}

interface Held {
  readonly backend: Backend;
  readonly programs: Map<string, Entry>;
}

const dropped = new FinalizationRegistry<Held>(dropAll);

/** Programs by key. A program that someone uses is never given back under them. */
export class ProgramCache {
  readonly #held: Held;

  constructor(readonly store: VariableStore) {
    this.#held = { backend: store.backend, programs: new Map() };
    dropped.register(this, this.#held, this);
  }

  /** Programs kept. */
  get size(): number {
    return this.#held.programs.size;
  }

  /** The program of this key, lowered from `build()` for `capacity` rows if it is not there. Release it after use. */
  async get(key: string, capacity: number, build: () => Graph): Promise<Lease> {
    const { backend, programs } = this.#held;
    const full = `${key} x${capacity}`;
    const entry = programs.get(full) ?? { lowered: this.#lower(build(), capacity), uses: 0, gone: false };
    entry.uses++;
    // Map keeps insertion order: the last one used goes last.
    programs.delete(full);
    programs.set(full, entry);
    if (programs.size > kept) {
      const idle = [...programs].filter(([, { uses }]) => uses === 0);
      for (const [name, other] of idle.slice(0, programs.size - kept)) {
        programs.delete(name);
        drop(backend, other);
      }
    }
    try {
      const lowered = await entry.lowered;
      let out = true;
      return {
        ...lowered,
        release: () => {
          if (!out) return;
          out = false;
          entry.uses--;
          if (entry.gone) drop(backend, entry);
        },
      };
    } catch (error) {
      entry.uses--;
      if (programs.get(full) === entry) programs.delete(full);
      throw error;
    }
  }

  /** Does `work` with the program of this key, which is held until the work has ended. */
  async use<T>(key: string, capacity: number, build: () => Graph, work: (lowered: Lowered) => Promise<T>): Promise<T> {
    const lease = await this.get(key, capacity, build);
    try {
      return await work(lease);
    } finally {
      lease.release();
    }
  }

  /** Gives all programs back, those in use when they come back. */
  clear(): void {
    dropAll(this.#held);
  }

  async #lower(graph: Graph, capacity: number): Promise<Lowered> {
    const program = await this.#held.backend.lower(graph, { capacity, variables: this.store.buffers });
    return { program, graph };
  }
}

function dropAll({ backend, programs }: Held): void {
  for (const entry of programs.values()) drop(backend, entry);
  programs.clear();
}

function drop(backend: Backend, entry: Entry): void {
  entry.gone = true;
  // A program that failed to lower was reported to whoever asked for it.
  if (entry.uses === 0) entry.lowered.then(({ program }) => backend.release(program)).catch(() => undefined);
}
