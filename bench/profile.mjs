/** `npm run bench -- --profile NET`: where the time of one training step of fovea goes, call by call, in running order. */

import path from "node:path";
import { profileOf } from "../dist/backends/wasm/profile.js";
import { createBackend, losses, metrics, optimizers } from "../dist/index.js";
import { dataOf } from "./data.mjs";
import { cache } from "./install.mjs";
import { networks } from "./networks.mjs";
import { networkOf, picturesOf } from "./peers/fovea/model.mjs";
import { readPictures } from "./peers/pictures.mjs";
import { figureOf, short, tableOf } from "./statistics.mjs";

/**
 * @typedef {import("../dist/backends/backend.js").KernelTime} KernelTime
 * @typedef {{ readonly steps: number, readonly times: readonly KernelTime[] }} Timed a job of the training program
 */

/** Bytes a millisecond that no memory has: the kernel read only a part of a block, of which all was counted. */
const impossible = 500e6;

/** Milliseconds that the timed steps take, about, and those before them that warm up. */
const [timedFor, warmFor] = [4000, 1500];

/**
 * @typedef {object} Profiled
 * @property {import("../dist/backends/wasm/profile.js").ProgramProfile} described
 * @property {readonly Timed[]} jobs
 * @property {number} batch
 * @property {number} limit GFLOP/s
 */

/**
 * @param {keyof typeof networks} net
 * @param {number} threads
 * @param {import("./limits.mjs").Limits} limits
 * @returns {Promise<string>} as Markdown
 */
export async function profile(net, threads, limits) {
  const texts = [];
  for (const data of networks[net].data) {
    const { described, jobs, batch, limit } = await timedSteps(net, data, threads, limits);
    texts.push(profileText(described, jobs, { net, data, batch, threads, limit }));
  }
  return texts.join("\n\n");
}

/**
 * Training steps with the time of each call.
 * @param {keyof typeof networks} net
 * @param {import("./networks.mjs").DataName} data
 * @param {number} threads
 * @param {import("./limits.mjs").Limits} limits
 * @returns {Promise<Profiled>}
 */
export async function timedSteps(net, data, threads, limits) {
  /** @type {import("./networks.mjs").Network} */
  const network = networks[net];
  const { input, layers, batches } = network;
  const [batch = 128] = batches;
  const spec = dataOf(data, input, path.join(cache, "data"));
  const { images, labels } = readPictures(spec);
  const pictures = picturesOf(images, labels, spec.shape);
  /** @type {Timed[]} */
  const jobs = [];
  /** @type {import("../dist/index.js").Program | undefined} */
  let training;
  const backend = watched(createBackend({ threads }), (program, job) => {
    training = program;
    jobs.push(job);
  });
  const model = networkOf({ input, layers }, { backend });
  model.compile({
    loss: losses.sparseCategoricalCrossentropy(),
    optimizer: optimizers.adam(),
    metrics: [metrics.sparseCategoricalAccuracy({ name: "acc" })],
  });
  const train = async (/** @type {number} */ steps) => {
    const rows = steps * batch;
    const start = performance.now();
    await model.fit(pictures.images.slice([0, rows]), pictures.labels.slice([0, rows]), {
      batchSize: batch,
      verbose: 0,
    });
    return (performance.now() - start) / steps;
  };
  const most = Math.min(400, Math.floor(labels.length / batch));
  const stepsFor = (/** @type {number} */ milliseconds, /** @type {number} */ each) =>
    Math.max(1, Math.min(most, Math.round(milliseconds / each)));
  const first = await train(2);
  const each = await train(stepsFor(warmFor, first));
  jobs.length = 0;
  for (let i = 0; i < 3; i++) await limits.sample(threads);
  const steps = stepsFor(timedFor, each);
  for (let left = Math.ceil(timedFor / each); left > 0; left -= steps) await train(steps);
  for (let i = 0; i < 3; i++) await limits.sample(threads);
  if (training === undefined) throw new Error("no training step was run");
  const described = profileOf(training, batch);
  model.free();
  await backend.close();
  const limit = figureOf(limits.speeds[threads] ?? []).median;
  return { described, jobs, batch, limit };
}

/**
 * A backend whose jobs of the training program are timed.
 * @param {import("../dist/index.js").Backend} backend
 * @param {(program: import("../dist/index.js").Program, job: Timed) => void} took
 */
