import fc from "fast-check";
import { describe, expect, expectTypeOf, it } from "vitest";
import { OptionError } from "./errors.js";
import {
  boolean,
  custom,
  either,
  finite,
  inRange,
  integer,
  nonNegative,
  nonNegativeInteger,
  nullable,
  number,
  type OptionsInput,
  type OptionsOutput,
  oneOf,
  optional,
  optionsOf,
  pair,
  positiveInteger,
  positiveNumber,
  shapeOption,
  string,
  withDefault,
} from "./options.js";

const dropout = optionsOf("dropout", {
  rate: inRange(0, 1, { includeMax: false }),
  seed: optional(nonNegativeInteger()),
  noise: withDefault(positiveNumber(), 3),
  mode: withDefault(oneOf(["whole", "channel"]), "whole"),
  size: withDefault(pair(), 1),
  name: optional(string()),
});

/** The message of the OptionError that `act` throws. */
function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(OptionError);
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}

describe("optionsOf", () => {
  it("fills defaults and leaves out what was not given", () => {
    expect(dropout({ rate: 0.5 })).toStrictEqual({ rate: 0.5, noise: 3, mode: "whole", size: [1, 1] });
    expect(dropout({ rate: 0, seed: undefined, size: [2, 3], name: "d" })).toStrictEqual({
      rate: 0,
      noise: 3,
      mode: "whole",
      size: [2, 3],
      name: "d",
    });
  });

  it("can be called without options if none is required", () => {
    const check = optionsOf("flatten", { name: optional(string()), axis: withDefault(integer(), -1) });
    expect(check()).toStrictEqual({ axis: -1 });
    expect(check(undefined)).toStrictEqual({ axis: -1 });
  });

  it("infers the types of input and output", () => {
    expectTypeOf<OptionsInput<typeof dropout>>().toEqualTypeOf<{
      readonly rate: number;
      readonly seed?: number | undefined;
      readonly noise?: number | undefined;
      readonly mode?: "whole" | "channel" | undefined;
      readonly size?: number | readonly [number, number] | undefined;
      readonly name?: string | undefined;
    }>();
    expectTypeOf<OptionsOutput<typeof dropout>>().toEqualTypeOf<{
      readonly rate: number;
      readonly noise: number;
      readonly mode: "whole" | "channel";
      readonly size: readonly [number, number];
      readonly seed?: number;
      readonly name?: string;
    }>();
    // @ts-expect-error rate is required
    expect(() => dropout({})).toThrow(OptionError);
    // @ts-expect-error so are the options as a whole
    expect(() => dropout()).toThrow(OptionError);
    // @ts-expect-error "rows" is no mode
    expect(() => dropout({ rate: 0, mode: "rows" })).toThrow(OptionError);
  });

  it("suggests the nearest name for an unknown option", () => {
    expect(refusal(() => dropout.read({ rat: 0.5 }))).toBe('dropout: unknown option "rat"; did you mean "rate"?');
    expect(refusal(() => dropout.read({ rate: 0.5, zzzzzz: 1 }))).toBe(
      'dropout: unknown option "zzzzzz"; known: rate, seed, noise, mode, size, name.',
    );
    expect(refusal(() => dropout.read(JSON.parse('{ "rate": 0, "__proto__": 1 }')))).toContain('"__proto__"');
    expect(refusal(() => dropout.read(Object.create({ rte: 1 })))).toContain('did you mean "rate"');
  });

  it("names what is missing, and what was expected and received", () => {
    expect(refusal(() => dropout.read({}))).toBe(
      "dropout: rate is missing; it must be a number from 0 up to, not including, 1.",
    );
    expect(refusal(() => dropout({ rate: 1 }))).toBe(
      "dropout: rate must be a number from 0 up to, not including, 1, received 1.",
    );
    expect(refusal(() => dropout.read({ rate: "0.5" }))).toMatch(/received "0.5"\.$/);
    expect(refusal(() => dropout.read({ rate: null }))).toMatch(/received null\.$/);
    expect(refusal(() => dropout.read({ rate: 0, mode: "chanel" }))).toBe(
      'dropout: mode must be one of "whole", "channel", received "chanel"; did you mean "channel"?',
    );
    for (const options of [null, 3, "rate", [], true]) {
      expect(refusal(() => dropout.read(options))).toMatch(/^dropout: options must be an object, received/);
    }
  });
});

