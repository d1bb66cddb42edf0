/**
 * Layers whose output is random: their moments, that the same seed, name, epoch and step give the same numbers on every
 * backend whatever the threads, and that others give others; and a model of them trained whole.
 */

import { afterAll, describe, expect, it } from "vitest";
import { fromTyped } from "../src/core/ndarray-create.js";
import { normalAt, randomStream } from "../src/core/random.js";
import { sum } from "../src/graph/compose.js";
import { gradient } from "../src/graph/gradient.js";
import { constant, input } from "../src/graph/leaves.js";
import type { Tensor } from "../src/graph/tensor.js";
import { sequential } from "../src/index.js";
import type { Layer } from "../src/nn/layer.js";
import { layers } from "../src/nn/layers/index.js";
import { allBackends, closeBackends, relativeMiss, runGraph } from "./support/run-graph.js";

const backends = allBackends();
afterAll(() => closeBackends(backends));
const reference = backends[0]!.backend;

const rows = 30;
const shape = [8, 9, 17];
const size = rows * 8 * 9 * 17;
const ones = fromTyped(new Float32Array(size).fill(1), [rows, ...shape]);

interface Use {
  readonly name?: string;
  readonly state?: readonly number[];
}

/** The layer on ones, training, and the gradient by them of the sum of what it makes. */
function use(layer: Layer, { name = "layer", state = [7, 1, 2, 3] }: Use = {}) {
  const x = input("x", [null, ...shape], "float32");
  const randomState = constant(state, [4], "int32");
  const y = layer.call(x, {}, { training: true, randomState }, name);
  const [dx] = gradient(sum(y), [x]);
  return { outputs: { y, dx: dx! }, leaves: new Map<Tensor, typeof ones>([[x, ones]]) };
}

async function valuesOf(layer: Layer, given?: Use): Promise<Float32Array> {
  const { outputs, leaves } = use(layer, given);
  return (await runGraph(reference, { y: outputs.y }, leaves, rows)).y as Float32Array;
}

function moments(values: ArrayLike<number>) {
  const list = Array.from(values);
  const mean = list.reduce((total, v) => total + v, 0) / list.length;
  const of = (power: number) => list.reduce((total, v) => total + (v - mean) ** power, 0) / list.length;
  const deviation = Math.sqrt(of(2));
  return { mean, deviation, skew: of(3) / deviation ** 3, kurtosis: of(4) / deviation ** 4 };
}

/** The lowest value of selu. */
const lowest = -1.7580993408473766;

type Make = (seed?: number) => Layer;
const seeded = (seed: number | undefined) => (seed === undefined ? {} : { seed });
const random: Readonly<Record<string, Make>> = {
  alphaDropout: (seed) => layers.alphaDropout({ rate: 0.25, ...seeded(seed) }),
  "alphaDropout of channels": (seed) =>
    layers.alphaDropout({ rate: 0.25, noiseShape: [null, 1, 1, 17], ...seeded(seed) }),
  dropout: (seed) => layers.dropout({ rate: 0.25, ...seeded(seed) }),
  "dropout of rows": (seed) => layers.dropout({ rate: 0.25, noiseShape: [null, null, 1, 1], ...seeded(seed) }),
  gaussianDropout: (seed) => layers.gaussianDropout({ rate: 0.2, ...seeded(seed) }),
  gaussianNoise: (seed) => layers.gaussianNoise({ stddev: 0.5, ...seeded(seed) }),
  spatialDropout2d: (seed) => layers.spatialDropout2d({ rate: 0.25, ...seeded(seed) }),
};

