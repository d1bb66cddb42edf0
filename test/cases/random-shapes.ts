/** The proof of random cases on both modules, as many as a test wants. */

import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { ops } from "../../src/graph/ops/index.js";
import type { Case } from "./case.js";
import { closeEngines, enginesOf, moduleNames, problemsOf } from "./engines.js";
import { poolingCase, poolings, productCase, products, resamplingCase, resamplings } from "./random.js";
import { type ConvolutionSpec, convolutionCase, convolutions, type Way, wayOf, ways } from "./random-convolutions.js";
import { normalizationCase, normalizations } from "./random-normalizations.js";
import { walkCase, walks } from "./random-walks.js";

/** How many of each, and how many multiplications the largest does. */
export interface RandomShapes {
  readonly convolutions: number;
  readonly products: number;
  readonly resamplings: number;
  readonly poolings: number;
  readonly normalizations: number;
  /** Of every other op. */
  readonly walks: number;
  readonly multiplications: number;
}

/** Defines a test for each family of ops. */
export function randomShapes(options: RandomShapes): void {
  const seed = Number(process.env.FOVEA_TEST_SEED ?? 1);
  const engines = moduleNames.map(enginesOf);
  afterAll(() => closeEngines(...engines));

  const drawn = new Set<string>();
  const proves = <T>(family: keyof RandomShapes, specs: fc.Arbitrary<T>, caseOfSpec: (spec: T) => Case): void => {
    for (const spec of fc.sample(specs, { seed, numRuns: options[family] })) drawn.add(caseOfSpec(spec).op);
    it(`${options[family]} ${family} from seed ${seed}`, { timeout: 3_600_000 }, async () => {
      const property = fc.asyncProperty(specs, async (spec) => {
        const problems = await problemsOf(caseOfSpec(spec), seed, engines);
        if (problems.length > 0) throw new Error(problems.join("\n"));
      });
      await fc.assert(property, { seed, numRuns: options[family] });
    });
  };
  const most = options.multiplications;
  it("the convolutions go every way", () => {
    const met = new Map<Way, number>(ways.map((way) => [way, 0]));
    const count = (spec: ConvolutionSpec): void => {
      const way = wayOf(spec);
      met.set(way, met.get(way)! + 1);
    };
    fc.assert(fc.property(convolutions(most), count), { seed, numRuns: options.convolutions });
    const seldom = [...met].filter(([, times]) => times < options.convolutions / 20);
    expect(seldom).toEqual([]);
  });
  proves("convolutions", convolutions(most), convolutionCase);
  proves("products", products(most), productCase);
  proves("resamplings", resamplings(most), resamplingCase);
  proves("poolings", poolings(most), poolingCase);
  proves("normalizations", normalizations(most / 8), normalizationCase);
  proves("walks", walks(most / 8), walkCase);

  it("of every op there are some", () => {
    expect(Object.keys(ops).filter((op) => !drawn.has(op))).toEqual([]);
  });
}