describe("every check", () => {
  const relu = (x: number) => Math.max(0, x);
  const table = {
    number: [number(), [0, -1.5, Number.POSITIVE_INFINITY]],
    finite: [finite(), [0, -1.5, 1e300]],
    positiveNumber: [positiveNumber(), [1e-300, 2]],
    nonNegative: [nonNegative(), [0, 0.5]],
    closed: [inRange(-1, 1), [-1, 0, 1]],
    open: [inRange(0, 1, { includeMin: false, includeMax: false }), [0.5]],
    leftOpen: [inRange(0, 1, { includeMin: false }), [0.5, 1]],
    rightOpen: [inRange(0, 1, { includeMax: false }), [0, 0.5]],
    integer: [integer(), [-1, 0, 2 ** 53 - 1]],
    bounded: [integer({ min: 2, max: 5 }), [2, 5]],
    positiveInteger: [positiveInteger(), [1, 2]],
    nonNegativeInteger: [nonNegativeInteger(), [0, 2 ** 53 - 1]],
    boolean: [boolean(), [true, false]],
    string: [string(), ["a"]],
    oneOf: [oneOf(["same", "valid"]), ["same", "valid"]],
    pair: [pair(), [3, [3, 5]]],
    padding: [pair({ min: 0 }), [0, [0, 1]]],
    shape: [shapeOption(), [[], [28, 28, 1]]],
    reshape: [shapeOption({ infer: true }), [[-1, 3]]],
    nullable: [nullable(string()), [null, "a"]],
    either: [
      either(
        oneOf(["relu"]),
        custom("a function", (f) => (typeof f === "function" ? f : undefined)),
      ),
      [relu],
    ],
    eitherNull: [either(nullable(string()), positiveInteger()), [null, "a", 3]],
  } as const;

  it.each(Object.entries(table))("%s accepts and refuses what it says", (_name, [check, accepted]) => {
    const op = optionsOf("op", { x: check });
    for (const value of accepted) expect(op.read({ x: value })).toHaveProperty("x");
    expect(check.refuses.length).toBeGreaterThan(0);
    for (const value of check.refuses) {
      expect(refusal(() => op.read({ x: value }))).toContain(`op: x must be ${check.describe}, received `);
    }
  });

  it("describes itself", () => {
    expect(inRange(0, 1).describe).toBe("a number from 0 to 1");
    expect(inRange(0, 1, { includeMin: false }).describe).toBe("a number above 0, up to 1");
    expect(inRange(0, 1, { includeMin: false, includeMax: false }).describe).toBe(
      "a number above 0, up to, not including, 1",
    );
    expect(integer({ min: 2 }).describe).toBe("a whole number, 2 or more");
    expect(pair().describe).toBe("a whole number, 1 or more, or a pair [a, b] of them");
  });

  it("accepts exactly its range", () => {
    const check = inRange(0, 1, { includeMax: false });
    fc.assert(
      fc.property(fc.double(), (x) => {
        expect(check.read(x) !== undefined).toBe(x >= 0 && x < 1);
      }),
    );
  });

  it("copies what it is given, so that a later change has no effect", () => {
    const shape = [2, 3];
    const read = optionsOf("op", { shape: shapeOption() })({ shape });
    shape[0] = 9;
    expect(read.shape).toEqual([2, 3]);
  });

  it("refuses a default that it would refuse from a caller", () => {
    expect(refusal(() => withDefault(positiveInteger(), 0))).toContain("a default must be a whole number, 1 or more");
  });

  it("shortens what it received", () => {
    const op = optionsOf("op", { x: number() });
    expect(refusal(() => op.read({ x: "y".repeat(1000) })).length).toBeLessThan(120);
    expect(refusal(() => op.read({ x: Array.from({ length: 1000 }, (_, i) => i) }))).toContain("[0, 1, 2,");
    expect(refusal(() => op.read({ x: { rate: 1 } }))).toContain("received an object {rate}.");
    expect(refusal(() => op.read({ x: new Map() }))).toContain("received a Map.");
    expect(refusal(() => op.read({ x: relu }))).toContain("received a function.");
    const loop: unknown[] = [];
    loop.push(loop);
    expect(refusal(() => op.read({ x: loop }))).toContain("received [[[[...]]]].");
  });
});
