/** NDArray against plain loops over a list of elements with their indices, on random chains of views. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DType } from "./dtype.js";
import type { NDArray } from "./ndarray.js";
import { arange, concatenate, stack } from "./ndarray-create.js";

/** The naive array: a function from indices to an element. */
interface Model {
  readonly shape: readonly number[];
  readonly at: (indices: readonly number[]) => number;
}

function* everyIndex(shape: readonly number[]): Generator<number[]> {
  if (shape.length === 0) {
    yield [];
    return;
  }
  for (let i = 0; i < shape[0]!; i++) for (const rest of everyIndex(shape.slice(1))) yield [i, ...rest];
}

const flat = (model: Model): number[] => [...everyIndex(model.shape)].map((indices) => model.at(indices));

/** A model that has the given elements in row-major order. */
function modelOf(elements: readonly number[], shape: readonly number[]): Model {
  const at = (indices: readonly number[]) =>
    elements[indices.reduce((place, index, axis) => place * shape[axis]! + index, 0)]!;
  return { shape, at };
}

interface Pair {
  readonly array: NDArray;
  readonly model: Model;
}

/** Both must agree in every element, through every way of reading. */
function expectSame({ array, model }: Pair): void {
  expect(array.shape).toEqual(model.shape);
  const expected = flat(model);
  expect([...array.data]).toEqual(expected);
  expect([...everyIndex(model.shape)].map((indices) => array.get(...indices))).toEqual(expected);
  expect([array.toArray()].flat(9)).toEqual(expected);
  expect([...array.copy().storage]).toEqual(expected);
}

type Step = (pair: Pair, pick: (below: number) => number) => Pair;

const steps: Readonly<Record<string, Step>> = {
  slice({ array, model }, pick) {
    if (model.shape.length === 0) return { array, model };
    const axis = pick(model.shape.length);
    const length = model.shape[axis]!;
    const step = [1, 2, -1, -2, 3][pick(5)]!;
    const [from, to] = [pick(length + 3) - 1, pick(length + 3) - 1];
    // The indices that a loop with numpy's rule for negative and outlying ends would visit.
    const clip = (end: number) => {
      const counted = end < 0 ? end + length : end;
      return step > 0 ? Math.min(Math.max(counted, 0), length) : Math.min(Math.max(counted, -1), length - 1);
    };
    const kept: number[] = [];
    for (let i = clip(from); step > 0 ? i < clip(to) : i > clip(to); i += step) kept.push(i);
    return {
      array: array.slice(...new Array<null>(axis).fill(null), [from, to, step]),
      model: {
        shape: model.shape.with(axis, kept.length),
        at: (indices) => model.at(indices.map((index, a) => (a === axis ? kept[index]! : index))),
      },
    };
  },
  index({ array, model }, pick) {
    const axis = pick(Math.max(1, model.shape.length));
    const length = model.shape[axis] ?? 0;
    if (length === 0) return { array, model };
    const index = pick(length);
    return {
      array: array.slice(...new Array<null>(axis).fill(null), index - (pick(2) === 0 ? length : 0)),
      model: { shape: model.shape.toSpliced(axis, 1), at: (indices) => model.at(indices.toSpliced(axis, 0, index)) },
    };
  },
  transpose({ array, model }, pick) {
    const order = model.shape.map((_, a) => a);
    for (let i = order.length - 1; i > 0; i--) {
      const j = pick(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return {
      array: array.transpose(order),
      model: {
        shape: order.map((axis) => model.shape[axis]!),
        at: (indices) => model.at(order.map((_, axis) => indices[order.indexOf(axis)]!)),
      },
    };
  },
  expandDims({ array, model }, pick) {
    const axis = pick(model.shape.length + 1);
    return {
      array: array.expandDims(axis),
      model: { shape: model.shape.toSpliced(axis, 0, 1), at: (indices) => model.at(indices.toSpliced(axis, 1)) },
    };
  },
  squeeze({ array, model }) {
    return {
      array: array.squeeze(),
      model: modelOf(
        flat(model),
        model.shape.filter((length) => length !== 1),
      ),
    };
  },
  reshape({ array, model }, pick) {
    const size = flat(model).length;
    const divisors = Array.from({ length: size }, (_, i) => i + 1).filter((n) => size % n === 0);
    const first = divisors[pick(Math.max(1, divisors.length))] ?? 0;
    const rest = size / (first || 1);
    const inner = [1, 2, 3].filter((n) => rest % n === 0);
    const second = size === 0 ? 2 : inner[pick(inner.length)]!;
    const shape = size === 0 ? [second, 0] : [first, second, rest / second];
    const open = size === 0 ? shape : shape.with(pick(3), -1);
    return { array: array.reshape(open), model: modelOf(flat(model), shape) };
  },
};

const chain = fc.record({
  shape: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 0, maxLength: 4 }),
  names: fc.array(fc.constantFrom(...Object.keys(steps)), { maxLength: 5 }),
  picks: fc.array(fc.nat(1_000_000), { minLength: 24, maxLength: 24 }),
  dtype: fc.constantFrom<DType>("float32", "float64", "int32", "uint8"),
});

