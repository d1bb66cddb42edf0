/** Kernels alone: products and convolutions of the notebook's networks, as GFLOP/s and as a share of the probe. */

import { input, read } from "../dist/graph/leaves.js";
import { ops } from "../dist/graph/ops/index.js";
import { Variable } from "../dist/graph/tensor.js";
import { createBackend } from "../dist/index.js";

const plain = { transposeA: false, transposeB: false };
const valid = /** @type {const} */ ({ strides: [1, 1], padding: "valid" });

/**
 * @typedef {{ readonly name: string; readonly flops: number; readonly shapes: readonly (readonly number[])[];
 *   readonly make: (tensors: any[]) => import("../dist/graph/tensor.js").Tensor }} KernelCase
 */

/** @type {readonly KernelCase[]} */
export const kernelCases = [
  ...[
    [128, 784, 512],
    [128, 512, 256],
    [512, 512, 512],
    [1024, 1024, 1024],
  ].map(([m, k, n]) => product(m ?? 0, k ?? 0, n ?? 0)),
  {
    name: "matmul dW 784x128x512",
    flops: 2 * 784 * 128 * 512,
    shapes: [
      [128, 784],
      [128, 512],
    ],
    make: (t) => ops.matmul([t[0], t[1]], { transposeA: true, transposeB: false }),
  },
  ...convolutions("conv1", 28, 1, 64),
  ...convolutions("conv2", 26, 64, 64),
  ...convolutions("conv3", 12, 64, 128),
  ...convolutions("conv4", 10, 128, 128),
];

/**
 * @param {number} m
 * @param {number} k
 * @param {number} n
 * @returns {KernelCase}
 */
function product(m, k, n) {
  return {
    name: `matmul ${m}x${k}x${n}`,
    flops: 2 * m * k * n,
    shapes: [
      [m, k],
      [k, n],
    ],
    make: (t) => ops.matmul([t[0], t[1]], plain),
  };
}

/**
 * @param {string} name
 * @param {number} size
 * @param {number} channels
 * @param {number} filters
 * @returns {KernelCase[]}
 */
function convolutions(name, size, channels, filters) {
  const out = size - 2;
  const flops = 2 * 128 * out * out * 9 * channels * filters;
  const x = [128, size, size, channels];
  const dy = [128, out, out, filters];
  const kernel = [3, 3, channels, filters];
  const all = [
    {
      name: `${name} forward`,
      flops,
      shapes: [x, kernel],
      make: (/** @type {any[]} */ t) => ops.conv2d([t[0], t[1]], valid),
    },
    {
      name: `${name} dW`,
      flops,
      shapes: [x, dy],
      make: (/** @type {any[]} */ t) => ops.conv2dFilterGradient([t[0], t[1]], { ...valid, kernelSize: [3, 3] }),
    },
    {
      name: `${name} dX`,
      flops,
      shapes: [dy, kernel],
      make: (/** @type {any[]} */ t) => ops.conv2dInputGradient([t[0], t[1]], { ...valid, height: size, width: size }),
    },
  ];
  return channels === 1 ? all.slice(0, 2) : all;
}

/** A kernel in an engine of its own. */
export class KernelContender {
  #backend;
  #program;
  #ticks;
  #steps = 1;

  /**
   * @param {KernelCase} kernel
   * @param {import("../dist/index.js").Backend} backend
   * @param {import("../dist/index.js").Program} program
   * @param {import("../dist/index.js").Buffer} ticks
   */
  constructor(kernel, backend, program, ticks) {
    this.kernel = kernel;
    this.#backend = backend;
    this.#program = program;
    this.#ticks = ticks;
  }

  /**
   * @param {KernelCase} kernel
   * @param {number} threads
   */
  static async make(kernel, threads) {
    const backend = createBackend({ threads });
    const variables = new Map();
    const tensors = [];
    for (const [i, shape] of kernel.shapes.entries()) {
      const variable = new Variable(`operand ${i}`, shape, "float32");
      const buffer = await backend.allocate("float32", shape);
      const size = shape.reduce((product, length) => product * length, 1);
      await backend.write(
        buffer,
        Float32Array.from({ length: size }, () => Math.random() - 0.5),
      );
      variables.set(variable, buffer);
      tensors.push(read(variable));
    }
    const result = kernel.make(tensors);
    const into = new Variable("result", /** @type {number[]} */ ([...result.shape]), "float32");
    variables.set(into, await backend.allocate("float32", into.shape));
    // A step needs rows: one input that nothing reads but the counter of steps.
    const tick = ops.cast([input("tick", [null], "uint8")], { dtype: "float32" });
    const graph = { name: kernel.name, outputs: { tick }, effects: [ops.assign([read(into), result])] };
    const program = await backend.lower(graph, { capacity: 1, variables });
    const ticks = await backend.allocate("uint8", [4096]);
    const contender = new KernelContender(kernel, backend, program, ticks);
    for (let i = 0; i < 3; i++)
      contender.#steps = Math.max(1, Math.min(4096, Math.round(50 / (await contender.sample()))));
    return contender;
  }

  /** Milliseconds of one run of the kernel, averaged over a few. */
  async sample() {
    const start = performance.now();
    await this.#backend.run(this.#program, { inputs: { tick: { buffer: this.#ticks } }, rows: this.#steps, batch: 1 });
    return (performance.now() - start) / this.#steps;
  }

  close() {
    return this.#backend.close();
  }
}
