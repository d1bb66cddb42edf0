/** The bench's parts that need no peer: its options, its networks, its statistics, what it says of a machine. */

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { layers, model, sequential } from "fovea";
import { describe, expect, it } from "vitest";
import { barRows, barsOf } from "../bench/bars.mjs";
import { convolutions } from "../bench/kernels.mjs";
import { checkSteps, ladderTable, readSteps } from "../bench/ladder/table.mjs";
import { architectureOf, describeMachine } from "../bench/machine.mjs";
import { flopsOf, type LayerSpec, networks, parametersOf, placed } from "../bench/networks.mjs";
import { readOptions, UsageError } from "../bench/options.mjs";
import { planOf } from "../bench/plan.mjs";
import { profileText } from "../bench/profile.mjs";
import { speedTable, withSpeeds } from "../bench/readme.mjs";
import { reportOf } from "../bench/report.mjs";
import { medianOfJobs, productShare, tileShare } from "../bench/shares.mjs";
import { figureOf, short, spread, tableOf } from "../bench/statistics.mjs";
import { recipes } from "../src/cli/recipes/index.js";

const main = path.join(import.meta.dirname, "..", "bench", "main.mjs");

/** A network as fovea's, made here and not by the peer under test. */
function modelOf(name: keyof typeof networks) {
  const { input, layers: specs } = networks[name];
  const made = ({ layer, ...options }: LayerSpec) =>
    (layers[layer as "flatten"] as (given: object) => ReturnType<typeof layers.flatten>)(options);
  const inputs = layers.input({ shape: input });
  if (specs.every(({ layer }) => layer !== "residual")) return sequential([inputs, ...specs.map(made)], { seed: 1 });
  const chain = (x: ReturnType<typeof layers.add>, list: readonly LayerSpec[]): typeof x =>
    list.reduce(
      (y, spec) =>
        spec.layer === "residual"
          ? (layers.add()([chain(y, spec.body), chain(y, spec.shortcut)] as never) as never)
          : (made(spec)(y as never) as never),
      x,
    );
  return model({ inputs, outputs: chain(inputs as never, specs) as never, seed: 1 });
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
    [["--threads", "0"], /--threads: whole numbers from 1 to 16 expected, received "0"/],
    [["--threads", "1,17"], /--threads: whole numbers from 1 to 16 expected, received "1,17"/],
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
    const made = modelOf(name);
    expect(parametersOf(networks[name])).toBe(made.countParams());
    const shapes = made.network.layers.slice(1).map(({ outputShape }) => outputShape.slice(1));
    const expected = placed(networks[name]).map(({ to }) => to);
    // Of what is within a residual only where the shape changes.
    const changes = (list: readonly (readonly unknown[])[]) =>
      list.filter((shape, i) => i === 0 || `${shape}` !== `${list[i - 1]}`);
    if (shapes.length === expected.length) expect(expected).toEqual(shapes);
    else expect(changes(expected)).toEqual(changes(shapes));
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

  it("has real and dense pictures of the MNIST networks, always and for every measure", () => {
    for (const mode of [[], ["--quick"]]) {
      for (const measure of ["step", "inference", "single", "fit"]) {
        const all = titles(...mode, "--only", measure);
        for (const net of measure === "fit" ? ["mnist-mlp"] : ["mnist-mlp", "mnist-cnn"]) {
          const measured = planOf(readOptions([...mode, "--only", measure, "--nets", net], 2));
          for (const data of ["mnist", "dense"]) {
            const title = `${net}, ${data} pictures, batch 128`;
            expect(all).toContain(title);
            expect(measured.find((subject) => subject.title === title)?.entries[0]?.measures).toEqual([measure]);
          }
        }
      }
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

describe("shares", () => {
  const called = (name: string, multiplied: number) => ({
    name,
    multiplied,
    chained: false,
    stage: 0,
    flops: 9 * multiplied,
    bytes: 0,
  });
  const timed = (milliseconds: number, waiting = 0) => ({ kernel: "", milliseconds, waiting });
  const described = {
    calls: [called("gemm (dense)", 1e8), called("winogradForward (conv2dBias)", 4e8), called("winogradFilter (x)", 0)],
    stages: 1,
    arena: 0,
    scratch: 0,
  };
  // Two steps: 3, 5 and 2 milliseconds each.
  const jobs = [{ steps: 2, times: [timed(6, 1), timed(10), timed(4)] }];

  it("of products are their time without waiting over the step's", () => {
    expect(productShare({ described, jobs })).toBeCloseTo(2.5 / 10);
  });

  it("of products that go on with what they made count by their multiplications", () => {
    const calls = [called("gemm (dense)", 1e8), called("gemmAdam (matmul, adamUpdate)", 2e8), called("copy (x)", 0)];
    const share = (joined: number) =>
      productShare({
        described: { ...described, calls },
        jobs: [{ steps: 2, times: [timed(6, 1), timed(joined), timed(4)] }],
      });
    // Twice the multiplications of what takes 2.5 milliseconds: 5, but no longer than it took.
    expect(share(20)).toBeCloseTo((2.5 + 5) / 15);
    expect(share(8)).toBeCloseTo((2.5 + 4) / 9);
  });

  it("of tiles are what their products take at the limit over the time of all their calls", () => {
    expect(tileShare({ described, jobs, limit: 100 })).toBeCloseTo(4 / 7);
  });
});

describe("a share over jobs", () => {
  it("is the middle one of theirs", () => {
    const described = { calls: [], stages: 0, arena: 0, scratch: 0 };
    const jobs = [3, 100, 1, 2, 4].map((steps) => ({ steps, times: [] }));
    const share = ({ jobs: [job] }: { jobs: readonly { steps: number }[] }) => job!.steps;
    expect(medianOfJobs(share, { described, jobs, limit: 1, batch: 1 })).toBe(3);
  });
});

describe("a profile", () => {
  it("has a row a call, the waiting at the end of a stage, and what the products reach", () => {
    const call = { bytes: 1e6, flops: 0, multiplied: 0, chained: false };
    const calls = [
      { ...call, name: "gemm (matmul)", stage: 0, flops: 8e7, multiplied: 8e7 },
      { ...call, name: "reduce (reduceSum)", stage: 0 },
      { ...call, name: "copy (output)", stage: 1 },
      { ...call, name: "unary (relu)", stage: 1, chained: true },
    ];
    const times = [
      { kernel: "gemm (matmul)", milliseconds: 4, waiting: -0.5 },
      { kernel: "reduce (reduceSum)", milliseconds: 3, waiting: 1 },
      { kernel: "copy (output)", milliseconds: 1, waiting: 0 },
      { kernel: "unary (relu)", milliseconds: 0, waiting: 0 },
    ];
    const described = { calls, stages: 2, arena: 3 * 2 ** 20, scratch: 2048 };
    const run = { net: "a net", data: "dense", batch: 8, threads: 2, limit: 50 };
    const text = profileText(described, [{ steps: 2, times }], run);
    const cells = text.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
    expect(cells.find((row) => row[2] === "gemm (matmul)")).toEqual([
      "",
      "0",
      "gemm (matmul)",
      "2.000",
      "50.0",
      "35.6",
      "0.711",
      "",
      "",
      "",
    ]);
    expect(cells.find((row) => row[2] === "reduce (reduceSum)")?.slice(3)).toEqual([
      "1.500",
      "37.5",
      "",
      "",
      "1.00",
      "0.250",
      "",
    ]);
    // Of a chain the first call has the time; what all of it moves says nothing.
    expect(cells.find((row) => row[2] === "copy (output)")?.slice(3, 8)).toEqual(["0.500", "12.5", "", "", ""]);
    expect(cells.find((row) => row[2] === "and unary (relu)")?.slice(3, 8)).toEqual(["", "", "", "", ""]);
    expect(text).toContain("4.00 ms a step in kernels and at barriers, mean of 2 steps; 4 calls in 2 stages");
    expect(text).toContain("waiting at barriers: 0.250 ms, 6.3 %");
    expect(text).toContain("arena 3.0 MiB, scratch 2 KiB a thread");
  });
});

describe("the bars", () => {
  const cell = (contender: string, threads: number, measure: string, samples: number[], key: object) => {
    return { contender, threads, measure, samples, key: { ...key } as Record<string, string | number>, first: 0 };
  };
  const cnn = { net: "mnist-cnn", data: "mnist", batch: 128 };
  const run = {
    date: "2026-01-01T00:00:00.000Z",
    commit: "0123abc-dirty",
    machine: { ...describeMachine(), architecture: "Zen 4" },
    simd: "relaxed-fused",
    versions: { fovea: { fovea: "1" } },
    missing: { torch: "not installed: how to" },
    arguments: [],
    seconds: 1,
    cells: [
      cell("fovea", 1, "step", [190, 180, 200], cnn),
      cell("fovea", 2, "step", [100, 110, 90], cnn),
      cell("torch", 2, "step", [250], cnn),
      cell("keras-tensorflow", 2, "step", [200], cnn),
      cell("torch", 1, "step", [10], cnn),
      cell("tfjs", 2, "inference", [350], cnn),
      cell("tfjs-node", 2, "inference", [450], cnn),
      cell("fovea", 2, "inference", [50], cnn),
      cell("fovea", 1, "kernel", [1], { kernel: "sgemm 512", flops: 4e7 }),
    ],
    whole: [
      { net: "mnist-mlp", epochs: 5, contender: "fovea", threads: 2, seconds: [6, 5, 7], peak: [2e8], accuracy: 0.98 },
      {
        net: "mnist-mlp",
        epochs: 5,
        contender: "keras-jax",
        threads: 2,
        seconds: [12],
        peak: [1e9, 9e8, 2e9],
        accuracy: 0.98,
      },
      {
        net: "mnist-mlp",
        epochs: 5,
        contender: "keras-tensorflow",
        threads: 2,
        seconds: [24],
        peak: [1e9],
        accuracy: 0.98,
      },
    ],
    shares: [
      { net: "mnist-mlp", data: "dense", what: "products over the step" as const, value: 0.8 },
      { net: "mnist-cnn", data: "mnist", what: "products at the limit over the layers" as const, value: 0.6 },
    ],
    limits: { 1: [50], 2: [100] },
  };

  it("are ratios to the fastest on the same threads, and each says whether it is reached", () => {
    const rows = barRows(barsOf(run)).slice(1);
    expect(rows).toEqual([
      ["CNN step against the fastest native", "0.500", "keras-tensorflow", "at most 0.65", "yes"],
      ["5 MLP epochs, whole process, time", "0.500", "keras-jax", "at most 0.6", "yes"],
      ["5 MLP epochs, whole process, peak memory", "0.200", "keras-jax", "at most 0.4", "yes"],
      ["CNN step, 2 threads against 1, of the scaling of 2 microkernels", "0.950", "", "at least 0.95", "yes"],
      ["sgemm 512, one thread, of the limit", "0.800", "", "at least 0.85", "no"],
      ["MLP, dense pictures: products over the step", "0.800", "", "at least 0.75", "yes"],
      ["CNN, 3x3 layers: products at the limit over the layers", "0.600", "", "at least 0.7", "no"],
      ["CNN inference, TensorFlow.js in Node over fovea", "9.00", "tfjs-node", "at least 8", "yes"],
      ["CNN inference, TensorFlow.js in a page with threads over fovea", "7.00", "tfjs", "at least 8", "no"],
    ]);
    const elsewhere = {
      ...run,
      machine: { ...run.machine, architecture: null },
      cells: [...run.cells, cell("keras-jax", 2, "step", [140], cnn)],
    };
    expect(barRows(barsOf(elsewhere))[1]).toEqual([
      "CNN step against the fastest native",
      "0.714",
      "keras-jax",
      "at most 0.85 or 0.65",
      "in part",
    ]);
  });

  it("are part of the report, with the machine, the spread and who is missing", () => {
    const text = reportOf(run);
    expect(text).toMatch(/\(Zen 4\), .* cores, .*SIMD relaxed-fused/);
    expect(text).toContain("- torch: not installed: how to");
    expect(text).toMatch(/mnist-cnn \| +mnist \| +128 \| +2 \| +fovea \| +100 \(95.0 to 105\) \| +\|/);
    expect(text).toMatch(/Keras on TensorFlow \| +200 \(200 to 200\) \| +0.500 \|/);
    expect(text).toMatch(/mnist-mlp, 5 epochs +\| +2 \| +fovea \| +6.00 \(5.50 to 6.50\) \| +200 \|/);
    expect(text).toContain("fovea at 0123abc-dirty");
  });
});

describe("README", () => {
  const folder = path.join(import.meta.dirname, "..");
  const readme = readFileSync(path.join(folder, "README.md"), "utf8");
  const latest = JSON.parse(readFileSync(path.join(folder, "bench", "results", "latest.json"), "utf8"));

  it("has the numbers of the recorded run", () => {
    expect(withSpeeds(readme, latest)).toBe(readme);
    expect(speedTable(latest)).not.toContain("not measured");
  });

  it("gets those of another one when that is recorded", () => {
    const other = { ...latest, date: "2031-02-03T00:00:00.000Z", machine: { ...latest.machine, node: "v99.1.0" } };
    const text = withSpeeds(readme, other);
    expect(text).toMatch(/Node 99.1.0,\n2031-02-03, \[bench/);
    expect(() => withSpeeds("# another", latest)).toThrow(/no table/);
  });
});

describe("the ladder", () => {
  const step = {
    date: "2026-01-31",
    what: "Winograd",
    measure: "mnist-cnn step, 2 threads",
    unit: "ms",
    before: 300,
    after: 100,
    kept: true,
    why: "fewer products",
    machine: "a machine",
  };

  it("has rows in form", () => {
    expect(ladderTable(readSteps())).toContain("| step ");
    expect(ladderTable(checkSteps([step]))).toMatch(/Winograd .* 300 to 100 ms \| +3.00x \| +yes/);
    expect(() => checkSteps([step, { ...step, why: undefined }])).toThrow('row 2: "why" is undefined');
    expect(() => checkSteps([{ ...step, note: "" }])).toThrow('row 1: "note" is string');
    expect(() => checkSteps([{ ...step, unit: "s" }])).toThrow("row 1: no unit, s");
    expect(() => checkSteps([{ ...step, after: 0 }])).toThrow("must be above 0");
  });
});
