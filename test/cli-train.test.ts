/** `fovea train` from end to end on real MNIST: what it prints, what it writes, and that a seed decides all of it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { datasets, layers, loadModel, sequential } from "fovea";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recipes } from "../src/cli/recipes/index.js";
import type { RunReport } from "../src/cli/run-report.js";
import { version } from "../src/cli/version.js";
import { fovea, type Outcome } from "./support/fovea-command.js";

const escapeCode = "\x1b";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "fovea-train-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = (run: string, name: string) => readFileSync(path.join(folder, run, name));
const reportOf = (run: string): RunReport => JSON.parse(read(run, "report.json").toString("utf8"));
const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0);

/** Trains into folder/run. */
async function train(run: string, ...args: string[]): Promise<Outcome> {
  const outcome = await fovea(["train", ...args, "--out", path.join(folder, run)]);
  expect(outcome.err).toBe("");
  expect(outcome.code).toBe(0);
  return outcome;
}

const small = ["mnist-mlp", "--limit", "700", "--epochs", "3", "--seed", "7"];

describe("a small run", () => {
  let outcome: Outcome;
  let report: RunReport;
  beforeAll(async () => {
    outcome = await train("small", ...small);
    report = reportOf("small");
  });

  it("prints what it does, the summary, a line an epoch, the scores, the report and where the files are", () => {
    const number = String.raw`\d+\.\d{4}`;
    const epoch = (n: number) =>
      new RegExp(
        `^Epoch ${n}/3 - 5/5 - \\d+s - \\d+m?s/step - acc: ${number} - loss: ${number} - val_acc: ${number} - val_loss: ${number}$`,
      );
    const lines = outcome.out.split("\n");
    const from = (start: string) => lines.slice(lines.findIndex((line) => line.startsWith(start)));
    expect(lines[0]).toBe("mnist-mlp: dense network (512, 256, 128 units) on MNIST");
    expect(lines[1]).toMatch(/^595 pictures to train on, 105 to validate, 700 to test; seed 7; wasm, \d+ threads?$/);
    expect(from("Model:")[0]).toBe('Model: "mnist-mlp"');
    expect(outcome.out).toContain(" Total params: 567,434 (2.16 MB)\n");
    expect(from("Epoch 1/3").slice(0, 5)).toEqual([
      expect.stringMatching(epoch(1)),
      expect.stringMatching(epoch(2)),
      expect.stringMatching(epoch(3)),
      "",
      `Test loss: ${report.test.loss.toFixed(4)}`,
    ]);
    expect(from("Test accuracy").slice(0, 6)).toEqual([
      `Test accuracy: ${report.test.accuracy.toFixed(4)}`,
      "",
      "              precision    recall  f1-score   support",
      "",
      expect.stringMatching(/^ {11}0 {7}[01]\.\d\d {6}[01]\.\d\d {6}[01]\.\d\d {8}\d\d$/),
      expect.stringMatching(/^ {11}1 /),
    ]);
    expect(from("    accuracy")).toEqual([
      expect.stringMatching(/^ {4}accuracy {27}0\.\d\d {7}700$/),
      expect.stringMatching(/^ {3}macro avg /),
      expect.stringMatching(/^weighted avg /),
      "",
      `Wrote report.json, history.csv and model.safetensors to ${path.join(folder, "small")}`,
      "",
    ]);
    expect(outcome.out).not.toMatch(new RegExp(`[${escapeCode}\r]`));
  });

  it("writes a report of this structure, with numbers that agree with each other", () => {
    expect(report).toEqual({
      fovea: version(),
      recipe: "mnist-mlp",
      dataset: "mnist",
      seed: 7,
      backend: "wasm",
      simd: expect.stringMatching(/^(baseline|relaxed-fused|relaxed-unfused)$/),
      threads: Math.min(16, os.availableParallelism()),
      runtime: `Node ${process.versions.node}`,
      parameters: 567_434,
      epochs: 3,
      batchSize: 128,
      learningRate: 0.001,
      validationSplit: 0.15,
      pictures: { limit: 700, train: 595, validation: 105, test: 700 },
      msPerStep: expect.any(Number),
      seconds: expect.any(Number),
      history: {
        acc: [expect.any(Number), expect.any(Number), expect.any(Number)],
        loss: [expect.any(Number), expect.any(Number), expect.any(Number)],
        val_acc: [expect.any(Number), expect.any(Number), expect.any(Number)],
        val_loss: [expect.any(Number), expect.any(Number), expect.any(Number)],
      },
      test: { loss: expect.any(Number), accuracy: expect.any(Number) },
      perClass: Array.from({ length: 10 }, (_, label) => ({
        label,
        precision: expect.any(Number),
        recall: expect.any(Number),
        f1: expect.any(Number),
        support: expect.any(Number),
      })),
      confusion: Array.from({ length: 10 }, () => Array.from({ length: 10 }, () => expect.any(Number))),
    });
    const { confusion, perClass, test, history, msPerStep, seconds } = report;
    expect(msPerStep).toBeGreaterThan(0);
    expect(seconds * 1000).toBeGreaterThan(msPerStep * 14);
    for (const [label, scores] of perClass.entries()) {
      const right = confusion[label]![label]!;
      const predicted = sum(confusion.map((row) => row[label]!));
      expect(scores.support).toBe(sum(confusion[label]!));
      expect(scores.recall).toBeCloseTo(right / scores.support, 12);
      expect(scores.precision).toBeCloseTo(predicted === 0 ? 0 : right / predicted, 12);
    }
    expect(sum(perClass.map(({ support }) => support))).toBe(700);
    expect(test.accuracy).toBeCloseTo(sum(confusion.map((row, label) => row[label]!)) / 700, 12);
    expect(history.loss![2]!).toBeLessThan(history.loss![0]!);
    expect(test.accuracy).toBeGreaterThan(0.5);
  });

  it("writes a history that is the report's, and nothing besides the three files", () => {
    const [head, ...rows] = read("small", "history.csv").toString("utf8").trimEnd().split("\n");
    expect(head).toBe("epoch,acc,loss,val_acc,val_loss");
    const { acc, loss, val_acc, val_loss } = report.history;
    expect(rows.map((row) => row.split(",").map(Number))).toEqual(
      [0, 1, 2].map((i) => [i + 1, acc![i], loss![i], val_acc![i], val_loss![i]]),
    );
    expect(readdirSync(path.join(folder, "small")).sort()).toEqual(["history.csv", "model.safetensors", "report.json"]);
  });

  it("writes a model that scores the same, and its weights for the recipe's network", async () => {
    const model = await loadModel(path.join(folder, "small", "model.safetensors"));
    expect(model.name).toBe("mnist-mlp");
    expect(model.seed).toBe(7);
    expect(model.classNames).toEqual((await datasets.mnist.load()).classNames);
    const network = sequential(recipes["mnist-mlp"].layers(layers), { seed: 1 });
    await network.loadWeights(read("small", "model.safetensors"));
    const [found, expected] = [await network.getWeights(), await model.getWeights()];
    expect(found.map(({ shape }) => shape)).toEqual(expected.map(({ shape }) => shape));
    expect(found.every(({ data }, i) => data.every((value, k) => value === expected[i]!.data[k]))).toBe(true);
    network.free();
    const { test } = await datasets.mnist.load();
    const images = test.images.expandDims(-1).slice([0, 700]);
    const { loss, acc } = await model.evaluate(images, test.labels.slice([0, 700]), { batchSize: 128, verbose: 0 });
    expect(acc).toBe(report.test.accuracy);
    expect(loss).toBeCloseTo(report.test.loss, 5);
    model.free();
  });

  it("is the same run again on one thread, but for times and threads; another seed is another run", async () => {
    await train("again", ...small, "--threads", "1");
    const again = reportOf("again");
    const { msPerStep, seconds, threads } = again;
    expect(threads).toBe(1);
    expect(again).toEqual({ ...report, msPerStep, seconds, threads });
    expect(read("again", "model.safetensors").equals(read("small", "model.safetensors"))).toBe(true);
    await train("other", ...small, "--seed", "8");
    expect(reportOf("other").history).not.toEqual(report.history);
    expect(read("other", "model.safetensors").equals(read("small", "model.safetensors"))).toBe(false);
  });
});

