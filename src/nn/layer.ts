/**
 * What a layer is: a description of weights, shapes and a piece of graph. It owns no numbers, but once it is in a model it
 * keeps the variables of its weights: every model that it is in shares them. How one is defined is in define-layer.ts; the
 * layers themselves are in layers/, one family a file.
 */

import { OptionError, ShapeError, StateError } from "../core/errors.js";
import { formatReceived } from "../core/received.js";
import { formatShape } from "../core/shape.js";
import { type Dimensions, sameDimensions } from "../graph/dimensions.js";
import { Tensor, Variable } from "../graph/tensor.js";
import { Callable } from "./callable.js";
import type { Constraint } from "./constraints/constraint.js";
import type { Config } from "./factory.js";
import type { Initializer } from "./initializers/initializer.js";
import { activityPenalty, type Regularizer } from "./regularizers/regularizer.js";

/** One weight of a layer, before there is memory for it. */
export interface WeightSpec {
  /** Its name within the layer: "kernel", "bias". */
  readonly name: string;
  readonly shape: readonly number[];
  readonly initializer: Initializer;
  /** The penalty that training adds to the loss for it, while it is trained. */
  readonly regularizer?: Regularizer | null;
  /** What it is made to be after every update. */
  readonly constraint?: Constraint | null;
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
  /** Takes a scalar that the model's loss grows by; absent where nobody asks for the loss. */
  addLoss?(penalty: Tensor): void;
  /** Layers that training leaves as they are. Default: none. */
  readonly frozen?: ReadonlySet<Layer>;
  /**
   * Gives a weight of the layer, by its name, a new value at the end of the training step; a later call of the layer in the
   * step is given that value. Default: nothing happens.
   */
  update?(weight: string, value: Tensor): void;
}

/** The same as a layer's own behaviour sees it. */
export interface LayerContext extends Required<CallContext> {
  /** Whether this is training, and the layer is not frozen. */
  readonly learns: boolean;
}

let nextSerial = 0;
let nextCall = 0;

const noLayers: ReadonlySet<Layer> = new Set();

/** What a layer of some options does, on lists of inputs and outputs: most have one of each. */
export interface LayerBehaviour {
  /** How many inputs it takes: one, or "many" (a list of at least one). */
  readonly inputs: "one" | "many";
  outputShapes(inputShapes: readonly Dimensions[], name: string): readonly Dimensions[];
  /** Weights that are there already come with their variables. */
  weights(inputShapes: readonly Dimensions[], name: string): readonly (WeightSpec | Weight)[];
  call(
    xs: readonly Tensor[],
    weights: Readonly<Record<string, Tensor>>,
    context: LayerContext,
    name: string,
  ): readonly Tensor[];
  /** A penalty for each of its outputs. */
  readonly activityRegularizer?: Regularizer | null;
  /** The layers within it, where it is a model. */
  readonly layers?: readonly Layer[];
  /** The weights that training may change; absent: those that say so themselves. */
  trainableWeights?(): readonly Weight[];
}

/** The shape of a layer's only input, or of each. */
export type InputShape = Dimensions | readonly Dimensions[];

