/** Products that go on with what they made give the bits that the two kernels do one after the other. */

import { describe, expect, it } from "vitest";
import { call, KernelMachine, moduleNames, randomFloats } from "../../../../test/support/kernel-machine.js";
import {
  binaryOps,
  binaryWords,
  dropoutWords,
  gemmBlocks,
  type Instruction,
  type KernelValues,
  pairBytes,
  panelBytes,
} from "../kernels.js";

const sizes = [1, 3, 20, 130];
const depths = [1, 128, 1030];

/** A product of random sides, half of whose left side is zero, ready to be used: its words but for where it goes. */
function prepared(machine: KernelMachine, m: number, n: number, k: number, transposed: 0 | 1) {
  const blocks = gemmBlocks(m, n, k, 1);
  const a = machine.put(randomFloats(m * k, m + k).map((v) => Math.max(v, 0)));
  const b = machine.put(new Uint8Array(panelBytes(k, n)));
  const pairs = machine.put(new Uint8Array(pairBytes(m, k, blocks.kBlock)));
  const aStride = transposed ? m : k;
  const packing: Instruction[] = [
    call("packPanels", { x: machine.put(randomFloats(k * n, n)), y: b, k, n, stride: n }),
    call("packPairs", { a, y: pairs, m, k, aStride, transposed, kBlock: blocks.kBlock }),
  ];
  return { packing, words: { a, pairs, b, m, n, k, aStride, transposed, ...blocks } };
}

/** Runs both ways and compares the numbers in `places`, with one behind each that nothing may touch. */
function expectSame(
  machine: KernelMachine,
  packing: readonly Instruction[],
  ways: readonly [readonly Instruction[], readonly Instruction[]],
  places: readonly (readonly [number, number])[],
  length: number,
): void {
  for (const way of ways) expect(machine.run([...packing, ...way])).toBe(0);
  for (const [one, other] of places) {
    expect(machine.floats(one, length + 1)).toEqual(machine.floats(other, length + 1));
  }
}

