/** npm run bench: fovea and its peers on this machine, in one run and in turn. What can be chosen: --help. */

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describeEngine } from "../dist/index.js";
import { Crew } from "./contenders.mjs";
import { Limits } from "./limits.mjs";
import { describeCommit, describeMachine } from "./machine.mjs";
import { help, readOptions, UsageError } from "./options.mjs";
import { loweringsOf, planOf } from "./plan.mjs";
import { profile } from "./profile.mjs";
import { withSpeeds } from "./readme.mjs";
import { reportOf, writeResults } from "./report.mjs";
import { measureLowering, measureSubject } from "./rounds.mjs";
import { measureShares } from "./shares.mjs";
import { measureWhole } from "./whole.mjs";

const args = process.argv.slice(2);
try {
  const options = readOptions(args);
  if (options.action === "help") console.log(help());
  else if (options.action === "profile") await printProfile(options);
  else await bench(options);
  process.exitCode = 0;
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`bench: ${error.message} (--help tells more)`);
  process.exitCode = 2;
}

/** @param {import("./options.mjs").Options} options */
async function printProfile(options) {
  const { simd } = await describeEngine();
  const limits = new Limits(options.threads, simd);
  try {
    console.log(await profile(options.profile, Math.max(...options.threads), limits));
  } finally {
    await limits.close();
  }
}

/** @param {import("./options.mjs").Options} options */
async function bench(options) {
  const begun = performance.now();
  const date = new Date().toISOString();
  const say = (/** @type {string} */ text) => console.error(text);
  const { simd } = await describeEngine();
  const crew = new Crew(say);
  const limits = new Limits(options.threads, simd);
  const most = Math.max(...options.threads);
  const cells = [];
  const whole = [];
  const shares = [];
  try {
    const subjects = planOf(options);
    for (const count of options.threads) await limits.sample(count);
    for (const subject of subjects) {
      cells.push(...(await measureSubject(crew, subject, { quick: options.quick, limit: limits, say })));
    }
    // The rest has the machine to itself.
    await crew.close();
    for (const subject of loweringsOf(options)) cells.push(await measureLowering(crew, subject, most));
    shares.push(...(await measureShares(options, limits)));
    whole.push(...(await measureWhole(options, crew, cells, most, say)));
  } finally {
    await crew.close();
    await limits.close();
  }
  const run = {
    date,
    commit: describeCommit(),
    machine: describeMachine(),
    simd,
    versions: Object.fromEntries(crew.versions),
    missing: Object.fromEntries(crew.missing),
    arguments: args,
    seconds: (performance.now() - begun) / 1000,
    cells,
    whole,
    shares,
    limits: limits.speeds,
  };
  const markdown = reportOf(run);
  console.log(`\n${markdown}`);
  const folder = fileURLToPath(new URL("./results", import.meta.url));
  const name = `${date.slice(0, 19).replaceAll(":", "")}${options.everything ? "" : options.quick ? "-quick" : "-part"}`;
  writeResults(folder, name, run, markdown);
  if (options.record) {
    writeResults(folder, "latest", run, markdown);
    const readme = fileURLToPath(new URL("../README.md", import.meta.url));
    writeFileSync(readme, withSpeeds(readFileSync(readme, "utf8"), run));
  }
  say(`Written to bench/results/${name}.md and .json`);
}
