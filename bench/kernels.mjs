/** The kernels that are measured alone: matrix products, and the convolutions of the networks, each with its gradients. */

import { networks, placed } from "./networks.mjs";

/**
 * @typedef {readonly [number, number]} Pair
 * @typedef {{ readonly op: "matmul", readonly m: number, readonly k: number, readonly n: number, readonly transposeA: boolean }
 *   | { readonly op: "forward" | "dW" | "dX", readonly batch: number, readonly from: readonly [number, number, number],
 *       readonly to: readonly [number, number, number], readonly filters: number, readonly kernelSize: Pair,
 *       readonly strides: Pair, readonly padding: "valid" | "same" }} KernelSpec
 * @typedef {{ readonly name: string, readonly flops: number, readonly spec: KernelSpec }} KernelCase
 */

/**
 * @param {number} m
 * @param {number} k
 * @param {number} n
 * @param {boolean} [transposeA]
 * @returns {KernelCase}
 */
function product(m, k, n, transposeA = false) {
  const name = m === k && k === n ? `sgemm ${m}` : `matmul ${m}x${k}x${n}${transposeA ? ", transposed" : ""}`;
  return { name, flops: 2 * m * k * n, spec: { op: "matmul", m, k, n, transposeA } };
}

/** Square ones, then the dense layers of mnist-mlp forward and the first one's weight gradient. */
export const products = [
  product(512, 512, 512),
  product(1024, 1024, 1024),
  product(128, 784, 512),
  product(128, 512, 256),
  product(784, 128, 512, true),
];

/**
 * The convolutions of a network with `batch` pictures: forward, by the weights, and by the input but for the first.
 * @param {keyof typeof networks} net
 * @param {number} batch
 * @returns {KernelCase[]}
 */
export function convolutions(net, batch) {
  /** @type {import("./networks.mjs").Network} */
  const network = networks[net];
  const layers = network.whole === true ? [] : placed(network).filter(({ spec }) => spec.layer === "conv2d");
  return layers.flatMap(({ spec, from, to, flops }, i) => {
    if (spec.layer !== "conv2d") return [];
    const { filters, kernelSize, strides, padding } = spec;
    const what = `${net} conv${i + 1}, ${kernelSize.join("x")}${strides[0] === 1 ? "" : `/${strides[0]}`} ${from.join("x")} to ${filters}`;
    return /** @type {const} */ (["forward", "dW", "dX"])
      .filter((op) => i > 0 || op !== "dX")
      .map((op) => ({
        name: `${what}, ${op}`,
        flops: flops * batch,
        spec: { op, batch, from: triple(from), to: triple(to), filters, kernelSize, strides, padding },
      }));
  });
}

/**
 * @param {readonly number[]} shape
 * @returns {[number, number, number]}
 */
function triple([height = 0, width = 0, channels = 0]) {
  return [height, width, channels];
}
