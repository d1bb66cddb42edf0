/** What fovea is meant to reach, as ratios of medians of one run, and whether it did. Not here: how a cell is measured. */

import { networks } from "./networks.mjs";
import { figureOf, short } from "./statistics.mjs";

/**
 * @typedef {import("./rounds.mjs").Cell} Cell
 * @typedef {import("./report.mjs").Run} Run
 * @typedef {object} Bar
 * @property {string} title
 * @property {string} [against] which of several it was that counted
 * @property {number} value
 * @property {"at most" | "at least"} sense
 * @property {readonly number[]} bars several where they depend on the processor and it is none of the known
 */

const native = ["torch", "torch-channels-last", "keras-tensorflow", "keras-jax"];
const pytorch = ["torch", "torch-channels-last"];

/** Networks with batch normalization, held to PyTorch as its users run them. */
const normalized = ["mobilenet", "resnet20"];

/**
 * All bars that a run has cells for.
 * @param {Run} run
 * @returns {Bar[]}
 */
export function barsOf(run) {
  const most = Math.max(...run.cells.map(({ threads }) => threads), 1);
  const of = finder(run.cells, most);
  const byProcessor = (/** @type {number} */ zen5, /** @type {number} */ zen4) => {
    if (run.machine.architecture === "Zen 5") return [zen5];
    return run.machine.architecture === "Zen 4" ? [zen4] : [zen5, zen4];
  };
  const mlp = { net: "mnist-mlp", data: "mnist", batch: 128 };
  const dense = { ...mlp, data: "dense" };
  const cnn = { net: "mnist-cnn", data: "mnist", batch: 128 };
  /** @type {(Bar | null)[]} */
  const bars = [
    fastest("CNN step against the fastest native", of, "step", cnn, native, byProcessor(0.85, 0.65)),
    fastest("CNN inference of 128 against the fastest native", of, "inference", cnn, native, byProcessor(1, 0.75)),
    fastest("MLP step, real digits, against PyTorch", of, "step", mlp, pytorch, [0.9]),
    fastest("MLP step, dense pictures, against PyTorch", of, "step", dense, pytorch, [1.2]),
    fastest("MLP fit against Keras on JAX", of, "fit", mlp, ["keras-jax"], [1.4]),
    fastest("MLP fit against Keras on TensorFlow", of, "fit", mlp, ["keras-tensorflow"], [0.6]),
    ...wholeBars(run),
    fastest("MLP, one picture, against PyTorch", of, "single", mlp, pytorch, [1.2]),
    fastest("CNN, one picture, against PyTorch", of, "single", cnn, pytorch, [0.8]),
    ...Object.entries(networks).flatMap(([net, { batches }]) => {
      if (net.startsWith("mnist")) return [];
      const rivals = normalized.includes(net) ? ["torch-channels-last"] : pytorch;
      const bar = net === "cifar-vgg" || normalized.includes(net) ? 1 : 1.25;
      return batches.map((batch) =>
        fastest(
          `${net} step of ${batch} against the fastest of PyTorch and Keras on TensorFlow`,
          of,
          "step",
          { net, data: "dense", batch },
          [...rivals, "keras-tensorflow"],
          [bar],
        ),
      );
    }),
    scaling("CNN", run, of, cnn, 0.95),
    scaling("MLP", run, of, mlp, 0.82),
    inverse(fastest("CNN step in Chromium against Node", of, "step", cnn, ["chromium"], [1.15])),
    ...[512, 1024].map((size) => productBar(run, size)),
    ...shareBars(run),
    limitBar(run, cnn),
    ...[
      { where: "in Node", peer: "tfjs-node" },
      { where: "in a page with threads", peer: "tfjs" },
    ].flatMap(({ where, peer }) => [
      atLeast(fastest(`MLP step, TensorFlow.js ${where} over fovea`, of, "step", mlp, [peer], [20])),
      atLeast(fastest(`CNN inference, TensorFlow.js ${where} over fovea`, of, "inference", cnn, [peer], [8])),
    ]),
  ];
  return bars.filter((bar) => bar !== null);
}

/**
 * Whether a bar is reached: all of it, none, or it depends on the processor.
 * @param {Bar} bar
 */
export function verdict({ value, sense, bars }) {
  const reached = bars.map((bar) => (sense === "at most" ? value <= bar : value >= bar));
  if (reached.every(Boolean)) return "yes";
  return reached.some(Boolean) ? "in part" : "no";
}

/**
 * The bars as rows of a table.
 * @param {readonly Bar[]} bars
 */
export function barRows(bars) {
  return [
    ["bar", "measured", "against", "wanted", "reached"],
    ...bars.map((bar) => [
      bar.title,
      short(bar.value),
      bar.against ?? "",
      `${bar.sense} ${bar.bars.join(" or ")}`,
      verdict(bar),
    ]),
  ];
}

