import { describe, expect, it } from "vitest";
import { OptionError, ShapeError } from "../core/errors.js";
import { broadcastDimensions, type Dimensions, isBatched, sameDimensions, sizePerRow, withRows } from "./dimensions.js";
import { constant, input, table } from "./leaves.js";

describe("dimensions", () => {
  it("know their batch", () => {
    expect([isBatched([null, 3]), isBatched([3]), isBatched([])]).toEqual([true, false, false]);
    expect(withRows([null, 2, 3], 5)).toEqual([5, 2, 3]);
    expect([sizePerRow([null, 2, 3]), sizePerRow([2, 3]), sizePerRow([null]), sizePerRow([])]).toEqual([6, 6, 1, 1]);
    expect(sameDimensions([null, 3], [null, 3])).toBe(true);
    expect(sameDimensions([null, 3], [1, 3])).toBe(false);
    expect(sameDimensions([3], [3, 1])).toBe(false);
  });

  it.each<[Dimensions, Dimensions, Dimensions]>([
    [[null, 3], [3], [null, 3]],
    [
      [null, 1],
      [null, 3],
      [null, 3],
    ],
    [
      [null, 3],
      [1, 1],
      [null, 3],
    ],
    [[], [null], [null]],
    [
      [null, 1, 4],
      [3, 1],
      [null, 3, 4],
    ],
    [[2, 1], [3], [2, 3]],
  ])("%j and %j broadcast to %j", (a, b, expected) => {
    expect(broadcastDimensions(a, b, "op")).toEqual(expected);
    expect(broadcastDimensions(b, a, "op")).toEqual(expected);
  });

  it.each<[Dimensions, Dimensions]>([
    [
      [null, 3],
      [2, 3],
    ],
    [[null], [5]],
    [[null, 3], [null]],
    [[null], [2, 3]],
    [
      [null, 3],
      [4, 1, 3],
    ],
    [
      [null, 3],
      [null, 4],
    ],
  ])("%j and %j do not", (a, b) => {
    expect(() => broadcastDimensions(a, b, "op")).toThrow(ShapeError);
    expect(() => broadcastDimensions(b, a, "op")).toThrow("op: shapes ");
  });
});

describe("leaves", () => {
  it("refuse shapes that are none", () => {
    expect(() => input("x", [3, null], "float32")).toThrow('input "x": [3, null] is not a shape; axis 1');
    expect(() => input("x", [null, -1], "float32")).toThrow(ShapeError);
    expect(() => table("t", [1.5], "uint8")).toThrow(ShapeError);
    expect(() => constant([1, 2], [3])).toThrow(OptionError);
    expect(() => constant([1, 2], [3])).toThrow("3 values expected for shape [3], received 2");
  });

  it("make scalars of a number, and fill any shape with one", () => {
    expect(constant(2)).toMatchObject({ shape: [], dtype: "float32", attributes: { values: [2] } });
    expect(constant(2, [3, 3], "int32")).toMatchObject({ shape: [3, 3], attributes: { values: [2] } });
  });
});