describe.each(moduleNames)("products that go on, %s", (module) => {
  async function forSizes(check: (machine: KernelMachine, m: number, n: number, k: number) => void): Promise<void> {
    for (const m of sizes) {
      const machine = await KernelMachine.of(module);
      for (const n of sizes) for (const k of depths) check(machine, m, n, k);
    }
  }

  it("gemm with keep: the gradient of relu, and times a number", async () => {
    await forSizes((machine, m, n, k) => {
      const { packing, words } = prepared(machine, m, n, k, 0);
      const z = machine.put(randomFloats(m * n, 7).map((v, i) => (i % 3 === 0 ? 0 : v)));
      const [plain, masked, scaled, joined, doubled] = Array.from({ length: 5 }, () =>
        machine.put(new Float32Array(m * n + 1).fill(9)),
      ) as [number, number, number, number, number];
      const factor = machine.put(Float32Array.of(1.7));
      const [same, spread] = [[], [1]].map((shape) => binaryWords([m * n], [m * n], shape.length ? shape : [m * n]));
      const apart = [
        call("gemm", { ...words, c: plain, cStride: n }),
        call("binary", { a: z, b: plain, y: masked, op: binaryOps.reluGradient, ...same! }),
        call("binary", { a: masked, b: factor, y: scaled, op: binaryOps.multiply, ...spread! }),
      ];
      const together = [
        call("gemm", { ...words, c: joined, cStride: n, keep: z, keepScale: 1 }),
        call("gemm", { ...words, c: doubled, cStride: n, keep: z, keepScale: 1.7 }),
      ];
      const places = [
        [masked, joined],
        [scaled, doubled],
      ] as const;
      expectSame(machine, packing, [apart, together], places, m * n);
    });
  });

  it("gemmDropout", async () => {
    await forSizes((machine, m, n, k) => {
      if (n % 4 !== 0) return;
      const { packing, words } = prepared(machine, m, n, k, 0);
      const bias = machine.put(randomFloats(n, 3));
      const draw = { state: machine.put(Int32Array.of(5, 6, 7, 8)), stream: 9, ...dropoutWords(0.4) };
      const [plain, apart, joined] = Array.from({ length: 3 }, () =>
        machine.put(new Float32Array(m * n + 1).fill(9)),
      ) as [number, number, number];
      const ways = [
        [
          call("gemm", { ...words, bias, relu: 1, c: plain, cStride: n }),
          call("dropout", { x: plain, y: apart, n: m * n, ...draw }),
        ],
        [call("gemmDropout", { ...words, bias, relu: 1, y: joined, ...draw })],
      ] as const;
      expectSame(machine, packing, ways, [[apart, joined]], m * n);
      if (m * n > 100) expect(machine.floats(joined, m * n).filter((v) => v > 0).length).toBeGreaterThan(m * n * 0.05);
    });
  });

  it.each([0, 0.9])("gemmSgd with momentum %s", async (momentum) => {
    await forSizes((machine, m, n, k) => {
      const { packing, words } = prepared(machine, m, n, k, 1);
      const gradient = machine.put(new Float32Array(m * n));
      const [apart, joined] = [0, 1].map(() => ({
        weights: machine.put(randomFloats(m * n + 1, 1)),
        velocity: machine.put(randomFloats(m * n + 1, 2)),
      })) as [{ weights: number; velocity: number }, { weights: number; velocity: number }];
      const rule = { learningRate: machine.put(Float32Array.of(0.01)), momentum, nesterov: 1 };
      const places = ({ weights, velocity }: typeof apart) => (momentum > 0 ? { weights, velocity } : { weights });
      const ways = [
        [
          call("gemm", { ...words, c: gradient, cStride: n }),
          call("sgdUpdate", { ...places(apart), gradient, n: m * n, ...rule }),
        ],
        [call("gemmSgd", { ...words, ...places(joined), ...rule })],
      ] as const;
      const compared = [
        [apart.weights, joined.weights],
        [apart.velocity, joined.velocity],
      ] as const;
      expectSame(machine, packing, ways, compared, m * n);
    });
  });

  it("gemmAdam", async () => {
    await forSizes((machine, m, n, k) => {
      const { packing, words } = prepared(machine, m, n, k, 1);
      const gradient = machine.put(new Float32Array(m * n));
      const state = () => ({
        weights: machine.put(randomFloats(m * n + 1, 1)),
        first: machine.put(randomFloats(m * n + 1, 2)),
        second: machine.put(randomFloats(m * n + 1, 3).map(Math.abs)),
      });
      const [apart, joined] = [state(), state()];
      const rule = {
        learningRate: machine.put(Float32Array.of(0.01)),
        iterations: machine.put(Int32Array.of(4)),
        oneMinusBeta1: 0.1,
        oneMinusBeta2: 0.001,
        epsilon: 1e-7,
      };
      const ways = [
        [
          call("gemm", { ...words, c: gradient, cStride: n }),
          call("adamUpdate", { ...apart, gradient, n: m * n, ...rule }),
        ],
        [call("gemmAdam", { ...words, ...joined, ...rule })],
      ] as const;
      const compared = (["weights", "first", "second"] as const).map((word) => [apart[word], joined[word]] as const);
      expectSame(machine, packing, ways, compared, m * n);
    });
  });

  it.each(["gemmSgd", "gemmAdam"] as const)("%s raises the flag where a gradient is not finite", async (kernel) => {
    const machine = await KernelMachine.of(module);
    const { packing, words } = prepared(machine, 20, 20, 5, 1);
    const flag = machine.put(new Int32Array(1));
    const zeros = () => machine.put(new Float32Array(400));
    const rule = { learningRate: machine.put(Float32Array.of(0.01)), flag, weights: zeros() };
    const moments = { first: zeros(), second: zeros(), iterations: machine.put(new Int32Array(1)) };
    const adam = { ...moments, oneMinusBeta1: 0.1, oneMinusBeta2: 0.001, epsilon: 1e-7 };
    const values = { ...words, ...rule, ...(kernel === "gemmAdam" ? adam : {}) } as KernelValues<typeof kernel>;
    const look = [call(kernel, values), call("checkFlag", { flag })];
    expect(machine.run([...packing, ...look])).toBe(0);
    new Float32Array(machine.memory.buffer, words.a, 1)[0] = Number.POSITIVE_INFINITY;
    expect(machine.run([...packing, ...look])).not.toBe(0);
  });
});
