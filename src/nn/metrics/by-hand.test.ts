/**
 * Metrics by hand: what they add up to however rows are cut, and the greatest of a row. What Keras computes is in
 * test/goldens-metrics.test.ts.
 */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ShapeError, StateError } from "../../core/errors.js";
import { array } from "../../core/ndarray-create.js";
import { rocAucScore } from "../../evaluation/index.js";
import { losses } from "../losses/index.js";
import { type Metric, metrics, resolveMetric } from "./index.js";

const values = { outputShape: [null, 3], lossLabels: "values" } as const;

describe("rows", () => {
  const row = fc.tuple(
    fc.array(fc.constantFrom(0, 1), { minLength: 3, maxLength: 3 }),
    fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 3, maxLength: 3 }),
    fc.integer({ min: 0, max: 5 }),
  );
  const all: readonly (() => Metric)[] = [
    () => metrics.auc(),
    () => metrics.auc({ curve: "PR", multiLabel: true, labelWeights: [1, 2, 3] }),
    () => metrics.precision({ topK: 2, classId: 1 }),
    () => metrics.recall({ thresholds: [0.3, 0.1] }),
    () => metrics.f1Score(),
    () => metrics.r2Score({ classAggregation: null }),
    () => metrics.binaryIoU(),
    () => metrics.oneHotMeanIoU({ numClasses: 3 }),
    () => metrics.rootMeanSquaredError(),
    () => metrics.categoricalAccuracy(),
  ];

  test.each(all.map((make) => [make().name, make] as const))("of %s, in any batches, give the same bits", (_, make) => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 2, maxLength: 20 }), fc.nat(), (rows, cut) => {
        const at = 1 + (cut % (rows.length - 1));
        const add = (metric: Metric, part: typeof rows) => {
          if (part.length === 0) return;
          const [labels, predictions, weights] = [0, 1, 2].map((i) => part.map((one) => one[i as 0 | 1 | 2]));
          const scaled = (predictions as number[][]).map((p) => p.map((v) => v / 40));
          metric.updateState(labels as number[][], scaled, weights as number[]);
        };
        const [whole, parts] = [make(), make()];
        add(whole, rows);
        add(parts, rows.slice(0, at));
        add(parts, rows.slice(at));
        expect(parts.result()).toEqual(whole.result());
        parts.resetState();
        add(parts, rows);
        expect(parts.result()).toEqual(whole.result());
      }),
    );
  });

  test("many thresholds bring the area to the exact one", () => {
    const labels = Array.from({ length: 300 }, (_, i) => (i * 7) % 3 === 0);
    const scores = labels.map((positive, i) => ((i * 37) % 101) / 256 + (positive ? 0.5 : 0.25));
    const metric = metrics.auc({ numThresholds: 20_001 });
    metric.updateState(array(labels), scores);
    expect(metric.result()).toBeCloseTo(rocAucScore(labels.map(Number), scores), 12);
  });

  test("a metric under another name begins with nothing, and both stay apart", () => {
    const metric = metrics.truePositives();
    metric.updateState([1, 1], [0.9, 0.1]);
    const other = resolveMetric(metric, { ...values, outputShape: [null, 1] }).named("other");
    expect([other.name, other.className, other.result()]).toEqual(["other", "TruePositives", 0]);
    other.updateState([1, 1, 1], [1, 1, 1]);
    expect([metric.result(), other.result()]).toEqual([1, 3]);
  });

  test("before there are any, counts and means are 0, and what is a number for each class is refused", () => {
    const { auc, precision, recallAtPrecision, meanSquaredError, meanIoU } = metrics;
    const at = [
      auc(),
      precision(),
      recallAtPrecision({ precision: 1 }),
      meanSquaredError(),
      meanIoU({ numClasses: 2 }),
    ];
    expect(at.map((metric) => metric.result())).toEqual([0, 0, 0, 0, 0]);
    expect(metrics.recall({ thresholds: [0, 1] }).result()).toEqual([0, 0]);
    for (const metric of [metrics.f1Score(), metrics.r2Score(), metrics.auc({ multiLabel: true })]) {
      expect(() => metric.result()).toThrow(
        new StateError(`${metric.name}: there is a result once there are rows: updateState(yTrue, yPred).`),
      );
    }
  });

  test("rows of another shape may follow where nothing is counted by class, and rows that were refused leave nothing", () => {
    const metric = metrics.truePositives();
    expect(() => metric.updateState([[1, 1]], [1])).toThrow(ShapeError);
    metric.updateState([1, 0], [0.9, 0.9]);
    metric.updateState([[1, 1]], [[0.9, 0.1]]);
    expect(metric.result()).toBe(2);
    const score = metrics.f1Score();
    expect(() => score.updateState([[1, 0]], [[1]])).toThrow(ShapeError);
    expect(() => score.updateState([[1, 0]], [[1, 0]], [[1, 1]])).toThrow(ShapeError);
    score.updateState([[1], [0]], [[1], [1]]);
    expect((score.result() as number[])[0]).toBeCloseTo(2 / 3, 6);
  });

  test("a NaN is above no threshold", () => {
    for (const thresholds of [undefined, [0, 0.5, 1]]) {
      const metric = metrics.falseNegatives(thresholds === undefined ? {} : { thresholds });
      metric.updateState([1, 1], [Number.NaN, 0.7]);
      expect([metric.result()].flat()).toEqual(thresholds === undefined ? [1] : [1, 1, 2]);
    }
    const top = metrics.sparseTopKCategoricalAccuracy({ k: 2 });
    top.updateState(
      [0, 0],
      [
        [Number.NaN, 0.1, 0.2],
        [0.3, 0.1, 0.2],
      ],
    );
    expect(top.result()).toBe(0.5);
  });

  test("a loss with its options is a metric by its formula, and accuracy finds its kind by the shapes", () => {
    const metric = metrics.meanMetricWrapper({ fn: losses.huber({ delta: 0.5 }).call, name: "huber" });
    metric.updateState([[1], [0]], [[0], [0]]);
    expect(metric.result()).toBe(0.1875);
    const accuracy = metrics.accuracy();
    accuracy.updateState(array([2, 0], { dtype: "uint8" }), [
      [0, 0, 1],
      [0, 1, 0],
    ]);
    expect(accuracy.result()).toBe(0.5);
  });
});

