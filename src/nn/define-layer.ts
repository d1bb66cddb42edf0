/**
 * How a layer is defined: a table of options, and what it does with them. The layers themselves are in layers/, one
 * family a file.
 */

import { ShapeError } from "../core/errors.js";
import {
  custom,
  type OptionCheck,
  type OptionTable,
  type OutputOf,
  optional,
  type RequiredCheck,
} from "../core/options.js";
import { formatShape } from "../core/shape.js";
import type { Dimensions } from "../graph/dimensions.js";
import type { Tensor } from "../graph/tensor.js";
import { defineFactory, type Factory } from "./factory.js";
import { type CallContext, Layer, type WeightSpec } from "./layer.js";

/** What `defineLayer` is given: functions of the checked options. */
export interface LayerDefinition<T extends OptionTable> {
  readonly className: string;
  /** Its name in `layers`, which messages begin with. */
  readonly call: string;
  /** All options but `name`, which every layer has. */
  readonly options: T;
  /** Absent: a layer without weights. */
  weights?(options: OutputOf<T>, inputShape: Dimensions): readonly WeightSpec[];
  /** Absent: the input's shape. */
  outputShape?(options: OutputOf<T>, inputShape: Dimensions, name: string): Dimensions;
  build(
    x: Tensor,
    use: {
      readonly options: OutputOf<T>;
      readonly weights: Readonly<Record<string, Tensor>>;
      readonly context: CallContext;
      readonly name: string;
    },
  ): Tensor;
}

type NameOption = { readonly name: OptionCheck<string, string, "optional"> };

/**
 * Defines a kind of layer.
 * @example
 * export const twice = defineLayer({ className: "Twice", call: "twice", options: {}, build: (x) => add([x, x]) });
 */
export function defineLayer<const T extends OptionTable>(
  definition: LayerDefinition<T>,
): Factory<T & NameOption, Layer> {
  const { className, call } = definition;
  return defineFactory<T & NameOption, Layer>({
    className,
    call,
    options: { ...definition.options, name: optional(layerName()) },
    build(all, config) {
      const { name: given, options } = apart<T>(all);
      return new Layer(className, given, call, config, {
        inputs: "one",
        outputShapes: ([inputShape], name) => [definition.outputShape?.(options, inputShape!, name) ?? inputShape!],
        weights: ([inputShape]) => definition.weights?.(options, inputShape!) ?? [],
        call: ([x], weights, context, name) => [definition.build(x!, { options, weights, context, name })],
      });
    },
  });
}

/** What `defineMerge` is given: functions of the checked options, and lists of what comes in. */
export interface MergeDefinition<T extends OptionTable> {
  readonly className: string;
  readonly call: string;
  /** All options but `name`. */
  readonly options: T;
  outputShape(options: OutputOf<T>, inputShapes: readonly Dimensions[], name: string): Dimensions;
  build(xs: readonly Tensor[], use: { readonly options: OutputOf<T>; readonly name: string }): Tensor;
}

/** Defines a kind of layer of several inputs, without weights. */
export function defineMerge<const T extends OptionTable>(
  definition: MergeDefinition<T>,
): Factory<T & NameOption, Layer> {
  const { className, call } = definition;
  return defineFactory<T & NameOption, Layer>({
    className,
    call,
    options: { ...definition.options, name: optional(layerName()) },
    build(all, config) {
      const { name: given, options } = apart<T>(all);
      return new Layer(className, given, call, config, {
        inputs: "many",
        outputShapes: (shapes, name) => [definition.outputShape(options, shapes, name)],
        weights: () => [],
        call: (xs, _, __, name) => [definition.build(xs, { options, name })],
      });
    },
  });
}

/** The name, and what the layer's definition knows of. */
function apart<T extends OptionTable>(
  all: object,
): { readonly name: string | undefined; readonly options: OutputOf<T> } {
  const { name, ...options } = all as { name?: string };
  return { name, options: options as OutputOf<T> };
}

/** A layer's name: it becomes part of its weights' names, where "/" separates. */
function layerName(): RequiredCheck<string> {
  return custom(
    'a non-empty string without "/"',
    (value) => (typeof value === "string" && value.length > 0 && !value.includes("/") ? value : undefined),
    { refuses: ["", "a/b", 1, null, {}] },
  );
}

/** The lengths behind the batch axis, which must be there. */
export function featuresOf(name: string, shape: Dimensions): readonly number[] {
  if (shape.length < 1 || shape.slice(1).some((length) => length === null)) {
    throw new ShapeError(`${name}: an input with a batch axis expected, received ${formatShape(shape)}.`);
  }
  return shape.slice(1) as number[];
}
