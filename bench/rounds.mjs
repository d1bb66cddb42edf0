/** Measuring in turn: in each round every contender gives one sample of every measure, so that a drifting machine hits all alike. */

import { PeerFailed, Unsupported } from "./protocol.mjs";

/**
 * @typedef {object} Entry one contender on so many threads
 * @property {string} contender
 * @property {number} threads
 * @property {readonly string[]} measures
 *
 * @typedef {object} Subject what is measured
 * @property {string} title
 * @property {Readonly<Record<string, string | number>>} key what its cells are found by
 * @property {Readonly<Record<string, unknown>>} request what a peer is asked to make
 * @property {number} [parameters] that the network must have
 * @property {(measure: string) => number} most the most that one sample can be of
 * @property {readonly Entry[]} entries
 * @property {number} rounds
 * @property {number} seconds after which no more rounds are begun, once there are three
 *
 * @typedef {object} Cell the samples of one measure of one contender
 * @property {Readonly<Record<string, string | number>>} key
 * @property {string} contender
 * @property {number} threads
 * @property {string} measure
 * @property {number} first milliseconds of the very first one: with what is compiled on the way
 * @property {number[]} samples milliseconds of one
 *
 * @typedef {{ sample: (threads: number) => Promise<void> }} Limit
 */

/** Milliseconds that one sample should take; `fit` is a whole call and has a fixed number of steps. */
const targets = { full: 300, quick: 150 };
const shorter = new Set(["inference", "single", "kernel"]);
const stepsOfFit = 100;

/** Rounds there are at least, however long they take. */
const fewest = 3;

/**
 * @param {import("./contenders.mjs").Crew} crew
 * @param {Subject} subject
 * @param {{ readonly quick: boolean, readonly limit: Limit, readonly say: (text: string) => void }} run
 * @returns {Promise<Cell[]>}
 * @throws Error if two contenders do not have the same network
 */
export async function measureSubject(crew, subject, { quick, limit, say }) {
  const begun = performance.now();
  /** @type {Part[]} */
  const parts = [];
  for (const entry of subject.entries) {
    const part = await Part.make(crew, subject, entry, quick ? targets.quick : targets.full, say);
    if (part !== null) parts.push(part);
  }
  const threads = new Set(parts.map(({ entry }) => entry.threads));
  let round = 0;
  const late = () => performance.now() - begun > subject.seconds * 1000;
  for (; round < subject.rounds && (round < fewest || !late()); round++) {
    for (const count of threads) await limit.sample(count);
    // Each round begins with another one: nobody is always behind the same neighbour.
    for (let i = 0; i < parts.length; i++) await /** @type {Part} */ (parts[(i + round) % parts.length]).sample(say);
  }
  for (const part of parts) await part.drop();
  if (parts.length > 0)
    say(`${subject.title}: ${round} rounds in ${((performance.now() - begun) / 1000).toFixed(0)} s`);
  return parts.flatMap((part) => part.cells());
}

/** What one contender made of a subject. */
class Part {
  #crew;
  #peer;
  #id;
  #subject;
  #failed = false;
  /** @type {Map<string, { count: number, first: number, samples: number[] }>} */
  #measures = new Map();

  /**
   * @param {import("./contenders.mjs").Crew} crew
   * @param {import("./protocol.mjs").Peer} peer
   * @param {number} id
   * @param {Subject} subject
   * @param {Entry} entry
   */
  constructor(crew, peer, id, subject, entry) {
    this.#crew = crew;
    this.#peer = peer;
    this.#id = id;
    this.#subject = subject;
    this.entry = entry;
  }

  /**
   * Makes it, compares its network and finds how many of each measure fill a sample; that warms it up as well. Null if
   * the contender is not there, or cannot do it.
   * @param {import("./contenders.mjs").Crew} crew
   * @param {Subject} subject
   * @param {Entry} entry
   * @param {number} target
   * @param {(text: string) => void} say
   */
  static async make(crew, subject, entry, target, say) {
    const peer = await crew.get(entry.contender, entry.threads);
    if (peer === null) return null;
    try {
      const { id, parameters } = await peer.make(subject.request);
      if (subject.parameters !== undefined && parameters !== subject.parameters) {
        const wanted = subject.parameters;
        throw new Error(`${subject.title}: ${entry.contender} has ${parameters} parameters and not ${wanted}`);
      }
      const part = new Part(crew, peer, id, subject, entry);
      for (const measure of entry.measures) await part.#begin(measure, shorter.has(measure) ? target / 2 : target, say);
      return part;
    } catch (error) {
      if (!(error instanceof Unsupported) && !(error instanceof PeerFailed)) throw error;
      say(
        `${subject.title}: ${entry.contender} ${error instanceof Unsupported ? "does not do it: " : "failed: "}${error.message}`,
      );
      if (error instanceof PeerFailed) await crew.drop(entry.contender, entry.threads);
      return null;
    }
  }

  /**
   * @param {string} measure
   * @param {number} target
   * @param {(text: string) => void} say
   */
  async #begin(measure, target, say) {
    const most = this.#subject.most(measure);
    const fixed = measure === "fit" ? Math.min(stepsOfFit, most) : undefined;
    try {
      const first = await this.#peer.sample(this.#id, measure, 1);
      let count = fixed ?? 1;
      for (let i = 0; i < 3; i++) {
        const each = (await this.#peer.sample(this.#id, measure, count)) / count;
        // One is enough to know where one is more than enough.
        if (fixed !== undefined || each > 2 * target) break;
        count = Math.max(1, Math.min(most, Math.round(target / each)));
      }
      this.#measures.set(measure, { count, first, samples: [] });
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
      say(`${this.#subject.title}, ${measure}: ${this.entry.contender} does not do it: ${error.message}`);
    }
  }

  /** @param {(text: string) => void} say */
  async sample(say) {
    if (this.#failed) return;
    try {
      for (const [measure, { count, samples }] of this.#measures) {
        samples.push((await this.#peer.sample(this.#id, measure, count)) / count);
      }
    } catch (error) {
      if (!(error instanceof PeerFailed)) throw error;
      this.#failed = true;
      say(`${this.#subject.title}: ${error.message}`);
      await this.#crew.drop(this.entry.contender, this.entry.threads);
    }
  }

  async drop() {
    if (this.#failed) return;
    await this.#peer.request({ do: "drop", id: this.#id });
  }

  /** @returns {Cell[]} nothing of a contender that failed on the way */
  cells() {
    if (this.#failed) return [];
    const { contender, threads } = this.entry;
    return [...this.#measures].map(([measure, { first, samples }]) => {
      return { key: this.#subject.key, contender, threads, measure, first, samples };
    });
  }
}

/**
 * How long fovea takes from the graph of a training step to a program, each time in a process that has just begun: what
 * a user waits for is code that no engine has compiled yet.
 * @param {import("./contenders.mjs").Crew} crew
 * @param {Subject} subject
 * @param {number} threads
 * @returns {Promise<Cell>}
 */
export async function measureLowering(crew, { key, request, rounds }, threads) {
  const samples = [];
  for (let round = 0; round < rounds; round++) {
    const peer = await crew.start("fovea", threads);
    try {
      const { id } = await peer.make(request);
      samples.push(await peer.sample(id, "lower", 1));
    } finally {
      await peer.close();
    }
  }
  return { key, contender: "fovea", threads, measure: "lower", first: samples[0] ?? 0, samples };
}
