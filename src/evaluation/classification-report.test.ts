import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OptionError } from "../core/errors.js";
import { fromTyped } from "../core/ndarray-create.js";
import { accuracyScore } from "./accuracy-score.js";
import { type ClassificationReportOptions, classificationReport } from "./classification-report.js";

const yTrue = [0, 1, 2, 2, 2, 1, 0, 3, 3, 3, 1, 2];
const yPred = [0, 2, 2, 2, 1, 1, 0, 3, 0, 3, 1, 4];
const sampleWeight = [0.5, 1, 2, 0.25, 1.5, 3, 0.1, 0.7, 1.1, 2.2, 0.3, 0.9];

describe("the text of scikit-learn 1.9.1, character for character", () => {
  test("of all classes", () => {
    expect(classificationReport(yTrue, yPred, {})).toBe(`              precision    recall  f1-score   support

           0       0.67      1.00      0.80         2
           1       0.67      0.67      0.67         3
           2       0.67      0.50      0.57         4
           3       1.00      0.67      0.80         3
           4       0.00      0.00      0.00         0

    accuracy                           0.67        12
   macro avg       0.60      0.57      0.57        12
weighted avg       0.75      0.67      0.69        12
`);
  });

  test("with weights and 4 digits", () => {
    expect(
      classificationReport(yTrue, yPred, { sampleWeight, digits: 4 }),
    ).toBe(`              precision    recall  f1-score   support

           0     0.3529    1.0000    0.5217       0.6
           1     0.6875    0.7674    0.7253       4.3
           2     0.6923    0.4839    0.5696      4.65
           3     1.0000    0.7250    0.8406       4.0
           4     0.0000    0.0000    0.0000       0.0

    accuracy                         0.6679     13.55
   macro avg     0.5465    0.5953    0.5314     13.55
weighted avg     0.7666    0.6679    0.6969     13.55
`);
  });

  test("some classes, with names: micro avg instead of accuracy", () => {
    expect(
      classificationReport(yTrue, yPred, {
        labels: [0, 3, 2],
        targetNames: ["T-shirt/top", "a name longer than the heading", "é😀"],
      }),
    ).toBe(`                                precision    recall  f1-score   support

                   T-shirt/top       0.67      1.00      0.80         2
a name longer than the heading       1.00      0.67      0.80         3
                            é😀       0.67      0.50      0.57         4

                     micro avg       0.75      0.67      0.71         9
                     macro avg       0.78      0.72      0.72         9
                  weighted avg       0.78      0.67      0.70         9
`);
  });

  test("ties to even: 0.125 is 0.12", () => {
    expect(
      classificationReport([...Array(8).fill(0), 1], [0, ...Array(8).fill(1)], {}),
    ).toBe(`              precision    recall  f1-score   support

           0       1.00      0.12      0.22         8
           1       0.12      1.00      0.22         1

    accuracy                           0.22         9
   macro avg       0.56      0.56      0.22         9
weighted avg       0.90      0.22      0.22         9
`);
  });

  test("not one right: scikit-learn's counts are floats then", () => {
    expect(classificationReport([0, 1], [1, 0], {})).toBe(`              precision    recall  f1-score   support

           0       0.00      0.00      0.00       1.0
           1       0.00      0.00      0.00       1.0

    accuracy                           0.00       2.0
   macro avg       0.00      0.00      0.00       2.0
weighted avg       0.00      0.00      0.00       2.0
`);
  });

  test("NaN for 0 / 0", () => {
    expect(
      classificationReport(yTrue, yPred, { zeroDivision: Number.NaN, digits: 3 }),
    ).toBe(`              precision    recall  f1-score   support

           0      0.667     1.000     0.800         2
           1      0.667     0.667     0.667         3
           2      0.667     0.500     0.571         4
           3      1.000     0.667     0.800         3
           4      0.000       nan     0.000         0

    accuracy                          0.667        12
   macro avg      0.600     0.708     0.568        12
weighted avg      0.750     0.667     0.690        12
`);
  });

  test("0 digits, labels that do not occur: accuracy stays", () => {
    expect(
      classificationReport(yTrue, yPred, { digits: 0, labels: [0, 1, 2, 3, 4, 5], zeroDivision: 1 }),
    ).toBe(`              precision    recall  f1-score   support

           0          1         1         1         2
           1          1         1         1         3
           2          1         0         1         4
           3          1         1         1         3
           4          0         1         0         0
           5          1         1         1         0

    accuracy                              1        12
   macro avg          1         1         1        12
weighted avg          1         1         1        12
`);
  });

  test("strings; 15 digits widen the first column", () => {
    expect(
      classificationReport(["cat", "dog", "pig", "cat"], ["cat", "pig", "pig", "dog"], { digits: 15 }),
    ).toBe(`                 precision    recall  f1-score   support

            cat  1.000000000000000 0.500000000000000 0.666666666666667         2
            dog  0.000000000000000 0.000000000000000 0.000000000000000         1
            pig  0.500000000000000 1.000000000000000 0.666666666666667         1

       accuracy                      0.500000000000000         4
      macro avg  0.500000000000000 0.500000000000000 0.444444444444444         4
   weighted avg  0.625000000000000 0.500000000000000 0.500000000000000         4
`);
  });

  test("floats as Python prints them", () => {
    expect(
      classificationReport([0, 1, 1], [0, 1, 0], { sampleWeight: [1e-7, 2e20, 0.1] }),
    ).toBe(`              precision    recall  f1-score   support

           0       0.00      1.00      0.00     1e-07
           1       1.00      1.00      1.00     2e+20

    accuracy                           1.00     2e+20
   macro avg       0.50      1.00      0.50     2e+20
weighted avg       1.00      1.00      1.00     2e+20
`);
  });

  test("from typed arrays and NDArrays, whose floats print as whole numbers", () => {
    const text = classificationReport(yTrue, yPred);
    const predicted = fromTyped(Float32Array.from(yPred), [12, 1]);
    expect(classificationReport(Uint8Array.from(yTrue), predicted)).toBe(text);
  });
});

