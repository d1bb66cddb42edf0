/** How one engine is made, in full: options filled in, and what only tests choose. */

import { currentPlatform } from "../../platform/current.js";
import { MAX_THREADS } from "./layout.js";
import type { ModuleName } from "./module.js";

/** How an engine is made. */
export interface EngineSettings {
  readonly threads: number;
  readonly module: "auto" | ModuleName;
  /** Whether memory is shared with the workers. */
  readonly shared: boolean;
  /** Pages that the memory may grow to, tried in turn. */
  readonly limits?: readonly number[];
  /** Operations of a step below which a further thread does not pay. */
  readonly threadCost?: number;
  /** How long workers may be silent, in milliseconds; shared.ts. */
  readonly silence?: number;
  /** How long a calling thread waits for workers that take part, in milliseconds; together.ts. */
  readonly patience?: number;
  /** How long a worker that stands by may take to come, in milliseconds; together.ts. */
  readonly moment?: number;
}

/** Threads used where none are asked for: as many as can run at once, at most 16. */
export function defaultThreads(): number {
  return Math.min(MAX_THREADS, currentPlatform().availableParallelism());
}
