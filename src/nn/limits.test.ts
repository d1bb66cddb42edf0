/** No count among the options of metrics, losses, optimizers and schedules' lists is without a maximum, which its words name. */

import { describe, expect, it } from "vitest";
import { OptionError } from "../core/errors.js";
import type { OptionTable } from "../core/options.js";
import { losses } from "./losses/index.js";
import { metrics } from "./metrics/index.js";
import { optimizers } from "./optimizers/index.js";
import { schedules } from "./schedules/index.js";

/** Places and names, not counts: what is beyond the data is refused there, and costs nothing. */
const notCounts = ["axis", "ignoreClass"];

const counts = Object.entries({ metrics, losses, optimizers }).flatMap(([room, factories]) =>
  Object.entries(factories as Readonly<Record<string, { readonly table: OptionTable }>>).flatMap(([call, { table }]) =>
    Object.entries(table)
      .filter(([option, check]) => !notCounts.includes(option) && check.describe.startsWith("a whole number"))
      .map(([option, check]) => [`${room}.${call}: ${option}`, check] as const),
  ),
);

describe("counts", () => {
  it("are among the options", () => {
    expect(counts.map(([name]) => name)).toEqual(
      expect.arrayContaining([
        "metrics.meanIoU: numClasses",
        "metrics.auc: numThresholds",
        "metrics.precision: topK",
        "metrics.topKCategoricalAccuracy: k",
        "optimizers.sgd: gradientAccumulationSteps",
        "optimizers.muon: nsSteps",
      ]),
    );
  });

  it.each(counts)("%s has a maximum", (_, check) => {
    const most = Number(/from \d+ to (\d+)/.exec(check.describe)?.[1]);
    expect(check.read(most)).toBe(most);
    expect(check.read(most + 1)).toBeUndefined();
  });
});

describe("beyond them", () => {
  it("is an OptionError, from code and from a config", () => {
    expect(() => metrics.meanIoU({ numClasses: 2 ** 32 })).toThrow(
      new OptionError("meanIoU: numClasses must be a whole number from 1 to 1000000, received 4294967296."),
    );
    expect(() => metrics.auc.read({ numThresholds: 1e9 })).toThrow(
      new OptionError("auc: numThresholds must be a whole number from 2 to 100000, received 1000000000."),
    );
    const long = Array<number>(100_001).fill(0.5);
    expect(() => metrics.precision({ thresholds: long })).toThrow(
      /precision: thresholds must be .* a list of them, at most 100,000, or null, received/,
    );
    expect(() => metrics.auc({ thresholds: long })).toThrow(OptionError);
    expect(() => schedules.piecewiseConstantDecay({ boundaries: long.map((_, i) => i), values: [0, ...long] })).toThrow(
      /boundaries must be a list of ascending numbers, 0 or more, at most 1,000/,
    );
  });

  it("is refused where labels times thresholds fill memory", () => {
    const metric = metrics.auc({ numThresholds: 100_000, multiLabel: true });
    const row = [Array<number>(200).fill(1)];
    expect(() => metric.updateState(row, row)).toThrow(
      new OptionError(
        "auc: with multiLabel, labels times thresholds must be at most 16777216, received 200 labels and 100000 thresholds. Take fewer thresholds.",
      ),
    );
  });
});

describe("up to them", () => {
  it("the greatest number of classes is counted", () => {
    const metric = metrics.meanIoU({ numClasses: 1_000_000 });
    metric.updateState([0, 999_999, 7], [0, 999_999, 8]);
    expect(metric.result()).toBeCloseTo(0.5, 6);
  });

  it("the longest schedule is computed", () => {
    const boundaries = Array.from({ length: 1000 }, (_, i) => i);
    const schedule = schedules.piecewiseConstantDecay({ boundaries, values: [...boundaries, 1000] });
    expect([0, 1, 500, 999, 1001].map((step) => schedule(step))).toEqual([0, 1, 500, 999, 1000]);
  });
});