describe("outputDict", () => {
  test("gives the numbers unrounded", () => {
    const report = classificationReport(yTrue, yPred, { outputDict: true, targetNames: [..."abcde"] });
    expect(report.perClass[3]).toEqual({ label: 3, name: "d", precision: 1, recall: 2 / 3, f1: 0.8, support: 3 });
    expect(report.perClass).toHaveLength(5);
    expect(report.accuracy).toBe(0.6666666666666666);
    expect(report.microAvg).toBeNull();
    expect(report.macroAvg).toEqual({
      precision: 0.6,
      recall: 0.5666666666666667,
      f1: 0.5676190476190476,
      support: 12,
    });
    expect(report.weightedAvg).toEqual({
      precision: 0.75,
      recall: 0.6666666666666666,
      f1: 0.6904761904761906,
      support: 12,
    });
  });

  test("of some classes: a micro average and no accuracy", () => {
    const report = classificationReport(yTrue, yPred, { outputDict: true, labels: [3, 0] });
    expect(report.perClass.map(({ label, name }) => [label, name])).toEqual([
      [3, "3"],
      [0, "0"],
    ]);
    expect(report.accuracy).toBeNull();
    expect(report.microAvg).toEqual({ precision: 0.8, recall: 0.8, f1: 0.8, support: 5 });
  });
});

test("each kind of warning is told once", () => {
  const messages: string[] = [];
  classificationReport([0, 1, 2], [0, 0, 0], { onWarning: (message) => messages.push(message) });
  expect(messages).toEqual([expect.stringMatching(/^Precision is ill-defined .* in labels with no predicted samples/)]);
  classificationReport([0, 1, 2], [0, 0, 0], { zeroDivision: 0, onWarning: (message) => messages.push(message) });
  expect(messages).toHaveLength(1);
});

test("wrong options are refused", () => {
  const call = (options: object) =>
    expect(() => classificationReport(yTrue, yPred, options as ClassificationReportOptions));
  call({ targetNames: ["a", "b"] }).toThrow(OptionError);
  call({ targetNames: ["a", "b"] }).toThrow(/one name for each of 5 labels, received 2/);
  call({ targetNames: ["a", "b"], labels: [0] }).toThrow(/each of 1 labels, received 2/);
  call({ targetNames: [1, 2, 3, 4, 5] }).toThrow(/targetNames must be an array of strings/);
  for (const digits of [-1, 1.5, 51, "2", Number.NaN])
    call({ digits }).toThrow(/digits must be a whole number from 0 to 50/);
  call({ labels: [] }).toThrow(/labels is empty/);
  call({ labels: [1, 1] }).toThrow(/received 1 twice/);
  call({ outputDict: "yes" }).toThrow(OptionError);
  call({ digit: 3 }).toThrow(/did you mean "digits"/);
  expect(() => classificationReport([0, 1], [0])).toThrow(/^classificationReport: yTrue and yPred/);
});

test("a report is a table: one line a class, all of one width, and the accuracy in it", () => {
  const samples = fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(samples, fc.integer({ min: 0, max: 7 }), (pairs, digits) => {
      const [truth, predicted] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)];
      const text = classificationReport(truth, predicted, { digits });
      const lines = text.split("\n");
      const classes = new Set([...truth, ...predicted]).size;
      expect(lines).toHaveLength(classes + 7);
      expect(new Set(lines.filter((line) => line !== "").map((line) => line.length))).toEqual(new Set([53]));
      const [score, support] = lines[classes + 3]!.trim().split(/ +/).slice(1) as [string, string];
      expect(Math.abs(Number(score) - accuracyScore(truth, predicted))).toBeLessThanOrEqual(
        0.5 * 10 ** -digits + 1e-12,
      );
      expect(Number(support)).toBe(pairs.length);
    }),
  );
});
