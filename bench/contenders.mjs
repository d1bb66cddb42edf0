/** Everyone who is measured: what it is, how it is started, and what cannot be had. Not here: what they measure (peers/). */

import path from "node:path";
import { fileURLToPath } from "node:url";
import { NotInstalled, pythonEnvironment } from "../scripts/python.mjs";
import { packagesOf, pythonOf } from "./install.mjs";
import { Peer } from "./protocol.mjs";

/**
 * @typedef {object} Contender
 * @property {string} title
 * @property {(threads: number, say: (text: string) => void) => Promise<import("./protocol.mjs").Command>} command
 * @property {boolean} [pictures] it differs from its sibling only where there are convolutions
 * @property {boolean} [kernels] it is measured on products alone
 * @property {boolean} [itself] it is fovea somewhere else
 */

const folder = fileURLToPath(new URL("./peers", import.meta.url));

/** By name, fovea first; the others are what it is compared with. */
export const contenders = /** @satisfies {Record<string, Contender>} */ ({
  fovea: {
    title: "fovea",
    command: async (threads) => nodeCommand("fovea", ["--threads", String(threads)]),
  },
  torch: {
    title: "PyTorch",
    command: (threads, say) => torchCommand(threads, say, "contiguous"),
  },
  "torch-channels-last": {
    title: "PyTorch, channels_last",
    pictures: true,
    command: (threads, say) => torchCommand(threads, say, "channels_last"),
  },
  "keras-tensorflow": {
    title: "Keras on TensorFlow",
    command: (threads, say) => kerasCommand(threads, say, "tensorflow"),
  },
  "keras-jax": {
    title: "Keras on JAX",
    command: (threads, say) => kerasCommand(threads, say, "jax"),
  },
  tfjs: {
    title: "TensorFlow.js, wasm in Chromium",
    command: (threads, say) => packageCommand("tfjs", threads, say),
  },
  "tfjs-node": {
    title: "TensorFlow.js, wasm in Node",
    command: async (threads, say) =>
      nodeCommand("tfjs", ["--threads", String(threads)], { FOVEA_BENCH_PACKAGES: await packagesOf(say) }),
  },
  "jax-js": {
    title: "jax-js, wasm in Chromium",
    kernels: true,
    command: (threads, say) => packageCommand("jax-js", threads, say),
  },
  chromium: {
    title: "fovea in Chromium",
    itself: true,
    command: async (threads) => pageCommand("fovea", threads),
  },
});

/** @typedef {keyof typeof contenders} ContenderName */

/**
 * @param {string} name
 * @param {readonly string[]} args
 * @param {Record<string, string>} [more] environment
 */
function nodeCommand(name, args, more = {}) {
  return {
    file: process.execPath,
    args: [path.join(folder, name, "peer.mjs"), ...args],
    env: { ...process.env, ...more },
  };
}

/**
 * @param {string} library
 * @param {number} threads
 * @param {Record<string, string>} [more] environment
 */
function pageCommand(library, threads, more) {
  return nodeCommand("page", ["--library", library, "--threads", String(threads)], more);
}

/**
 * @param {number} threads
 * @param {(text: string) => void} say
 * @param {string} layout
 */
async function torchCommand(threads, say, layout) {
  const python = await pythonOf("torch", say);
  const args = [path.join(folder, "torch", "peer.py"), "--threads", String(threads), "--layout", layout];
  return { file: python, args, env: pythonEnvironment({ OMP_NUM_THREADS: String(threads) }) };
}

/**
 * @param {number} threads
 * @param {(text: string) => void} say
 * @param {string} backend
 */
async function kerasCommand(threads, say, backend) {
  const python = await pythonOf("keras", say);
  const args = [path.join(folder, "keras", "peer.py"), "--threads", String(threads), "--backend", backend];
  return { file: python, args, env: pythonEnvironment() };
}

/**
 * @param {string} name
 * @param {number} threads
 * @param {(text: string) => void} say
 */
async function packageCommand(name, threads, say) {
  return pageCommand(name, threads, { FOVEA_BENCH_PACKAGES: await packagesOf(say) });
}

/** The processes of a run: started when first needed, and what could not be started, with the reason. */
export class Crew {
  /** @type {Map<string, Promise<Peer>>} */
  #peers = new Map();
  /** Contenders that are not to be had, or not on so many threads: why, and how to. @type {Map<string, string>} */
  missing = new Map();
  /** What each contender says of itself. @type {Map<string, Record<string, unknown>>} */
  versions = new Map();
  #say;
  #table;

  /**
   * @param {(text: string) => void} say
   * @param {Readonly<Record<string, Contender>>} [table]
   */
  constructor(say, table = contenders) {
    this.#say = say;
    this.#table = table;
  }

  /**
   * The process of a contender on so many threads; null if it cannot be had.
   * @param {string} name
   * @param {number} threads
   * @returns {Promise<Peer | null>}
   */
  async get(name, threads) {
    const key = `${name} ${threads}`;
    const here = `${name} on ${threads} threads`;
    if (this.missing.has(name) || this.missing.has(here)) return null;
    const started = this.#peers.get(key) ?? this.start(name, threads);
    this.#peers.set(key, started);
    try {
      return await started;
    } catch (error) {
      this.#peers.delete(key);
      const absent = error instanceof NotInstalled;
      const reason = `${absent ? "not installed: " : ""}${/** @type {Error} */ (error).message}`;
      this.missing.set(absent ? name : here, reason);
      this.#say(`${absent ? name : here} is left out: ${reason}`);
      return null;
    }
  }

  /**
   * A new process of a contender, which the caller closes.
   * @param {string} name
   * @param {number} threads
   */
  async start(name, threads) {
    const contender = this.#table[name];
    if (contender === undefined) throw new Error(`no contender ${name}`);
    const peer = new Peer(name, await contender.command(threads, this.#say));
    try {
      const { versions, threads: has } = await peer.request({ do: "hello" });
      if (has !== threads) throw new Error(`${name} runs on ${has} threads and not on ${threads}`);
      this.versions.set(name, versions);
      return peer;
    } catch (error) {
      await peer.close();
      throw error;
    }
  }

  /**
   * Forgets a process that failed; the next `get` starts another.
   * @param {string} name
   * @param {number} threads
   */
  async drop(name, threads) {
    const key = `${name} ${threads}`;
    const peer = this.#peers.get(key);
    this.#peers.delete(key);
    await peer?.then((one) => one.close()).catch(() => undefined);
  }

  /** Ends all processes. */
  async close() {
    const all = [...this.#peers.values()];
    this.#peers.clear();
    await Promise.all(all.map((peer) => peer.then((one) => one.close()).catch(() => undefined)));
  }
}
