/**
 * The table of cases on every engine: each result within its bound of the reference, and bit-identical for 1, 2 and 3
 * threads. Both compute modules have to pass; they round differently, so they are compared with the reference only.
 */

import { afterAll, describe, expect, it } from "vitest";
import type { Backend } from "../src/backends/backend.js";
import { WasmBackend } from "../src/backends/wasm/wasm-backend.js";
import { ops } from "../src/graph/ops/index.js";
import { disagreement, expectedOf } from "./cases/expected.js";
import { cases } from "./cases/index.js";
import { type CaseResult, runCase } from "./cases/run.js";

const seed = 1;
/** Each has a single thread first: what the others are compared with. */
const engines: Record<string, readonly Backend[]> = {};
for (const module of ["relaxed", "baseline"] as const) {
  engines[`wasm, ${module}`] = [1, 2, 3].map(
    // However small the program, all threads take part.
    (threads) => new WasmBackend({ threads, module, shared: true, threadCost: 1 }),
  );
}

/** The first difference in bits between two runs, in words. */
function difference(a: readonly CaseResult[], b: readonly CaseResult[]): string | undefined {
  for (const [job, { outputs, job: result }] of a.entries()) {
    const other = b[job]!;
    if (result.finite !== other.job.finite || result.steps !== other.job.steps) return `job ${job} ended differently`;
    // What an update that met NaN left behind is not defined.
    if (!result.finite) continue;
    for (const [at, output] of outputs.entries()) {
      const i = output.findIndex((v, k) => !Object.is(v, other.outputs[at]![k]));
      if (i >= 0) return `job ${job}, output ${at}, element ${i}: ${output[i]} and ${other.outputs[at]![i]}`;
    }
  }
  return undefined;
}

describe.each(Object.entries(engines))("%s", (_name, backends) => {
  afterAll(() => Promise.all(backends.map((backend) => backend.close())));
  it("has the threads asked for", async () => {
    const described = await Promise.all(backends.map((backend) => backend.describe()));
    expect(described.map(({ threads }) => threads)).toEqual([1, 2, 3]);
  });

  it.each(Object.keys(ops))("%s", async (op) => {
    const problems: string[] = [];
    for (const item of cases.filter((one) => one.op === op)) {
      const results: CaseResult[][] = [];
      for (const backend of backends) results.push(await runCase(backend, item, seed));
      const problem = disagreement(item, expectedOf(item, seed), results[0]!);
      if (problem !== undefined) problems.push(problem);
      results.slice(1).forEach((result, i) => {
        const differs = difference(results[0]!, result);
        if (differs !== undefined) problems.push(`${item.name}: 1 and ${i + 2} threads differ in ${differs}`);
      });
    }
    expect(problems).toEqual([]);
  });
});
