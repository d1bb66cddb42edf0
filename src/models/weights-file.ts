/** A model's weights as one safetensors file, and back. Not the whole model: its layers are not in the file. */

import { FormatError, ShapeError } from "../core/errors.js";
import { asNDArray, type NDArrayLike } from "../core/ndarray.js";
import { formatShape, sameShape } from "../core/shape.js";
import { readSafetensors, writeSafetensors } from "../formats/safetensors.js";
import type { Variable } from "../graph/tensor.js";

/** A weight by the name it has in its model. */
export interface NamedWeight {
  readonly path: string;
  readonly variable: Variable;
}

/** The bytes of a weights file. */
export function encodeWeights(weights: readonly (NamedWeight & { readonly data: Float32Array })[]): Uint8Array {
  const tensors = Object.fromEntries(
    weights.map(({ path, variable: { shape }, data }) => [path, { dtype: "float32" as const, shape, data }]),
  );
  return writeSafetensors(tensors, { format: "fovea-weights" });
}

/**
 * The values for each variable.
 * @throws FormatError if the file is damaged, or of another model: which tensor, what was expected, what was found.
 */
export function decodeWeights(
  bytes: Uint8Array,
  weights: readonly NamedWeight[],
  source: string,
): ReadonlyMap<Variable, Float32Array> {
  const { tensors } = readSafetensors(bytes, source);
  const rest = new Set(tensors.keys());
  const values = new Map<Variable, Float32Array>();
  for (const { path, variable } of weights) {
    const tensor = tensors.get(path);
    if (tensor === undefined) {
      throw new FormatError(
        `${source}: no tensor "${path}"; the file has ${[...rest].slice(0, 8).join(", ") || "none"}. It holds another model's weights.`,
      );
    }
    if (tensor.dtype !== "float32" || !sameShape(tensor.shape, variable.shape)) {
      throw new FormatError(
        `${source}: tensor "${path}" should be float32 ${formatShape(variable.shape)}, found ${tensor.dtype} ${formatShape(tensor.shape)}.`,
      );
    }
    rest.delete(path);
    values.set(variable, tensor.data as Float32Array);
  }
  if (rest.size > 0) {
    throw new FormatError(`${source}: the model has no weight "${[...rest][0]}" that the file holds.`);
  }
  return values;
}

/**
 * The values for each variable from arrays in the model's order.
 * @throws ShapeError if there are too few or too many, or one has another shape: which, expected and received.
 */
export function weightValues(
  weights: readonly NamedWeight[],
  values: readonly NDArrayLike[],
): ReadonlyMap<Variable, Float32Array> {
  if (values.length !== weights.length) {
    throw new ShapeError(`setWeights: the model has ${weights.length} weights, received ${values.length}.`);
  }
  return new Map(
    weights.map(({ path, variable }, i) => {
      const array = asNDArray(values[i]!, `setWeights: weight ${i} (${path})`);
      if (!sameShape(array.shape, variable.shape)) {
        throw new ShapeError(
          `setWeights: weight ${i} (${path}) should have shape ${formatShape(variable.shape)}, received ${formatShape(array.shape)}.`,
        );
      }
      return [variable, array.astype("float32").data];
    }),
  );
}
