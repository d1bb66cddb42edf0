/** Every metric: values against Keras 3.15.1 (JAX), which accuracy "accuracy" means, names, and what is refused. */

import { describe, expect, it } from "vitest";
import { numbers } from "../../../test/support/evaluate.js";
import type { DType } from "../../core/dtype.js";
import { OptionError } from "../../core/errors.js";
import type { Dimensions } from "../../graph/dimensions.js";
import { input } from "../../graph/leaves.js";
import { losses } from "../losses/index.js";
import { type MeanMetric, metrics, resolveMetric } from "./index.js";

type Data = readonly [shape: Dimensions, values: readonly number[], dtype?: DType];

const yesNo: Data = [
  [null, 2],
  [0, 1, 1, 1, 1, 0],
];
const chances: Data = [
  [null, 2],
  [0.1, 0.9, 0, 1, 0.5, 0.25],
];
const classes: Data = [[null], [2, 0, 3], "int32"];
const probabilities: Data = [
  [null, 4],
  [0.1, 0.2, 0.3, 0.4, 0, 1, 0, 0, 2, 1, 1, 4],
];
const soft: Data = [
  [null, 4],
  [0.1, 0.2, 0.3, 0.4, 1, 0, 0, 0, 0.25, 0.25, 0.25, 0.25],
];
const ties: Data = [
  [null, 2],
  [0.5, 0.5, 0.2, 0.8, 0.5, 0.5],
];

function rowsOf(metric: MeanMetric, labels: Data, predictions: Data): number[] {
  const yTrue = input("labels", labels[0], labels[2] ?? "float32");
  const yPred = input("predictions", predictions[0], "float32");
  const values = metric.values(yTrue, yPred);
  expect(values.shape).toEqual([null]);
  expect(["float32", "bool"]).toContain(values.dtype);
  return numbers(values, {
    rows: 3,
    inputs: new Map([
      [yTrue, labels[1]],
      [yPred, predictions[1]],
    ]),
  });
}

const average = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

describe("metrics", () => {
  it.each<[string, MeanMetric, Data, Data, number]>([
    ["binaryAccuracy", metrics.binaryAccuracy(), yesNo, chances, 2 / 3],
    ["binaryAccuracy, threshold", metrics.binaryAccuracy({ threshold: 0.05 }), yesNo, chances, 0.5],
    ["categoricalAccuracy", metrics.categoricalAccuracy(), soft, probabilities, 1 / 3],
    ["sparseCategoricalAccuracy", metrics.sparseCategoricalAccuracy(), classes, probabilities, 1 / 3],
    ["the first of equals wins", metrics.sparseCategoricalAccuracy(), [[null], [0, 1, 1], "uint8"], ties, 2 / 3],
    ["labels in a column", metrics.sparseCategoricalAccuracy(), [[null, 1], [0, 1, 1], "uint8"], ties, 2 / 3],
    ["binaryCrossentropy", metrics.binaryCrossentropy(), yesNo, chances, 2.8849411],
    ["sparseCategoricalCrossentropy", metrics.sparseCategoricalCrossentropy(), classes, probabilities, 6.0050716],
    ["accuracy of class numbers", metrics.accuracy(), classes, probabilities, 1 / 3],
    ["accuracy of one-hot labels", metrics.accuracy(), soft, probabilities, 1 / 3],
    [
      "accuracy of one output",
      metrics.accuracy(),
      [
        [null, 1],
        [0, 1, 1],
      ],
      [
        [null, 1],
        [0.2, 0.7, 0.5],
      ],
      2 / 3,
    ],
  ])("%s", (_, metric, labels, predictions, expected) => {
    expect(Math.abs(average(rowsOf(metric, labels, predictions)) - expected)).toBeLessThan(
      1e-6 * Math.max(1, expected),
    );
  });

  it("accuracies of single answers stay bool", () => {
    const y = input("y", [null], "int32");
    expect(metrics.sparseCategoricalAccuracy().values(y, input("p", [null, 3], "float32")).dtype).toBe("bool");
    expect(metrics.binaryAccuracy().values(y, input("p", [null, 1], "float32")).dtype).toBe("bool");
    expect(
      metrics.binaryAccuracy().values(input("y", [null, 2], "float32"), input("p", [null, 2], "float32")).dtype,
    ).toBe("float32");
  });

  it("every loss is a metric of the same name, but for logCosh and huber, whose metrics Keras calls otherwise or lacks", () => {
    for (const [name, make] of Object.entries(losses)) {
      if (name === "logCosh" || name === "huber") continue;
      const metric = metrics[name as Exclude<keyof typeof losses, "logCosh">]();
      expect([metric.className, metric.name, metric.labels]).toEqual([make.className, make().name, make().labels]);
    }
    expect([metrics.logCoshError().className, metrics.logCoshError().name]).toEqual(["LogCoshError", "logcosh"]);
    expect(metrics.logCoshError({ name: "error" }).name).toBe("error");
    expect([metrics.huber().name, losses.huber().name]).toEqual(["huber", "huber_loss"]);
  });

  it("the metric of cosineSimilarity is positive where the loss is negative, and none has a reduction", () => {
    expect(rowsOf(metrics.cosineSimilarity(), soft, soft).map((v) => v.toFixed(6))).toEqual(Array(3).fill("1.000000"));
    expect(() => metrics.meanSquaredError({ reduction: "sum" } as never)).toThrow(/unknown option "reduction"/);
  });
});

