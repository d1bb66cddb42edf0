/**
 * The table of cases of some ops on every engine: each result within its bound of the reference, and bit-identical for 1, 2
 * and 3 threads. Both compute modules have to pass; they round differently, so they are compared with the reference only.
 * Convolutions take most of the time, so there are several test files, which run side by side.
 */

import { afterAll, describe, expect, it } from "vitest";
import { referenceBackend } from "../../src/backends/reference/reference.js";
import { ops } from "../../src/graph/ops/index.js";
import { closeEngines, enginesOf, moduleNames, problemsOf } from "./engines.js";
import { cases } from "./index.js";

const seed = 1;

/** The parts that all ops fall into. */
export type Part = "pooled convolutions" | "convolutions" | "all else";

function partOf(op: string): Part {
  if (op.startsWith("conv2dMaxPool")) return "pooled convolutions";
  return op.startsWith("conv2d") ? "convolutions" : "all else";
}

/** Tests the ops of a part. */
export function agreement(part: Part): void {
  const engines = moduleNames.map(enginesOf);
  afterAll(() => closeEngines(...engines));

  describe.each(engines)("wasm, $name", ({ backends }) => {
    it("has the threads asked for", async () => {
      const described = await Promise.all(backends.map((backend) => backend.describe()));
      expect(described.map(({ threads }) => threads)).toEqual([1, 2, 3]);
    });
  });

  describe(`${part} on both modules, and on the reference itself as a job`, () => {
    const all = [{ name: "reference", backends: [referenceBackend()] }, ...engines];
    it.each(Object.keys(ops).filter((op) => partOf(op) === part))("%s", async (op) => {
      const problems: string[] = [];
      for (const item of cases.filter((one) => one.op === op)) problems.push(...(await problemsOf(item, seed, all)));
      expect(problems).toEqual([]);
    });
  });
}