it("the reference agrees with the engine", async () => {
  const args = ["mnist-mlp", "--limit", "64", "--epochs", "1", "--batch-size", "16", "--seed", "3"];
  await train("reference", ...args, "--backend", "reference");
  await train("engine", ...args);
  const [reference, engine] = [reportOf("reference"), reportOf("engine")];
  expect(reference).toMatchObject({ backend: "reference", simd: "none", threads: 1 });
  expect(engine.backend).toBe("wasm");
  for (const name of ["acc", "loss", "val_acc", "val_loss"]) {
    expect(engine.history[name]![0]).toBeCloseTo(reference.history[name]![0]!, 4);
  }
  expect(engine.test.loss).toBeCloseTo(reference.test.loss, 4);
});

it("the CNN trains too, and every option reaches the training", async () => {
  const { out } = await train(
    "cnn",
    ...["mnist-cnn", "--limit", "96", "--epochs", "2", "--batch-size", "32", "--learning-rate", "2e-3"],
    ...["--validation-split", "0", "--threads", "1"],
  );
  expect(out).toMatch(/^96 pictures to train on, 0 to validate, 96 to test; seed \d+; wasm, 1 thread\n/m);
  expect(out).toMatch(/^Epoch 2\/2 - 3\/3 - [^v]*$/m);
  expect(out).toContain(" Total params: 260,298 (1016.79 KB)\n");
  const { seed, history, ...report } = reportOf("cnn");
  expect(Number.isSafeInteger(seed)).toBe(true);
  expect(Object.keys(history).sort()).toEqual(["acc", "loss"]);
  expect(report).toMatchObject({ recipe: "mnist-cnn", parameters: 260_298, epochs: 2, batchSize: 32, threads: 1 });
  expect(report).toMatchObject({ learningRate: 0.002, validationSplit: 0 });
  expect(report.pictures).toEqual({ limit: 96, train: 96, validation: 0, test: 96 });
  expect(read("cnn", "history.csv").toString("utf8")).toMatch(/^epoch,acc,loss\n1,.+\n2,.+\n$/);
});

