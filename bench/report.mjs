/** A run as tables, for the terminal and as Markdown, and where they are written. Not here: which bars there are (bars.mjs). */

import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { barRows, barsOf } from "./bars.mjs";
import { contenders } from "./contenders.mjs";
import { flopsOf, networks } from "./networks.mjs";
import { figureOf, short, spread, tableOf } from "./statistics.mjs";

/**
 * @typedef {import("./rounds.mjs").Cell} Cell
 * @typedef {object} Run
 * @property {string} date
 * @property {string | null} commit of fovea, with "-dirty" where files differ from it; null where it is not known
 * @property {import("./machine.mjs").Machine} machine
 * @property {string} simd of fovea's engine
 * @property {Readonly<Record<string, Record<string, unknown>>>} versions by contender
 * @property {Readonly<Record<string, string>>} missing contender to reason
 * @property {readonly string[]} arguments
 * @property {number} seconds
 * @property {readonly Cell[]} cells
 * @property {readonly import("./whole.mjs").WholeRun[]} whole
 * @property {readonly import("./shares.mjs").Share[]} shares
 * @property {Readonly<Record<string, readonly number[]>>} limits GFLOP/s of independent microkernels, by threads
 */

const units = { step: "ms a step", inference: "ms a batch", single: "ms a picture", fit: "ms a step of fit" };

/**
 * Everything a run found, as Markdown.
 * @param {Run} run
 */
export function reportOf(run) {
  const { machine, versions, missing, limits } = run;
  const parts = [
    `# Bench of ${run.date.slice(0, 10)}`,
    [
      `${machine.processor}${machine.architecture === null ? "" : ` (${machine.architecture})`}`,
      machine.family === null ? "" : `family ${machine.family}, model ${machine.model}`,
      `${machine.cores} cores`,
      `${Math.round(machine.memory / 2 ** 30)} GiB`,
      machine.system,
      `Node ${machine.node}`,
      `SIMD ${run.simd}`,
    ]
      .filter((text) => text !== "")
      .join(", "),
    `\`npm run bench${run.arguments.length === 0 ? "" : ` -- ${run.arguments.join(" ")}`}\`, ${run.date}, ${Math.round(run.seconds)} s${run.commit === null ? "" : `, fovea at ${run.commit}`}. float32. Median (quartiles); everything in turn, round by round.`,
    ...Object.entries(versions).map(
      ([name, of]) =>
        `- ${name}: ${Object.entries(of)
          .map(([what, version]) => `${what} ${version}`)
          .join(", ")}`,
    ),
    ...Object.entries(missing).map(([name, why]) => `- ${name}: ${why}`),
    ...barTable(run),
    ...networkTables(run.cells),
    ...wholeTable(run.whole),
    ...compileTable(run.cells),
    ...limitTable(run),
    ...kernelTable(run),
  ];
  const speeds = Object.entries(limits).map(
    ([count, samples]) => `${plural(Number(count), "thread")} ${spread(figureOf(samples))}`,
  );
  if (speeds.length > 0) {
    parts.push(`Limit: fovea's own microkernel on operands in the first-level cache, GFLOP/s: ${speeds.join("; ")}.`);
  }
  const [one, most] = [limits[1], limits[machine.cores]].map((samples) => figureOf(samples ?? []).median);
  if (one !== undefined && most !== undefined && most / one < 0.85 * machine.cores) {
    parts.push(
      `**${machine.cores} threads reached only ${short(most / one)} times the speed of one: something else was running, or the cores share units. Where it is the former these numbers tell little.**`,
    );
  }
  return `${parts.join("\n\n").replaceAll("\n\n- ", "\n- ")}\n`;
}

/** @param {Run} run */
function barTable(run) {
  const bars = barsOf(run);
  return bars.length === 0 ? [] : ["## Bars", tableOf(barRows(bars))];
}

const median = (/** @type {readonly number[]} */ samples) => figureOf(samples).median;

/** @param {readonly import("./whole.mjs").WholeRun[]} whole */
function wholeTable(whole) {
  if (whole.length === 0) return [];
  const rows = [
    ["whole process, cold start", "threads", "", "s", "peak MB", "fovea / it", "of its memory", "test accuracy"],
  ];
  for (const { net, epochs, threads, contender, seconds, peak, accuracy } of whole) {
    const fovea = whole.find((run) => run.net === net && run.contender === "fovea");
    const ratios =
      fovea === undefined || contender === "fovea"
        ? ["", ""]
        : [median(fovea.seconds) / median(seconds), median(fovea.peak) / median(peak)].map(short);
    const label = contender === "fovea" ? [`${net}, ${plural(epochs, "epoch")}`, String(threads)] : ["", ""];
    rows.push([
      ...label,
      titleOf(contender),
      spread(figureOf(seconds)),
      String(Math.round(median(peak) / 1e6)),
      ...ratios,
      accuracy.toFixed(4),
    ]);
  }
  return ["## Whole processes", tableOf(rows)];
}

/**
 * Graph to program in processes that have just begun, and the very first training step of everyone.
 * @param {readonly Cell[]} cells
 */
