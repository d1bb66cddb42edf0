/**
 * Whole trainings of random networks: what cases of one op (random.ts) and steps of small graphs (test/graphs.test.ts)
 * cannot see: convolutions of every kind between normalizations, residual sums, layers called twice, several outputs,
 * batches of which the last is short; in memory that other programs have used. As many as a test wants.
 */

import fc from "fast-check";
import { afterAll, expect, it, vi } from "vitest";
import type { Backend } from "../../src/backends/backend.js";
import { referenceBackend } from "../../src/backends/reference/reference.js";
import { Engine } from "../../src/backends/wasm/engine.js";
import { NDArray } from "../../src/core/ndarray.js";
import { fromTyped } from "../../src/core/ndarray-create.js";
import { randomStream } from "../../src/core/random.js";
import { initializers, layers, model, optimizers } from "../../src/index.js";
import type { LayerOutput } from "../../src/nn/layer.js";
import { races } from "../support/races.js";
import { closeEngines, enginesOf, moduleNames } from "./engines.js";
import { fixedPair, type Pair, paddings, upTo } from "./random-parts.js";

const kinds = [
  "conv",
  "grouped",
  "depthwise",
  "separable",
  "transposed",
  "normalized",
  "residual",
  "shared",
  "relu",
  "pool",
  "average",
  "dropout",
  "larger",
] as const;

interface Part {
  readonly kind: (typeof kinds)[number];
  /** How far back its input is. */
  readonly back: number;
  readonly filters: number;
  readonly kernelSize: Pair;
  readonly strides: Pair;
  readonly dilationRate: Pair;
  readonly padding: "valid" | "same";
  readonly activation: "linear" | "relu" | "tanh";
  readonly useBias: boolean;
}

/** A network and its training. */
export interface NetworkSpec {
  readonly size: Pair;
  readonly channels: number;
  readonly parts: readonly Part[];
  /** Whether there is a second output, in the middle. */
  readonly second: boolean;
  readonly optimizer: "sgd" | "momentum" | "adam";
  readonly rows: number;
  readonly batch: number;
}

const twos = fc.tuple(upTo(2), upTo(2));
const none = fixedPair(1);

/** Networks of at most `most` parts. */
export function networks(most: number): fc.Arbitrary<NetworkSpec> {
  const part: fc.Arbitrary<Part> = fc
    .tuple(
      fc.record({
        kind: fc.constantFrom(...kinds),
        back: fc.constantFrom(0, 0, 0, 1, 2),
        filters: fc.oneof(upTo(6), fc.constantFrom(8, 16, 17)),
        kernelSize: fc.oneof(fixedPair(3), none, fc.tuple(upTo(4), upTo(4))),
        padding: paddings,
        activation: fc.constantFrom<Part["activation"][]>("linear", "relu", "tanh"),
        useBias: fc.boolean(),
      }),
      // There are no strides with dilations.
      fc.oneof(
        fc.record({ strides: twos, dilationRate: none }),
        fc.record({ strides: none, dilationRate: fc.tuple(upTo(3), upTo(3)) }),
      ),
    )
    .map(([one, window]) => ({ ...one, ...window }));
  return fc.record({
    size: fc.tuple(upTo(9), upTo(9)),
    channels: fc.oneof(upTo(4), fc.constant(8)),
    parts: fc.array(part, { minLength: 1, maxLength: most }),
    second: fc.boolean(),
    optimizer: fc.constantFrom<NetworkSpec["optimizer"][]>("sgd", "momentum", "adam"),
    rows: fc.integer({ min: 2, max: 20 }),
    batch: upTo(8),
  });
}

/** Where pictures are all zero, relu is of the bias: near zero it would be one of rounding whether it learns. */
const shifted = initializers.randomUniform({ minval: 0.05, maxval: 0.2 });

/** Of two values that hardly differ a normalization with its usual epsilon makes two that differ 30 times as much. */
const calm = { epsilon: 0.1, betaInitializer: shifted };

