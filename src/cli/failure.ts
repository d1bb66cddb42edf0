/** How a command that failed ends: one line on the standard error, and the exit code. */

import { inspect } from "node:util";
import { UsageError } from "./usage-error.js";

/** Wrong usage. */
const usageCode = 2;
/** Anything else that went wrong. */
const failureCode = 1;

/** Prints what went wrong, with the stack only where FOVEA_DEBUG is set, and gives the exit code. */
export function fail(error: unknown, command: string): number {
  const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
  const text = message.replace(/\s*\n\s*/g, " ").trim();
  // The library's own check of an option says what a check of the command line would have said.
  const usage = error instanceof UsageError || name === "OptionError";
  process.stderr.write(`${command}: ${text === "" ? name : text}\n`);
  if (process.env.FOVEA_DEBUG && !usage) process.stderr.write(`${inspect(error)}\n`);
  return usage ? usageCode : failureCode;
}
