/**
 * The table of cases on every engine: each result within its bound of the reference, and bit-identical for 1, 2 and 3
 * threads. Both compute modules have to pass; they round differently, so they are compared with the reference only.
 */

import { afterAll, describe, expect, it } from "vitest";
import { referenceBackend } from "../src/backends/reference/reference.js";
import { ops } from "../src/graph/ops/index.js";
import { closeEngines, enginesOf, moduleNames, problemsOf } from "./cases/engines.js";
import { cases } from "./cases/index.js";

const seed = 1;

const engines = moduleNames.map(enginesOf);
afterAll(() => closeEngines(...engines));

describe.each(engines)("wasm, $name", ({ backends }) => {
  it("has the threads asked for", async () => {
    const described = await Promise.all(backends.map((backend) => backend.describe()));
    expect(described.map(({ threads }) => threads)).toEqual([1, 2, 3]);
  });
});

describe("both modules, and the reference itself run as a job", () => {
  const all = [{ name: "reference", backends: [referenceBackend()] }, ...engines];
  it.each(Object.keys(ops))("%s", async (op) => {
    const problems: string[] = [];
    for (const item of cases.filter((one) => one.op === op)) problems.push(...(await problemsOf(item, seed, all)));
    expect(problems).toEqual([]);
  });
});
