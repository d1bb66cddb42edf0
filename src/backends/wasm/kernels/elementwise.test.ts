import { describe, expect, it } from "vitest";
import { call, KernelMachine, moduleNames, randomFloats } from "../../../../test/support/kernel-machine.js";
import {
  binaryOps,
  binaryWords,
  broadcastWords,
  elementTypes,
  selectWords,
  transposeWords,
  unaryOps,
} from "../kernels.js";
import type { Lengths } from "./axes.js";

const edges = [
  0,
  -0,
  1,
  -1,
  1e-45,
  -1e-45,
  1e-40,
  1.2e-38,
  -3e38,
  3e38,
  Infinity,
  -Infinity,
  NaN,
  88.7,
  89,
  -87.4,
  -104,
];

const functions: Record<keyof typeof unaryOps, (x: number) => number> = {
  negate: (x) => -x,
  absolute: Math.abs,
  square: (x) => x * x,
  sqrt: Math.sqrt,
  reciprocal: (x) => 1 / x,
  sign: Math.sign,
  relu: (x) => Math.max(x, 0),
  exp: Math.exp,
  log: Math.log,
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  round: (x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x)),
};

/** Distance from x to the true value, in units in the last place of float32. */
function ulps(x: number, exact: number): number {
  const rounded = Math.fround(exact);
  if (Object.is(x, rounded) || (x === 0 && rounded === 0)) return 0;
  if (!Number.isFinite(x) || !Number.isFinite(rounded)) return Infinity;
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(exact))), -126);
  return Math.abs(x - exact) / 2 ** (exponent - 23);
}

