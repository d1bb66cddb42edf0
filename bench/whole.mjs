/**
 * Training as a whole process from a cold start, as a user's program is run: loading the library and the digits, fit with
 * validation, the test pictures. What is measured is the time from the start of the process to its end, and its memory.
 */

import { spawn } from "node:child_process";
import { NotInstalled } from "../scripts/python.mjs";
import { contenders } from "./contenders.mjs";
import { digits } from "./data.mjs";
import { networks } from "./networks.mjs";
import { figureOf } from "./statistics.mjs";

/**
 * @typedef {object} WholeRun
 * @property {string} net
 * @property {number} epochs
 * @property {string} contender
 * @property {number} threads
 * @property {readonly number[]} seconds from start to end, run by run
 * @property {readonly number[]} peak bytes of memory at the most, run by run
 * @property {number} accuracy on the test pictures
 */

/** What is trained so: the recipes' epochs. */
export const wholeRuns = /** @type {const} */ ({ "mnist-mlp": 5, "mnist-cnn": 1 });

/** How often: the convolutional one takes a minute and more. */
export const repeats = /** @type {const} */ ({ "mnist-mlp": 3, "mnist-cnn": 1 });

const validationSplit = 0.15;

/** Who has a program for it. */
const trainers = ["fovea", "torch", "torch-channels-last", "keras-tensorflow", "keras-jax"];

/**
 * Who trains which network as a whole process. An epoch of the convolutional one takes a minute and more: besides fovea
 * only who was fastest at its step in this run does it.
 * @param {import("./options.mjs").Options} options
 * @param {readonly import("./rounds.mjs").Cell[]} cells
 * @returns {{ readonly net: keyof typeof wholeRuns, readonly contender: string }[]}
 */
export function wholeOf({ only, nets, peers }, cells) {
  if (!only.includes("epochs")) return [];
  const able = peers.filter((name) => trainers.includes(name));
  const all = [];
  if (nets.includes("mnist-mlp")) {
    // Without convolutions the two layouts are one.
    const different = able.filter((name) => !("pictures" in contenders[name]));
    all.push(...different.map((contender) => ({ net: /** @type {const} */ ("mnist-mlp"), contender })));
  }
  if (nets.includes("mnist-cnn")) {
    const steps = cells
      .filter(({ key, measure }) => key.net === "mnist-cnn" && key.batch === 128 && measure === "step")
      .filter(({ contender }) => contender !== "fovea" && able.some((name) => name === contender))
      .sort((a, b) => figureOf(a.samples).median - figureOf(b.samples).median);
    const rival = steps[0]?.contender ?? able[1];
    const two = rival === undefined ? ["fovea"] : ["fovea", rival];
    all.push(...two.map((contender) => ({ net: /** @type {const} */ ("mnist-cnn"), contender })));
  }
  return all;
}

/**
 * Everything, in turn: each network as often as `repeats` says.
 * @param {import("./options.mjs").Options} options
 * @param {import("./contenders.mjs").Crew} crew
 * @param {readonly import("./rounds.mjs").Cell[]} cells
 * @param {number} threads
 * @param {(text: string) => void} say
 */
export async function measureWhole(options, crew, cells, threads, say) {
  /** @type {WholeRun[]} */
  const runs = [];
  const entries = wholeOf(options, cells).filter(({ contender }) => !crew.missing.has(contender));
  for (let round = 0; round < Math.max(...Object.values(repeats)); round++) {
    for (const { net, contender } of entries.filter((entry) => round < repeats[entry.net])) {
      const trained = await trainWhole(contender, net, threads, say);
      const at = runs.findIndex((run) => run.net === net && run.contender === contender);
      if (trained !== null && at < 0) runs.push(trained);
      else if (trained !== null) runs[at] = together(/** @type {WholeRun} */ (runs[at]), trained);
    }
  }
  return runs;
}

/**
 * @param {WholeRun} one
 * @param {WholeRun} other of the same network and contender
 */
function together(one, other) {
  return { ...one, seconds: [...one.seconds, ...other.seconds], peak: [...one.peak, ...other.peak] };
}

/**
 * @param {string} name of a contender that has a program for it
 * @param {keyof typeof wholeRuns} net
 * @param {number} threads
 * @param {(text: string) => void} say
 * @returns {Promise<WholeRun | null>} null if it cannot be had
 */
async function trainWhole(name, net, threads, say) {
  const { input, layers, batches } = networks[net];
  const epochs = wholeRuns[net];
  const request = {
    kind: "network",
    input,
    layers,
    batch: batches[0],
    epochs,
    validationSplit,
    data: digits("train"),
    test: digits("t10k"),
  };
  try {
    const table = /** @type {Record<string, import("./contenders.mjs").Contender>} */ (contenders);
    const command = await /** @type {import("./contenders.mjs").Contender} */ (table[name]).command(threads, say);
    const start = performance.now();
    const printed = await run(command, ["--train", JSON.stringify(request)]);
    const seconds = (performance.now() - start) / 1000;
    const { accuracy, peak } = JSON.parse(printed);
    say(`${net}, ${epochs} epochs, ${name}: ${seconds.toFixed(1)} s`);
    return { net, epochs, contender: name, threads, seconds: [seconds], peak: [peak], accuracy };
  } catch (error) {
    say(`${net}, ${epochs} epochs: ${name} is left out: ${/** @type {Error} */ (error).message}`);
    if (error instanceof NotInstalled || error instanceof WholeFailed) return null;
    throw error;
  }
}

class WholeFailed extends Error {}

/**
 * What a program prints last.
 * @param {import("./protocol.mjs").Command} command
 * @param {readonly string[]} more
 * @returns {Promise<string>}
 */
async function run({ file, args, env }, more) {
  const child = spawn(file, [...args, ...more], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...(env ?? process.env) },
  });
  let out = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
    errors = (errors + text).slice(-2000);
  });
  const [code] = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (...how) => resolve(how));
  });
  if (code !== 0) throw new WholeFailed(`exit code ${code}: ${errors.trim()}`);
  return out.trim().split("\n").at(-1) ?? "";
}