/** A layer as a user describes it and a model uses it. Called on what other layers made, it gives what it makes of that. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the interface has nothing but the calls that Callable makes possible.
export class Layer extends Callable {
  readonly #call: string;
  readonly #describe: () => Config;
  readonly #behaviour: LayerBehaviour;
  #built: readonly Weight[] | undefined;
  /**
   * Whether training changes its weights. Takes effect with the next compile of a model, as in Keras. False for a model
   * within a model: for all of its layers.
   */
  trainable = true;
  /** Keras's name of the class: "Conv2D". */
  readonly className: string;
  /** Counts the layers made so far: names follow the order in which layers were made. */
  readonly serial: number = nextSerial++;
  /** The name its user gave it. Where there is none, the model makes one as Keras does: dense, dense_1. */
  readonly name: string | undefined;

  /** Use the functions of `layers`; this is for those who define them. */
  constructor(
    className: string,
    name: string | undefined,
    call: string,
    describe: () => Config,
    behaviour: LayerBehaviour,
  ) {
    super();
    this.className = className;
    this.name = name;
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
  outputShape(inputShape: InputShape, name: string = this.#spoken()): Dimensions {
    return this.outputShapes(inputShape, name)[0]!;
  }

  /** The shapes of all its outputs. @throws ShapeError as outputShape does. */
  outputShapes(inputShape: InputShape, name: string = this.#spoken()): readonly Dimensions[] {
    return this.#behaviour.outputShapes(shapesOf(inputShape), name);
  }

  /**
   * The weights it needs for inputs of this shape, in Keras's order.
   * @throws ShapeError as outputShape does.
   */
  weights(inputShape: InputShape, name: string = this.#spoken()): readonly (WeightSpec | Weight)[] {
    const shapes = shapesOf(inputShape);
    this.#behaviour.outputShapes(shapes, name);
    return this.#behaviour.weights(shapes, name);
  }

  /**
   * Its weights with the variables that hold them, made the first time under the name it has there.
   * @throws ShapeError where inputs of another shape would need other weights than those it has.
   */
  build(inputShape: InputShape, name: string): readonly Weight[] {
    const specs = this.weights(inputShape, name);
    this.#built ??= specs.map((spec) =>
      "variable" in spec ? spec : { ...spec, variable: new Variable(`${name}/${spec.name}`, spec.shape, "float32") },
    );
    specs.forEach(({ name: weight, shape }, i) => {
      const found = this.#built![i]!;
      if (!sameDimensions(found.shape, shape))
        throw wrongWeight(name, shapesOf(inputShape), weight, shape, found.shape);
    });
    return this.#built;
  }

  /** The layers that training leaves as they are: this one where it is not trainable, and those within it. */
  get frozenLayers(): readonly Layer[] {
    const { layers = [] } = this.#behaviour;
    return this.trainable ? layers.flatMap((layer) => layer.frozenLayers) : [this, ...this.#within()];
  }

  /** The weights that training changes; none before it is in a model. */
  get trainableWeights(): readonly Weight[] {
    if (!this.trainable) return [];
    return this.#behaviour.trainableWeights?.() ?? this.#built?.filter(({ trainable }) => trainable) ?? [];
  }

  /**
   * The graph of its output. `weights` are by name, in float32; `name` is the layer's name in the model, from which its
   * random numbers follow.
   * @throws ShapeError where the input does not fit the layer or the weights were made for another input.
   */
  call(
    x: Tensor | readonly Tensor[],
    weights: Readonly<Record<string, Tensor>> = {},
    context: CallContext = { training: false, randomState: null },
    name: string = this.#spoken(),
  ): Tensor {
    return this.callAll(x instanceof Tensor ? [x] : x, weights, context, name)[0]!;
  }

  /** The graphs of all its outputs. @throws ShapeError as call does. */
  callAll(
    xs: readonly Tensor[],
    weights: Readonly<Record<string, Tensor>>,
    context: CallContext,
    name: string,
  ): readonly Tensor[] {
    const shapes = xs.map(({ shape }) => shape);
    for (const expected of this.weights(shapes, name)) {
      const found = weights[expected.name];
      if (found === undefined || !sameDimensions(found.shape, expected.shape)) {
        throw wrongWeight(name, shapes, expected.name, expected.shape, found?.shape);
      }
    }
    const { frozen = noLayers, update = () => {}, addLoss = () => {}, training } = context;
    const own: LayerContext = { ...context, frozen, update, addLoss, learns: training && !frozen.has(this) };
    const made: readonly unknown[] = this.#behaviour.call(xs, weights, own, name);
    this.#behaviour.outputShapes(shapes, name).forEach((promised, i) => {
      const y = made[i];
      if (y instanceof Tensor && sameDimensions(y.shape, promised)) return;
      const found = y instanceof Tensor ? formatShape(y.shape) : formatReceived(y);
      throw new ShapeError(
        `${name}: a tensor of ${formatShape(promised)} expected, made ${found}. A function of your own must make a tensor of that shape; an activation keeps its input's.`,
      );
    });
    const outputs = made as readonly Tensor[];
    const { activityRegularizer } = this.#behaviour;
    if (activityRegularizer != null && context.addLoss !== undefined) {
      for (const y of outputs) context.addLoss(activityPenalty(activityRegularizer, y, name));
    }
    return outputs;
  }

  /** What calling the layer does. */
  protected override connect(given: unknown, ...rest: unknown[]): LayerOutput | readonly LayerOutput[] {
    const name = this.#spoken();
    if (rest.length > 0) throw new OptionError(`${name}: give several inputs as one list: ${name}([a, b]).`);
    const list = Array.isArray(given) ? (given as unknown[]) : [given];
    if (this.#behaviour.inputs === "one" && list.length !== 1) {
      throw new OptionError(`${name}: one input expected, received a list of ${list.length}.`);
    }
    if (this.className === "InputLayer")
      throw new OptionError(`${name}: an input layer begins a model; it is called on nothing.`);
    const inputs = list.map((value) => outputOf(value, name));
    const outputs = callOf(this, inputs);
    return outputs.length === 1 ? outputs[0]! : outputs;
  }

  /**
   * What its only call gave, symbolically: a model can end there.
   * @throws StateError where it was not called yet, or more than once (every model it is in counts); OptionError where it
   * makes several outputs.
   * @example
   * const whole = sequential([layers.input({ shape: [8] }), layers.dense({ units: 4, name: "hidden" }), layers.dense({ units: 2 })]);
   * whole.getLayer("hidden").output.shape; // [null, 4]; model({ inputs: whole.inputs, outputs }) ends there
   */
  get output(): LayerOutput {
    const [call, ...others] = callsOf.get(this) ?? [];
    const name = this.#spoken();
    if (call === undefined) throw new StateError(`${name}: the layer was not called yet, so it has no output.`);
    if (others.length > 0) {
      throw new StateError(
        `${name}: the layer was called ${others.length + 1} times; keep what the call gave that you mean.`,
      );
    }
    if (call.outputs.length > 1) throw new OptionError(`${name}: the layer has ${call.outputs.length} outputs.`);
    return call.outputs[0]!;
  }

  /** All layers within it, and within these. */
  #within(): readonly Layer[] {
    const { layers = [] } = this.#behaviour;
    return layers.flatMap((layer) => [layer, ...layer.#within()]);
  }

  #spoken(): string {
    return this.name ?? this.#call;
  }
}

