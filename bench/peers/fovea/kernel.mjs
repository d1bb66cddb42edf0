/** A product or convolution of fovea alone, in an engine of its own (the cases are in bench/kernels.mjs). */

import { input, read } from "../../../dist/graph/leaves.js";
import { ops } from "../../../dist/graph/ops/index.js";
import { Variable } from "../../../dist/graph/tensor.js";
import { createBackend } from "../../../dist/index.js";

/** @typedef {import("../../kernels.mjs").KernelSpec} KernelSpec */

/** Steps that one sample can have: rows of the input that counts them. */
const most = 4096;

/** A kernel and its operands. */
export class FoveaKernel {
  #backend;
  #program;
  #inputs;

  /**
   * @param {import("../../../dist/index.js").Backend} backend
   * @param {import("../../../dist/index.js").Program} program
   * @param {Readonly<Record<string, { readonly buffer: import("../../../dist/index.js").Buffer }>>} inputs
   */
  constructor(backend, program, inputs) {
    this.#backend = backend;
    this.#program = program;
    this.#inputs = inputs;
    this.facts = {};
  }

  /**
   * @param {KernelSpec} spec
   * @param {number} threads
   */
  static async make(spec, threads) {
    const backend = createBackend({ threads });
    /** @type {Record<string, { buffer: import("../../../dist/index.js").Buffer }>} */
    const inputs = { tick: { buffer: await backend.allocate("uint8", [most]) } };
    // Inputs, not variables: what depends on variables alone is computed once and kept.
    const operand = async (/** @type {string} */ name, /** @type {readonly number[]} */ shape) => {
      const buffer = await backend.allocate("float32", shape);
      const size = shape.reduce((product, length) => product * length, 1);
      await backend.write(
        buffer,
        Float32Array.from({ length: size }, () => Math.random() - 0.5),
      );
      inputs[name] = { buffer };
      return input(name, shape, "float32");
    };
    const result = spec.op === "matmul" ? await product(spec, operand) : await convolution(spec, operand);
    const into = new Variable("result", /** @type {number[]} */ ([...result.shape]), "float32");
    const variables = new Map([[into, await backend.allocate("float32", into.shape)]]);
    // A step needs rows: one input that nothing reads but the counter of steps.
    const tick = ops.cast([input("tick", [null], "uint8")], { dtype: "float32" });
    const graph = { name: spec.op, outputs: { tick }, effects: [ops.assign([read(into), result])] };
    const program = await backend.lower(graph, { capacity: 1, variables });
    return new FoveaKernel(backend, program, inputs);
  }

  /**
   * Milliseconds of so many runs together.
   * @param {string} _measure
   * @param {number} count
   */
  async sample(_measure, count) {
    const start = performance.now();
    for (let left = count; left > 0; left -= most) {
      const rows = Math.min(left, most);
      await this.#backend.run(this.#program, { inputs: this.#inputs, rows, batch: 1 });
    }
    return performance.now() - start;
  }

  drop() {
    return this.#backend.close();
  }
}

/** @typedef {(name: string, shape: readonly number[]) => Promise<import("../../../dist/graph/tensor.js").Tensor>} MakeOperand */

/**
 * @param {Extract<KernelSpec, { op: "matmul" }>} spec
 * @param {MakeOperand} operand
 */
async function product({ m, k, n, transposeA }, operand) {
  const a = await operand("a", transposeA ? [k, m] : [m, k]);
  return ops.matmul([a, await operand("b", [k, n])], { transposeA, transposeB: false });
}

/**
 * @param {Exclude<KernelSpec, { op: "matmul" }>} spec
 * @param {MakeOperand} operand
 */
async function convolution({ op, batch, from, to, kernelSize, strides, padding }, operand) {
  const options = { strides, padding };
  const [height, width, channels] = from;
  const kernel = [...kernelSize, channels, to[2]];
  if (op === "forward") {
    return ops.conv2d([await operand("x", [batch, ...from]), await operand("kernel", kernel)], options);
  }
  const dy = await operand("dy", [batch, ...to]);
  if (op === "dW") {
    return ops.conv2dFilterGradient([await operand("x", [batch, ...from]), dy], { ...options, kernelSize });
  }
  return ops.conv2dInputGradient([dy, await operand("kernel", kernel)], { ...options, height, width });
}
