/**
 * The table of cases on every engine: each result within its bound of the reference, and bit-identical for 1, 2 and 3
 * threads. Both compute modules have to pass; they round differently, so they are compared with the reference only.
 */

import { afterAll, describe, expect, it } from "vitest";
import { ops } from "../src/graph/ops/index.js";
import { closeEngines, enginesOf, moduleNames, problemsOf } from "./cases/engines.js";
import { cases } from "./cases/index.js";

const seed = 1;

describe.each(moduleNames)("wasm, %s", (module) => {
  const engines = enginesOf(module);
  afterAll(() => closeEngines(engines));

  it("has the threads asked for", async () => {
    const described = await Promise.all(engines.backends.map((backend) => backend.describe()));
    expect(described.map(({ threads }) => threads)).toEqual([1, 2, 3]);
  });

  it.each(Object.keys(ops))("%s", async (op) => {
    const problems: string[] = [];
    for (const item of cases.filter((one) => one.op === op)) problems.push(...(await problemsOf(item, seed, engines)));
    expect(problems).toEqual([]);
  });
});
