/**
 * What a layer is: an immutable description of weights, shapes and a piece of graph. It owns no numbers; the model makes
 * variables for its weights and calls it on symbolic tensors. The layers themselves are in layers/, one family a file.
 */

import { ShapeError } from "../core/errors.js";
import {
  custom,
  formatReceived,
  type OptionCheck,
  type OptionTable,
  type OutputOf,
  optional,
  type RequiredCheck,
} from "../core/options.js";
import { formatShape } from "../core/shape.js";
import { type Dimensions, sameDimensions } from "../graph/dimensions.js";
import { Tensor, type Variable } from "../graph/tensor.js";
import { type Config, defineFactory, type Factory } from "./factory.js";
import type { Initializer } from "./initializers/initializer.js";

/** One weight of a layer, before there is memory for it. */
export interface WeightSpec {
  /** Its name within the layer: "kernel", "bias". */
  readonly name: string;
  readonly shape: readonly number[];
  readonly initializer: Initializer;
  /** Whether an optimizer may change it. */
  readonly trainable: boolean;
}

/** A weight and where its numbers live; the variable's name is `layer/weight`. */
export interface Weight extends WeightSpec {
  readonly variable: Variable;
}

/** What a layer's call depends on besides its input and weights. */
export interface CallContext {
  readonly training: boolean;
  /** int32 [4]: key0, key1, epoch, step of the run's random numbers; null outside training. */
  readonly randomState: Tensor | null;
}

/** What a layer of some options does. */
interface LayerBehaviour {
  outputShape(inputShape: Dimensions, name: string): Dimensions;
  weights(inputShape: Dimensions, name: string): readonly WeightSpec[];
  call(x: Tensor, weights: Readonly<Record<string, Tensor>>, context: CallContext, name: string): Tensor;
}

/** A layer as a user describes it and a model uses it. */
export class Layer {
  readonly #call: string;
  readonly #describe: () => Config;
  readonly #behaviour: LayerBehaviour;

  /** Use the functions of `layers`; this is for those who define them. */
  constructor(
    /** Keras's name of the class: "Conv2D". */
    readonly className: string,
    /** The name its user gave it. Where there is none, the model makes one as Keras does: dense, dense_1. */
    readonly name: string | undefined,
    call: string,
    describe: () => Config,
    behaviour: LayerBehaviour,
  ) {
    this.#call = call;
    this.#describe = describe;
    this.#behaviour = behaviour;
  }

  /**
   * Its options with defaults filled in, as plain values: `layerFromConfig` makes the layer again.
   * @throws OptionError where an option is a function of the user's own.
   */
  get config(): Config {
    return this.#describe();
  }

  /**
   * The shape this layer makes of `inputShape`; both begin with the batch axis, `null`. Messages begin with `name`.
   * @throws ShapeError naming the layer, what it expects and what it received.
   */
  outputShape(inputShape: Dimensions, name = this.#spoken()): Dimensions {
    return this.#behaviour.outputShape(inputShape, name);
  }

  /**
   * The weights it needs for inputs of this shape, in Keras's order.
   * @throws ShapeError as outputShape does.
   */
  weights(inputShape: Dimensions, name = this.#spoken()): readonly WeightSpec[] {
    this.#behaviour.outputShape(inputShape, name);
    return this.#behaviour.weights(inputShape, name);
  }

  /**
   * The graph of its output. `weights` are by name, in float32; `name` is the layer's name in the model, from which its
   * random numbers follow.
   * @throws ShapeError where the input does not fit the layer or the weights were made for another input.
   */
  call(
    x: Tensor,
    weights: Readonly<Record<string, Tensor>> = {},
    context: CallContext = { training: false, randomState: null },
    name: string = this.#spoken(),
  ): Tensor {
    for (const expected of this.weights(x.shape, name)) {
      const found = weights[expected.name];
      if (found === undefined || !sameDimensions(found.shape, expected.shape)) {
        throw new ShapeError(
          `${name}: an input of ${formatShape(x.shape)} needs ${expected.name} ${formatShape(expected.shape)}, but this layer's ${expected.name} is ${found === undefined ? "missing" : formatShape(found.shape)}. A layer keeps the weights of the input shape it was built for.`,
        );
      }
    }
    const y: unknown = this.#behaviour.call(x, weights, context, name);
    const promised = this.#behaviour.outputShape(x.shape, name);
    if (!(y instanceof Tensor) || !sameDimensions(y.shape, promised)) {
      const made = y instanceof Tensor ? formatShape(y.shape) : formatReceived(y);
      throw new ShapeError(
        `${name}: a tensor of ${formatShape(promised)} expected, made ${made}. A function given as activation must return a tensor of its input's shape.`,
      );
    }
    return y;
  }

  #spoken(): string {
    return this.name ?? this.#call;
  }
}

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
      const options = all as OutputOf<T>;
      return new Layer(className, (all as { name?: string }).name, call, config, {
        outputShape: (inputShape, name) => definition.outputShape?.(options, inputShape, name) ?? inputShape,
        weights: (inputShape) => definition.weights?.(options, inputShape) ?? [],
        call: (x, weights, context, name) => definition.build(x, { options, weights, context, name }),
      });
    },
  });
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
