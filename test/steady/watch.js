/**
 * A process of its own that trains and watches what that costs in memory: without a test runner around it, with a young
 * generation so large that nothing is collected while it counts, and with `gc` to ask for a collection when it does not.
 * Prints one line of JSON. Started by test/steady.test.ts and test/long/steady.test.ts.
 *
 * @typedef {{ steps: number, epochs: number, batch: number, units: number[], inputs: number }} Options
 * @typedef {{ used: number, reserved: number, heap: number, rss: number }} Level
 */
import { PerformanceObserver } from "node:perf_hooks";
import { array, createBackend, layers, sequential } from "../../dist/index.js";

const { steps, epochs, batch, units, inputs } = /** @type {Options} */ (JSON.parse(process.argv[2] ?? ""));
const collect = /** @type {() => void} */ (/** @type {{ gc?: unknown }} */ (globalThis).gc);

let collections = 0;
new PerformanceObserver((list) => {
  collections += list.getEntries().length;
}).observe({ entryTypes: ["gc"] });
const macrotask = () => new Promise((resolve) => setTimeout(resolve, 5));

const rows = steps * batch;
const x = array(
  new Float32Array(rows * inputs).map((_, i) => Math.sin(i * i)),
  { shape: [rows, inputs] },
);
const y = array(
  new Uint8Array(rows).map((_, i) => i % 10),
  { shape: [rows] },
);
const backend = createBackend({ threads: 2 });
const model = sequential(
  [
    layers.input({ shape: [inputs] }),
    ...units.map((n) => layers.dense({ units: n, activation: "relu" })),
    layers.dropout({ rate: 0.5 }),
    layers.dense({ units: 10, activation: "softmax" }),
  ],
  { seed: 1, backend },
);
model.compile({ loss: "sparse_categorical_crossentropy", optimizer: "adam", metrics: ["accuracy"] });

/** Every job of the fit, and the last of them to be run again. */
let jobs = 0;
/** @type {Parameters<typeof backend.run> | undefined} */
let last;
const run = backend.run.bind(backend);
backend.run = (program, job) => {
  jobs++;
  last = [program, job];
  return run(program, job);
};

/** Bytes that JavaScript allocates in `work`. */
async function allocated(/** @type {() => Promise<void>} */ work) {
  collect();
  await macrotask();
  const [before, counted] = [process.memoryUsage(), collections];
  await work();
  const after = process.memoryUsage();
  await macrotask();
  if (collections !== counted) throw new Error("A collection came in between.");
  return after.heapUsed - before.heapUsed + after.arrayBuffers - before.arrayBuffers;
}

/** Bytes of a job of so many steps: the mean of `times` of them. */
async function bytesOfJob(/** @type {number} */ count, times = 100) {
  const [program, job] = /** @type {NonNullable<typeof last>} */ (last);
  const inputs = Object.fromEntries(
    Object.entries(job.inputs ?? {}).map(([name, { buffer }]) => [name, { buffer, firstRow: 0 }]),
  );
  const again = { ...job, inputs, outputs: {}, rows: count * batch };
  const work = async () => {
    for (let i = 0; i < times; i++) await run(program, again);
  };
  await work();
  return (await allocated(work)) / times;
}

/** @type {Level[]} */
const levels = [];
/** @type {{ few: number, many: number, perJob: number, stepsPerJob: number } | undefined} */
let allocation;
let jobsBefore = 0;
/** @type {NodeJS.MemoryUsage | undefined} */
let begin;
let collectionsBefore = 0;

await model.fit(x, y, {
  batchSize: batch,
  epochs,
  verbose: 0,
  callbacks: [
    {
      onEpochBegin: async (epoch) => {
        if (epoch !== epochs - 1) return;
        collect();
        await macrotask();
        [jobsBefore, collectionsBefore, begin] = [jobs, collections, process.memoryUsage()];
      },
      onEpochEnd: async (epoch) => {
        if (epoch === epochs - 1 && begin !== undefined) {
          const end = process.memoryUsage();
          await macrotask();
          const bytes = end.heapUsed - begin.heapUsed + end.arrayBuffers - begin.arrayBuffers;
          const count = jobs - jobsBefore;
          if (collections !== collectionsBefore) throw new Error("A collection came in between.");
          const [few, many] = [await bytesOfJob(steps / 10), await bytesOfJob(steps)];
          allocation = { few, many, perJob: bytes / count, stepsPerJob: steps / count };
          return;
        }
        collect();
        const { used, reserved } = (await backend.describe()).memory;
        const { heapUsed, rss } = process.memoryUsage();
        levels.push({ used, reserved, heap: heapUsed, rss });
      },
    },
  ],
});
console.log(JSON.stringify({ levels, allocation }));
await backend.close();