/** Called on the output of a layer, or on a list of them, a layer gives its own output. */
export interface Layer extends Connects {}

/**
 * What calling gives: the only output. A model of several outputs gives a list of them, which TypeScript has to be told:
 * `const [a, b] = inner(x) as unknown as LayerOutput[]`.
 */
export type Connects = (inputs: Symbolic | readonly Symbolic[]) => LayerOutput;

/** One use of a layer. */
export interface LayerCall {
  /** Counts the uses of all layers: those of one layer are numbered in this order. */
  readonly serial: number;
  readonly layer: Layer;
  readonly inputs: readonly LayerOutput[];
  /** One for each result. */
  readonly outputs: readonly LayerOutput[];
}

/**
 * What calling a layer on symbolic inputs makes: a value of a network that is being described. It holds no numbers and
 * belongs to no model. Keras calls it a KerasTensor.
 */
export class LayerOutput {
  constructor(
    readonly made: LayerCall,
    /** Which of the call's results. */
    readonly index: number,
    readonly shape: Dimensions,
  ) {}
}

/** What a layer can be called on, and a model can begin or end with: what a call made, or an input layer itself. */
export type Symbolic = LayerOutput | Layer;

/** The results of a use of a layer. @throws ShapeError where the inputs do not fit it. */
export function callOf(
  layer: Layer,
  inputs: readonly LayerOutput[],
  shapes: readonly Dimensions[] = layer.outputShapes(inputs.map(({ shape }) => shape)),
): readonly LayerOutput[] {
  const outputs: LayerOutput[] = [];
  const made: LayerCall = { serial: nextCall++, layer, inputs, outputs };
  for (const [index, shape] of shapes.entries()) outputs.push(new LayerOutput(made, index, shape));
  callsOf.set(layer, [...(callsOf.get(layer) ?? []), made]);
  return outputs;
}

function wrongWeight(
  layer: string,
  inputs: readonly Dimensions[],
  weight: string,
  expected: readonly number[],
  found: Dimensions | undefined,
): ShapeError {
  return new ShapeError(
    `${layer}: an input of ${inputs.map((shape) => formatShape(shape)).join(", ")} needs ${weight} ${formatShape(expected)}, but this layer's ${weight} is ${found === undefined ? "missing" : formatShape(found)}. A layer keeps the weights of the input shape it was built for.`,
  );
}

/** Every use of each layer. */
const callsOf = new WeakMap<Layer, readonly LayerCall[]>();

const ofInputs = new WeakMap<Layer, LayerOutput>();

/**
 * A symbolic value as the output of a layer's call: an input layer stands for its only one.
 * @throws OptionError for anything else; `where` goes in front.
 */
export function outputOf(value: unknown, where: string): LayerOutput {
  if (value instanceof LayerOutput) return value;
  if (value instanceof Layer && value.className === "InputLayer") {
    const known = ofInputs.get(value);
    if (known !== undefined) return known;
    const { shape } = value.config as { shape: readonly number[] };
    const [output] = callOf(value, [], [[null, ...shape]]);
    ofInputs.set(value, output!);
    return output!;
  }
  const isLayer = value instanceof Layer;
  const found = isLayer ? `a ${value.className} layer that was not called` : formatReceived(value);
  const advice = isLayer
    ? "Call it on its input first: layers.dense({ units: 10 })(x)."
    : "Begin with layers.input({ shape }).";
  throw new OptionError(`${where}: the output of a layer expected, received ${found}. ${advice}`);
}

function shapesOf(shape: InputShape): readonly Dimensions[] {
  return shape.length > 0 && shape.every((item) => Array.isArray(item))
    ? (shape as readonly Dimensions[])
    : [shape as Dimensions];
}