describe("resolveMetric", () => {
  const many = { outputShape: [null, 10], lossLabels: "classes" } as const;
  const oneHot = { outputShape: [null, 10], lossLabels: "values" } as const;
  const single = { outputShape: [null, 1], lossLabels: "values" } as const;

  it.each([
    ["accuracy", many, "SparseCategoricalAccuracy"],
    ["acc", many, "SparseCategoricalAccuracy"],
    ["accuracy", oneHot, "CategoricalAccuracy"],
    ["acc", single, "BinaryAccuracy"],
  ] as const)("%s for %j is %s", (name, context, className) => {
    const metric = resolveMetric(name, context);
    expect([metric.className, metric.name]).toEqual([className, name]);
    expect(metric.labels).toBe(context.lossLabels);
  });

  it("keeps the user's name, and gives Keras's otherwise", () => {
    expect(resolveMetric(metrics.accuracy({ name: "right" }), many).name).toBe("right");
    expect(resolveMetric(metrics.sparseCategoricalAccuracy({ name: "acc" }), many).name).toBe("acc");
    expect(resolveMetric(metrics.sparseCategoricalAccuracy(), many).name).toBe("sparse_categorical_accuracy");
    expect(resolveMetric("sparseCategoricalAccuracy", many).name).toBe("sparse_categorical_accuracy");
    expect(resolveMetric("mse", oneHot).name).toBe("mse");
    expect(resolveMetric({ className: "BinaryAccuracy", config: { threshold: 0.4 } }, single).config).toEqual({
      threshold: 0.4,
    });
  });

  it("refuses a metric whose labels are not the loss's, and says which fits", () => {
    expect(() => resolveMetric("categorical_accuracy", many)).toThrow(
      new OptionError(
        "compile: the metric categorical_accuracy takes values like the predictions (one-hot rows, for classes) as labels, but the loss takes class numbers. Use sparseCategoricalAccuracy.",
      ),
    );
    expect(() => resolveMetric(metrics.sparseCategoricalCrossentropy(), oneHot)).toThrow(
      /Use categoricalCrossentropy\.$/,
    );
    expect(() => resolveMetric("mse", many)).toThrow(/Use "accuracy", or a loss with the same labels\.$/);
  });

  it("suggests the nearest name", () => {
    expect(() => resolveMetric("acuracy", many)).toThrow(
      new OptionError('compile: unknown metric "acuracy"; did you mean "accuracy"?'),
    );
    for (const bad of [3, null, {}]) {
      expect(() => resolveMetric(bad as never, many)).toThrow(/^compile: a metric must be a name/);
    }
  });
});

/** What some metrics cannot be made without. */
const needed: Readonly<Record<string, object>> = {
  iou: { numClasses: 3, targetClassIds: [0] },
  meanIoU: { numClasses: 3 },
  oneHotIoU: { numClasses: 3, targetClassIds: [0, 2] },
  oneHotMeanIoU: { numClasses: 3 },
  precisionAtRecall: { recall: 0.5 },
  recallAtPrecision: { precision: 0.5 },
  sensitivityAtSpecificity: { specificity: 0.5 },
  specificityAtSensitivity: { sensitivity: 0.5 },
};
const { mean, sum, meanMetricWrapper, ...ofPredictions } = metrics;

describe("options", () => {
  it.each(Object.entries(ofPredictions))("%s makes a config round trip and refuses bad options", (call, make) => {
    const metric = make.read({ ...needed[call], name: "m" });
    const context = { outputShape: [null, 3], lossLabels: metric.labels === "classes" ? "classes" : "values" } as const;
    const written = JSON.parse(JSON.stringify({ className: metric.className, config: metric.config }));
    expect(resolveMetric(written, context).name).toBe("m");
    if (metric.labels !== "either") expect(resolveMetric(written, context).config).toEqual(metric.config);
    for (const [option, check] of Object.entries(make.table)) {
      for (const value of check.refuses) {
        expect(() => make.read({ ...needed[call], [option]: value })).toThrow(OptionError);
        expect(() => make.read({ ...needed[call], [option]: value })).toThrow(`${call}: ${option} must be `);
      }
    }
  });

  it.each(Object.entries({ mean, sum, meanMetricWrapper }))("%s refuses bad options", (call, make) => {
    const given = call === "meanMetricWrapper" ? { fn: () => input("x", [null], "float32") } : {};
    for (const [option, check] of Object.entries(make.table)) {
      for (const value of check.refuses) {
        expect(() => make.read({ ...given, [option]: value })).toThrow(`${call}: ${option} must be `);
      }
    }
  });
});
