/**
 * Configurations that Keras wrote, with what models of them predict, and the formulas of their weights, inputs and labels:
 * those of test/goldens/make/keras-config.py.
 */

import { expect } from "vitest";
import { createBackend } from "../../src/backends/registry.js";
import type { DType } from "../../src/core/dtype.js";
import { fromTyped } from "../../src/core/ndarray-create.js";
import { sizeOf } from "../../src/core/shape.js";
import type { modelFromKerasConfig, NDArray } from "../../src/index.js";
import type { Json } from "../../src/models/keras-config/path.js";
import { golden } from "./goldens.js";

export interface Example {
  readonly config: Json;
  readonly weights: readonly (readonly number[])[];
  readonly predictions: readonly NDArray[];
  readonly losses?: readonly number[];
}

export const goldens = golden<{
  readonly examples: Readonly<Record<string, Example>>;
  readonly stacks: Readonly<Record<"built_by_call" | "without_input", Example>>;
  readonly file: { readonly config: Json; readonly weights: number; readonly predictions: readonly NDArray[] };
}>("keras-config");
export const backend = createBackend({ backend: "reference" });
/** In a batch. */
export const ROWS = 4;

/** Weight `number` of a model. */
export function weight(shape: readonly number[], number: number): NDArray {
  const width = Math.sqrt(sizeOf(shape.slice(0, -1)));
  const data = Float32Array.from({ length: sizeOf(shape) }, (_, i) => {
    const fraction = ((i * 7919 + number * 104729 + 17) % 1000) / 1000;
    return shape.length < 2 ? 0.1 + fraction / 2 : ((fraction - 0.5) * 2) / width;
  });
  return fromTyped(data, shape, "float32");
}

/** Input `number` of a model. */
function rows(shape: readonly number[], dtype: DType, number: number): NDArray {
  const length = ROWS * sizeOf(shape);
  const at = (i: number) => i * 37 + number * 11;
  const all = [ROWS, ...shape];
  if (dtype === "uint8")
    return fromTyped(
      Uint8Array.from({ length }, (_, i) => at(i) % 256),
      all,
      dtype,
    );
  if (dtype === "int32")
    return fromTyped(
      Int32Array.from({ length }, (_, i) => at(i) % 3),
      all,
      dtype,
    );
  return fromTyped(
    Float32Array.from({ length }, (_, i) => (at(i) % 201) / 100 - 1),
    all,
    "float32",
  );
}

/** The labels of output `number`. */
export function labels(shape: readonly number[], number: number): NDArray {
  const data = Float32Array.from({ length: sizeOf(shape) }, (_, i) => ((i * 13 + number) % 7) / 7);
  return fromTyped(data, shape, "float32");
}

export type Read = ReturnType<typeof modelFromKerasConfig>;

export async function fill(model: Read): Promise<void> {
  await model.setWeights(model.network.weights.map(({ shape }, i) => weight(shape, i)));
}

export function inputs(model: Read): NDArray[] {
  return model.network.inputs.map(({ shape, dtype }, i) => rows(shape.slice(1) as number[], dtype, i));
}

/** What a model predicts, as a list. */
export async function predictions(model: Read): Promise<NDArray[]> {
  const predicted = await model.predict(inputs(model));
  return "shape" in predicted ? [predicted as NDArray] : Object.values(predicted);
}

export function expectClose(found: readonly NDArray[], expected: readonly NDArray[]): void {
  expect(found.map(({ shape }) => shape)).toEqual(expected.map(({ shape }) => shape));
  found.forEach(({ data }, k) => {
    data.forEach((value, i) => {
      expect(Math.abs(value - expected[k]!.data[i]!)).toBeLessThan(1e-5);
    });
  });
}

/** A copy of an example's configuration, to be changed. */
export function changeable(example: string): Changeable {
  return structuredClone(goldens.examples[example]!.config) as unknown as Changeable;
}

/** An example's configuration as far as the changes here go into it. */
export interface Changeable {
  class_name: unknown;
  module: unknown;
  config: {
    name: unknown;
    trainable?: unknown;
    build_input_shape?: unknown;
    input_layers: unknown;
    output_layers: unknown;
    layers: {
      class_name: unknown;
      module: unknown;
      registered_name: unknown;
      name?: unknown;
      shared_object_id?: unknown;
      config: Record<string, unknown>;
      inbound_nodes: { args: unknown[]; kwargs: Record<string, unknown> }[];
    }[];
  };
}