function watched(backend, took) {
  return new Proxy(backend, {
    get: (target, name) => {
      const member = /** @type {any} */ (target)[name];
      if (name !== "run") return typeof member === "function" ? member.bind(target) : member;
      return async (/** @type {import("../dist/index.js").Program} */ program, /** @type {any} */ job) => {
        const result = await target.run(program, { ...job, timed: program.name === "train" });
        if (result.times !== undefined) took(program, { steps: result.steps, times: result.times });
        return result;
      };
    },
  });
}

/**
 * The profile as text. A stage ends with a barrier: the waiting at it stands beside its last call.
 * @param {import("../dist/backends/wasm/profile.js").ProgramProfile} described
 * @param {readonly Timed[]} jobs
 * @param {{ readonly net: string, readonly data: string, readonly batch: number, readonly threads: number, readonly limit: number }} run
 */
export function profileText({ calls, stages, arena, scratch }, jobs, { net, data, batch, threads, limit }) {
  const steps = jobs.reduce((sum, job) => sum + job.steps, 0);
  const mean = (/** @type {number} */ index, /** @type {"milliseconds" | "waiting"} */ what) =>
    meanOf(jobs, index, what);
  const times = calls.map((_, i) => mean(i, "milliseconds"));
  const all = times.reduce((sum, time) => sum + time, 0);
  const rows = [["stage", "kernel", "ms", "%", "GFLOP/s", "of the limit", "GB/s", "waiting ms"]];
  let waited = 0;
  let waitedInAll = 0;
  calls.forEach(({ name, stage, chained, flops, bytes }, i) => {
    const time = times[i] ?? 0;
    const waiting = mean(i, "waiting");
    waited += waiting;
    waitedInAll += waiting;
    const last = calls[i + 1]?.stage !== stage;
    // With the waiting left out: how fast the kernel is while it works.
    const working = Math.max(time - waiting, 1e-6);
    rows.push([
      String(stage),
      chained ? `and ${name}` : name,
      // The time of a chain is its first call's.
      chained ? "" : time.toFixed(3),
      chained ? "" : ((100 * time) / all).toFixed(1),
      flops === 0 ? "" : short(flops / working / 1e6),
      flops === 0 ? "" : short(flops / working / 1e6 / limit),
      flops === 0 && !chained && !calls[i + 1]?.chained && bytes / working < impossible
        ? short(bytes / working / 1e6)
        : "",
      last ? waited.toFixed(3) : "",
    ]);
    if (last) waited = 0;
  });
  const flops = calls.reduce((sum, call) => sum + call.flops, 0);
  const products = calls.reduce((sum, call, i) => sum + (call.flops === 0 ? 0 : (times[i] ?? 0)), 0);
  const percent = (/** @type {number} */ part) => `${((100 * part) / all).toFixed(1)} %`;
  return [
    `## Profile of a training step: ${net} on ${data === "mnist" ? "real digits" : "dense pictures"}, batch ${batch}, ${threads} ${threads === 1 ? "thread" : "threads"}`,
    tableOf(rows),
    [
      `- ${short(all)} ms a step in kernels and at barriers, mean of ${steps} steps; ${calls.length} calls in ${stages} stages`,
      `- products: ${percent(products)} of the time, ${short(flops / products / 1e6)} GFLOP/s; over the whole step ${short(flops / all / 1e6)} GFLOP/s, ${short(flops / all / 1e6 / limit)} of the limit (${short(limit)})`,
      `- waiting at barriers: ${short(waitedInAll)} ms, ${percent(waitedInAll)}`,
      `- arena ${(arena / 2 ** 20).toFixed(1)} MiB, scratch ${(scratch / 2 ** 10).toFixed(0)} KiB a thread`,
    ].join("\n"),
    "Products count as the direct algorithm without skipped zeros: Winograd and zeros can exceed the limit. GB/s counts each operand once, a table of rows not at all.",
  ].join("\n\n");
}

/**
 * Milliseconds of a call a step.
 * @param {readonly Timed[]} jobs
 * @param {number} index
 * @param {"milliseconds" | "waiting"} what
 */
export function meanOf(jobs, index, what) {
  const steps = jobs.reduce((sum, job) => sum + job.steps, 0);
  return jobs.reduce((sum, { times }) => sum + (times[index]?.[what] ?? 0), 0) / steps;
}