type Chain = typeof chain extends fc.Arbitrary<infer C> ? C : never;

/** Numbers below a bound, one after the other from the list. */
function pickerOf(picks: readonly number[]): (below: number) => number {
  let next = 0;
  return (below) => picks[next++ % picks.length]! % below;
}

function build({ shape, names, picks, dtype }: Chain): Pair {
  const size = shape.reduce((product, length) => product * length, 1);
  const elements = Array.from({ length: size }, (_, i) => (i * 37) % 251);
  const whole = arange(0, size, 1, "int32");
  for (const [i, value] of elements.entries()) whole.set([i], value);
  let pair: Pair = { array: whole.astype(dtype).reshape(shape), model: modelOf(elements, shape) };
  const pick = pickerOf(picks);
  for (const name of names) pair = steps[name]!(pair, pick);
  return pair;
}

describe("NDArray agrees with plain loops", () => {
  it("views of views", () => {
    fc.assert(
      fc.property(chain, (c) => expectSame(build(c))),
      { numRuns: 500 },
    );
  });

  it("casts", () => {
    fc.assert(
      fc.property(chain, fc.constantFrom<DType>("float32", "float64", "int32", "uint8", "bool"), (c, dtype) => {
        const { array, model } = build(c);
        const cast = (x: number) => (dtype === "bool" ? Number(x !== 0) : x);
        expectSame({ array: array.astype(dtype), model: { ...model, at: (indices) => cast(model.at(indices)) } });
      }),
    );
  });

  it("reductions over any axes", () => {
    fc.assert(
      fc.property(chain, fc.nat(15), fc.boolean(), (c, mask, keepDims) => {
        const { array, model } = build(c);
        const axes = [...model.shape.keys()].filter((axis) => mask & (1 << axis));
        const inner = axes.map((axis) => model.shape[axis]!);
        if (inner.includes(0)) return;
        const outer = model.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
        const expected = [...everyIndex(outer)].map((place) =>
          [...everyIndex(inner)].map((i) =>
            model.at(place.map((p, axis) => (axes.includes(axis) ? i[axes.indexOf(axis)]! : p))),
          ),
        );
        const mean = (x: readonly number[]) => x.reduce((s, v) => s + v, 0) / x.length;
        const shape = keepDims ? outer : outer.filter((_, axis) => !axes.includes(axis));
        const options = { keepDims };
        expect([...array.sum(axes, options).data]).toEqual(expected.map((x) => x.reduce((s, v) => s + v, 0)));
        expect([...array.min(axes, options).data]).toEqual(expected.map((x) => Math.min(...x)));
        expect([...array.max(axes, options).data]).toEqual(expected.map((x) => Math.max(...x)));
        expect(array.max(axes, options).shape).toEqual(shape);
        const means = array.mean(axes, options).data;
        const deviations = array.std(axes, options).data;
        for (const [i, x] of expected.entries()) {
          expect(Math.abs(means[i]! - mean(x))).toBeLessThan(1e-4);
          const variance = mean(x.map((v) => (v - mean(x)) ** 2));
          expect(Math.abs(deviations[i]! - Math.sqrt(variance))).toBeLessThan(1e-4);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("argmax and argmin", () => {
    fc.assert(
      fc.property(chain, fc.nat(3), (c, axis) => {
        const { array, model } = build(c);
        const length = model.shape[axis];
        if (length === undefined || length === 0) return;
        const lines = [...everyIndex(model.shape.toSpliced(axis, 1))].map((place) =>
          Array.from({ length }, (_, i) => model.at(place.toSpliced(axis, 0, i))),
        );
        expect([...array.argmax(axis).data]).toEqual(lines.map((line) => line.indexOf(Math.max(...line))));
        expect([...array.argmin(axis - model.shape.length).data]).toEqual(
          lines.map((line) => line.indexOf(Math.min(...line))),
        );
      }),
    );
  });

  it("arithmetic with broadcasting", () => {
    fc.assert(
      fc.property(
        chain,
        fc.nat(15),
        fc.nat(4),
        fc.constantFrom("add", "subtract", "multiply", "divide"),
        (c, mask, drop, name) => {
          const { array, model } = build(c);
          // The other operand: some axes cut to length 1, some leading ones dropped.
          if (model.shape.includes(0)) return;
          const cut = model.shape.map((_, axis) => (mask & (1 << axis) ? ([0, 1] as const) : null));
          const dropped = Math.min(drop, model.shape.length);
          const other = array
            .slice(...cut)
            .slice(...new Array<number>(dropped).fill(0))
            .astype("float64")
            .add(1);
          const x = array.astype("float64");
          const apply = (p: number, q: number) =>
            name === "add" ? p + q : name === "subtract" ? p - q : name === "multiply" ? p * q : p / q;
          const at = (indices: readonly number[], flip: boolean) => {
            const p = model.at(indices);
            const q = model.at(indices.map((i, axis) => (axis < dropped || mask & (1 << axis) ? 0 : i))) + 1;
            return flip ? apply(q, p) : apply(p, q);
          };
          const op = name as "add" | "subtract" | "multiply" | "divide";
          expectSame({ array: x[op](other), model: { shape: model.shape, at: (i) => at(i, false) } });
          expectSame({ array: other[op](x), model: { shape: model.shape, at: (i) => at(i, true) } });
          const out = x.copy();
          expect(out[op](other, { out })).toBe(out);
          expectSame({ array: out, model: { shape: model.shape, at: (i) => at(i, false) } });
        },
      ),
      { numRuns: 300 },
    );
  });

  it("take, concatenate and stack", () => {
    fc.assert(
      fc.property(chain, fc.nat(3), fc.array(fc.nat(100), { maxLength: 6 }), (c, axis, raw) => {
        const { array, model } = build(c);
        const length = model.shape[axis];
        if (length === undefined || length === 0) return;
        const indices = raw.map((n) => n % length);
        const picked: Model = {
          shape: model.shape.with(axis, indices.length),
          at: (place) => model.at(place.with(axis, indices[place[axis]!]!)),
        };
        expectSame({ array: array.take(indices, axis), model: picked });
        expectSame({
          array: concatenate([array, array.take(indices, axis)], axis),
          model: {
            shape: model.shape.with(axis, length + indices.length),
            at: (place) =>
              place[axis]! < length ? model.at(place) : picked.at(place.with(axis, place[axis]! - length)),
          },
        });
        expectSame({
          array: stack([array, array], axis),
          model: { shape: model.shape.toSpliced(axis, 0, 2), at: (place) => model.at(place.toSpliced(axis, 1)) },
        });
      }),
      { numRuns: 200 },
    );
  });

  it("writes through views reach the array below, and nothing else", () => {
    fc.assert(
      fc.property(chain, (c) => {
        const shape = c.shape;
        const size = shape.reduce((product, length) => product * length, 1);
        const whole = arange(0, size, 1, "int32").reshape(shape);
        const names = c.names.filter((name) => name !== "reshape");
        const pick = pickerOf(c.picks);
        const model = modelOf(
          Array.from({ length: size }, (_, i) => i),
          shape,
        );
        let pair: Pair = { array: whole, model };
        for (const name of names) pair = steps[name]!(pair, pick);
        const seen = new Set(flat(pair.model));
        pair.array.set([], -1);
        expect([...whole.data]).toEqual(flat(model).map((value) => (seen.has(value) ? -1 : value)));
      }),
      { numRuns: 300 },
    );
  });
});
