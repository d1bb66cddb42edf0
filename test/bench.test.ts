/** The bench's parts that need no peer: its options, its networks, its statistics, what it says of a machine. */

import { spawnSync } from "node:child_process";
import path from "node:path";
import { layers, sequential } from "fovea";
import { describe, expect, it } from "vitest";
import { convolutions } from "../bench/kernels.mjs";
import { architectureOf, describeMachine } from "../bench/machine.mjs";
import { flopsOf, networks, parametersOf, placed } from "../bench/networks.mjs";
import { readOptions, UsageError } from "../bench/options.mjs";
import { planOf } from "../bench/plan.mjs";
import { figureOf, short, spread, tableOf } from "../bench/statistics.mjs";
import { recipes } from "../src/cli/recipes/index.js";

const main = path.join(import.meta.dirname, "..", "bench", "main.mjs");

/** A network's layers as fovea's, made here and not by the peer under test. */
function modelOf(name: keyof typeof networks) {
  const { input, layers: specs } = networks[name];
  const list = specs.map(({ layer, ...options }) =>
    (layers[layer] as (given: object) => ReturnType<typeof layers.flatten>)(options),
  );
  return sequential([layers.input({ shape: input }), ...list], { seed: 1 });
}

describe("the command line", () => {
  it("takes lists in the table's order, with fovea always there", () => {
    const options = readOptions(["--quick", "--only", "inference,step", "--peers", "torch", "--threads", "2,1"], 2);
    expect(options).toMatchObject({
      quick: true,
      only: ["step", "inference"],
      peers: ["fovea", "torch"],
      threads: [1, 2],
    });
    expect(options.everything).toBe(false);
    expect(readOptions([], 4)).toMatchObject({ everything: true, threads: [1, 4], nets: Object.keys(networks) });
    expect(readOptions(["--profile", "lenet5"], 2)).toMatchObject({ action: "profile", profile: "lenet5" });
  });

  it.each([
    [["--only", "speed"], /--only: "speed" is not one of step, inference/],
    [["--peers", "numpy"], /--peers: "numpy" is not one of fovea, torch/],
    [["--nets", "resnet"], /--nets: "resnet" is not one of mnist-mlp, mnist-cnn/],
    [["--profile", "resnet"], /--profile: "resnet" is not one of/],
    [["--threads", "0"], /--threads: whole numbers from 1 on expected, received "0"/],
    [["--rounds", "few"], /--rounds: whole numbers/],
    [["--fast"], /Unknown option '--fast'/],
    [["mnist-cnn"], /Unexpected argument 'mnist-cnn'/],
  ])("refuses %j", (args, message) => {
    expect(() => readOptions(args, 2)).toThrow(UsageError);
    expect(() => readOptions(args, 2)).toThrow(message);
  });

  it("ends with code 2 and one line for a wrong option, and --help names everything", () => {
    const run = (...args: string[]) => spawnSync(process.execPath, [main, ...args], { encoding: "utf8" });
    const wrong = run("--nets", "resnet");
    expect(wrong.status).toBe(2);
    expect(wrong.stderr.trim().split("\n")).toHaveLength(1);
    const helped = run("--help");
    expect(helped.status).toBe(0);
    for (const name of Object.keys(networks)) expect(helped.stdout).toContain(name);
  });
});

describe("the networks", () => {
  it.each(["mnist-mlp", "mnist-cnn"] as const)("%s is the command line's", (name) => {
    const made = sequential(recipes[name].layers(layers), { seed: 1 });
    expect(modelOf(name).toConfig()).toEqual(made.toConfig());
    expect(networks[name].batches[0]).toBe(recipes[name].batchSize);
  });

  it.each(Object.keys(networks) as (keyof typeof networks)[])("%s has the shapes and parameters of fovea's", (name) => {
    const model = modelOf(name);
    expect(parametersOf(networks[name])).toBe(model.countParams());
    expect(placed(networks[name]).map(({ to }) => to)).toEqual(
      model.network.layers.slice(1).map(({ outputShape }) => outputShape.slice(1)),
    );
  });

  it("count the arithmetic of their products", () => {
    const dense = 2 * (784 * 512 + 512 * 256 + 256 * 128 + 128 * 10);
    expect(flopsOf(networks["mnist-mlp"])).toEqual({ forward: dense, step: 3 * dense - 2 * 784 * 512 });
    expect(convolutions("mnist-cnn", 128)).toHaveLength(11);
    expect(convolutions("mnist-cnn", 128)[2]).toMatchObject({ flops: 2 * 128 * 24 * 24 * 9 * 64 * 64 });
  });
});

describe("the plan", () => {
  const titles = (...args: string[]) => planOf(readOptions(args, 2)).map(({ title }) => title);

  it("has real and dense pictures of the dense network, always", () => {
    for (const mode of [[], ["--quick"]]) {
      const all = titles(...mode, "--only", "step");
      expect(all).toContain("mnist-mlp, mnist pictures, batch 128");
      expect(all).toContain("mnist-mlp, dense pictures, batch 128");
    }
  });

  it("leaves channels_last out where there are no convolutions", () => {
    const [subject] = planOf(readOptions(["--nets", "mnist-mlp", "--only", "step"], 2));
    expect(subject?.entries.map(({ contender }) => contender)).not.toContain("torch-channels-last");
    expect(subject?.entries.map(({ contender }) => contender)).toContain("torch");
  });
});

describe("statistics", () => {
  it("are the median and the quartiles, in between where a place is", () => {
    expect(figureOf([5, 1, 3])).toEqual({ median: 3, low: 2, high: 4, samples: 3 });
    expect(figureOf([4, 1, 2, 3])).toEqual({ median: 2.5, low: 1.75, high: 3.25, samples: 4 });
    expect(figureOf([7])).toEqual({ median: 7, low: 7, high: 7, samples: 1 });
  });

  it("are printed with three digits, in a table", () => {
    expect([0, 0.012345, 0.5, 4.6249, 46.249, 462.49, 46249].map(short)).toEqual([
      "0.00",
      "0.0123",
      "0.500",
      "4.62",
      "46.2",
      "462",
      "46249",
    ]);
    expect(spread(figureOf([1, 2, 3]))).toBe("2.00 (1.50 to 2.50)");
    expect(
      tableOf([
        ["a", "b"],
        ["long", "1"],
      ]),
    ).toBe("| a    | b |\n|------|--:|\n| long | 1 |");
  });
});

describe("the machine", () => {
  it("is described, and the designs that bars are set for are told apart", () => {
    expect(describeMachine().cores).toBeGreaterThan(0);
    expect(architectureOf("AuthenticAMD", 26, 2)).toBe("Zen 5");
    expect(architectureOf("AuthenticAMD", 25, 17)).toBe("Zen 4");
    expect(architectureOf("AuthenticAMD", 25, 1)).toBe("Zen 3");
    expect(architectureOf("GenuineIntel", 6, 143)).toBeNull();
  });
});