describe("layers of random numbers", () => {
  it.each(Object.entries(random))(
    "%s: the same numbers on every backend and any number of threads",
    async (_, make) => {
      const { outputs, leaves } = use(make());
      const found = new Map<string, Readonly<Record<string, ArrayLike<number>>>>();
      for (const { name, backend } of backends) found.set(name, await runGraph(backend, outputs, leaves, rows));
      const expected = found.get("reference")!;
      for (const [name, { y, dx }] of found) {
        expect(relativeMiss(y!, expected.y!), `${name}: y`).toBeLessThan(2e-6);
        expect(relativeMiss(dx!, expected.dx!), `${name}: dx`).toBeLessThan(2e-6);
      }
      for (const module of ["baseline", "relaxed"]) {
        expect(found.get(`${module}, 1 thread`)).toEqual(found.get(`${module}, 2 threads`));
      }
    },
  );

  it.each(Object.entries(random))("%s: other numbers of another name, seed, epoch or step", async (_, make) => {
    const first = await valuesOf(make());
    expect(await valuesOf(make())).toEqual(first);
    const others = await Promise.all([
      valuesOf(make(), { name: "other" }),
      valuesOf(make(3)),
      valuesOf(make(), { state: [7, 1, 3, 3] }),
      valuesOf(make(), { state: [7, 1, 2, 4] }),
      valuesOf(make(), { state: [8, 1, 2, 3] }),
    ]);
    for (const other of others) expect(other).not.toEqual(first);
    expect(new Set(others.map((other) => other.join())).size).toBe(others.length);
  });

  // With n values six standard deviations of a mean are 6 / sqrt(n), of a deviation 6 / sqrt(2 n), and so on.
  it("gaussianNoise adds normal numbers", async () => {
    const { mean, deviation, skew, kurtosis } = moments(await valuesOf(layers.gaussianNoise({ stddev: 0.5 })));
    expect(Math.abs(mean - 1)).toBeLessThan((6 * 0.5) / Math.sqrt(size));
    expect(Math.abs(deviation / 0.5 - 1)).toBeLessThan(6 / Math.sqrt(2 * size));
    expect(Math.abs(skew)).toBeLessThan(6 * Math.sqrt(6 / size));
    expect(Math.abs(kurtosis - 3)).toBeLessThan(6 * Math.sqrt(24 / size));
  });

  it("gaussianDropout multiplies with normal numbers as wide as dropout's, and so do its gradients", async () => {
    const layer = layers.gaussianDropout({ rate: 0.2 });
    const { outputs, leaves } = use(layer);
    const { y, dx } = await runGraph(reference, outputs, leaves, rows);
    expect(dx).toEqual(y);
    const { mean, deviation, kurtosis } = moments(y!);
    expect(Math.abs(mean - 1)).toBeLessThan((6 * 0.5) / Math.sqrt(size));
    expect(Math.abs(deviation / 0.5 - 1)).toBeLessThan(6 / Math.sqrt(2 * size));
    expect(Math.abs(kurtosis - 3)).toBeLessThan(6 * Math.sqrt(24 / size));
  });

  it("neighbours are independent, the two of a pair too", async () => {
    const values = (await valuesOf(layers.gaussianNoise({ stddev: 1 }))).map((v) => v - 1);
    for (const apart of [1, 2, 3, 4]) {
      let sumOfProducts = 0;
      let ofSquares = 0;
      for (let i = apart; i < size; i++) {
        sumOfProducts += values[i]! * values[i - apart]!;
        ofSquares += (values[i]! ** 2 - 1) * (values[i - apart]! ** 2 - 1);
      }
      expect(Math.abs(sumOfProducts / size)).toBeLessThan(6 / Math.sqrt(size));
      expect(Math.abs(ofSquares / size)).toBeLessThan(12 / Math.sqrt(size));
    }
  });

  it("gaussianNoise takes the numbers of their places", async () => {
    const { outputs, leaves } = use(layers.gaussianNoise({ stddev: 1 }));
    const { stream } = outputs.y.inputs[1]!.attributes as { stream: number };
    const values = (await runGraph(reference, { y: outputs.y }, leaves, rows)).y!;
    for (const i of [0, 1, 2, 3, 4, 5, size - 1])
      expect(values[i]! - 1).toBeCloseTo(normalAt(7, 1, stream, 2, 3, i), 5);
  });

  it("spatialDropout2d keeps or drops a channel of a picture as one, about `rate` of them", async () => {
    const values = await valuesOf(layers.spatialDropout2d({ rate: 0.25 }));
    let dropped = 0;
    for (let row = 0; row < rows; row++) {
      for (let c = 0; c < 17; c++) {
        const channel = Array.from({ length: 72 }, (_, p) => values[(row * 72 + p) * 17 + c]!);
        expect(new Set(channel).size).toBe(1);
        expect([0, Math.fround(1 / 0.75)]).toContain(Math.fround(channel[0]!));
        if (channel[0] === 0) dropped++;
      }
    }
    // 510 channels: six standard deviations are 59.
    expect(Math.abs(dropped - 127.5)).toBeLessThan(59);
  });

  it("dropout with a noiseShape keeps or drops along the axes where it has 1", async () => {
    const values = await valuesOf(layers.dropout({ rate: 0.5, noiseShape: [null, 8, 1, 1] }));
    for (let row = 0; row < rows * 8; row++) {
      expect(new Set(values.subarray(row * 9 * 17, (row + 1) * 9 * 17)).size).toBe(1);
    }
    expect(new Set(values).size).toBe(2);
    // All rows alike.
    const shared = await valuesOf(layers.dropout({ rate: 0.5, noiseShape: [1, null, null, null] }));
    expect(shared.subarray(0, size / rows)).toEqual(shared.subarray(size - size / rows));
  });

  it("alphaDropout keeps the mean and variance of normal numbers", async () => {
    const x = input("x", [null, ...shape], "float32");
    const numbers = randomStream(5, "x").normal({ shape: [rows, ...shape] });
    const randomState = constant([7, 1, 2, 3], [4], "int32");
    const y = layers.alphaDropout({ rate: 0.25 }).call(x, {}, { training: true, randomState }, "layer");
    const values = (await runGraph(reference, { y }, new Map([[x, numbers]]), rows)).y!;
    const { mean, deviation } = moments(values);
    expect(Math.abs(mean)).toBeLessThan(6 / Math.sqrt(size));
    expect(Math.abs(deviation - 1)).toBeLessThan(6 / Math.sqrt(size));
    const a = ((1 - 0.25) * (1 + 0.25 * lowest ** 2)) ** -0.5;
    const dropped = Math.fround(a * lowest - a * lowest * 0.25);
    const share = Array.from(values).filter((v) => Math.abs(v - dropped) < 1e-6).length / size;
    expect(Math.abs(share - 0.25)).toBeLessThan((6 * 0.45) / Math.sqrt(size));
  });
});

