import { describe, expect, it } from "vitest";
import { referenceBackend } from "../../src/backends/reference/reference.js";
import { ops } from "../../src/graph/ops/index.js";
import { winogradBound } from "../support/winograd-bound.js";
import { disagreement, expectedOf } from "./expected.js";
import { cases } from "./index.js";
import { prepareCase, runCase } from "./run.js";

describe("the table of cases", () => {
  it("has a case of every op", () => {
    const covered = new Set<string>(cases.map(({ op }) => op));
    expect(Object.keys(ops).filter((name) => !covered.has(name))).toEqual([]);
  });

  it("gives every case a name of its own", () => {
    const names = cases.map(({ name }) => name);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });
});

describe("the cases of convolution", () => {
  const tilings = ([2, 3] as const).flatMap((taps) => ([4, 6, 7, 8] as const).map((points) => ({ taps, points })));
  // Each kind of tile has a bound of its own, by which its cases are known.
  it.each(tilings)("meet tiles of $points points with $taps taps, forward and backward", ({ taps, points }) => {
    const c = winogradBound[taps][points];
    expect(cases.some((item) => item.op === "conv2d" && item.c === c)).toBe(true);
    expect(cases.some((item) => item.op === "conv2dGradients" && item.c === 1.5 * c)).toBe(true);
  });
});

describe("the reference", () => {
  it("is missed by a result that is only slightly wrong", async () => {
    const backend = referenceBackend();
    for (const op of Object.keys(ops)) {
      const item = cases.find((one) => one.op === op && !one.name.includes("NaN"))!;
      const prepared = prepareCase(item, 1);
      const results = await runCase(backend, prepared);
      const expected = expectedOf(prepared);
      const changed = results.map(({ job, outputs }, at) => ({
        job,
        outputs: outputs.map((output, k) => {
          const { terms } = expected[at]!.outputs[k]!;
          return output.map((v, i) => (Number.isInteger(v) ? v + 1 : v + 1e-4 * terms[i]!));
        }),
      }));
      if (changed[0]!.outputs.length === 0) changed[0]!.job = { ...changed[0]!.job, finite: false };
      expect(disagreement(item, expected, changed as typeof results), item.name).toBeDefined();
    }
  });
});
