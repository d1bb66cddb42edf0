import { describe, expect, it } from "vitest";
import {
  call,
  firstBeyond,
  KernelMachine,
  moduleNames,
  randomFloats,
} from "../../../../test/support/kernel-machine.js";
import { elementTypes } from "../kernels.js";
import { CONTROL, FAILED } from "../layout.js";

describe.each(moduleNames)("state kernels, %s", (module) => {
  it("sgd: plain, with momentum, nesterov", async () => {
    const machine = await KernelMachine.of(module);
    const learningRate = machine.put(Float32Array.of(0.1));
    for (const n of [1, 3, 5, 127, 9001]) {
      for (const [momentum, nesterov] of [
        [0, 0],
        [0.9, 0],
        [0.9, 1],
      ] as const) {
        const [w, g, m] = [randomFloats(n, 1), randomFloats(n, 2), randomFloats(n, 3)];
        const [wAt, mAt] = [machine.put(w), machine.put(m)];
        const flag = machine.put(Int32Array.of(0));
        machine.run([
          call("sgdUpdate", {
            weights: wAt,
            gradient: machine.put(g),
            learningRate,
            flag,
            n,
            momentum,
            nesterov,
            ...(momentum > 0 ? { velocity: mAt } : {}),
          }),
        ]);
        const velocity = [...m].map((v, i) => (momentum > 0 ? momentum * v - 0.1 * g[i]! : -0.1 * g[i]!));
        const expected = velocity.map((v, i) => w[i]! + (nesterov ? momentum * v - 0.1 * g[i]! : v));
        const size = velocity.map((v, i) => Math.abs(w[i]!) + Math.abs(v) + 0.3);
        expect(firstBeyond(machine.floats(wAt, n), expected, size, 4)).toBe("");
        if (momentum > 0) expect(firstBeyond(machine.floats(mAt, n), velocity, size, 4)).toBe("");
        expect(machine.ints(flag, 1)[0]).toBe(0);
      }
    }
  });

  it("adam follows Keras's formula over several steps", async () => {
    const machine = await KernelMachine.of(module);
    const [rate, beta1, beta2, epsilon] = [1e-3, 0.9, 0.999, 1e-7];
    const learningRate = machine.put(Float32Array.of(rate));
    for (const n of [1, 7, 129, 9001]) {
      const w = randomFloats(n, 1);
      const [m, v] = [new Float64Array(n), new Float64Array(n)];
      const expected = Float64Array.from(w);
      const [wAt, mAt, vAt] = [machine.put(w), machine.put(new Float32Array(n)), machine.put(new Float32Array(n))];
      const iterations = machine.put(Int32Array.of(0));
      const flag = machine.put(Int32Array.of(0));
      for (let t = 1; t <= 20; t++) {
        const g = randomFloats(n, t + 9);
        machine.run([
          call("adamUpdate", {
            weights: wAt,
            gradient: machine.put(g),
            first: mAt,
            second: vAt,
            learningRate,
            iterations,
            flag,
            n,
            oneMinusBeta1: 1 - beta1,
            oneMinusBeta2: 1 - beta2,
            epsilon,
          }),
          call("increment", { x: iterations, by: 1 }),
        ]);
        const alpha = (rate * Math.sqrt(1 - beta2 ** t)) / (1 - beta1 ** t);
        for (let i = 0; i < n; i++) {
          m[i]! += (g[i]! - m[i]!) * (1 - beta1);
          v[i]! += (g[i]! * g[i]! - v[i]!) * (1 - beta2);
          expected[i]! -= (m[i]! * alpha) / (Math.sqrt(v[i]!) + epsilon);
        }
      }
      expect(machine.ints(iterations, 1)[0]).toBe(20);
      expect(machine.ints(flag, 1)[0]).toBe(0);
      expect(
        firstBeyond(
          machine.floats(mAt, n),
          m,
          m.map(() => 1),
          8,
        ),
      ).toBe("");
      expect(
        firstBeyond(
          machine.floats(vAt, n),
          v,
          v.map(() => 1),
          8,
        ),
      ).toBe("");
      expect(
        firstBeyond(
          machine.floats(wAt, n),
          expected,
          expected.map(() => 1),
          40,
        ),
      ).toBe("");
    }
  });

  it("updates raise the flag for what is not finite, wherever it is", async () => {
    const machine = await KernelMachine.of(module);
    const learningRate = machine.put(Float32Array.of(1));
    for (const [where, value] of [
      [0, NaN],
      [8999, Infinity],
      [9000, -Infinity],
    ] as const) {
      const g = new Float32Array(9001);
      g[where] = value;
      const flag = machine.put(Int32Array.of(0));
      machine.run([
        call("sgdUpdate", {
          weights: machine.put(new Float32Array(9001)),
          gradient: machine.put(g),
          learningRate,
          flag,
          n: 9001,
        }),
      ]);
      expect(machine.ints(flag, 1)[0]).toBe(1);
    }
  });

  it("accumulates in float64", async () => {
    const machine = await KernelMachine.of(module);
    const accumulator = machine.put(Float64Array.of(0.5));
    const x = Float32Array.of(1, 1e-9, 2, 3);
    machine.run(
      [
        call("accumulate", { x: machine.put(x), accumulator, type: elementTypes.float32, n: { perRow: 1 } }),
        call("accumulate", {
          x: machine.put(Uint8Array.of(1, 0, 1, 1)),
          accumulator,
          type: elementTypes.bool,
          n: { perRow: 1 },
        }),
      ],
      { rows: 3 },
    );
    expect(machine.doubles(accumulator, 1)[0]).toBe(0.5 + 3 + Math.fround(1e-9) + 2);
    const y = machine.allocate(4);
    machine.run([call("rowCount", { y })], { rows: 8 });
    expect([...machine.floats(y, 1)]).toEqual([8]);
  });

  it("accumulates counts in int32, and fails on a raised flag once", async () => {
    const machine = await KernelMachine.of(module);
    const accumulator = machine.put(Int32Array.of(5));
    const flag = machine.put(Int32Array.of(1));
    const x = machine.put(Uint8Array.of(1, 0, 1));
    const count = call("accumulate", { x, accumulator, type: elementTypes.bool, n: 3, integer: 1 });
    const check = call("checkFlag", { flag });
    expect(machine.run([count, check, count])).toBe(FAILED.nonFinite);
    expect(machine.ints(accumulator, 1)[0]).toBe(7);
    expect(machine.run([count, check, count])).toBe(0);
    expect(machine.ints(accumulator, 1)[0]).toBe(11);
  });

  it("checkFinite ends the job and says where", async () => {
    const machine = await KernelMachine.of(module);
    const loss = machine.put(Float32Array.of(1, 2, 3, 4, 5, NaN, 7));
    const count = machine.put(Int32Array.of(0));
    const check = call("checkFinite", { x: 0, n: 1 });
    const increment = call("increment", { x: count, by: 1 });
    const bindings = [{ instruction: 1, offset: 0, buffer: loss, rowBytes: 4 }];
    const code = machine.run([increment, check, increment], { rows: 7, batch: 1, bindings });
    expect(code).toBe(FAILED.nonFinite);
    expect(machine.controlWord(CONTROL.failedStep)).toBe(5);
    expect(machine.controlWord(CONTROL.failedInstruction)).toBe(1);
    expect(machine.controlWord(CONTROL.stepsDone)).toBe(5);
    expect(machine.ints(count, 1)[0]).toBe(5 * 2 + 1);
    for (const value of [Infinity, -Infinity, NaN, 3e38]) {
      const x = machine.put(Float32Array.of(0, 0, 0, 0, 0, value));
      expect(machine.run([call("checkFinite", { x, n: 6 })])).toBe(value === 3e38 ? 0 : FAILED.nonFinite);
    }
  });
});
