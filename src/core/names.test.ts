import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OptionError } from "./errors.js";
import { editDistance, nearestName, unknownName } from "./names.js";

const losses = [
  "meanSquaredError",
  "meanAbsoluteError",
  "hinge",
  "binaryCrossentropy",
  "sparseCategoricalCrossentropy",
];

describe("nearestName", () => {
  it.each([
    ["sparse_categorical_crossentropy", "sparseCategoricalCrossentropy"],
    ["Sparse-Categorical-CrossEntropy", "sparseCategoricalCrossentropy"],
    ["sparseCategoricalCrossentrpoy", "sparseCategoricalCrossentropy"],
    ["hnige", "hinge"],
    ["mse", "meanSquaredError"],
    ["mae", "meanAbsoluteError"],
    ["binary", "binaryCrossentropy"],
    ["binary_cross", "binaryCrossentropy"],
  ])("%s means %s", (name, meant) => {
    expect(nearestName(name, losses)).toBe(meant);
  });

  it.each(["", "xyz", "mean", "focal", "x".repeat(1e6)])("%.20s means none of them", (name) => {
    expect(nearestName(name, losses)).toBeUndefined();
  });

  it("prefers the nearer one", () => {
    expect(nearestName("rat", ["seed", "rates", "rate"])).toBe("rate");
    expect(nearestName("adm", ["adam", "sgd"])).toBe("adam");
    expect(nearestName("x", ["y"])).toBeUndefined();
  });
});

describe("editDistance", () => {
  it("counts insertions, deletions, substitutions and swaps", () => {
    expect(editDistance("kitten", "sitting")).toBe(3);
    expect(editDistance("relu", "rleu")).toBe(1);
    expect(editDistance("", "abc")).toBe(3);
  });

  it("is 0 for equals, symmetric, and at most the longer length", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        expect(editDistance(a, a)).toBe(0);
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});

describe("unknownName", () => {
  it("suggests the nearest, or lists the known", () => {
    const near = unknownName("loss", "hing", losses);
    expect(near).toBeInstanceOf(OptionError);
    expect(near.message).toBe('unknown loss "hing"; did you mean "hinge"?');
    expect(unknownName("activation", "zzz", ["relu", "tanh"], "dense").message).toBe(
      'dense: unknown activation "zzz"; known: relu, tanh.',
    );
    expect(unknownName("recipe", "zzz", []).message).toBe('unknown recipe "zzz"; known: none.');
  });
});