it("classes that no test picture is of have their lines, and a note says what their scores mean", async () => {
  // Among the first 12 test pictures there is no 3 and no 8.
  const { out } = await train("few", "mnist-mlp", "--limit", "12", "--epochs", "1", "--seed", "1");
  const { perClass, confusion, test } = reportOf("few");
  expect(perClass).toHaveLength(10);
  expect(perClass[8]).toMatchObject({ label: 8, support: 0, recall: 0 });
  expect(confusion.map((row) => row.length)).toEqual(Array(10).fill(10));
  expect(test.accuracy).toBeLessThanOrEqual(1);
  expect(out).toMatch(/\nNote: Recall is ill-defined and being set to 0\.0 in labels with no true samples\.\n/);
});

it("without --out it writes to runs/RECIPE, in place of an earlier run", async () => {
  const args = ["train", "mnist-mlp", "--limit", "40", "--epochs", "1", "--seed"];
  for (const seed of [1, 2]) {
    const { code, out } = await fovea([...args, String(seed)], { cwd: folder });
    expect(code).toBe(0);
    expect(out).toContain(` to ${path.join("runs", "mnist-mlp")}\n`);
    expect(reportOf(path.join("runs", "mnist-mlp")).seed).toBe(seed);
  }
  expect(readdirSync(path.join(folder, "runs", "mnist-mlp"))).toHaveLength(3);
});

describe("on a terminal", () => {
  const args = ["train", "mnist-mlp", "--limit", "3000", "--epochs", "2"];

  it("the progress line is redrawn in place, and nothing of it is left below", async () => {
    const { code, out, err } = await fovea([...args, "--out", path.join(folder, "live")], { terminal: true });
    expect([code, err]).toEqual([0, ""]);
    const redrawn = out.split("\r").filter((part) => part.startsWith("\x1b[1m") && part.includes("/20"));
    for (const line of redrawn) expect(line.trimEnd()).toMatch(new RegExp(`${escapeCode}\\[K($|\\n)`));
    expect(redrawn.length).toBeGreaterThan(3);
    expect(redrawn.filter((line) => !line.includes("20/20")).length).toBeGreaterThan(0);
    const shown = out.split("\n").map((line) => stripVTControlCharacters(line.split("\r").at(-1)!));
    const at = shown.indexOf("Epoch 1/2");
    expect(shown.slice(at, at + 6)).toEqual([
      "Epoch 1/2",
      expect.stringMatching(/^20\/20 ━{20} \d+s \d+m?s\/step - acc: .* - loss: .* - val_acc: .* - val_loss: /),
      "Epoch 2/2",
      expect.stringMatching(/^20\/20 ━{20} /),
      "",
      expect.stringMatching(/^Test loss: /),
    ]);
  });

  it("NO_COLOR gives plain lines, as in a pipe", async () => {
    const options = { terminal: true, env: { NO_COLOR: "1" } };
    const { code, out } = await fovea([...args, "--out", path.join(folder, "plain")], options);
    expect(code).toBe(0);
    expect(out).not.toMatch(new RegExp(`[${escapeCode}\r]`));
    expect(out.match(/^Epoch \d\/2 - 20\/20 - /gm)).toHaveLength(2);
  });
});
