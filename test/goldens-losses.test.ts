/** Every loss against Keras: of each row, reduced in both ways, and the gradients, on every backend; and as a metric. */

import { afterAll, describe, expect, it } from "vitest";
import type { NDArray } from "../src/core/ndarray.js";
import { mean } from "../src/graph/compose.js";
import { gradient } from "../src/graph/gradient.js";
import { input } from "../src/graph/leaves.js";
import type { Tensor } from "../src/graph/tensor.js";
import { losses, resolveLoss } from "../src/nn/losses/index.js";
import { type MeanMetric, metrics } from "../src/nn/metrics/index.js";
import { golden } from "./support/goldens.js";
import { inCamelCase } from "./support/keras-names.js";
import { allBackends, closeBackends, relativeMiss, runGraph } from "./support/run-graph.js";

interface Reduced {
  readonly loss: number;
  readonly gradient: NDArray;
}

interface GoldenCase {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly labels: NDArray;
  readonly predictions: NDArray;
  /** Keras's losses of each row, averaged over its other axes. */
  readonly rows: NDArray;
  readonly mean: Reduced;
  readonly sum: Reduced;
}

const { cases } = golden<{ cases: readonly GoldenCase[] }>("losses");

const backends = allBackends();
afterAll(() => closeBackends(backends));

const open = (array: NDArray): (number | null)[] => [null, ...array.shape.slice(1)];

describe("losses as Keras computes them", () => {
  const titled = cases.map((item, i) => [
    `${i}: ${item.name} ${JSON.stringify(item.options)} of [${item.predictions.shape.join(", ")}]`,
    item,
  ]) as [string, GoldenCase][];
  it.each(titled)("%s", async (_, { name, options, labels, predictions, rows, ...reduced }) => {
    const y = input("y", open(labels), labels.dtype);
    const p = input("p", open(predictions), "float32");
    const config = inCamelCase(options);
    const outputs: Record<string, Tensor> = {};
    for (const reduction of ["mean", "sum"] as const) {
      const loss = resolveLoss({ className: name, config: { ...config, reduction } });
      const each = loss.call(y, p);
      const total = mean(each);
      outputs[`${reduction}: rows`] = each;
      outputs[`${reduction}: loss`] = total;
      outputs[`${reduction}: gradient`] = gradient(total, [p])[0]!;
    }
    const leaves = new Map([
      [y, labels],
      [p, predictions],
    ]);
    for (const { name: backend, backend: engine } of backends) {
      const found = await runGraph(engine, outputs, leaves, predictions.shape[0]!);
      const near = (what: string, expected: ArrayLike<number>) =>
        expect(relativeMiss(found[what]!, expected), `${backend}: ${what}`).toBeLessThan(1e-5);
      for (const reduction of ["mean", "sum"] as const) {
        near(`${reduction}: loss`, [reduced[reduction].loss]);
        near(`${reduction}: gradient`, reduced[reduction].gradient.data);
      }
      // Where rows are left out, the others count for them.
      if (options.ignore_class === undefined) near("mean: rows", rows.data);
    }
  });

  it("are all there", () => {
    const covered = [...new Set(cases.map(({ name }) => name))].sort();
    expect(covered).toEqual(
      Object.values(losses)
        .map(({ className }) => className)
        .sort(),
    );
  });
});

describe("metrics of the losses' formulas", () => {
  const byClass = new Map(Object.values(metrics).map((factory) => [factory.className as string, factory]));
  it.each([...new Set(cases.map(({ name }) => name))])("%s", async (name) => {
    const item = cases.find((one) => one.name === name && one.predictions.shape.length === 2)!;
    const { labels, predictions, rows } = item;
    const metric = byClass
      .get(name === "LogCosh" ? "LogCoshError" : name)!
      .read(inCamelCase(item.options)) as MeanMetric;
    const y = input("y", open(labels), labels.dtype);
    const p = input("p", open(predictions), "float32");
    const leaves = new Map([
      [y, labels],
      [p, predictions],
    ]);
    const { values } = await runGraph(backends[0]!.backend, { values: metric.values(y, p) }, leaves, rows.size);
    const sign = name === "CosineSimilarity" ? -1 : 1;
    expect(
      relativeMiss(
        values!.map((v) => sign * v),
        rows.data,
      ),
    ).toBeLessThan(1e-5);
  });
});
