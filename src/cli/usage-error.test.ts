import { describe, expect, it } from "vitest";
import { folderOption, numberOption, positive, share, UsageError, unknown, whole } from "./usage-error.js";

describe("numberOption", () => {
  it.each([
    ["1", whole(1), 1],
    ["0", whole(0), 0],
    ["+12", whole(1), 12],
    ["1e3", whole(1), 1000],
    ["9007199254740991", whole(0), Number.MAX_SAFE_INTEGER],
    ["16", whole(1, 16), 16],
    ["1e-3", positive, 0.001],
    [".5", positive, 0.5],
    ["2.", positive, 2],
    ["0", share, 0],
    ["0.15", share, 0.15],
  ])("reads %s", (text, rule, value) => {
    expect(numberOption("--n", rule)(text)).toBe(value);
  });

  it.each([
    ["0", whole(1), "a whole number, 1 or more"],
    ["1.5", whole(1), "a whole number, 1 or more"],
    ["9007199254740992", whole(0), "a whole number, 0 or more"],
    ["-1", whole(0), "a whole number, 0 or more"],
    ["17", whole(1, 16), "a whole number from 1 to 16"],
    ["0", positive, "a number above 0"],
    ["1e999", positive, "a number above 0"],
    ["1", share, "a number from 0 up to, not including, 1"],
    ["-0.1", share, "a number from 0 up to, not including, 1"],
  ])("refuses %j", (text, rule, describe) => {
    expect(() => numberOption("--n", rule)(text)).toThrow(
      new UsageError(`--n must be ${describe}, received ${JSON.stringify(text)}.`),
    );
  });
});

it.each(["", " 1", "1 ", "0x10", "1_000", "1,5", "NaN", "Infinity", "--epochs", "12abc", "1e", "."])(
  "%j is no number",
  (text) => {
    expect(() => numberOption("--n", whole(0))(text)).toThrow(`received ${JSON.stringify(text)}.`);
  },
);

it("folderOption takes any name but none", () => {
  expect(folderOption("a b")).toBe("a b");
  expect(() => folderOption("")).toThrow(UsageError);
});

it("unknown names the nearest, or all", async () => {
  expect((await unknown("recipe", "mnist-mpl", ["mnist-mlp", "other"])).message).toBe(
    'unknown recipe "mnist-mpl"; did you mean "mnist-mlp"?',
  );
  expect((await unknown("recipe", "x", ["a-recipe", "b-recipe"])).message).toBe(
    'unknown recipe "x"; known: a-recipe, b-recipe.',
  );
});
