/**
 * That no piece is without a golden, and no golden without its proof: every layer, activation, loss, metric, optimizer,
 * schedule, initializer, regularizer and constraint is among the goldens, with as many cases as it needs; and every golden
 * of computed tensors is read by a test that runs it on the reference and on both modules with 1 and 2 threads.
 */

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import {
  constraints,
  initializers,
  layers,
  losses,
  metrics,
  optimizers,
  regularizers,
  schedules,
} from "../src/index.js";
import { activationOption, activations } from "../src/nn/activations/index.js";
import { golden, goldensFolder } from "./support/goldens.js";
import { allBackends, closeBackends } from "./support/run-graph.js";

type Options = Readonly<Record<string, unknown>>;

interface Named {
  readonly name?: string;
  readonly className?: string;
  readonly options?: Options;
}

/** How many cases there are of each name. */
function counted(...lists: readonly (readonly Named[])[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { name, className } of lists.flat()) {
    const key = (className ?? name)!;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

const casesOf = <T extends Named>(name: string): readonly T[] => golden<{ readonly cases: readonly T[] }>(name).cases;

/** The names with fewer than `least` cases, but for those that are named with a reason. */
function missing(
  all: readonly string[],
  counts: ReadonlyMap<string, number>,
  least: number,
  reasons: Readonly<Record<string, string>> = {},
): string[] {
  expect(Object.keys(reasons).filter((name) => !all.includes(name))).toEqual([]);
  return all.filter((name) => (counts.get(name) ?? 0) < least && !(name in reasons));
}

const classesOf = (made: object): string[] => Object.values(made).map(({ className }) => className as string);

describe("there are goldens of", () => {
  it("every layer: output and gradients, in several shapes and sets of options", () => {
    const normalizations = golden<{ readonly calls: readonly Named[] }>("batch-normalization").calls;
    const kinds = casesOf<Named & { readonly kind: string }>("activations").filter(({ kind }) => kind === "layer");
    const counts = counted(
      casesOf("layers"),
      casesOf("merging"),
      casesOf("convolutions"),
      kinds,
      normalizations.map(() => ({ className: "BatchNormalization" })),
    );
    expect(
      missing(classesOf(layers), counts, 2, {
        InputLayer: "it hands on what comes in",
        Lambda: "a function of the user's own",
      }),
    ).toEqual([]);
  });

  it("every activation, in several shapes", () => {
    const item = casesOf<Named & { readonly kind: string }>("activations").filter(({ kind }) => kind === "activation");
    const found = item.map(({ name }) => ({ name: activationOption().read(name)!.name }));
    expect(missing(Object.keys(activations), counted(found), 2)).toEqual([]);
  });

  it("every loss, in several shapes and sets of options", () => {
    expect(missing(classesOf(losses), counted(casesOf("losses")), 3)).toEqual([]);
  });

  it("every metric, over several batches", () => {
    const { byHand, reductions, data } = golden<{
      readonly byHand: readonly (Named & { readonly data: string })[];
      readonly reductions: readonly Named[];
      readonly data: Readonly<Record<string, readonly object[]>>;
    }>("metrics");
    const several = byHand.filter(({ data: name }) => data[name]!.length > 1);
    const counts = counted(several, reductions);
    const mean = "a mean of the loss's formula, which Keras has as a loss alone";
    expect(
      missing(classesOf(metrics), counts, 1, {
        BinaryFocalCrossentropy: mean,
        CategoricalFocalCrossentropy: mean,
        Huber: mean,
        Accuracy: "a word for one of three others, by the shapes",
        MeanMetricWrapper: "a function of the user's own",
      }),
    ).toEqual([]);
  });

  it("every optimizer, with every option that all have, and every schedule: 20 steps of a convolutional net", () => {
    interface Trained extends Named {
      readonly options: Options;
      readonly losses: readonly number[];
    }
    const cases = casesOf<Trained>("optimizers");
    for (const { losses: each } of cases) expect(each).toHaveLength(20);
    expect(missing(classesOf(optimizers), counted(cases), 2)).toEqual([]);
    const rates = cases.flatMap(({ options: { learning_rate: rate } }) =>
      Array.isArray(rate) ? [{ name: rate[0] as string }] : [],
    );
    expect(missing(classesOf(schedules), counted(rates), 1)).toEqual([]);
    expect(missing(classesOf(schedules), counted(casesOf("schedules")), 2)).toEqual([]);
    const used = new Set(cases.flatMap(({ options }) => Object.keys(options)));
    const every = [
      "weight_decay",
      "clipnorm",
      "clipvalue",
      "global_clipnorm",
      "use_ema",
      "ema_overwrite_frequency",
      "loss_scale_factor",
      "gradient_accumulation_steps",
    ];
    expect(every.filter((option) => !used.has(option))).toEqual([]);
  });

  it("every initializer: its distribution, or its numbers", () => {
    const { cases, exact, orthogonal } = golden<{
      readonly cases: readonly Named[];
      readonly exact: readonly Named[];
      readonly orthogonal: object;
    }>("initializers");
    expect(orthogonal).toBeDefined();
    expect(missing(classesOf(initializers), counted(cases, exact, [{ name: "Orthogonal" }]), 1)).toEqual([]);
  });

  it("every regularizer and constraint: its numbers, and 20 steps", () => {
    const { penalties, constraints: limits } = golden<{
      readonly penalties: readonly Named[];
      readonly constraints: readonly Named[];
    }>("weights");
    expect(missing(classesOf(regularizers), counted(penalties), 2)).toEqual([]);
    expect(missing(classesOf(constraints), counted(limits), 2)).toEqual([]);
    const { cases } = golden<{ readonly cases: Readonly<Record<string, { readonly losses: readonly number[] }>> }>(
      "weights-training",
    );
    for (const { losses: each } of Object.values(cases)) expect(each).toHaveLength(20);
    const own: Readonly<Record<string, string>> = { l1l2: "l1 and l2", orthogonalRegularizer: "orthogonal rows" };
    const names = [...Object.keys(regularizers), ...Object.keys(constraints)].map((name) => own[name] ?? name);
    expect(names.filter((name) => !(name in cases))).toEqual([]);
  });
});

/** Goldens that no backend computes, and why. */
const described: Readonly<Record<string, string>> = {
  format: "how a golden is written",
  "functional-summary": "texts",
  initializers: "numbers drawn on the host",
  "keras-classes": "class names and their options",
  "keras-names": "names",
};

describe("goldens run on every backend", () => {
  const root = path.join(import.meta.dirname, "..");
  const sources = ["src", "test"]
    .flatMap((folder) =>
      readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" }).map((file) =>
        path.join(root, folder, file),
      ),
    )
    .filter((file) => file.endsWith(".test.ts") && file !== import.meta.filename)
    .map((file) => readFileSync(file, "utf8"));
  const names = readdirSync(goldensFolder)
    .filter((file) => file.endsWith(".json"))
    .map((file) => path.basename(file, ".json"))
    // What scikit-learn computes, evaluation/ does on the host, of arrays.
    .filter((name) => !name.startsWith("evaluation-"));

  const support = path.join(import.meta.dirname, "support");
  const supports = readdirSync(support).map((file) => ({
    text: readFileSync(path.join(support, file), "utf8"),
    imported: `/support/${path.basename(file, ".ts")}.js"`,
  }));

  it("all five of them", async () => {
    const backends = allBackends();
    expect(backends.map(({ name }) => name).sort()).toEqual([
      "baseline, 1 thread",
      "baseline, 2 threads",
      "reference",
      "relaxed, 1 thread",
      "relaxed, 2 threads",
    ]);
    await closeBackends(backends);
  });

  it.each(names)("%s", (name) => {
    const reads = (text: string) => text.includes("golden<") && text.includes(`("${name}")`);
    // By itself, or by a file of support/ that does.
    const readers = sources.filter(
      (text) => reads(text) || supports.some((one) => reads(one.text) && text.includes(one.imported)),
    );
    const onAll = (text: string) =>
      text.includes("= allBackends();") && /of backends\b|backends\.(flat)?[mM]ap\(|each\(backends/.test(text);
    const texts = readers.length > 0 ? readers : sources.filter((text) => text.includes(`"${name}"`));
    expect(texts.length).toBeGreaterThan(0);
    if (!(name in described)) expect(readers.some(onAll)).toBe(true);
  });

  it("those that are not are there", () => {
    expect(Object.keys(described).filter((name) => !names.includes(name))).toEqual([]);
  });
});
