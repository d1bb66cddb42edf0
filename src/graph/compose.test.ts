import { describe, expect, it } from "vitest";
import { graphValues } from "../../test/support/graph-values.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { ceil, floor, mean, power, powerOf, sum, variance } from "./compose.js";
import { gradient } from "./gradient.js";
import { constant, input, read } from "./leaves.js";
import { type Tensor, Variable } from "./tensor.js";

const x = input("x", [null, 3], "float32");
const v = read(new Variable("v", [2, 3], "float32"));
const values = (y: Tensor): number[] => [...graphValues({ name: "g", outputs: { y }, effects: [] }).y!];
const [all, fixed] = [values(x), values(v)];
const add = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);
const close = (list: readonly number[]) => list.map((value) => expect.closeTo(value, 12));

describe("compose", () => {
  it("sum adds up all, or over some axes", () => {
    expect(values(sum(x))).toEqual(close([add(all)]));
    expect(sum(x, { axes: [-1] }).shape).toEqual([null]);
    expect(sum(v, { axes: [1, 0], keepDims: true }).shape).toEqual([1, 1]);
    expect(values(sum(v, { axes: [-1] }))).toEqual(close([add(fixed.slice(0, 3)), add(fixed.slice(3))]));
    expect(() => sum(x, { axes: [2] })).toThrow(ShapeError);
  });

  it("mean divides by the rows of the step", () => {
    expect(values(mean(x))).toEqual(close([add(all) / all.length]));
    expect(values(mean(x, { axes: [0] }))[1]).toBeCloseTo(add(all.filter((_, i) => i % 3 === 1)) / 4, 12);
    expect(values(mean(x, { axes: [1] }))[1]).toBeCloseTo(add(all.slice(3, 6)) / 3, 12);
    expect(values(mean(v))).toEqual(close([add(fixed) / 6]));
    expect(mean(x, { axes: [0], keepDims: true }).shape).toEqual([1, 3]);
  });

  it("mean passes an equal share of the gradient to every element", () => {
    expect(values(gradient(mean(x), [x])[0]!)).toEqual(close(all.map(() => 1 / 12)));
  });

  it("variance is the mean square of the distance to the mean", () => {
    const middle = add(fixed) / 6;
    expect(values(variance(v))).toEqual(close([add(fixed.map((value) => (value - middle) ** 2)) / 6]));
    expect(variance(x, { axes: [0] }).shape).toEqual([3]);
  });

  it.each([-3, -1, 0, 1, 2, 3, 7, 10])("power to %d", (exponent) => {
    expect(values(power(v, exponent))).toEqual(fixed.map((value) => expect.closeTo(value ** exponent, 9)));
    const [slope] = gradient(sum(power(v, exponent)), [v]);
    const expected = fixed.map((value) => expect.closeTo(exponent * value ** (exponent - 1), 8));
    expect(values(slope!)).toEqual(expected);
  });

  it("power refuses what is no whole number", () => {
    expect(() => power(v, 0.5)).toThrow(OptionError);
  });

  it("powerOf raises a number, floor and ceil cut fractions", () => {
    const at = constant([0, 0.25, 1, 2.75, 12, 16_777_215], [6]);
    expect(values(floor(at))).toEqual([0, 0, 1, 2, 12, 16_777_215]);
    expect(values(ceil(at))).toEqual([0, 1, 1, 3, 12, 16_777_215]);
    expect(values(powerOf(0.5, constant([0, 1, 2.5], [3])))).toEqual(close([1, 0.5, 0.5 ** 2.5]));
  });
});
