/** A model's weights as one safetensors file, and back. Not the whole model: its layers are not in the file. */

import { FormatError, OptionError, ShapeError } from "../core/errors.js";
import { asNDArray, type NDArrayLike } from "../core/ndarray.js";
import { formatReceived } from "../core/received.js";
import { formatShape, sameShape } from "../core/shape.js";
import { readSafetensors, type SafeTensor, type SafeTensors, writeSafetensors } from "../formats/safetensors.js";
import type { Variable } from "../graph/tensor.js";
import { checkSeal, hasSeal } from "./checksum.js";

/** A weight by the name it has in its model. */
export interface NamedWeight {
  readonly path: string;
  readonly variable: Variable;
}

/** A weight and its values. */
export type WeightValues = NamedWeight & { readonly data: Float32Array };

/** The bytes of a weights file. */
export function encodeWeights(weights: readonly WeightValues[]): Uint8Array {
  return writeSafetensors(weightTensors(weights), { format: "fovea-weights" });
}

/** Weights as the tensors of a file. */
export function weightTensors(weights: readonly WeightValues[]): Record<string, SafeTensor> {
  return Object.fromEntries(
    weights.map(({ path, variable: { shape }, data }) => [
      path,
      { dtype: "float32" as const, shape: [...shape], data },
    ]),
  );
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
  const file = readSafetensors(bytes, source);
  if (isSealed(file)) checkSeal(bytes, file, source);
  return pickWeights(file.tensors, weights, source);
}

/** Whether a file must have a checksum: one of a whole model. Of weights alone, it may be of other programs. */
function isSealed({ metadata }: SafeTensors): boolean {
  return metadata.format === MODEL_FORMAT || hasSeal(metadata);
}

/** The format of whole models, of which weights can be taken too. */
export const MODEL_FORMAT = "fovea-model";

/** What the names of tensors begin with that are no weights: no layer's name is empty. */
export const TRAINING_PREFIX = "/optimizer/";

/** The values for each variable, of a file's tensors. @throws FormatError as decodeWeights. */
export function pickWeights(
  tensors: ReadonlyMap<string, SafeTensor>,
  weights: readonly NamedWeight[],
  source: string,
): ReadonlyMap<Variable, Float32Array> {
  const rest = new Set([...tensors.keys()].filter((name) => !name.startsWith(TRAINING_PREFIX)));
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

/** A path as it is, a `file:` URL as its path. @throws OptionError for anything else. */
export function filePath(path: unknown, call: string): string {
  if (path instanceof URL && path.protocol === "file:") return decodeURIComponent(path.pathname);
  if (typeof path === "string" && path !== "") return path;
  const bytes = call === "loadWeights" ? ", or bytes," : "";
  throw new OptionError(`${call}: a path or a file: URL${bytes} expected, received ${formatReceived(path)}.`);
}
