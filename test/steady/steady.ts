/** Runs watch.js and checks that a fit's memory is flat and what JavaScript allocates for it. */

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** What watch.js is told. */
export interface Watched {
  /** Of an epoch. */
  readonly steps: number;
  readonly epochs: number;
  /** Epochs behind those, without a collection in between, in which allocations are counted; 0: none are. */
  readonly counted: number;
  /** A multiple of 20. */
  readonly batch: number;
  readonly inputs: number;
  readonly units: readonly number[];
  /** What else the fit does: hooks of batches and of progress, metrics that gather rows, data copied over in chunks. */
  readonly also?: "callbacks" | "gathering" | "streaming";
}

interface Level {
  readonly used: number;
  readonly reserved: number;
  readonly heap: number;
  readonly rss: number;
}

/** What watch.js says. */
export interface Watch {
  /** Memory after each epoch but the counted ones, in bytes: the engine's, the JavaScript heap's after a collection, all of it. */
  readonly levels: readonly Level[];
  /** Jobs of the engine, calls of hooks, and bytes copied to the engine, in all. */
  readonly jobs: number;
  readonly noted: number;
  readonly written: number;
  /** Not there where nothing was counted. */
  readonly allocation?: {
    /** Bytes that JavaScript allocates for a job of `stepsOfMany` steps, and of a tenth of them. */
    readonly many: number;
    readonly few: number;
    readonly stepsOfMany: number;
    /** Bytes for a step of fit, with its share of jobs, epochs, results and snapshots; and the steps of a job. */
    readonly perStep: number;
    readonly stepsPerJob: number;
  };
}

/** Trains in a process of its own. */
export async function watch(options: Watched): Promise<Watch> {
  const script = fileURLToPath(new URL("watch.js", import.meta.url));
  // So large a young generation is walked through, and adds to the process, before it is used again.
  const young = options.counted > 0 ? ["--max-semi-space-size=256", "--min-semi-space-size=256"] : [];
  const flags = ["--expose-gc", ...young];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, script, JSON.stringify(options)]);
  return JSON.parse(stdout) as Watch;
}

/**
 * By how much memory grew from the third quarter of the way to the last: their lowest levels apart. Before, code is still
 * being compiled, which takes 300 KB of the heap in all, and lifts single levels by as much for a moment.
 */
export function growth({ levels }: Watch): Level {
  const quarter = Math.floor(levels.length / 4);
  const [early, late] = [levels.slice(-2 * quarter, -quarter), levels.slice(-quarter)];
  const lowest = (some: readonly Level[], of: keyof Level) => Math.min(...some.map((level) => level[of]));
  const grown = (of: keyof Level) => lowest(late, of) - lowest(early, of);
  return { used: grown("used"), reserved: grown("reserved"), heap: grown("heap"), rss: grown("rss") };
}
