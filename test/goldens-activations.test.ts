/** Every activation, and every layer of activations, against Keras: values and gradients, on every backend. */

import { afterAll, describe, expect, it } from "vitest";
import type { NDArray } from "../src/core/ndarray.js";
import { fromTyped } from "../src/core/ndarray-create.js";
import { sum } from "../src/graph/compose.js";
import { gradient } from "../src/graph/gradient.js";
import { input, read } from "../src/graph/leaves.js";
import { multiply } from "../src/graph/ops/multiply.js";
import { type Tensor, Variable } from "../src/graph/tensor.js";
import { activationOption, activations } from "../src/nn/activations/index.js";
import { layerFromConfig, layers } from "../src/nn/layers/index.js";
import { golden } from "./support/goldens.js";
import { inCamelCase } from "./support/keras-names.js";
import { allBackends, closeBackends, relativeMiss, runGraph } from "./support/run-graph.js";

interface GoldenCase {
  readonly kind: "activation" | "layer";
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly x: string;
  readonly y: NDArray;
  readonly dx: NDArray;
  readonly weights: readonly { readonly value: NDArray; readonly gradient: NDArray }[];
}

const { inputs, cases } = golden<{
  inputs: Readonly<Record<string, NDArray>>;
  cases: readonly GoldenCase[];
}>("activations");

const backends = allBackends();
afterAll(() => closeBackends(backends));

/** The tensors of a case: its output, and the gradients by its input and weights of the sum that the golden took. */
function build({ kind, name, options, x: values, weights }: GoldenCase) {
  const given = inputs[values]!;
  const shape = [null, ...given.shape.slice(1)];
  const x = input("x", shape, "float32");
  const leaves = new Map<Tensor, NDArray>([[x, given]]);
  const weighting = input("weighting", shape, "float32");
  const turns = Float32Array.from({ length: given.size }, (_, i) => (i % 3) + 1);
  leaves.set(weighting, fromTyped(turns, given.shape));
  const weightLeaf = (value: NDArray, i: number): Tensor => {
    const leaf = read(new Variable(`weight ${i}`, value.shape, "float32"));
    leaves.set(leaf, value);
    return leaf;
  };
  const own = weights.map(({ value }, i) => weightLeaf(value, i));
  const call = (): Tensor => {
    const config = inCamelCase(options);
    if (kind === "activation") return activationOption().read({ className: name, config })!.call(x);
    const layer = layerFromConfig({ className: name, config });
    const named = layer.weightSpecs(shape).map((weight, i) => [weight.name, own[i]!] as const);
    return layer.call(x, Object.fromEntries(named));
  };
  const y = call();
  const [dx, ...dw] = gradient(sum(multiply([y, weighting])), [x, ...own]);
  return { x, y, dx: dx!, dw, leaves, rows: given.shape[0]! };
}

describe("activations as Keras computes them", () => {
  const titled = cases.map((item) => [`${item.name} ${JSON.stringify(item.options)} of ${item.x}`, item] as const);
  it.each(titled)("%s", async (_, item) => {
    const { x, y, dx, dw, leaves, rows } = build(item);
    if (item.name === "linear") {
      expect(y).toBe(x);
      return;
    }
    const outputs = { y, dx, ...Object.fromEntries(dw.map((tensor, i) => [`dw${i}`, tensor])) };
    for (const { name, backend } of backends) {
      const found = await runGraph(backend, outputs, leaves, rows);
      expect(relativeMiss(found.y!, item.y.data), `${name}: y`).toBeLessThan(1e-5);
      expect(relativeMiss(found.dx!, item.dx.data), `${name}: dx`).toBeLessThan(1e-5);
      item.weights.forEach(({ gradient: expected }, i) => {
        expect(relativeMiss(found[`dw${i}`]!, expected.data), `${name}: weight ${i}`).toBeLessThan(1e-5);
      });
    }
  });

  it("are all there", () => {
    const find = (name: string) => activationOption().read(name)!.name;
    const covered = cases.filter(({ kind }) => kind === "activation").map(({ name }) => find(name));
    expect([...new Set(covered)].sort()).toEqual(Object.keys(activations).sort());
    const layerNames = new Set(cases.filter(({ kind }) => kind === "layer").map(({ name }) => name));
    const own = [layers.activation, layers.eLU, layers.leakyReLU, layers.pReLU, layers.reLU, layers.softmax];
    expect([...layerNames].sort()).toEqual(own.map(({ className }) => className).sort());
  });
});
