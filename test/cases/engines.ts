/**
 * The engines that a case must agree on: both compute modules, each with 1, 2 and 3 threads; and the proof of one case on
 * all of them. The modules round differently, so each is compared with the reference only; threads must not matter to a bit.
 * A case is made ready, and the reference evaluated, once for all of them: that takes longer than what they are proved by.
 */

import type { Backend } from "../../src/backends/backend.js";
import { WasmBackend } from "../../src/backends/wasm/wasm-backend.js";
import type { Case } from "./case.js";
import { disagreement, expectedOf } from "./expected.js";
import { type CaseResult, prepareCase, runCase } from "./run.js";

/** The compute modules there are. */
export const moduleNames = ["relaxed", "baseline"] as const;

/** Backends whose results must be the same bits: the engines on one module, the single thread first, or the reference. */
export interface Engines {
  readonly name: string;
  readonly backends: readonly Backend[];
}

/** Engines with 1, 2 and 3 threads on a module. */
export function enginesOf(module: (typeof moduleNames)[number]): Engines {
  const backends = [1, 2, 3].map(
    // However small the program, all threads take part.
    (threads) => new WasmBackend({ threads, module, shared: true, threadCost: 1 }),
  );
  return { name: module, backends };
}

/** Ends them. */
export async function closeEngines(...all: readonly Engines[]): Promise<void> {
  await Promise.all(all.flatMap(({ backends }) => backends.map((backend) => backend.close())));
}

/** Where a case leaves its bound or depends on the threads, in words; none if all is well. */
export async function problemsOf(item: Case, seed: number, engines: readonly Engines[]): Promise<string[]> {
  const prepared = prepareCase(item, seed);
  const expected = expectedOf(prepared);
  const problems: string[] = [];
  for (const { name, backends } of engines) {
    const results: CaseResult[][] = [];
    for (const backend of backends) results.push(await runCase(backend, prepared));
    const problem = disagreement(item, expected, results[0]!);
    if (problem !== undefined) problems.push(`${name}: ${problem}`);
    results.slice(1).forEach((result, i) => {
      const differs = difference(results[0]!, result);
      if (differs !== undefined) problems.push(`${name}: ${item.name}: 1 and ${i + 2} threads differ in ${differs}`);
    });
  }
  return problems;
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
