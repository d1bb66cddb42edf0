/**
 * Tests of a score against scikit-learn's: one for each case of a golden that test/goldens/make/evaluation.py wrote. Not
 * what a score must hold beyond that: each test file says it.
 */

import { describe, expect, test } from "vitest";
import { FoveaError } from "../../src/core/errors.js";
import { NDArray } from "../../src/core/ndarray.js";
import { golden } from "./goldens.js";

interface Case {
  readonly name: string;
  readonly arguments: readonly [unknown, unknown];
  readonly options: object;
  /** A number, numbers, or curves by name; not there where scikit-learn refuses. */
  readonly result?: unknown;
  readonly warnings?: readonly string[];
  readonly refused?: string;
}

type Score = (first: never, second: never, options: never) => unknown;

/** How far a sum may stray that is added in another order, or in float64 where scikit-learn's is in float32. */
const tolerances = { float64: 1e-12, float32: 2e-6 };

/**
 * Every case of `name`: results to 1e-12 (2e-6 where scikit-learn computes in float32), warnings in scikit-learn's words,
 * and what it refuses refused.
 */
export function testCases(name: string, score: Score): void {
  const { cases } = golden<{ readonly cases: readonly Case[] }>(`evaluation-${name}`);
  const named = cases.map((one) => [one.name, one] as const);
  describe("scikit-learn's numbers and warnings", () => {
    test.each(named.filter(([, { refused }]) => refused === undefined))("%s", (_, one) => {
      const told: string[] = [];
      const result = call(score, one, (message) => told.push(message));
      const single = one.arguments[1] instanceof NDArray && one.arguments[1].dtype === "float32";
      expectNear(result, one.result, tolerances[single ? "float32" : "float64"]);
      expect(told.map(inPlainWords)).toEqual(one.warnings!.map(inPlainWords));
    });
  });
  const refused = named.filter(([, one]) => one.refused !== undefined);
  describe("what scikit-learn refuses", () => {
    test.each(refused)("%s", (_, one) => {
      expect(() => call(score, one, () => {})).toThrow(FoveaError);
    });
  });
}

function call(score: Score, { arguments: [first, second], options }: Case, onWarning: (message: string) => void) {
  // auc takes no options, and calibrationCurve never warns.
  const given = score.name === "auc" || score.name === "calibrationCurve" ? options : { ...options, onWarning };
  return score(first as never, second as never, given as never);
}

function expectNear(result: unknown, expected: unknown, tolerance: number): void {
  if (typeof expected === "number") {
    expect(result).toBeTypeOf("number");
    const near = Math.abs((result as number) - expected) <= tolerance * Math.max(1, Math.abs(expected));
    if (!near) expect(result).toBe(expected);
  } else if (expected instanceof NDArray) {
    expect(result).toHaveLength(expected.size);
    (result as number[]).forEach((value, i) => {
      expectNear(value, expected.data[i], tolerance);
    });
  } else {
    expect(Object.keys(result as object).sort()).toEqual(Object.keys(expected as object).sort());
    for (const [key, value] of Object.entries(expected as object)) {
      expectNear((result as Record<string, unknown>)[key], value, tolerance);
    }
  }
}

/**
 * A message without what Python and JavaScript write differently: names of options, quotes, spaces in lists, NaN. One
 * option has another name in the message than in the call, and two messages lack a space or have a word twice.
 */
function inPlainWords(message: string): string {
  return message
    .replaceAll("y_prob ", "y_proba ")
    .replace("the the", "the")
    .replace("which is set to -1.0", "which is set to -1")
    .replaceAll(/['"`_]|\bparam(eter)?\b|\boption\b/g, "")
    .replaceAll(/\s+/g, "")
    .toLowerCase();
}
