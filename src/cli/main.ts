/** The command `fovea`: how it begins and ends. The commands are in program.ts. */

import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { fail } from "./failure.js";
import { invoke } from "./program.js";

/**
 * Runs a command line and gives its exit code: 0; 1 for a failure and 2 for wrong usage, each with one line on the
 * standard error; 130 or 143 where a signal stopped it.
 * @param argv - the words after the program's name.
 * @example
 * process.exitCode = await main(["datasets"]);
 */
export async function main(argv: readonly string[]): Promise<number> {
  endOnClosedPipe();
  const { command, code, error } = await invoke(argv);
  return error === undefined ? code : fail(error, command);
}

let watchingPipe = false;

/** `fovea ... | head`: nobody reads any more, so there is nothing left to do, and nobody to complain to. A full disk is a failure. */
function endOnClosedPipe(): void {
  if (watchingPipe) return;
  watchingPipe = true;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    process.exit(fail(new Error(`Cannot write to the standard output: ${error.message}.`, { cause: error }), "fovea"));
  });
}

/** Whether this file is what Node was told to run; npm's command is a link to it. */
function isEntry(): boolean {
  const started = process.argv[1];
  try {
    return started !== undefined && realpathSync(started) === realpathSync(fileURLToPath(import.meta.url));
  } catch {
    return false;
  }
}

if (isEntry()) process.exitCode = await main(process.argv.slice(2));
