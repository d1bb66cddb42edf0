/** The bench's command line: what can be chosen, checked by name. */

import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { contenders } from "./contenders.mjs";
import { networks } from "./networks.mjs";

/** Something was asked for that there is not; said in one line, without a stack. */
export class UsageError extends Error {}

/** What can be measured, in the order in which it is. */
export const measures = /** @type {const} */ ({
  step: "a training step, as fit runs it",
  inference: "predicting a batch",
  single: "predicting one picture a call",
  fit: "a whole call of fit, a step of it (where a library has fit)",
  batches: "a training step by batch size",
  compile: "from a graph to a program",
  kernels: "products and convolutions alone",
  shares: "what products take of the MNIST networks' steps",
  epochs: "5 epochs of mnist-mlp and one of mnist-cnn as whole processes, with their memory",
});

/** @typedef {keyof typeof measures} Measure */
/** @typedef {keyof typeof networks} NetName */
/** @typedef {import("./contenders.mjs").ContenderName} ContenderName */

/**
 * @typedef {object} Options
 * @property {"help" | "profile" | "measure"} action
 * @property {boolean} quick
 * @property {boolean} record
 * @property {boolean} everything nothing was left out by a choice
 * @property {readonly Measure[]} only
 * @property {readonly ContenderName[]} peers fovea among them
 * @property {readonly NetName[]} nets
 * @property {readonly number[]} threads ascending
 * @property {number | undefined} rounds
 * @property {NetName} profile
 */

const quickNets = /** @type {const} */ (["mnist-mlp", "mnist-cnn"]);
const quickPeers = /** @type {const} */ (["fovea", "torch", "torch-channels-last", "keras-tensorflow", "keras-jax"]);
/** The most threads that fovea's engine has. */
const mostThreads = 16;

const quickMeasures = /** @type {const} */ (["step", "inference", "single", "fit", "compile", "kernels", "shares"]);

/**
 * @param {readonly string[]} args
 * @param {number} [cores]
 * @returns {Options}
 * @throws UsageError
 */
export function readOptions(args, cores = availableParallelism()) {
  const values = parsed(args);
  const { quick = false, record = false } = values;
  const chosen = ["only", "peers", "nets", "threads"].some((name) => name in values);
  return {
    action: values.help ? "help" : values.profile === undefined ? "measure" : "profile",
    quick,
    record,
    everything: !quick && !chosen,
    only: names("only", values.only, measures, quick ? quickMeasures : undefined),
    peers: withFovea(names("peers", values.peers, contenders, quick ? quickPeers : undefined)),
    nets: names("nets", values.nets, networks, quick ? quickNets : undefined),
    threads: numbers(
      "threads",
      values.threads ?? [...new Set([1, Math.min(cores, mostThreads)])].join(","),
      mostThreads,
    ).sort((a, b) => a - b),
    rounds: values.rounds === undefined ? undefined : numbers("rounds", values.rounds)[0],
    profile: names("profile", values.profile ?? "mnist-cnn", networks)[0] ?? "mnist-cnn",
  };
}

/** What --help prints. */
export function help() {
  const list = (/** @type {Readonly<Record<string, string>>} */ table) =>
    Object.entries(table).map(([name, what]) => `    ${name.padEnd(22)}${what}`);
  const titles = (/** @type {Readonly<Record<string, { readonly title: string }>>} */ table) =>
    list(Object.fromEntries(Object.entries(table).map(([name, { title }]) => [name, title])));
  return [
    "npm run bench -- [options]: fovea and its peers on this machine, measured in turn",
    "",
    "  --quick            the two MNIST networks in under two minutes (all of it takes under fifteen)",
    "  --only MEASURES    some of",
    ...list(measures),
    "  --peers NAMES      fovea against some of",
    ...titles(contenders),
    "  --nets NAMES       some of",
    ...titles(networks),
    "  --threads 1,2      default: one, and as many as there are cores",
    "  --rounds N         samples of everything (default 9, quick 5; fewer where it takes too long, at least 3)",
    "  --record           write bench/results/latest as well, and README's table from it",
    "  --profile NET      time per kernel of fovea's training step, and nothing else",
    "",
    "Lists are separated by commas. Peers are installed into .cache/bench/ at the first run.",
  ].join("\n");
}

/** @param {readonly string[]} args */
function parsed(args) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        help: { type: "boolean", short: "h" },
        quick: { type: "boolean" },
        record: { type: "boolean" },
        only: { type: "string" },
        peers: { type: "string" },
        nets: { type: "string" },
        threads: { type: "string" },
        rounds: { type: "string" },
        profile: { type: "string" },
      },
    });
    return values;
  } catch (error) {
    throw new UsageError(/** @type {Error} */ (error).message.split(". ")[0]);
  }
}

/**
 * The names of a list, in the order of the table.
 * @template {string} Name
 * @param {string} option
 * @param {string | undefined} text
 * @param {Readonly<Record<Name, unknown>>} table
 * @param {readonly Name[]} [otherwise] default all
 * @returns {Name[]}
 */
function names(option, text, table, otherwise) {
  const all = /** @type {Name[]} */ (Object.keys(table));
  if (text === undefined) return [...(otherwise ?? all)];
  const wanted = text.split(",").map((name) => name.trim());
  for (const name of wanted) {
    if (!Object.hasOwn(table, name)) throw new UsageError(`--${option}: "${name}" is not one of ${all.join(", ")}`);
  }
  return all.filter((name) => wanted.includes(name));
}

/**
 * @param {string} option
 * @param {string} text
 * @returns {number[]}
 */
function numbers(option, text, most = 1000) {
  const values = text.split(",").map(Number);
  if (!values.every((value) => Number.isSafeInteger(value) && value >= 1 && value <= most)) {
    throw new UsageError(`--${option}: whole numbers from 1 to ${most} expected, received "${text}"`);
  }
  return [...new Set(values)];
}

/**
 * Without fovea there is no ratio.
 * @param {ContenderName[]} peers
 * @returns {ContenderName[]}
 */
function withFovea(peers) {
  return peers.includes("fovea") ? peers : ["fovea", ...peers];
}
