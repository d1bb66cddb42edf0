/**
 * npm run bench: fovea's speed on this machine. Everything is measured in turn, round by round, so that a machine that
 * drifts hits all alike; what counts are the ratios to the microkernel's own speed in the same run.
 *
 *   npm run bench                      training steps and inference, both networks, 1 and 2 threads
 *   npm run bench -- --kernels         products and convolutions alone
 *   --nets mnist-mlp --threads 1,2 --rounds 9 --quick
 */

import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { datasets, describeEngine } from "../dist/index.js";
import { KernelContender, kernelCases } from "./kernels.mjs";
import { recipes } from "./networks.mjs";
import { Probe } from "./probe.mjs";
import { figureOf, short, spread, tableOf } from "./statistics.mjs";
import { batch, Contender } from "./steps.mjs";

const { values: options } = parseArgs({
  options: {
    kernels: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
    nets: { type: "string", default: "mnist-mlp,mnist-cnn" },
    threads: { type: "string", default: "1,2" },
    rounds: { type: "string" },
  },
});

const rounds = Number(options.rounds ?? (options.quick ? 3 : 9));
const threads = options.threads.split(",").map(Number);
const { simd } = await describeEngine();
console.log(`Node ${process.version}, ${cpus()[0]?.model}, ${cpus().length} cores, SIMD ${simd}, batch ${batch}`);
console.log(`median (quartiles) of ${rounds} rounds, everything in turn\n`);
const probes = new Map(threads.map((count) => [count, new Probe(count, simd === "baseline" ? "baseline" : "relaxed")]));
await (options.kernels ? benchKernels() : benchNetworks());
for (const probe of probes.values()) await probe.close();
process.exit(0);

/**
 * GFLOP/s of the probe on each number of threads, one sample a round.
 * @returns {{ sample: () => Promise<void>, of: (threads: number) => number[] }}
 */
function probeSamples() {
  /** @type {Map<number, number[]>} */
  const speeds = new Map(threads.map((count) => [count, []]));
  return {
    sample: async () => {
      for (const [count, probe] of probes) speeds.get(count)?.push(await probe.measure(60));
    },
    of: (count) => speeds.get(count) ?? [],
  };
}

async function benchNetworks() {
  const data = await datasets.mnist.load();
  const nets = options.nets.split(",");
  for (const net of nets)
    if (!Object.hasOwn(recipes, net))
      throw new Error(`no network "${net}"; there are ${Object.keys(recipes).join(", ")}`);
  const contenders = nets.flatMap((net) =>
    threads.map((count) => new Contender(/** @type {keyof typeof recipes} */ (net), count, data)),
  );
  for (const contender of contenders) await contender.prepare(options.quick ? 150 : 400);
  const probe = probeSamples();
  await probe.sample();
  const samples = contenders.map(() => ({
    step: /** @type {number[]} */ ([]),
    inference: /** @type {number[]} */ ([]),
  }));
  for (let round = 0; round < rounds; round++) {
    await probe.sample();
    for (const [i, contender] of contenders.entries()) {
      samples[i]?.step.push(await contender.step());
      samples[i]?.inference.push(await contender.inference());
    }
  }
  const limit = (/** @type {number} */ count) => figureOf(probe.of(count));
  const rows = [["network", "threads", "step ms", "x limit", "inference ms", "x limit"]];
  for (const [i, { net, threads: count, stepFlops, forwardFlops }] of contenders.entries()) {
    const step = figureOf(samples[i]?.step ?? []);
    const inference = figureOf(samples[i]?.inference ?? []);
    const ideal = (/** @type {number} */ flops) => flops / limit(count).median / 1e6;
    rows.push([
      net,
      String(count),
      spread(step),
      short(step.median / ideal(stepFlops)),
      spread(inference),
      short(inference.median / ideal(forwardFlops)),
    ]);
  }
  console.log(tableOf(rows));
  console.log("\nx limit: the time over that of the products alone at the microkernel's speed:");
  for (const count of threads)
    console.log(`  ${count} thread${count === 1 ? "" : "s"}: ${spread(limit(count))} GFLOP/s`);
  const [one, two] = [limit(1), limit(2)];
  if (threads.includes(1) && threads.includes(2)) {
    console.log(`\n2 threads against 1 (two independent microkernels: ${short(two.median / one.median)}x):`);
    for (const net of nets) {
      const of = (/** @type {number} */ count) =>
        figureOf(samples[contenders.findIndex((c) => c.net === net && c.threads === count)]?.step ?? []).median;
      const scaling = of(1) / of(2);
      console.log(`  ${net} step: ${short(scaling)}x, ${short(scaling / (two.median / one.median))} of that`);
    }
  }
  for (const contender of contenders) await contender.close();
}

async function benchKernels() {
  const rows = [["kernel", "threads", "ms", "GFLOP/s", "of the limit"]];
  for (const count of threads) {
    const probe = probeSamples();
    const contenders = [];
    for (const kernel of kernelCases) contenders.push(await KernelContender.make(kernel, count));
    const samples = contenders.map(() => /** @type {number[]} */ ([]));
    for (let round = 0; round < rounds; round++) {
      await probe.sample();
      for (const [i, contender] of contenders.entries()) samples[i]?.push(await contender.sample());
    }
    const limit = figureOf(probe.of(count));
    for (const [i, { kernel }] of contenders.entries()) {
      const time = figureOf(samples[i] ?? []);
      const speed = kernel.flops / time.median / 1e6;
      rows.push([kernel.name, String(count), spread(time), short(speed), short(speed / limit.median)]);
    }
    rows.push(["microkernel (the limit)", String(count), "", spread(limit), "1.00"]);
    for (const contender of contenders) await contender.close();
  }
  console.log(tableOf(rows));
}
