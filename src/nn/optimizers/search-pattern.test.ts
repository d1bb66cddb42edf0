/** Expressions against JavaScript's own, and those that would hang it. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OptionError } from "../../core/errors.js";
import { searchFor } from "./search-pattern.js";

const names = [
  "",
  "a",
  "ab",
  "dense/kernel",
  "dense_1/bias",
  "block.2/conv2d_10/kernel",
  "aaab",
  "b c\n",
  "{2}",
  "]",
  "é-",
];

const atom = fc.constantFrom(
  ..."ab1/_. ",
  "\\.",
  "\\d",
  "\\W",
  "\\s",
  "\\x61",
  "\\u0062",
  "[ab]",
  "[^a/]",
  "[\\]d]",
  "\\b",
  "\\B",
  "^",
  "$",
);
const { expression } = fc.letrec<{ expression: string; part: string }>((tie) => ({
  part: fc.oneof(
    { depthSize: "small" },
    atom,
    atom
      .filter((text) => !/^(\\b|\\B|\^|\$)$/.test(text))
      .chain((text) => fc.constantFrom("*", "+", "?", "*?", "{2}", "{0,1}", "{1,}", "{0}").map((sign) => text + sign)),
    tie("expression").map((text) => `(${text})`),
    tie("expression").chain((text) => fc.constantFrom("*", "+", "??", "{1,2}").map((sign) => `(?:${text})${sign}`)),
  ),
  expression: fc
    .array(fc.oneof({ weight: 6, arbitrary: tie("part") }, fc.constant("|")), { maxLength: 4 })
    .map((parts) => parts.join("")),
}));

describe("an expression", () => {
  it.each([
    "kernel",
    "^dense",
    "bias$|gamma",
    "dense_\\d+/kernel",
    "a{1,2}b",
    "(a|b)+$",
    "(?<name>a)b",
    "",
    "x{",
    "]",
    "[]a",
    "[^]",
    "\\cA|a",
    "\\0",
  ])("is found where JavaScript finds it: %s", (source) => {
    for (const name of names) expect(searchFor([source])(name)).toBe(new RegExp(source).test(name));
  });

  it("of any kind is found where JavaScript finds it", () => {
    fc.assert(
      fc.property(expression, fc.string({ unit: fc.constantFrom(..."ab1/_. "), maxLength: 8 }), (source, text) => {
        expect(searchFor([source])(text)).toBe(new RegExp(source).test(text));
      }),
      { numRuns: 3000 },
    );
  });

  it.each(["(a+)+$", "(a|a)*b", "(a|aa)+$", `${"a?".repeat(30)}${"a".repeat(30)}b`, "(.*)*x", ".*.*.*.*x"])(
    "takes no long time: %s",
    (source) => {
      const begin = performance.now();
      expect(searchFor([source])(`${"a".repeat(999)}!`)).toBe(false);
      expect(performance.now() - begin).toBeLessThan(5000);
    },
  );

  it.each([
    ["(", 'the expression "(" is none'],
    ["(a)\\1", "refers to a group (\\1), which can take very long"],
    ["(?<x>a)\\k<x>", "refers to a group (\\k), which can take very long"],
    ["a(?=b)", "looks ahead or behind ((?=), which can take very long"],
    ["(?<!a)b", "looks ahead or behind ((?<!), which can take very long"],
    ["((a{100}){100}){100}", "repeats too much"],
    ["a{999999999}", "repeats too much"],
    ["a".repeat(1001), "has 1001 characters; 1000 are the most"],
  ])("is refused: %.30s", (source, message) => {
    expect(() => searchFor([source])).toThrow(OptionError);
    expect(() => searchFor([source])).toThrow(message);
  });

  it("is one of several, and of none nothing is found", () => {
    const found = searchFor(["bias$", "^b"]);
    expect(["bias", "b", "a/bias", "biases of a", "a"].map(found)).toEqual([true, true, true, true, false]);
    expect(searchFor([])("bias")).toBe(false);
    expect(() => searchFor(Array.from({ length: 100 }, () => "a{99}"))).toThrow("repeats too much");
    expect(() => found("b".repeat(1001))).toThrow("a name of 1001 characters");
  });
});
