/** A peer's side of the protocol (../protocol.mjs) in JavaScript: reads requests, calls what answers them, writes lines. */

import readline from "node:readline";

// The output belongs to the protocol: what a library prints goes to the other one.
console.log = console.error;
console.info = console.error;

/** Thrown by a peer for what it cannot do. */
export class Unsupported extends Error {}

/**
 * @typedef {object} Measured what was made and can be sampled
 * @property {(measure: string, count: number) => Promise<number>} sample milliseconds of so many together
 * @property {() => void | Promise<void>} drop
 * @property {Readonly<Record<string, unknown>>} [facts] the answer to "make"
 *
 * @typedef {object} Handlers
 * @property {() => Promise<Record<string, unknown>> | Record<string, unknown>} hello
 * @property {(what: any) => Promise<Measured>} make
 * @property {() => Promise<void>} [end] before the process ends
 */

/**
 * Answers requests until the input ends, and then ends the process.
 * @param {Handlers} handlers
 */
export async function serve({ hello, make, end }) {
  /** @type {Map<number, Measured>} */
  const made = new Map();
  const answer = async (/** @type {any} */ request) => {
    if (request.do === "hello") return hello();
    if (request.do === "make") {
      const measured = await make(request);
      made.set(request.id, measured);
      return measured.facts ?? {};
    }
    const measured = made.get(request.id);
    if (measured === undefined) throw new Error(`nothing was made as ${request.id}`);
    if (request.do === "sample") return { milliseconds: await measured.sample(request.measure, request.count) };
    if (request.do !== "drop") throw new Error(`no such request: ${request.do}`);
    made.delete(request.id);
    await measured.drop();
    return {};
  };
  for await (const line of readline.createInterface({ input: process.stdin })) {
    let said;
    try {
      said = await answer(JSON.parse(line));
    } catch (error) {
      said = error instanceof Unsupported ? { unsupported: error.message } : { error: String(error) };
    }
    process.stdout.write(`${JSON.stringify(said)}\n`);
  }
  await end?.();
  process.exit(0);
}