describe("a model with all of them, and normalizations, trained whole", () => {
  const x = randomStream(1, "pictures").uniform({ shape: [50, 8, 8, 3] });
  const y = fromTyped(
    Uint8Array.from({ length: 50 }, (_, i) => (x.data[i * 192]! > 0.5 ? 1 : 0)),
    [50],
  );

  async function trained(
    backend: (typeof backends)[number]["backend"],
  ): Promise<{ loss: number[]; weights: number[] }> {
    const data = layers.normalization({ axis: -1 });
    data.adapt(x);
    const model = sequential(
      [
        layers.input({ shape: [8, 8, 3] }),
        data,
        layers.gaussianNoise({ stddev: 0.1 }),
        layers.zeroPadding2d({
          padding: [
            [1, 0],
            [0, 1],
          ],
        }),
        layers.conv2d({ filters: 6, kernelSize: 3 }),
        layers.groupNormalization({ groups: 2 }),
        layers.reLU(),
        layers.spatialDropout2d({ rate: 0.2 }),
        layers.resizing({ height: 5, width: 4 }),
        layers.permute({ dims: [2, 1, 3] }),
        layers.flatten(),
        layers.layerNormalization(),
        layers.gaussianDropout({ rate: 0.1 }),
        layers.dense({ units: 2, activation: "softmax" }),
      ],
      { seed: 3, backend },
    );
    model.compile({ loss: "sparse_categorical_crossentropy", optimizer: "adam" });
    const { history } = await model.fit(x, y, { batchSize: 16, epochs: 4, verbose: 0 });
    const weights = (await model.getWeights()).flatMap((weight) => [...weight.data]);
    model.free();
    return { loss: history.loss!, weights };
  }

  it("learns, the same for any number of threads, and near the reference", async () => {
    const all = new Map<string, Awaited<ReturnType<typeof trained>>>();
    for (const { name, backend } of backends) all.set(name, await trained(backend));
    const { loss, weights } = all.get("reference")!;
    expect(loss.at(-1)!).toBeLessThan(loss[0]!);
    for (const [name, other] of all) {
      expect(relativeMiss(other.weights, weights), name).toBeLessThan(1e-3);
      expect(relativeMiss(other.loss, loss), name).toBeLessThan(1e-4);
    }
    for (const module of ["baseline", "relaxed"]) {
      expect(all.get(`${module}, 1 thread`)).toEqual(all.get(`${module}, 2 threads`));
    }
  });
});
