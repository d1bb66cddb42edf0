/** What a run measures, subject by subject, from what was chosen. Not here: the measuring. */

import path from "node:path";
import { contenders } from "./contenders.mjs";
import { dataOf } from "./data.mjs";
import { cache } from "./install.mjs";
import { convolutions, products } from "./kernels.mjs";
import { networks, parametersOf } from "./networks.mjs";

/** @typedef {import("./options.mjs").Options} Options */
/** @typedef {import("./rounds.mjs").Subject} Subject */

/** Who is measured on products alone, and on convolutions alone. */
const multipliers = ["fovea", "torch", "tfjs", "jax-js"];
const convolvers = ["fovea", "torch", "torch-channels-last"];

/** Who has a fit. */
const fitters = ["fovea", "keras-tensorflow", "keras-jax"];

/** Pictures a step besides the batch that counts. */
const otherBatches = [1, 8, 32, 512];

/**
 * @param {Options} options
 * @returns {Subject[]}
 */
export function planOf(options) {
  return [...networkSubjects(options), ...batchSubjects(options), ...kernelSubjects(options)];
}

/**
 * The networks whose training programs are made again and again.
 * @param {Options} options
 * @returns {Subject[]}
 */
export function loweringsOf({ only, nets, quick, rounds }) {
  if (!only.includes("compile")) return [];
  const limits = { rounds: rounds ?? (quick ? 3 : 5), seconds: 10 };
  const entries = [{ contender: "fovea", threads: 1, measures: ["lower"] }];
  return nets.map((net) => {
    /** @type {import("./networks.mjs").Network} */
    const network = networks[net];
    const [data = "dense"] = network.data;
    return subjectOf(network, { net, data, batch: network.batches[0] ?? 128 }, entries, limits);
  });
}

/**
 * @param {Options} options
 * @returns {Subject[]}
 */
function networkSubjects(options) {
  return options.nets.flatMap((net) => {
    const { batches, data } = networks[net];
    return data.flatMap((name) => batches.map((batch) => networkSubject(options, net, name, batch)));
  });
}

/**
 * @param {Options} options
 * @param {keyof typeof networks} net
 * @param {import("./networks.mjs").DataName} data
 * @param {number} batch
 * @returns {Subject}
 */
function networkSubject(options, net, data, batch) {
  const { only, threads, quick, peers } = options;
  /** @type {import("./networks.mjs").Network} */
  const network = networks[net];
  const mnist = data === "mnist";
  const digits = network.data.includes("mnist");
  const most = Math.max(...threads);
  const entries = entriesOf(
    peers,
    network,
    (contender, count) => {
      // On fewer threads: where it is asked how a step scales; in a hurry, of fovea alone.
      if (count < most && (!mnist || (quick && contender !== "fovea"))) return [];
      return only.filter((measure) => {
        // fovea in a page: the step of the MNIST networks.
        if (contender === "chromium") return measure === "step" && mnist && count === most;
        // It has one thread there: enough to see it once.
        if (contender === "tfjs-node")
          return (measure === "step" || measure === "inference") && mnist && count === most;
        if (measure === "step" || measure === "inference") return true;
        if (measure === "single") return digits && count === most;
        return measure === "fit" && count === most && net === "mnist-mlp" && fitters.includes(contender);
      });
    },
    threads,
  );
  return subjectOf(network, { net, data, batch }, entries, {
    rounds: options.rounds ?? (quick ? 5 : 9),
    seconds: quick ? (mnist ? 20 : 8) : mnist ? 48 : 18,
  });
}

/**
 * @param {Options} options
 * @returns {Subject[]}
 */
function batchSubjects(options) {
  const { only, nets, threads, peers, quick } = options;
  if (!only.includes("batches")) return [];
  const most = Math.max(...threads);
  return nets
    .filter((net) => net === "mnist-mlp" || net === "mnist-cnn")
    .flatMap((net) =>
      otherBatches.map((batch) => {
        const entries = entriesOf(peers, networks[net], (contender) => (contender === "tfjs-node" ? [] : ["step"]), [
          most,
        ]);
        const limits = { rounds: options.rounds ?? 5, seconds: quick ? 6 : 12 };
        return subjectOf(networks[net], { net, data: "mnist", batch }, entries, limits);
      }),
    );
}

/**
 * @param {import("./networks.mjs").Network} network
 * @param {{ readonly net: string, readonly data: import("./networks.mjs").DataName, readonly batch: number }} key
 * @param {import("./rounds.mjs").Entry[]} entries
 * @param {{ readonly rounds: number, readonly seconds: number }} limits
 * @returns {Subject}
 */
function subjectOf(network, { net, data, batch }, entries, limits) {
  const { input, layers } = network;
  const pictures = entries.length === 0 ? undefined : dataOf(data, input, path.join(cache, "data"));
  return {
    title: `${net}, ${data} pictures, batch ${batch}`,
    key: { net, data, batch },
    request: { kind: "network", input, layers, batch, data: pictures },
    parameters: parametersOf(network),
    most: (measure) => (measure === "single" ? 10_000 : Math.min(400, Math.floor((pictures?.rows ?? 0) / batch))),
    entries,
    ...limits,
  };
}

/**
 * @param {Options} options
 * @returns {Subject[]}
 */
function kernelSubjects({ only, nets, threads, peers, quick, rounds }) {
  if (!only.includes("kernels")) return [];
  const most = Math.max(...threads);
  const cases = [
    ...(quick ? products.slice(0, 2) : products),
    ...(quick ? [] : nets.flatMap((net) => convolutions(net, networks[net].batches[0] ?? 128))),
  ];
  return cases.map(({ name, flops, spec }) => {
    // The bars on products are those of one thread.
    const counts = spec.op === "matmul" ? threads : [most];
    const able = peers.filter((peer) => (spec.op === "matmul" ? multipliers : convolvers).includes(peer));
    return {
      title: name,
      key: { kernel: name, flops },
      request: { kind: "kernel", ...spec },
      most: () => 4096,
      entries: able.flatMap((contender) =>
        counts.map((count) => ({ contender, threads: count, measures: ["kernel"] })),
      ),
      rounds: rounds ?? 5,
      seconds: 2,
    };
  });
}

/**
 * @param {readonly import("./options.mjs").ContenderName[]} peers
 * @param {import("./networks.mjs").Network} network
 * @param {(contender: string, threads: number) => readonly string[]} measuresOf
 * @param {readonly number[]} threads
 * @returns {import("./rounds.mjs").Entry[]}
 */
function entriesOf(peers, network, measuresOf, threads) {
  const convolutional = network.layers.some(({ layer }) => layer === "conv2d");
  return peers
    .filter((name) => (convolutional || !("pictures" in contenders[name])) && !("kernels" in contenders[name]))
    .flatMap((contender) =>
      threads.map((count) => ({ contender, threads: count, measures: measuresOf(contender, count) })),
    )
    .filter(({ measures }) => measures.length > 0);
}
