import { describe, expect, it } from "vitest";
import {
  call,
  firstBeyond,
  KernelMachine,
  moduleNames,
  randomFloats,
} from "../../../../test/support/kernel-machine.js";
import { reduceOps, reducePasses, tilesOf } from "../kernels.js";
import type { Lengths } from "./axes.js";
import { sizeAt } from "./kernel.js";

const rows = 7;

describe.each(moduleNames)("reductions, %s", (module) => {
  it.each(["sum", "max"] as const)("%s over any axes", async (op) => {
    const machine = await KernelMachine.of(module);
    const cases: [Lengths, number[]][] = [
      [[null, 10], [1]],
      [[null, 10], [0]],
      [
        [null, 10],
        [0, 1],
      ],
      [[null], [0]],
      [[null, 1, 5], [1]],
      [
        [null, 5, 6, 13],
        [1, 2],
      ],
      [
        [null, 5, 6, 13],
        [0, 1, 2],
      ],
      [
        [null, 5, 6, 13],
        [0, 2],
      ],
      [
        [null, 5, 6, 13],
        [1, 3],
      ],
      [[129, 127], [0]],
      [[127, 129], [1]],
      [[3, 70_000], [1]],
      [[20_000, 3], [0]],
      [[1], [0]],
    ];
    for (const [lengths, axes] of cases) {
      const shape = lengths.map((l) => l ?? rows);
      const size = shape.reduce((p, l) => p * l, 1);
      const x = randomFloats(size, 3);
      let [at, left] = [machine.put(x), size];
      for (const pass of reducePasses(lengths, axes)) {
        left = sizeAt(pass.outer, rows) * pass.inner;
        const y = machine.put(new Float32Array(left + 1).fill(99));
        const values = { x: at, y, op: reduceOps[op], ...pass };
        expect(tilesOf("reduce", values, rows)).toBeGreaterThan(0);
        machine.run([call("reduce", values)], { rows });
        expect(machine.floats(y, left + 1)[left]).toBe(99);
        at = y;
      }
      const expected = reduced(x, shape, axes, op, (v) => v);
      const bound = reduced(x, shape, axes, "sum", Math.abs);
      const result = machine.floats(at, left);
      expect(`${shape} ${axes}: ${firstBeyond(result, expected, bound, op === "max" ? 0 : 4)}`).toBe(
        `${shape} ${axes}: `,
      );
    }
  });

  it("partial sums are added in order", async () => {
    const machine = await KernelMachine.of(module);
    const [n, stride, chunk] = [2051, 2060, 3];
    const partials = randomFloats(stride * 4, 1);
    const y = machine.put(new Float32Array(n + 1).fill(9));
    for (const count of [1, 2, 3, 4]) {
      const values = { partials: machine.put(partials), y, n, stride, units: { perRow: 1 }, chunk };
      machine.run([call("reducePartials", values)], { rows: count * chunk - 1 });
      const expected = Float32Array.from({ length: n }, (_, i) => {
        let sum = partials[i]!;
        for (let c = 1; c < count; c++) sum = Math.fround(sum + partials[c * stride + i]!);
        return sum;
      });
      expect(machine.floats(y, n)).toEqual(expected);
      expect(machine.floats(y, n + 1)[n]).toBe(9);
    }
  });
});

function reduced(
  x: Float32Array,
  shape: readonly number[],
  axes: readonly number[],
  op: "sum" | "max",
  f: (v: number) => number,
): number[] {
  const kept = shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
  const result = new Array<number>(kept.reduce((p, l) => p * l, 1)).fill(op === "max" ? -Infinity : 0);
  for (let i = 0; i < x.length; i++) {
    let [rest, at, stride] = [i, 0, 1];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (kept[axis] !== 1) at += (rest % shape[axis]!) * stride;
      stride *= kept[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    if (op === "max") result[at] = Math.max(result[at]!, f(x[i]!));
    else result[at]! += f(x[i]!);
  }
  return result;
}
