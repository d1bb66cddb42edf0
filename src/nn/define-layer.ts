/**
 * How a layer is defined: a table of options, and what it does with them. The layers themselves are in layers/, one
 * family a file.
 */

import { ShapeError } from "../core/errors.js";
import {
  boolean,
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
import { type Config, defineFactory, type Factory } from "./factory.js";
import { Layer } from "./layer.js";
import type { LayerBehaviour, LayerContext, LayerSettings, WeightSpec } from "./layer-parts.js";
import { type Regularizer, type RegularizerLike, regularizerOption } from "./regularizers/index.js";

/** What `defineLayer` is given: functions of the checked options. */
export interface LayerDefinition<T extends OptionTable> {
  readonly className: string;
  /** Its name in `layers`, which messages begin with. */
  readonly call: string;
  /** All options but `name`, `trainable` and `activityRegularizer`, which every layer has. */
  readonly options: T;
  /** Refuses options that do not go together, with an OptionError that begins with `call`. */
  check?(options: OutputOf<T>, call: string): void;
  /** Absent: a layer without weights. */
  weights?(options: OutputOf<T>, inputShape: Dimensions): readonly WeightSpec[];
  /** Absent: the input's shape. `name` is what messages begin with. @throws ShapeError where the input does not fit */
  outputShape?(options: OutputOf<T>, inputShape: Dimensions, name: string): Dimensions;
  /** Default true: when the layer is called, `build` is tried on its input's shape. False where that may take long. */
  readonly triedWhenCalled?: boolean;
  /** The output, made of `ops`; gradients follow by themselves. `weights` are by name, `name` is the layer's in its model. */
  build(
    x: Tensor,
    use: {
      readonly options: OutputOf<T>;
      readonly weights: Readonly<Record<string, Tensor>>;
      readonly context: LayerContext;
      readonly name: string;
    },
  ): Tensor;
}

type CommonOptions = {
  readonly name: OptionCheck<string, string, "optional">;
  readonly trainable: OptionCheck<boolean, boolean, "optional">;
  readonly activityRegularizer: OptionCheck<RegularizerLike | null, Regularizer | null, "optional">;
};

/** What every layer may be given: a penalty for its output, which training adds to the loss. */
interface Activity {
  readonly activityRegularizer?: Regularizer | null;
}

/**
 * Defines a kind of layer: gives the function that makes such layers of checked options, as those in `layers` do.
 *
 * A layer only describes. Its `build` makes a tensor of the input's and its weights, by functions of `ops`; how that is
 * differentiated, made fast and run on threads is not its business. Options are a table of `checks`, from which follow
 * their types, what is refused and by which words. The model makes the weights, names them `layer/weight`, trains those
 * that are `trainable`, and saves them. A model with a layer of one's own can be used and its weights saved like any other;
 * from a config nothing can make it again but the code that defines it.
 * @throws OptionError for options that `checks` refuse or `check` does; ShapeError where `build` makes another shape than
 * `outputShape` promises.
 * @example
 * const shift = defineLayer({
 *   className: "Shift",
 *   call: "shift",
 *   options: { start: checks.withDefault(checks.finite(), 0), along: checks.oneOf(["channels", "everything"]) },
 *   weights: ({ start, along }, inputShape) => [
 *     {
 *       name: "by",
 *       shape: along === "channels" ? [inputShape.at(-1)] : inputShape.slice(1),
 *       initializer: initializers.constant({ value: start }),
 *       trainable: true,
 *     },
 *   ],
 *   build: (x, { weights, context }) => (context.training ? ops.add(x, weights.by) : ops.add(x, ops.multiply(weights.by, 0.9))),
 * });
 * const shifted = sequential([layers.input({ shape: [4] }), shift({ along: "channels", start: 0.5 }), layers.dense({ units: 3 })]);
 * shifted.countParams(); // 19
 * shift({ along: "rows" }); // OptionError: shift: along must be one of "channels", "everything", received "rows".
 */
export function defineLayer<const T extends OptionTable>(
  definition: LayerDefinition<T>,
): Factory<T & CommonOptions, Layer> {
  return layerFactory(definition, (options) => ({
    inputs: "one",
    triedWhenCalled: definition.triedWhenCalled,
    outputShapes: ([inputShape], name) => [definition.outputShape?.(options, inputShape!, name) ?? inputShape!],
    weights: ([inputShape]) => definition.weights?.(options, inputShape!) ?? [],
    call: ([x], weights, context, name) => [definition.build(x!, { options, weights, context, name })],
  }));
}

/** What `defineMerge` is given: functions of the checked options, and lists of what comes in. */
interface MergeDefinition<T extends OptionTable> {
  readonly className: string;
  readonly call: string;
  /** All options but `name`, `trainable` and `activityRegularizer`. */
  readonly options: T;
  /** Whether inputs must be given as a list, even if it is one. Default false. */
  readonly list?: boolean;
  outputShape(options: OutputOf<T>, inputShapes: readonly Dimensions[], name: string): Dimensions;
  build(xs: readonly Tensor[], use: { readonly options: OutputOf<T>; readonly name: string }): Tensor;
}

/** Defines a kind of layer of several inputs, without weights. */
export function defineMerge<const T extends OptionTable>(
  definition: MergeDefinition<T>,
): Factory<T & CommonOptions, Layer> {
  return layerFactory(definition, (options) => ({
    inputs: definition.list === true ? "list" : "many",
    outputShapes: (shapes, name) => [definition.outputShape(options, shapes, name)],
    weights: () => [],
    call: (xs, _, __, name) => [definition.build(xs, { options, name })],
  }));
}

/** The options that every layer has. */
export function commonOptions(): CommonOptions {
  return {
    activityRegularizer: optional(regularizerOption()),
    name: optional(layerName()),
    trainable: optional(boolean()),
  };
}

/** The function that makes layers of a kind, which do what `behave` says of the checked options. */
function layerFactory<const T extends OptionTable>(
  { className, call, options: table, check }: Pick<LayerDefinition<T>, "className" | "call" | "options" | "check">,
  behave: (options: OutputOf<T>) => LayerBehaviour,
): Factory<T & CommonOptions, Layer> {
  return defineFactory<T & CommonOptions, Layer>({
    className,
    call,
    options: { ...table, ...commonOptions() },
    build: (all, config) => {
      const { name, trainable, activityRegularizer = null, ...rest } = all as Activity & LayerSettings;
      const options = rest as unknown as OutputOf<T>;
      check?.(options, call);
      const describe = () => withoutTrainable(config());
      return new Layer(className, { name, trainable }, call, describe, { ...behave(options), activityRegularizer });
    },
  });
}

/** Options written down but for `trainable`, which the layer says itself: it may have changed. */
export function withoutTrainable({ trainable: _, ...config }: Config): Config {
  return config;
}

/** A layer's name: it becomes part of its weights' names, where "/" separates. */
export function layerName(): RequiredCheck<string> {
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
