/** The ladder's rows as a table: `node bench/ladder/table.mjs`. What a row holds: README.md. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { short, tableOf } from "../statistics.mjs";

/**
 * @typedef {{ readonly date: string, readonly what: string, readonly measure: string, readonly unit: "ms" | "GFLOP/s",
 *   readonly before: number, readonly after: number, readonly kept: boolean, readonly why: string, readonly machine: string }} Step
 */

/** The fields of a row and the types of their values. */
const fields = {
  date: "string",
  what: "string",
  measure: "string",
  unit: "string",
  before: "number",
  after: "number",
  kept: "boolean",
  why: "string",
  machine: "string",
};

/**
 * @param {unknown} list
 * @returns {readonly Step[]}
 * @throws Error naming the first row that is not in form
 */
export function checkSteps(list) {
  if (!Array.isArray(list)) throw new Error("the ladder is a list");
  list.forEach((step, i) => {
    const found = Object.fromEntries(Object.entries(step).map(([name, value]) => [name, typeof value]));
    const wrong = [...new Set([...Object.keys(fields), ...Object.keys(found)])].find(
      (name) => /** @type {Record<string, string>} */ (fields)[name] !== found[name],
    );
    if (wrong !== undefined) throw new Error(`row ${i + 1}: "${wrong}" is ${found[wrong] ?? "missing"}`);
    if (!/^\d{4}-\d{2}-\d{2}$/.test(step.date)) throw new Error(`row ${i + 1}: no day, ${step.date}`);
    if (step.unit !== "ms" && step.unit !== "GFLOP/s") throw new Error(`row ${i + 1}: no unit, ${step.unit}`);
    if (!(step.before > 0 && step.after > 0)) throw new Error(`row ${i + 1}: before and after must be above 0`);
  });
  return list;
}

/** @param {readonly Step[]} steps */
export function ladderTable(steps) {
  const rows = steps.map(({ what, measure, unit, before, after, kept, why, machine, date }) => {
    const gain = unit === "ms" ? before / after : after / before;
    const change = `${short(before)} to ${short(after)} ${unit}`;
    return [what, measure, change, `${short(gain)}x`, kept ? "yes" : "no", why, `${machine}, ${date}`];
  });
  return tableOf([["step", "measure", "before, after", "faster", "kept", "why", "where, when"], ...rows]);
}

/** The rows of steps.json. */
export function readSteps() {
  return checkSteps(JSON.parse(readFileSync(new URL("./steps.json", import.meta.url), "utf8")));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(ladderTable(readSteps()));