/** @typedef {(key: Cell["key"], measure: string, contender: string, threads?: number) => number | undefined} Find */

/**
 * Medians by what they are of.
 * @param {readonly Cell[]} cells
 * @param {number} most threads, where no others are asked for
 * @returns {Find}
 */
function finder(cells, most) {
  return (key, measure, contender, threads = most) => {
    const cell = cells.find(
      (one) =>
        one.measure === measure &&
        one.contender === contender &&
        one.threads === threads &&
        Object.entries(key).every(([name, value]) => one.key[name] === value),
    );
    return cell === undefined ? undefined : figureOf(cell.samples).median;
  };
}

/**
 * fovea's median over the least of the others'.
 * @param {string} title
 * @param {Find} of
 * @param {string} measure
 * @param {Cell["key"]} key
 * @param {readonly string[]} others
 * @param {readonly number[]} bars
 * @returns {Bar | null}
 */
function fastest(title, of, measure, key, others, bars) {
  const own = of(key, measure, "fovea");
  const times = others.flatMap((name) => {
    const time = of(key, measure, name);
    return time === undefined ? [] : [{ name, time }];
  });
  const best = times.sort((a, b) => a.time - b.time)[0];
  if (own === undefined || best === undefined) return null;
  return { title, against: best.name, value: own / best.time, sense: "at most", bars };
}

/**
 * The same as the other over fovea.
 * @param {Bar | null} bar
 * @returns {Bar | null}
 */
function inverse(bar) {
  return bar === null ? null : { ...bar, value: 1 / bar.value };
}

/**
 * @param {Bar | null} bar
 * @returns {Bar | null}
 */
function atLeast(bar) {
  const turned = inverse(bar);
  return turned === null ? null : { ...turned, sense: "at least" };
}

/**
 * How much faster a step is on all threads than on one, over the same of independent microkernels.
 * @param {string} name
 * @param {Run} run
 * @param {Find} of
 * @param {Cell["key"]} key
 * @param {number} bar
 * @returns {Bar | null}
 */
function scaling(name, { cells, limits }, of, key, bar) {
  const most = Math.max(...cells.map(({ threads }) => threads), 1);
  const one = of(key, "step", "fovea", 1);
  const all = of(key, "step", "fovea", most);
  if (most === 1 || one === undefined || all === undefined) return null;
  const possible = figureOf(limits[most] ?? []).median / figureOf(limits[1] ?? []).median;
  const title = `${name} step, ${most} threads against 1, of the scaling of ${most} microkernels`;
  return { title, value: one / all / possible, sense: "at least", bars: [bar] };
}

/**
 * @param {Run} run
 * @param {number} size
 * @returns {Bar | null}
 */
function productBar({ cells, limits }, size) {
  const cell = cells.find(
    ({ key, contender, threads }) => key.kernel === `sgemm ${size}` && contender === "fovea" && threads === 1,
  );
  if (cell === undefined) return null;
  const speed = Number(cell.key.flops) / figureOf(cell.samples).median / 1e6;
  const value = speed / figureOf(limits[1] ?? []).median;
  return { title: `sgemm ${size}, one thread, of the limit`, value, sense: "at least", bars: [0.85] };
}

/**
 * @param {Run} run
 * @param {Cell["key"]} key
 * @returns {Bar | null}
 */
function limitBar({ cells }, key) {
  const cell = cells.find(({ measure, key: { net } }) => measure === "lower" && net === key.net);
  if (cell === undefined) return null;
  return { title: "CNN, graph to program, ms", value: figureOf(cell.samples).median, sense: "at most", bars: [50] };
}

/**
 * @param {Run} run
 * @returns {Bar[]}
 */
function shareBars({ shares }) {
  return shares.map(({ net, what, value }) => {
    const [title, bar] = net === "mnist-mlp" ? ["MLP, dense pictures", 0.75] : ["CNN, 3x3 layers", 0.7];
    return { title: `${title}: ${what}`, value, sense: "at least", bars: [bar] };
  });
}

/**
 * @param {Run} run
 * @returns {Bar[]}
 */
function wholeBars({ whole }) {
  const runs = whole.filter(({ net }) => net === "mnist-mlp");
  const own = runs.find(({ contender }) => contender === "fovea");
  const median = (/** @type {readonly number[]} */ samples) => figureOf(samples).median;
  const keras = runs
    .filter(({ contender }) => contender.startsWith("keras"))
    .sort((a, b) => median(a.seconds) - median(b.seconds))[0];
  if (own === undefined || keras === undefined) return [];
  const against = keras.contender;
  const [time, memory] = [median(own.seconds) / median(keras.seconds), median(own.peak) / median(keras.peak)];
  return [
    { title: "5 MLP epochs, whole process, time", against, value: time, sense: "at most", bars: [0.6] },
    { title: "5 MLP epochs, whole process, peak memory", against, value: memory, sense: "at most", bars: [0.4] },
  ];
}