describe.each(moduleNames)("elementwise kernels, %s", (module) => {
  it.each(Object.keys(unaryOps) as (keyof typeof unaryOps)[])("%s is within 2.5 ulp of the exact value", async (op) => {
    const machine = await KernelMachine.of(module);
    const spread = randomFloats(20_000, 5).map((x, i) => x * 10 ** ((i % 13) - 9));
    for (const n of [1, 3, 5, 127, 20_000]) {
      const x = Float32Array.from([...edges, ...spread].slice(0, n + (n > 100 ? edges.length : 0)));
      const at = machine.put(x);
      const y = machine.put(new Float32Array(x.length + 1).fill(7));
      machine.run([call("unary", { x: at, y, op: unaryOps[op], n: x.length })]);
      const result = machine.floats(y, x.length + 1);
      expect(result[x.length]).toBe(7);
      let worst = "";
      for (let i = 0; i < x.length; i++) {
        const exact = functions[op](x[i]!);
        const error = ulps(result[i]!, exact);
        if (error > 2.5) worst ||= `${op}(${x[i]}) is ${result[i]}, exactly ${exact}: ${error} ulp`;
      }
      expect(worst).toBe("");
    }
  });

  it("binary ops broadcast as numpy does", async () => {
    const rows = 5;
    const cases: [Lengths, Lengths, Lengths][] = [
      [
        [null, 7],
        [null, 7],
        [null, 7],
      ],
      [[null, 13], [null, 13], [13]],
      [[null, 13], [13], [null, 13]],
      [
        [null, 13],
        [null, 1],
        [null, 13],
      ],
      [[null, 13], [null, 13], []],
      [
        [null, 13],
        [1, 1],
        [null, 1],
      ],
      [[null], [null], []],
      [[], [], []],
      [
        [3, 1, 5],
        [3, 1, 5],
        [1, 5],
      ],
      [
        [4, 3, 5],
        [4, 1, 5],
        [3, 1],
      ],
      [
        [null, 2, 3, 4, 5],
        [null, 1, 3, 1, 5],
        [2, 1, 4, 1],
      ],
      [
        [2, 3, 2, 3, 2, 3],
        [2, 1, 2, 1, 2, 1],
        [1, 3, 1, 3, 1, 3],
      ],
      [[null, 700], [null, 700], [700]],
      [[20_000], [20_000], [1]],
    ];
    const machine = await KernelMachine.of(module);
    const apply: Record<keyof typeof binaryOps, (a: number, b: number) => number> = {
      add: (a, b) => Math.fround(a + b),
      subtract: (a, b) => Math.fround(a - b),
      multiply: (a, b) => Math.fround(a * b),
      divide: (a, b) => Math.fround(a / b),
      maximum: Math.max,
      minimum: Math.min,
      reluGradient: (a, b) => (a > 0 ? b : 0),
      sigmoidGradient: (a, b) => Math.fround(b * Math.fround(a * Math.fround(1 - a))),
      tanhGradient: (a, b) => Math.fround(b * Math.fround(Math.fround(1 - a) * Math.fround(1 + a))),
      addInt32: (a, b) => a + b,
      subtractInt32: (a, b) => a - b,
      multiplyInt32: (a, b) => Math.imul(a, b),
      maximumInt32: Math.max,
      minimumInt32: Math.min,
      equal: (a, b) => Number(a === b),
      greater: (a, b) => Number(a > b),
      greaterEqual: (a, b) => Number(a >= b),
      equalInt32: (a, b) => Number(a === b),
      greaterInt32: (a, b) => Number(a > b),
      greaterEqualInt32: (a, b) => Number(a >= b),
    };
    for (const [output, a, b] of cases) {
      const [shape, aShape, bShape] = [output, a, b].map((lengths) => lengths.map((l) => l ?? rows)) as number[][];
      const size = shape!.reduce((p, l) => p * l, 1);
      const [p, q] = [indices(aShape!, shape!), indices(bShape!, shape!)];
      for (const op of Object.keys(binaryOps) as (keyof typeof binaryOps)[]) {
        const integer = op.endsWith("Int32");
        const make = (length: number, seed: number) => {
          // Few different values, so that some are equal.
          const values = randomFloats(length, seed).map((v) => Math.round(v * 6) / (integer ? 1 : 4));
          return integer ? Int32Array.from(values) : values;
        };
        const count = (lengths: number[]) => lengths.reduce((x, l) => x * l, 1);
        const [x, z] = [make(count(aShape!), 1), make(count(bShape!), 2)];
        const compares = binaryOps[op] >= binaryOps.equal;
        const y = machine.put(new Uint8Array(size * 4 + 1).fill(99));
        machine.run(
          [
            call("binary", {
              a: machine.put(x),
              b: machine.put(z),
              y,
              op: binaryOps[op],
              ...binaryWords(output, a, b),
            }),
          ],
          { rows },
        );
        const result = compares ? machine.bytes(y, size) : integer ? machine.ints(y, size) : machine.floats(y, size);
        const expected = Array.from({ length: size }, (_, i) => apply[op](x[p[i]!]!, z[q[i]!]!));
        const wrong = expected.findIndex((v, i) => v !== result[i] && !(Number.isNaN(v) && Number.isNaN(result[i])));
        expect(`${op} ${shape}: ${wrong}`).toBe(`${op} ${shape}: -1`);
        expect(machine.bytes(y + (compares ? size : size * 4), 1)[0]).toBe(99);
      }
    }
  }, 120_000);

  it("select takes from a or b", async () => {
    const machine = await KernelMachine.of(module);
    const [n, rows] = [9, 5];
    const condition = Uint8Array.from({ length: rows * n }, (_, i) => ((i * 7) % 3) & 1);
    const a = randomFloats(rows * n, 1);
    const b = Float32Array.of(0.5);
    const y = machine.allocate(rows * n * 4);
    machine.run(
      [
        call("select", {
          condition: machine.put(condition),
          a: machine.put(a),
          b: machine.put(b),
          y,
          bytes: 4,
          ...selectWords([null, n], [null, n], [null, n], []),
        }),
      ],
      { rows },
    );
    expect([...machine.floats(y, rows * n)]).toEqual([...a].map((v, i) => (condition[i] ? v : 0.5)));
    machine.run(
      [
        call("select", {
          condition: machine.put(condition),
          a: machine.put(condition),
          b: machine.put(Uint8Array.of(5)),
          y,
          bytes: 1,
          ...selectWords([null, n], [null, n], [null, n], []),
        }),
      ],
      { rows },
    );
    expect([...machine.bytes(y, rows * n)]).toEqual([...condition].map((c) => (c ? 1 : 5)));
  });

  it("copyStrided broadcasts and transposes", async () => {
    const machine = await KernelMachine.of(module);
    const rows = 3;
    for (const [input, permutation] of [
      [
        [5, 7],
        [1, 0],
      ],
      [
        [2, 3, 4, 5],
        [0, 3, 1, 2],
      ],
      [
        [2, 3, 4, 5],
        [3, 2, 1, 0],
      ],
      [
        [2, 3, 2, 3, 2, 4],
        [5, 3, 1, 4, 2, 0],
      ],
      [
        [null, 6, 2],
        [0, 2, 1],
      ],
    ] as [Lengths, number[]][]) {
      const shape = input.map((l) => l ?? rows);
      const size = shape.reduce((p, l) => p * l, 1);
      const x = randomFloats(size, 4);
      const y = machine.allocate(size * 4);
      machine.run([call("copyStrided", { x: machine.put(x), y, bytes: 4, ...transposeWords(input, permutation) })], {
        rows,
      });
      const own = strides(shape);
      const turned = permutation.map((axis) => shape[axis]!);
      const expected = Array.from({ length: size }, (_, i) => {
        let [rest, at] = [i, 0];
        for (let axis = turned.length - 1; axis >= 0; axis--) {
          at += (rest % turned[axis]!) * own[permutation[axis]!]!;
          rest = Math.floor(rest / turned[axis]!);
        }
        return x[at];
      });
      expect([...machine.floats(y, size)]).toEqual(expected);
    }
    for (const bytes of [1, 4, 8]) {
      const x = Uint8Array.from({ length: 3 * bytes }, (_, i) => i + 1);
      const y = machine.allocate(rows * 3 * 2 * bytes);
      machine.run([call("copyStrided", { x: machine.put(x), y, bytes, ...broadcastWords([null, 3, 2], [3, 1]) })], {
        rows,
      });
      const one = [0, 0, 1, 1, 2, 2].flatMap((i) => [...x.subarray(i * bytes, (i + 1) * bytes)]);
      expect([...machine.bytes(y, rows * 6 * bytes)]).toEqual([...one, ...one, ...one]);
    }
  });

  it("casts, clips, scales, copies and fills", async () => {
    const machine = await KernelMachine.of(module);
    const values = Float32Array.of(-1.5, 300.7, NaN, 3e9, -3e9, 0, 255, 0.4, 2);
    const n = values.length;
    const x = machine.put(values);
    const y = machine.allocate(n * 8);
    const to = (target: keyof typeof elementTypes, from: keyof typeof elementTypes = "float32", source = x) =>
      machine.run([call("cast", { x: source, y, from: elementTypes[from], to: elementTypes[target], n })]);
    to("int32");
    expect([...machine.ints(y, n)]).toEqual([-1, 300, 0, 2 ** 31 - 1, -(2 ** 31), 0, 255, 0, 2]);
    to("uint8");
    expect([...machine.bytes(y, n)]).toEqual([255, 44, 0, 255, 0, 0, 255, 0, 2]);
    to("bool");
    expect([...machine.bytes(y, n)]).toEqual([1, 1, 1, 1, 1, 0, 1, 1, 1]);
    to("float64");
    expect([...machine.doubles(y, n)]).toEqual([...values]);
    const bytes = machine.put(Uint8Array.of(0, 1, 2, 3, 250, 251, 252, 253, 255));
    to("float32", "uint8", bytes);
    expect([...machine.floats(y, n)]).toEqual([0, 1, 2, 3, 250, 251, 252, 253, 255]);
    to("float32", "int32", machine.put(Int32Array.from({ length: n }, (_, i) => i - 4)));
    expect([...machine.floats(y, n)]).toEqual([-4, -3, -2, -1, 0, 1, 2, 3, 4]);
    machine.run([call("castScale", { x: bytes, y, scale: 0.5, offset: -1, n })]);
    expect([...machine.floats(y, n)]).toEqual([-1, -0.5, 0, 0.5, 124, 124.5, 125, 125.5, 126.5]);
    machine.run([call("clip", { x, y, low: -1, high: 2, n })]);
    expect([...machine.floats(y, n)]).toEqual([-1, 2, NaN, 2, -1, 0, 2, Math.fround(0.4), 2]);
    machine.run([call("copy", { x, y, n: { perRow: 4 } })], { rows: n });
    expect([...machine.floats(y, n)]).toEqual([...values]);
    machine.run([call("fill", { y, value: 2.5, n: { perRow: 1, fixed: 1 } })], { rows: 2 });
    expect([...machine.floats(y, 4)]).toEqual([2.5, 2.5, 2.5, Math.fround(3e9)]);
  });
});

function strides(shape: readonly number[]): number[] {
  return shape.map((_, axis) => shape.slice(axis + 1).reduce((p, l) => p * l, 1));
}

/** For each element of `shape` the index of the element of `from` that broadcasts to it. */
function indices(from: readonly number[], shape: readonly number[]): number[] {
  const own = strides(from);
  const lead = shape.length - from.length;
  const size = shape.reduce((p, l) => p * l, 1);
  return Array.from({ length: size }, (_, i) => {
    let [rest, at] = [i, 0];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const index = rest % shape[axis]!;
      rest = Math.floor(rest / shape[axis]!);
      if (axis >= lead && from[axis - lead] !== 1) at += index * own[axis - lead]!;
    }
    return at;
  });
}
