/**
 * The bench's side of the protocol that every peer speaks, whatever it is written in: a process that reads one request
 * a line from its standard input and answers each with one line on its standard output, both JSON.
 *
 *   {"do": "hello"}                          -> {"versions": {...}, "threads": 2}
 *   {"do": "make", "id": 1, "kind": "network", ...}  -> {"parameters": 567434}, or for {"kind": "kernel", ...} {}
 *   {"do": "sample", "id": 1, "measure": "step", "count": 3} -> {"milliseconds": 612.4}
 *   {"do": "drop", "id": 1}                  -> {}
 *
 * Instead of an answer there may be {"unsupported": "why"}: the peer cannot do such a thing; or {"error": "what"}.
 * What peers measure is written in peers/README.md.
 */

import { spawn } from "node:child_process";
import readline from "node:readline";

/** The peer cannot do what was asked, and says why. */
export class Unsupported extends Error {}

/** The peer failed, died or did not answer in time. */
export class PeerFailed extends Error {}

/**
 * @typedef {object} Command
 * @property {string} file
 * @property {readonly string[]} args
 * @property {Readonly<Record<string, string | undefined>>} [env] the whole environment; default the bench's own
 */

/** How much of what a peer prints is kept to explain a failure. */
const keptCharacters = 4_000;

/** A peer's process. One request at a time. */
export class Peer {
  /** @type {import("node:child_process").ChildProcessByStdio<import("node:stream").Writable, import("node:stream").Readable, import("node:stream").Readable>} */
  #child;
  /** @type {{ resolve: (line: string) => void, reject: (error: Error) => void } | undefined} */
  #waiting;
  /** @type {Error | undefined} */
  #ended;
  #printed = "";
  #ids = 0;

  /**
   * @param {string} name as it is printed
   * @param {Command} command
   */
  constructor(name, { file, args, env }) {
    this.name = name;
    this.#child = spawn(file, args, {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...(env ?? process.env) },
      windowsHide: true,
    });
    this.#child.stderr.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
      this.#printed = (this.#printed + text).slice(-keptCharacters);
    });
    const lines = readline.createInterface({ input: this.#child.stdout });
    lines.on("line", (line) => this.#take(line));
    this.#child.stdin.on("error", () => undefined);
    this.#child.once("error", (error) => this.#end(`cannot be started: ${error.message}`));
    // "close", not "exit": by then all that it printed has arrived.
    this.#child.once("close", (code, signal) => this.#end(`ended (${signal ?? `exit code ${code}`})`));
  }

  /**
   * @param {Readonly<Record<string, unknown>>} message
   * @param {number} [seconds] how long the answer may take
   * @returns {Promise<Record<string, any>>}
   * @throws Unsupported, or PeerFailed; a peer that is late is ended.
   */
  async request(message, seconds = 300) {
    if (this.#waiting !== undefined) throw new PeerFailed(`${this.name}: a request is under way already`);
    if (this.#ended !== undefined) throw this.#ended;
    const line = await new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        this.#child.kill("SIGKILL");
        this.#end(`did not answer "${message.do}" in ${seconds} s`);
      }, seconds * 1000);
      const settle = (/** @type {() => void} */ then) => {
        clearTimeout(late);
        this.#waiting = undefined;
        then();
      };
      this.#waiting = {
        resolve: (text) => settle(() => resolve(text)),
        reject: (error) => settle(() => reject(error)),
      };
      this.#child.stdin.write(`${JSON.stringify(message)}\n`);
    });
    const answer = this.#parsed(line);
    if (typeof answer.unsupported === "string") throw new Unsupported(answer.unsupported);
    if (typeof answer.error === "string") throw new PeerFailed(`${this.name}, ${message.do}: ${answer.error}`);
    return answer;
  }

  /**
   * Has the peer make something to measure.
   * @param {Readonly<Record<string, unknown>>} what
   * @returns {Promise<{ id: number, parameters?: number }>}
   */
  async make(what) {
    const id = ++this.#ids;
    const answer = await this.request({ do: "make", id, ...what });
    return { id, ...answer };
  }

  /**
   * Milliseconds that `count` of something took together.
   * @param {number} id
   * @param {string} measure
   * @param {number} count
   */
  async sample(id, measure, count) {
    const { milliseconds } = await this.request({ do: "sample", id, measure, count });
    if (!(milliseconds > 0)) throw new PeerFailed(`${this.name}: ${measure} took ${milliseconds} ms`);
    return /** @type {number} */ (milliseconds);
  }

  /** Ends the process, which leaves by itself when its input ends; resolves when it is gone. */
  async close() {
    if (this.#ended !== undefined) return;
    const gone = new Promise((resolve) => this.#child.once("close", resolve));
    this.#child.stdin.end();
    const late = setTimeout(() => this.#child.kill("SIGKILL"), 3_000);
    await gone;
    clearTimeout(late);
  }

  /** @param {string} line */
  #take(line) {
    if (this.#waiting === undefined) {
      this.#child.kill("SIGKILL");
      this.#end(`said something unasked: ${line.slice(0, 200)}`);
    } else {
      this.#waiting.resolve(line);
    }
  }

  /**
   * @param {string} line
   * @returns {Record<string, any>}
   */
  #parsed(line) {
    try {
      const answer = JSON.parse(line);
      if (typeof answer === "object" && answer !== null) return answer;
    } catch {
      // Said below.
    }
    throw new PeerFailed(`${this.name}: no answer but ${line.slice(0, 200)}`);
  }

  /** @param {string} how */
  #end(how) {
    const printed = this.#printed.trim();
    this.#ended ??= new PeerFailed(`${this.name} ${how}${printed === "" ? "" : `. It printed:\n${printed}`}`);
    this.#waiting?.reject(this.#ended);
  }
}
