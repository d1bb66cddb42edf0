import { expect, test } from "vitest";
import { classificationReport } from "../evaluation/index.js";
import { reportText } from "./report-text.js";

test("scores, then the report", () => {
  const report = classificationReport([0, 1, 1], [0, 1, 0]);
  const lines = reportText({ loss: 0.083391, accuracy: 0.9768, report }).split("\n");
  expect(lines.slice(0, 4)).toEqual([
    "Test loss: 0.0834",
    "Test accuracy: 0.9768",
    "",
    "              precision    recall  f1-score   support",
  ]);
  expect(lines.at(-2)).toMatch(/^weighted avg/);
  expect(lines.at(-1)).toBe("");
});

test("warnings come last, as notes", () => {
  const warnings: string[] = [];
  const report = classificationReport([0, 1], [0, 0], { onWarning: (message) => warnings.push(message) });
  const text = reportText({ loss: 0, accuracy: 0.5, report, warnings });
  expect(text).toMatch(/^Test loss: 0\.0000\n/);
  expect(text).toMatch(/weighted avg .*\n\nNote: Precision is ill-defined .*\n$/);
});

test("scores that 4 decimals would make 0, and scores that are no numbers, are not hidden", () => {
  expect(reportText({ loss: 1.234e-7, accuracy: 1, report: "r" })).toBe(
    "Test loss: 1.23e-7\nTest accuracy: 1.0000\n\nr\n",
  );
  expect(reportText({ loss: Number.NaN, accuracy: 0, report: "r\n" })).toBe(
    "Test loss: NaN\nTest accuracy: 0.0000\n\nr\n",
  );
});
