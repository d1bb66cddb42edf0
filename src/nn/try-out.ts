/**
 * A layer's piece of graph made once for nothing, when it is called: so what does not fit is noticed there, by the layer's
 * name, and not when a model first computes. No numbers are computed.
 */

import { DataError, type FoveaError, OptionError, ShapeError } from "../core/errors.js";
import { formatShape } from "../core/shape.js";
import type { Dimensions } from "../graph/dimensions.js";
import { input } from "../graph/leaves.js";
import type { Tensor } from "../graph/tensor.js";

/** What is needed of a layer. */
interface Tried {
  weightSpecs(
    shapes: readonly Dimensions[],
    name: string,
  ): readonly { readonly name: string; readonly shape: readonly number[] }[];
  callAll(
    xs: readonly Tensor[],
    weights: Readonly<Record<string, Tensor>>,
    context: { readonly training: boolean; readonly randomState: null },
    name: string,
  ): unknown;
}

/** @throws ShapeError, OptionError or DataError as the layer does, beginning with its name and naming the input. */
export function tryOut(layer: Tried, shapes: readonly Dimensions[], name: string): void {
  const leaf = (what: string, shape: Dimensions): Tensor => input(what, shape, "float32");
  try {
    const xs = shapes.map((shape, i) => leaf(`x${i}`, shape));
    const weights = layer.weightSpecs(shapes, name).map((spec) => [spec.name, leaf(spec.name, spec.shape)] as const);
    layer.callAll(xs, Object.fromEntries(weights), { training: false, randomState: null }, name);
  } catch (error) {
    for (const kind of [ShapeError, OptionError, DataError]) {
      if (error instanceof kind) throw named(error, name, shapes, kind);
    }
    throw error;
  }
}

function named(
  error: FoveaError,
  name: string,
  shapes: readonly Dimensions[],
  kind: new (message: string) => FoveaError,
): FoveaError {
  if (error.message.startsWith(`${name}:`)) return error;
  const inputs = shapes.map((shape) => formatShape(shape)).join(", ");
  return new kind(`${name}: an input of ${inputs} does not go through it: ${error.message}`);
}