/** What a part makes of x; x itself where it does not fit. */
function partOf(x: LayerOutput, { kind, back: _, ...part }: Part): LayerOutput {
  const [height, width, channels] = x.shape.slice(1) as [number, number, number];
  const { filters, kernelSize, strides, dilationRate, activation, useBias } = part;
  const fits = [height, width].every((n, i) => n > (kernelSize[i as 0 | 1] - 1) * dilationRate[i as 0 | 1]);
  const padding = fits ? part.padding : "same";
  const window = { kernelSize, strides, padding, activation, useBias, biasInitializer: shifted } as const;
  // Depthwise windows move as far either way.
  const square = { ...window, strides: strides[0], dilationRate } as const;
  const keeps = { filters: channels, kernelSize, padding: "same", useBias, biasInitializer: shifted } as const;
  const small = height * width <= 64;
  switch (kind) {
    case "conv":
      return layers.conv2d({ ...window, filters, dilationRate })(x);
    case "grouped": {
      const groups = channels % 2 === 0 && filters < 5 ? 2 : channels;
      return layers.conv2d({ ...window, filters: groups * (1 + (filters % 3)), groups, dilationRate })(x);
    }
    case "depthwise":
      return layers.depthwiseConv2d({ ...square, depthMultiplier: 1 + (filters % 2) })(x);
    case "separable":
      return layers.separableConv2d({ ...square, filters })(x);
    case "transposed":
      return small ? layers.conv2dTranspose({ ...window, padding: part.padding, filters })(x) : x;
    case "normalized": {
      const y = layers.batchNormalization({ ...calm, momentum: 0.9, center: useBias })(x);
      return activation === "relu" ? layers.reLU()(y) : y;
    }
    case "residual": {
      const y = layers.batchNormalization(calm)(layers.conv2d({ ...keeps, dilationRate })(x));
      return layers.reLU()(layers.add()([x, y]));
    }
    case "shared": {
      const [layer, normal] = [layers.conv2d({ ...keeps, activation }), layers.batchNormalization(calm)];
      return normal(layer(normal(layer(x))));
    }
    case "relu":
      return layers.reLU()(x);
    case "pool":
      return layers.maxPooling2d({ poolSize: 2, padding: "same" })(x);
    case "average":
      return layers.averagePooling2d({ poolSize: kernelSize, strides, padding })(x);
    case "dropout":
      return layers.dropout({ rate: 0.25 })(x);
    case "larger":
      return small ? layers.upSampling2d({ size: twosOf(strides) })(x) : x;
  }
}

const twosOf = ([a, b]: Pair): [number, number] => [a, 3 - b];

const learning = {
  sgd: () => optimizers.sgd({ learningRate: 0.05 }),
  momentum: () => optimizers.sgd({ learningRate: 0.005, momentum: 0.9 }),
  // With its usual epsilon a gradient that is zero but for rounding would move a weight by a whole step.
  adam: () => optimizers.adam({ learningRate: 0.002, epsilon: 1e-3 }),
};

