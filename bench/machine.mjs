/** What machine a run was on. */

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, platform, release, totalmem } from "node:os";

/**
 * @typedef {object} Machine
 * @property {string} processor as the system names it
 * @property {string | null} architecture "Zen 4", "Zen 5" or null where it is not known
 * @property {number | null} family
 * @property {number | null} model
 * @property {number} cores that this process may use
 * @property {number} memory bytes
 * @property {string} system
 * @property {string} node
 * @property {boolean} avx512
 */

/** @returns {Machine} */
export function describeMachine() {
  const info = processorInfo();
  const family = numberOf(info, "cpu family");
  const model = numberOf(info, "model");
  return {
    processor: cpus()[0]?.model.trim() || "unknown",
    architecture: architectureOf(info.get("vendor_id"), family, model),
    family,
    model,
    cores: availableParallelism(),
    memory: totalmem(),
    system: `${platform()} ${release()} ${process.arch}`,
    node: process.version,
    avx512: / avx512f /.test(` ${info.get("flags") ?? ""} `),
  };
}

/** The commit that is measured, "-dirty" where files differ from it; null outside a repository or without git. */
export function describeCommit() {
  const git = spawnSync("git", ["describe", "--always", "--dirty", "--exclude=*"], {
    cwd: import.meta.dirname,
    encoding: "utf8",
  });
  return git.status === 0 ? git.stdout.trim() : null;
}

/**
 * AMD's name of a design whose vector units the bars tell apart.
 * @param {string | undefined} vendor
 * @param {number | null} family
 * @param {number | null} model
 */
export function architectureOf(vendor, family, model) {
  if (vendor !== "AuthenticAMD" || family === null || model === null) return null;
  if (family === 26) return "Zen 5";
  const zen4 = (model >= 0x10 && model <= 0x1f) || (model >= 0x60 && model <= 0x7f) || (model >= 0xa0 && model <= 0xaf);
  if (family === 25) return zen4 ? "Zen 4" : "Zen 3";
  return null;
}

/** The first processor of /proc/cpuinfo, which Linux alone has. */
function processorInfo() {
  let text = "";
  try {
    text = readFileSync("/proc/cpuinfo", "utf8");
  } catch {
    // Another system: the fields stay unknown.
  }
  const lines = (text.split("\n\n")[0] ?? "").split("\n");
  return new Map(lines.map((line) => /** @type {[string, string]} */ (line.split(/\s*:\s*/, 2))));
}

/**
 * @param {ReadonlyMap<string, string>} info
 * @param {string} name
 */
function numberOf(info, name) {
  const value = Number(info.get(name) ?? Number.NaN);
  return Number.isNaN(value) ? null : value;
}
