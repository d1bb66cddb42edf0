/** Models that the tests of model files save, what they are trained on, and what lies in their files. */

import type { Backend } from "../../src/backends/backend.js";
import { readSafetensors } from "../../src/formats/safetensors.js";
import {
  array,
  type Functional,
  fromTyped,
  layers,
  losses,
  metrics,
  model,
  type NDArray,
  optimizers,
  type Sequential,
  sequential,
} from "../../src/index.js";

export const x = fromTyped(
  Float32Array.from({ length: 24 }, (_, i) => Math.sin(i)),
  [6, 4],
  "float32",
);
export const y = array(Int32Array.of(0, 1, 2, 0, 1, 2));

export function small(backend: Backend, seed = 7): Sequential {
  const made = sequential(
    [
      layers.input({ shape: [4] }),
      layers.dense({ units: 5, activation: "tanh" }),
      layers.dropout({ rate: 0.25 }),
      layers.dense({ units: 3, activation: "softmax" }),
    ],
    { seed, backend, name: "small" },
  );
  made.compile({
    loss: losses.sparseCategoricalCrossentropy(),
    optimizer: optimizers.adam({ learningRate: 0.01 }),
    metrics: [metrics.sparseCategoricalAccuracy({ name: "acc" })],
  });
  return made;
}

function inner(backend: Backend): Functional<NDArray> {
  const from = layers.input({ shape: [6, 6, 1], dtype: "uint8" });
  const scaled = layers.rescaling({ scale: 1 / 255 })(from);
  const body = layers.conv2d({ filters: 2, kernelSize: 3 })(scaled);
  return model({ inputs: from, outputs: body, name: "body", backend }) as Functional<NDArray>;
}

/** A functional model of two inputs and outputs, with a frozen model in it. */
export function large(backend: Backend): Functional {
  const picture = layers.input({ shape: [6, 6, 1], dtype: "uint8", name: "picture" });
  const number = layers.input({ shape: [2], name: "1" });
  const body = inner(backend);
  body.trainable = false;
  const flat = layers.concatenate()([layers.flatten()(body(picture)), number]);
  const kind = layers.dense({ units: 3, activation: "softmax", name: "kind" })(flat);
  const size = layers.dense({ units: 1, name: "0" })(flat);
  return model({ inputs: [picture, number], outputs: [kind, size], seed: 3, backend }) as Functional;
}

export const train = (made: Sequential | Functional, epochs: number) =>
  made.fit(x, y, { batchSize: 2, epochs, verbose: 0 }).then(({ history }) => history);

/** The optimizer's state as plain numbers. */
export async function stateOf(made: Sequential | Functional): Promise<Record<string, unknown>> {
  const state = await made.getOptimizerState();
  return Object.fromEntries(Object.entries(state).map(([name, { shape, data }]) => [name, { shape, data: [...data] }]));
}

export interface Golden {
  readonly inputs: number[][][];
  readonly outputs: (number | string)[][][] & number[][][];
}

export function goldenOf(bytes: Uint8Array): Golden {
  return JSON.parse(readSafetensors(bytes).metadata.golden!) as Golden;
}