/** Trains a network for two epochs. All that is left, in an order of its own. */
export async function trainNetwork(
  backend: Backend,
  spec: NetworkSpec,
  seed: number,
): Promise<Record<string, number[]>> {
  const { size, channels, parts, second, rows, batch } = spec;
  const x = layers.input({ shape: [...size, channels] });
  const made: LayerOutput[] = [layers.identity()(x)];
  for (const part of parts) made.push(partOf(made.at(-1 - Math.min(part.back, made.length - 1))!, part));
  const classes = layers.dense({ units: 3, activation: "softmax", name: "classes" });
  const number = layers.dense({ units: 2, name: "number" });
  const outputs = [classes(layers.globalAveragePooling2d()(made.at(-1)!))];
  if (second) outputs.push(number(layers.flatten()(made[made.length >> 1]!)));
  const random = randomStream(seed, "pictures");
  const pictures = random.normal({ shape: [rows, ...size, channels] });
  const labels = fromTyped(
    Uint8Array.from({ length: rows }, (_, i) => (i * 7 + seed) % 3),
    [rows],
  );
  using network = model({ inputs: x, outputs, seed: 5, backend });
  network.compile({
    loss: second
      ? { classes: "sparse_categorical_crossentropy", number: "mse" }
      : { classes: "sparse_categorical_crossentropy" },
    ...(second && { lossWeights: { classes: 1, number: 0.1 } }),
    optimizer: learning[spec.optimizer](),
    metrics: { classes: ["accuracy"] },
  });
  const targets = second ? { classes: labels, number: random.uniform({ shape: [rows, 2] }) } : { classes: labels };
  const { history } = await network.fit(pictures, targets, { batchSize: batch, epochs: 2, verbose: 0 });
  const found = (await network.predict(pictures, { batchSize: batch, verbose: 0 })) as
    | NDArray
    | Record<string, NDArray>;
  const predicted = found instanceof NDArray ? { classes: found } : found;
  const evaluated = await network.evaluate(pictures, targets, { batchSize: batch, verbose: 0 });
  const weights = await network.getWeights();
  return {
    loss: history.loss!,
    evaluated: [evaluated.loss!],
    ...Object.fromEntries(Object.entries(predicted).map(([name, values]) => [`predicted ${name}`, [...values.data]])),
    ...Object.fromEntries(weights.map(({ data, shape }, i) => [`weight ${i} [${shape}]`, [...data]])),
  };
}

/** The largest difference, relative to numbers from 0.1 on: biases before a normalization are zero but for rounding. */
function miss(found: readonly number[], expected: readonly number[]): number {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
  const misses = expected.map((value, i) => Math.abs(found[i]! - value) / Math.max(0.1, Math.abs(value)));
  return misses.reduce((most, one) => (one <= most ? most : one), 0);
}

/** Defines the test of so many networks. */
export function randomNetworks(options: { readonly networks: number; readonly parts: number }): void {
  const seed = Number(process.env.FOVEA_TEST_SEED ?? 1);
  const engines = moduleNames.map(enginesOf);
  const load = vi.spyOn(Engine.prototype, "load");
  afterAll(async () => {
    load.mockRestore();
    await closeEngines(...engines);
  });
  const reference = referenceBackend();
  it(`${options.networks} networks from seed ${seed}`, { timeout: 3_600_000 }, async () => {
    const property = fc.asyncProperty(networks(options.parts), async (spec) => {
      const expected = await trainNetwork(reference, spec, seed);
      const misses: number[] = [];
      load.mockClear();
      for (const { name, backends } of engines) {
        const alone = await trainNetwork(backends[0]!, spec, seed);
        misses.push(...Object.entries(expected).map(([what, values]) => miss(alone[what]!, values)));
        for (const [i, backend] of backends.slice(1).entries()) {
          expect(await trainNetwork(backend, spec, seed), `${name}: 1 and ${i + 2} threads`).toEqual(alone);
        }
      }
      for (const [lowered] of load.mock.calls) expect(races(lowered), `races in ${lowered.name}`).toEqual([]);
      // Where a relu is of almost zero it is one of rounding whether it learns, but hardly so on both modules.
      const each = misses.length / engines.length;
      const worst = engines.map((_, i) => Math.max(...misses.slice(i * each, (i + 1) * each)));
      expect(Math.min(...worst), `misses of ${Object.keys(expected)}: ${misses}`).toBeLessThan(1e-3);
      expect(Math.max(...worst), `misses of ${Object.keys(expected)}: ${misses}`).toBeLessThan(2e-2);
    });
    // A network is soon read, and not soon made smaller.
    await fc.assert(property, { seed, numRuns: options.networks, endOnFailure: true });
  });
}