function compileTable(cells) {
  const lowered = cells.filter(({ measure }) => measure === "lower");
  const rows = [["training program of fovea", "graph to program, ms"]];
  for (const { key, samples } of lowered) rows.push([String(key.net), spread(figureOf(samples))]);
  const steps = cells.filter(({ measure, key }) => measure === "step" && key.batch === 128);
  const first = [["very first step", "pictures", "threads", "", "ms"]];
  for (const { key, threads, contender, first: time } of steps) {
    first.push([String(key.net), String(key.data), String(threads), titleOf(contender), short(time)]);
  }
  return [
    ...(lowered.length === 0 ? [] : ["## Compiling", tableOf(rows)]),
    ...(lowered.length === 0 || steps.length === 0 ? [] : [tableOf(first)]),
  ];
}

/**
 * One table a measure: each subject with all who were measured on it.
 * @param {readonly Cell[]} cells
 */
function networkTables(cells) {
  return Object.entries(units).flatMap(([measure, unit]) => {
    const of = cells.filter((cell) => cell.measure === measure && "net" in cell.key);
    if (of.length === 0) return [];
    const rows = [["network", "pictures", "batch", "threads", "", unit, "fovea / it"]];
    for (const group of grouped(of)) {
      const fovea = group.find(({ contender }) => contender === "fovea");
      group.forEach((cell, i) => {
        const { net, data, batch } = cell.key;
        const label =
          i === 0
            ? [String(net), String(data), String(measure === "single" ? 1 : batch), String(cell.threads)]
            : ["", "", "", ""];
        rows.push([...label, titleOf(cell.contender), spread(figureOf(cell.samples)), ratio(fovea, cell)]);
      });
    }
    return [`## ${unit}`, tableOf(rows)];
  });
}

/**
 * How far fovea is from its own limit.
 * @param {Run} run
 */
function limitTable({ cells, limits }) {
  const rows = [["network", "pictures", "batch", "threads", "measure", "GFLOP/s", "of the limit"]];
  for (const cell of cells) {
    const { net, data, batch } = cell.key;
    if (cell.contender !== "fovea" || (cell.measure !== "step" && cell.measure !== "inference")) continue;
    const flops = flopsOf(networks[/** @type {keyof typeof networks} */ (net)]);
    const speed =
      (flops[cell.measure === "step" ? "step" : "forward"] * Number(batch)) / figureOf(cell.samples).median / 1e6;
    const limit = figureOf(limits[cell.threads] ?? []).median;
    rows.push([
      String(net),
      String(data),
      String(batch),
      String(cell.threads),
      cell.measure,
      short(speed),
      short(speed / limit),
    ]);
  }
  if (rows.length === 1) return [];
  const note =
    "Convolutions count as the direct algorithm does, zeros as other numbers: Winograd and skipped zeros can exceed the limit.";
  return ["## fovea as a share of the limit", tableOf(rows), note];
}

/** @param {Run} run */
function kernelTable({ cells, limits }) {
  const of = cells.filter(({ measure }) => measure === "kernel");
  if (of.length === 0) return [];
  const rows = [["kernel", "threads", "", "ms", "GFLOP/s", "of the limit", "fovea / it"]];
  for (const group of grouped(of)) {
    const fovea = group.find(({ contender }) => contender === "fovea");
    group.forEach((cell, i) => {
      const figure = figureOf(cell.samples);
      const speed = Number(cell.key.flops) / figure.median / 1e6;
      const share = speed / figureOf(limits[cell.threads] ?? []).median;
      const label = i === 0 ? [String(cell.key.kernel), String(cell.threads)] : ["", ""];
      rows.push([...label, titleOf(cell.contender), spread(figure), short(speed), short(share), ratio(fovea, cell)]);
    });
  }
  return ["## Kernels alone", tableOf(rows)];
}

/**
 * Cells of one subject on one number of threads together, in the order they were measured in.
 * @param {readonly Cell[]} cells
 * @returns {Cell[][]}
 */
function grouped(cells) {
  /** @type {Map<string, Cell[]>} */
  const groups = new Map();
  for (const cell of cells) {
    const key = `${JSON.stringify(cell.key)} ${cell.threads}`;
    groups.set(key, [...(groups.get(key) ?? []), cell]);
  }
  return [...groups.values()];
}

/**
 * @param {Cell | undefined} fovea
 * @param {Cell} cell
 */
function ratio(fovea, cell) {
  if (fovea === undefined || cell === fovea) return "";
  return short(figureOf(fovea.samples).median / figureOf(cell.samples).median);
}

/** @param {string} name */
function titleOf(name) {
  return /** @type {Record<string, { title: string }>} */ (contenders)[name]?.title ?? name;
}

/**
 * @param {number} count
 * @param {string} noun
 */
function plural(count, noun) {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/**
 * Writes a run as NAME.json and NAME.md.
 * @param {string} folder
 * @param {string} name
 * @param {object} data
 * @param {string} markdown
 */
export function writeResults(folder, name, data, markdown) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, `${name}.json`), `${JSON.stringify(data, null, 1)}\n`);
  writeFileSync(path.join(folder, `${name}.md`), markdown);
}
