/** Ctrl-C and its like as an AbortSignal. What then happens is the command's business. */

import { constants } from "node:os";

/** Signals that ask a command to stop. */
const signals = ["SIGINT", "SIGTERM"] as const;

/** Someone asked the command to stop. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  /** What a shell reports for a program that this signal ended: 130 for Ctrl-C. */
  readonly exitCode: number;

  constructor(readonly signal: (typeof signals)[number]) {
    super(`stopped by ${signal}`);
    this.exitCode = 128 + constants.signals[signal];
  }
}

/** npm passes on a Ctrl-C that the terminal has already sent to everyone: within this time, two are one. */
const togetherMs = 250;

/**
 * Runs `work` with a signal that the first SIGINT or SIGTERM aborts, with an Interrupted as its reason. A second one
 * ends the process at once.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let first = 0;
  const handle = (name: NodeJS.Signals): void => {
    const reason = new Interrupted(name as Interrupted["signal"]);
    if (!controller.signal.aborted) {
      first = performance.now();
      controller.abort(reason);
    } else if (performance.now() - first > togetherMs) process.exit(reason.exitCode);
  };
  for (const name of signals) process.on(name, handle);
  try {
    return await work(controller.signal);
  } finally {
    for (const name of signals) process.off(name, handle);
  }
}

/** Lets signals and timers through, which a backend that computes on this thread would hold up. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
