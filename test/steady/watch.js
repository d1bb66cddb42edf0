/**
 * A process of its own that trains and watches what that costs in memory: without a test runner around it, with a young
 * generation so large that nothing is collected while it counts, and with `gc` to ask for a collection when it does not.
 * Prints one line of JSON. Started by test/steady.test.ts and test/long/steady.test.ts.
 *
 * @typedef {{ steps: number, epochs: number, batch: number, units: number[], inputs: number, counted: number, also?: string }} Options
 * @typedef {{ used: number, reserved: number, heap: number, rss: number }} Level
 */
import { PerformanceObserver } from "node:perf_hooks";
import { array, createBackend, layers, metrics, sequential } from "../../dist/index.js";

const { steps, epochs, batch, units, inputs, counted, also } = /** @type {Options} */ (
  JSON.parse(process.argv[2] ?? "")
);
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
// Metrics that gather have classes one by one.
const y =
  also === "gathering"
    ? array(
        new Uint8Array(rows * 10).map((_, i) => Number(Math.floor(i / 10) % 10 === i % 10)),
        { shape: [rows, 10] },
      )
    : array(
        new Uint8Array(rows).map((_, i) => i % 10),
        { shape: [rows] },
      );
const backend = createBackend({ threads: 2 });
if (also === "streaming") {
  // No room for the data as a whole.
  const describe = backend.describe.bind(backend);
  backend.describe = async () => {
    const { memory, ...rest } = await describe();
    return { ...rest, memory: { ...memory, limit: memory.used } };
  };
}
const model = sequential(
  [
    layers.input({ shape: [inputs] }),
    ...units.map((n) => layers.dense({ units: n, activation: "relu" })),
    layers.dropout({ rate: 0.5 }),
    layers.dense({ units: 10, activation: "softmax" }),
  ],
  { seed: 1, backend },
);
model.compile(
  also === "gathering"
    ? { loss: "categorical_crossentropy", optimizer: "adam", metrics: [metrics.auc(), metrics.f1Score()] }
    : { loss: "sparse_categorical_crossentropy", optimizer: "adam", metrics: ["accuracy"] },
);

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

/** Bytes copied to the engine. */
let written = 0;
const write = backend.write.bind(backend);
backend.write = (buffer, data, offset) => {
  written += data.byteLength;
  return write(buffer, data, offset);
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

/** Bytes of a job of so many steps of two rows: the mean of `times` of them. */
async function bytesOfJob(/** @type {number} */ count, times = 100) {
  const [program, job] = /** @type {NonNullable<typeof last>} */ (last);
  const inputs = Object.fromEntries(
    Object.entries(job.inputs ?? {}).map(([name, { buffer }]) => [name, { buffer, firstRow: 0 }]),
  );
  const again = { ...job, inputs, outputs: {}, rows: count * 2, batch: 2 };
  const work = async () => {
    for (let i = 0; i < times; i++) await run(program, again);
  };
  await work();
  return (await allocated(work)) / times;
}

let noted = 0;
const note = async () => {
  noted++;
};

/** @type {Level[]} */
const levels = [];
let begin = { jobs: 0, collections: 0, bytes: 0 };
/** @type {object | undefined} */
let allocation;
const bytes = () => {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

await model.fit(x, y, {
  batchSize: batch,
  epochs: epochs + counted,
  verbose: 0,
  callbacks: [
    ...(also === "callbacks" ? [{ onTrainBatchBegin: note, onTrainBatchEnd: note, onTrainProgress: note }] : []),
    {
      onEpochEnd: async (epoch) => {
        if (epoch < epochs) {
          collect();
          const { used, reserved } = (await backend.describe()).memory;
          const { heapUsed, rss } = process.memoryUsage();
          levels.push({ used, reserved, heap: heapUsed, rss });
          await macrotask();
          begin = { jobs, collections, bytes: bytes() };
        }
        if (counted > 0 && epoch === epochs + counted - 1) {
          const perStep = (bytes() - begin.bytes) / (counted * steps);
          const stepsPerJob = (counted * steps) / (jobs - begin.jobs);
          await macrotask();
          if (collections !== begin.collections) throw new Error("A collection came in between.");
          const stepsOfMany = rows / 2;
          const [few, many] = [await bytesOfJob(stepsOfMany / 10), await bytesOfJob(stepsOfMany)];
          allocation = { few, many, stepsOfMany, perStep, stepsPerJob };
        }
      },
    },
  ],
});
console.log(JSON.stringify({ levels, allocation, jobs, noted, written }));
await backend.close();
