/** Runs watch.js and checks that a fit's memory is flat and what JavaScript allocates for it. */

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** What watch.js is told. */
export interface Watched {
  /** Of an epoch; a multiple of 10. */
  readonly steps: number;
  readonly epochs: number;
  readonly batch: number;
  readonly inputs: number;
  readonly units: readonly number[];
}

interface Level {
  readonly used: number;
  readonly reserved: number;
  readonly heap: number;
  readonly rss: number;
}

/** What watch.js says. */
export interface Watch {
  /** Memory after each epoch but the last, in bytes: the engine's, the JavaScript heap's after a collection, all of it. */
  readonly levels: readonly Level[];
  readonly allocation: {
    /** Bytes that JavaScript allocates for a job of a tenth of an epoch, and of a whole one. */
    readonly few: number;
    readonly many: number;
    /** Bytes for each job of fit, with progress, results and callbacks, and the steps such a job has. */
    readonly perJob: number;
    readonly stepsPerJob: number;
  };
}

/** Trains in a process of its own. */
export async function watch(options: Watched): Promise<Watch> {
  const script = fileURLToPath(new URL("watch.js", import.meta.url));
  const flags = ["--expose-gc", "--max-semi-space-size=256", "--min-semi-space-size=256"];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, script, JSON.stringify(options)]);
  return JSON.parse(stdout) as Watch;
}

/** By how much memory grew from the level a quarter of the way on, when everything has been seen once, to the highest. */
export function growth({ levels }: Watch): Level {
  const settled = levels.slice(Math.ceil(levels.length / 4));
  const grown = (of: keyof Level) => Math.max(...settled.map((level) => level[of])) - settled[0]![of];
  return { used: grown("used"), reserved: grown("reserved"), heap: grown("heap"), rss: grown("rss") };
}
