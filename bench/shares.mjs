/** How much of a training step of fovea its products take, and at what share of the limit. Not here: the bars for it. */

import { meanOf, timedSteps } from "./profile.mjs";
import { figureOf } from "./statistics.mjs";

/**
 * @typedef {object} Share
 * @property {string} net
 * @property {string} data
 * @property {"products over the step" | "products at the limit over the layers"} what
 * @property {number} value
 */

/**
 * Of the dense network the time in its products; of the convolutional one the time that Winograd's products would take at
 * the limit, over that of its layers.
 * @param {import("./options.mjs").Options} options
 * @param {import("./limits.mjs").Limits} limits
 * @returns {Promise<Share[]>}
 */
export async function measureShares({ only, nets, threads }, limits) {
  if (!only.includes("shares")) return [];
  const most = Math.max(...threads);
  /** @type {Share[]} */
  const shares = [];
  if (nets.includes("mnist-mlp")) {
    const value = medianOfJobs(productShare, await timedSteps("mnist-mlp", "dense", most, limits));
    shares.push({ net: "mnist-mlp", data: "dense", what: "products over the step", value });
  }
  if (nets.includes("mnist-cnn")) {
    const value = medianOfJobs(tileShare, await timedSteps("mnist-cnn", "mnist", most, limits));
    shares.push({ net: "mnist-cnn", data: "mnist", what: "products at the limit over the layers", value });
  }
  return shares;
}

/**
 * The middle one of a share's values, job by job: a few jobs that something else on the machine disturbed don't count.
 * @param {(profiled: import("./profile.mjs").Profiled) => number} share
 * @param {import("./profile.mjs").Profiled} profiled
 */
export function medianOfJobs(share, profiled) {
  return figureOf(profiled.jobs.map((job) => share({ ...profiled, jobs: [job] }))).median;
}

/**
 * Time in products, waiting left out, over the time of the step. Of a product that goes on with what it made (the update of
 * weights) the time counts that its multiplications take at the speed of the others.
 * @param {Pick<import("./profile.mjs").Profiled, "described" | "jobs">} profiled
 */
export function productShare({ described: { calls }, jobs }) {
  let [all, alone, aloneWork, joined, joinedWork] = [0, 0, 0, 0, 0];
  calls.forEach(({ name, multiplied }, i) => {
    const time = meanOf(jobs, i, "milliseconds");
    const working = time - meanOf(jobs, i, "waiting");
    all += time;
    if (/^gemm\b/.test(name)) [alone, aloneWork] = [alone + working, aloneWork + multiplied];
    else if (name.startsWith("gemm")) [joined, joinedWork] = [joined + working, joinedWork + multiplied];
  });
  const there = aloneWork === 0 ? 0 : (joinedWork / aloneWork) * alone;
  return (alone + Math.min(joined, there)) / all;
}

/**
 * Time that the products of Winograd's layers take at the limit, over the time of all their calls.
 * @param {Pick<import("./profile.mjs").Profiled, "described" | "jobs" | "limit">} profiled
 */
export function tileShare({ described: { calls }, jobs, limit }) {
  let [products, time] = [0, 0];
  calls.forEach(({ name, multiplied }, i) => {
    if (!name.startsWith("winograd")) return;
    products += multiplied;
    time += meanOf(jobs, i, "milliseconds");
  });
  return products / limit / 1e6 / time;
}
