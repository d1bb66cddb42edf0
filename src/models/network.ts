/**
 * A stack of layers made concrete: unique names, the shape between every two of them, and the variables of their
 * weights. Symbolic only: no numbers, no memory.
 */

import type { DType } from "../core/dtype.js";
import { OptionError } from "../core/errors.js";
import { formatReceived } from "../core/received.js";
import { sizeOf } from "../core/shape.js";
import type { Dimensions } from "../graph/dimensions.js";
import { read } from "../graph/leaves.js";
import { type Tensor, Variable } from "../graph/tensor.js";
import { snakeCase } from "../nn/factory.js";
import { type CallContext, Layer, type Weight } from "../nn/layer.js";

/** A layer in its place. */
export interface PlacedLayer {
  readonly layer: Layer;
  /** Unique in its network: `dense`, `dense_1`. */
  readonly name: string;
  readonly inputShape: Dimensions;
  readonly outputShape: Dimensions;
  readonly weights: readonly Weight[];
}

/** A stack of layers, the input layer first. */
export interface Network {
  readonly layers: readonly PlacedLayer[];
  readonly input: { readonly shape: Dimensions; readonly dtype: DType };
  readonly outputShape: Dimensions;
  /** Every weight, in the order of the layers. */
  readonly weights: readonly Weight[];
}

/**
 * Puts layers one on the other.
 * @throws OptionError if the first is not an input layer, a later one is, or two have one name; ShapeError where two
 * do not fit.
 */
export function buildNetwork(layers: readonly Layer[]): Network {
  checkLayers(layers);
  const first = layers[0];
  if (first?.className !== "InputLayer") {
    const found = first === undefined ? "no layers" : `a ${first.className} layer`;
    throw new OptionError(`sequential: the first layer must be layers.input({ shape }), received ${found}.`);
  }
  const names = uniqueNames(layers);
  const { shape, dtype } = first.config as { shape: readonly number[]; dtype?: DType };
  let current: Dimensions = [null, ...shape];
  const placed = layers.map((layer, i): PlacedLayer => {
    const inputShape = current;
    const name = names[i]!;
    if (i === 0) return { layer, name, inputShape, outputShape: current, weights: [] };
    if (layer.className === "InputLayer") {
      throw new OptionError(`sequential: layer ${i} ("${name}") is an input layer; only the first can be one.`);
    }
    current = layer.outputShape(inputShape, name);
    const weights = layer
      .weights(inputShape, name)
      .map((spec): Weight => ({ ...spec, variable: new Variable(`${name}/${spec.name}`, spec.shape, "float32") }));
    return { layer, name, inputShape, outputShape: current, weights };
  });
  return {
    layers: placed,
    input: { shape: [null, ...shape], dtype: dtype ?? "float32" },
    outputShape: current,
    weights: placed.flatMap(({ weights }) => weights),
  };
}

function checkLayers(layers: unknown): void {
  if (!Array.isArray(layers)) {
    throw new OptionError(`sequential: a list of layers expected, received ${formatReceived(layers)}.`);
  }
  const seen = new Set<unknown>();
  layers.forEach((layer: unknown, i) => {
    if (!(layer instanceof Layer)) {
      const advice = typeof layer === "function" ? " Call it: layers.dense({ units: 10 })." : "";
      throw new OptionError(`sequential: item ${i} is not a layer but ${formatReceived(layer)}.${advice}`);
    }
    if (seen.has(layer)) {
      throw new OptionError(`sequential: item ${i} is a layer that is in the list already; make another one like it.`);
    }
    seen.add(layer);
  });
}

/** The number of a layer's weights, each element counted. */
export function parameters(layer: PlacedLayer): number {
  return layer.weights.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/** What a pass through a network gives. */
export interface Pass {
  readonly output: Tensor;
  /** The output of every layer but the input. */
  readonly outputs: readonly { readonly layer: PlacedLayer; readonly tensor: Tensor }[];
  /** The tensor each weight was read as. */
  readonly weights: ReadonlyMap<Weight, Tensor>;
}

/** Calls every layer in turn on `x`. */
export function forward(network: Network, x: Tensor, context: CallContext): Pass {
  const weights = new Map<Weight, Tensor>();
  const outputs: { layer: PlacedLayer; tensor: Tensor }[] = [];
  let tensor = x;
  for (const placed of network.layers.slice(1)) {
    const own: Record<string, Tensor> = {};
    for (const weight of placed.weights) {
      own[weight.name] = read(weight.variable);
      weights.set(weight, own[weight.name]!);
    }
    tensor = placed.layer.call(tensor, own, context, placed.name);
    outputs.push({ layer: placed, tensor });
  }
  return { output: tensor, outputs, weights };
}

/** Names as Keras makes them: the class in snake case, then `_1`, `_2`; given names are kept and must be unique. */
function uniqueNames(layers: readonly Layer[]): string[] {
  const given = new Set<string>();
  for (const { name } of layers) {
    if (name === undefined) continue;
    if (given.has(name)) throw new OptionError(`sequential: two layers have the name "${name}".`);
    given.add(name);
  }
  const counts = new Map<string, number>();
  return layers.map(({ name, className }) => {
    if (name !== undefined) return name;
    const base = snakeCase(className);
    for (;;) {
      const count = counts.get(base) ?? 0;
      counts.set(base, count + 1);
      const candidate = count === 0 ? base : `${base}_${count}`;
      if (!given.has(candidate)) return candidate;
    }
  });
}