describe("the k greatest of a row", () => {
  /** The places of a row that are among its greatest: there the recall of labels of 1 is 1. */
  function chosen(row: readonly number[], k: number): number[] {
    return row.flatMap((_, place) => {
      const metric = metrics.recall({ topK: k, classId: place });
      metric.updateState([row.map(() => 1)], [row]);
      return metric.result() === 1 ? [place] : [];
    });
  }

  test("are the first ones of equals", () => {
    const rows = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(rows, fc.nat(), (row, some) => {
        const k = 1 + (some % row.length);
        const sorted = row.map((_, place) => place).sort((a, b) => row[b]! - row[a]! || a - b);
        expect(chosen(row, k)).toEqual(sorted.slice(0, k).sort((a, b) => a - b));
      }),
    );
  });

  test("of many classes are found without a pass over the row for each", () => {
    const classes = 100_000;
    const row = Float32Array.from({ length: classes }, (_, i) => (i * 7919) % classes);
    const labels = array(
      Float32Array.from(row, (value) => Number(value >= classes / 2)),
      { shape: [1, classes] },
    );
    const metric = metrics.precision({ topK: classes / 2 });
    // A pass for each of the greatest would take a minute.
    const start = performance.now();
    metric.updateState(labels, array(row, { shape: [1, classes] }));
    expect(metric.result()).toBe(1);
    expect(performance.now() - start).toBeLessThan(3000);
  });
});
