/** `fovea train RECIPE`: trains a recipe's network, judges it on the test pictures and writes the run's files. */

import path from "node:path";
import type { Callback, ImageDataset, Sequential } from "../index.js";
import { currentPlatform } from "../platform/current.js";
import { breathe, Interrupted } from "./interruption.js";
import type { Recipe } from "./recipes/recipe.js";
import { reportText } from "./report-text.js";
import { checkRunFolder, writeRun } from "./run-folder.js";
import { historyCsv, type RunReport, reportJson } from "./run-report.js";
import { type Styles, say, whileSaying } from "./screen.js";
import { TrainingWatch } from "./training-watch.js";
import { UsageError } from "./usage-error.js";
import { version } from "./version.js";

/** What can be chosen on the command line; what is left out is the recipe's. */
export interface TrainOptions {
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly learningRate?: number;
  readonly validationSplit?: number;
  readonly seed?: number;
  readonly threads?: number;
  readonly backend?: "wasm" | "reference";
  readonly limit?: number;
  readonly out?: string;
}

type Fovea = typeof import("../index.js");

const files = { model: "model.safetensors", history: "history.csv", report: "report.json" } as const;

/**
 * Runs the command and gives its exit code: that of the signal where it was stopped by one.
 * @throws UsageError, or what went wrong.
 */
export async function train(
  recipe: Recipe,
  options: TrainOptions,
  signal: AbortSignal,
  styles: Styles,
): Promise<number> {
  const watch = new TrainingWatch();
  try {
    await trainAndReport(recipe, options, signal, watch, styles);
    return 0;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    const place = watch.place === undefined ? "before the first step" : `at ${watch.place}`;
    say(styles.yellow(`Stopped ${place}; nothing was written.`));
    return error.exitCode;
  }
}

async function trainAndReport(
  recipe: Recipe,
  options: TrainOptions,
  signal: AbortSignal,
  watch: TrainingWatch,
  styles: Styles,
): Promise<void> {
  const { backend = "wasm", threads, limit = null, out = path.join("runs", recipe.name) } = options;
  const { epochs, batchSize, learningRate, validationSplit } = { ...recipe, ...options };
  checkRunFolder(out, Object.values(files));
  const fovea = await import("../index.js");
  const pictures = pictureCounts(fovea, recipe, limit, validationSplit);
  fovea.configure({ backend, threads });

  const data = await fovea.datasets[recipe.dataset].load();
  const [training, test] = [firstOf(data.train, limit), firstOf(data.test, limit)];
  const model = fovea.sequential(recipe.layers(fovea.layers), { name: recipe.name, seed: options.seed });
  const engine = await fovea.describeEngine();
  await breathe();
  signal.throwIfAborted();

  say(`${styles.bold(recipe.name)}: ${recipe.title}`);
  say(
    `${pictures.train} pictures to train on, ${pictures.validation} to validate, ${pictures.test} to test; seed ${model.seed}; ` +
      `${engine.name}, ${engine.threads} ${engine.threads === 1 ? "thread" : "threads"}`,
  );
  say(`\n${model.summary()}\n`);
  model.compile({
    loss: fovea.losses.sparseCategoricalCrossentropy(),
    optimizer: fovea.optimizers.adam({ learningRate }),
    metrics: [fovea.metrics.sparseCategoricalAccuracy({ name: "acc" })],
  });

  const start = performance.now();
  const { history } = await model.fit(training.images, training.labels, {
    batchSize,
    epochs,
    validationSplit,
    verbose: 1,
    callbacks: [watch],
    signal,
  });
  const seconds = (performance.now() - start) / 1000;
  signal.throwIfAborted();

  const judged = await whileSaying("Testing…", () => judge(fovea, model, test, data.classNames, batchSize, signal));
  model.classNames = data.classNames;
  const bytes = await model.toBytes();
  await breathe();
  signal.throwIfAborted();
  say(`\n${judged.text}`);

  const report: RunReport = {
    fovea: version(),
    recipe: recipe.name,
    dataset: recipe.dataset,
    seed: model.seed,
    backend: engine.name,
    simd: engine.simd,
    threads: engine.threads,
    runtime: currentPlatform().environment.version,
    parameters: model.countParams(),
    epochs,
    batchSize,
    learningRate,
    validationSplit,
    pictures: { limit, ...pictures },
    msPerStep: watch.msPerStep,
    seconds,
    history,
    ...judged.scores,
  };
  // The report last: where it is, the others are.
  await writeRun(out, [
    { name: files.model, contents: bytes },
    { name: files.history, contents: historyCsv(history) },
    { name: files.report, contents: reportJson(report) },
  ]);
  say(`Wrote ${files.report}, ${files.history} and ${files.model} to ${styles.bold(out)}`);
}

