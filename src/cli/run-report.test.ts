import { expect, it } from "vitest";
import { historyCsv, type RunReport, reportJson } from "./run-report.js";

it("the report is JSON with each list of numbers on one line", () => {
  const report = {
    recipe: "[1,  2]",
    history: { acc: [0.5, 1e-7], loss: [] },
    confusion: [
      [1, 2],
      [3, -4],
    ],
  } as unknown as RunReport;
  const text = reportJson(report);
  expect(JSON.parse(text)).toEqual(report);
  expect(text.split("\n")).toEqual([
    "{",
    '  "recipe": "[1,  2]",',
    '  "history": {',
    '    "acc": [0.5, 1e-7],',
    '    "loss": []',
    "  },",
    '  "confusion": [',
    "    [1, 2],",
    "    [3, -4]",
    "  ]",
    "}",
    "",
  ]);
});

it("the history has a line an epoch, in Keras's order, and no columns for what was not measured", () => {
  expect(historyCsv({ loss: [2, 1], val_loss: [3, 2.5], acc: [0.1, 0.2], val_acc: [0, 1] })).toBe(
    "epoch,acc,loss,val_acc,val_loss\n1,0.1,2,0,3\n2,0.2,1,1,2.5\n",
  );
  expect(historyCsv({ loss: [2], acc: [0.1] })).toBe("epoch,acc,loss\n1,0.1,2\n");
});