/**
 * How many pictures train, validate and test.
 * @throws UsageError where a limit or a split leaves none.
 */
function pictureCounts(fovea: Fovea, recipe: Recipe, limit: number | null, validationSplit: number) {
  const { trainCount, testCount } = fovea.datasets[recipe.dataset].info;
  if (limit !== null && limit > trainCount) {
    throw new UsageError(
      `--limit must be a whole number from 1 to ${trainCount}, the training pictures of ${recipe.dataset}, received ${limit}.`,
    );
  }
  const all = limit ?? trainCount;
  const train = Math.floor(all * (1 - validationSplit));
  if (train === 0 || (validationSplit > 0 && train === all)) {
    throw new UsageError(
      `--validation-split ${validationSplit} of ${all} ${all === 1 ? "picture" : "pictures"} leaves ${train} to train on and ${all - train} to validate.`,
    );
  }
  return { train, validation: all - train, test: Math.min(limit ?? testCount, testCount) };
}

type Pictures = ImageDataset["train"];

/** The first pictures, or all where there are fewer, with the axis of channels that a network expects. */
function firstOf({ images, labels }: Pictures, limit: number | null): Pictures {
  const rows = Math.min(limit ?? labels.size, labels.size);
  const channels = images.shape.length === 3 ? images.expandDims(-1) : images;
  return { images: channels.slice([0, rows]), labels: labels.slice([0, rows]) };
}

/** How the model does on the test pictures, as text and as numbers. */
async function judge(
  fovea: Fovea,
  model: Sequential,
  { images, labels }: Pictures,
  classNames: readonly string[],
  batchSize: number,
  signal: AbortSignal,
) {
  const look = async (): Promise<void> => {
    await breathe();
    signal.throwIfAborted();
  };
  const stoppable: Callback = { onTestBatchEnd: look, onPredictBatchEnd: look };
  const options = { batchSize, verbose: 0, callbacks: [stoppable] } as const;
  const { loss, acc: accuracy } = (await model.evaluate(images, labels, options)) as { loss: number; acc: number };
  const predicted = (await model.predict(images, options)).argmax(1);
  // Every class has its line, also where a limit leaves no picture of it.
  const classes = classNames.map((_, label) => label);
  const warnings: string[] = [];
  const onWarning = (message: string): void => {
    // What follows names an option of the library.
    warnings.push(message.replace(/ Use the zeroDivision option.*$/, ""));
  };
  const common = { labels: classes, targetNames: classNames };
  const { perClass } = fovea.classificationReport(labels, predicted, { ...common, outputDict: true });
  const report = fovea.classificationReport(labels, predicted, { ...common, onWarning });
  const confusion = fovea.confusionMatrix(labels, predicted, { labels: classes }).toArray() as number[][];
  return {
    text: reportText({ loss, accuracy, report, warnings }),
    scores: {
      test: { loss, accuracy },
      perClass: perClass.map(({ label, precision, recall, f1, support }) => ({
        label: Number(label),
        precision,
        recall,
        f1,
        support,
      })),
      confusion,
    },
  };
}
