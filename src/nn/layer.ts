/**
 * What a layer is: a description of weights, shapes and a piece of graph. It owns no numbers, but once it is in a model it
 * keeps the variables of its weights: every model that it is in shares them. How one is defined is in define-layer.ts; the
 * layers themselves are in layers/, one family a file, and what layers are made of is in layer-parts.ts.
 */

import { OptionError, ShapeError, StateError } from "../core/errors.js";
import { formatReceived } from "../core/received.js";
import { formatShape, sizeOf } from "../core/shape.js";
import { type Dimensions, sameDimensions } from "../graph/dimensions.js";
import { Tensor, Variable } from "../graph/tensor.js";
import { Callable } from "./callable.js";
import type { Config } from "./factory.js";
import type { CallContext, LayerBehaviour, LayerContext, LayerSettings, Weight, WeightSpec } from "./layer-parts.js";
import { activityPenalty } from "./regularizers/regularizer.js";
import { tryOut } from "./try-out.js";

let nextSerial = 0;
let nextCall = 0;

const noLayers: ReadonlySet<object> = new Set();

/** The shape of a layer's only input, or of each. */
type InputShape = Dimensions | readonly Dimensions[];

/** A layer as a user describes it and a model uses it. Called on what other layers made, it gives what it makes of that. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the interface has nothing but the calls that Callable makes possible.
export class Layer extends Callable {
  readonly #call: string;
  readonly #describe: () => Config;
  readonly #behaviour: LayerBehaviour;
  #built: readonly Weight[] | undefined;
  #trainable: boolean;
  /** Keras's name of the class: "Conv2D". */
  readonly className: string;
  /** Counts the layers made so far: names follow the order in which layers were made. */
  readonly serial: number = nextSerial++;
  /** The name its user gave it. Where there is none, the model makes one as Keras does: dense, dense_1. */
  readonly name: string | undefined;

  /** Use the functions of `layers`; this is for those who define them. */
  constructor(
    className: string,
    { name, trainable = true }: LayerSettings,
    call: string,
    describe: () => Config,
    behaviour: LayerBehaviour,
  ) {
    super();
    this.className = className;
    this.name = name;
    this.#trainable = trainable;
    this.#call = call;
    this.#describe = describe;
    this.#behaviour = behaviour;
  }

  /**
   * Whether training changes its weights. Takes effect with the next compile of a model, as in Keras. To change it for a
   * model within a model is to change it for all of its layers, of which each can then be set by itself.
   */
  get trainable(): boolean {
    return this.#trainable;
  }

  set trainable(value: boolean) {
    if (typeof value !== "boolean") {
      throw new OptionError(`${this.#spoken()}: trainable must be true or false, received ${formatReceived(value)}.`);
    }
    if (value === this.#trainable) return;
    this.#trainable = value;
    for (const layer of this.#behaviour.layers ?? []) layer.trainable = value;
  }

  /** `trainable = false`, but of a model not for the layers within it: configurations say that of each by itself. */
  freezeAlone(): void {
    this.#trainable = false;
  }

  /**
   * Its options with defaults filled in, as plain values, and `trainable` where it is false: `layerFromConfig` makes the
   * layer again.
   * @throws OptionError where an option is a function of the user's own.
   */
  get config(): Config {
    const frozen = !this.#trainable && this.className !== "InputLayer";
    return { ...this.#describe(), ...(frozen ? { trainable: false } : {}) };
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
   * What weights it needs for inputs of this shape, in Keras's order.
   * @throws ShapeError as outputShape does.
   */
  weightSpecs(inputShape: InputShape, name: string = this.#spoken()): readonly (WeightSpec | Weight)[] {
    const shapes = shapesOf(inputShape);
    this.#behaviour.outputShapes(shapes, name);
    return this.#behaviour.weights(shapes, name);
  }

  /**
   * Its weights with the variables that hold them, made the first time under the name it has there.
   * @throws ShapeError where inputs of another shape would need other weights than those it has.
   */
  build(inputShape: InputShape, name: string): readonly Weight[] {
    const specs = this.weightSpecs(inputShape, name);
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

  /** The layers that training leaves as they are: this one where it is not trainable; of a model those within it. */
  get frozenLayers(): readonly object[] {
    const { layers } = this.#behaviour;
    if (layers !== undefined) return layers.flatMap((layer) => layer.frozenLayers);
    return this.#trainable ? [] : [this];
  }

  /** Its weights, in Keras's order; none before it is in a model. Their numbers are the model's: `model.getWeights`. */
  get weights(): readonly Weight[] {
    return this.#behaviour.ownWeights?.() ?? this.#built ?? [];
  }

  /** Those that training changes: none where the layer is not trainable. */
  get trainableWeights(): readonly Weight[] {
    return this.#trainable ? this.learnedWeights : [];
  }

  /** Those that training leaves as they are, or that are no optimizer's business: moving averages. */
  get nonTrainableWeights(): readonly Weight[] {
    const learned = new Set(this.trainableWeights.map(({ variable }) => variable));
    return this.weights.filter(({ variable }) => !learned.has(variable));
  }

  /** Those that training of a model around it changes, which asks the layers within a model one by one, as Keras does. */
  get learnedWeights(): readonly Weight[] {
    const { layers } = this.#behaviour;
    if (layers === undefined) return this.#trainable ? this.weights.filter(({ trainable }) => trainable) : [];
    const learned = new Set(layers.flatMap((layer) => layer.learnedWeights.map(({ variable }) => variable)));
    return this.weights.filter(({ variable }) => learned.has(variable));
  }

  /**
   * The number of its weights, each element counted.
   * @throws StateError before it is in a model, which is when it learns of what shape they are.
   */
  countParams(): number {
    const known = this.#built !== undefined || this.#behaviour.ownWeights !== undefined;
    if (known || this.className === "InputLayer") {
      return this.weights.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    }
    throw new StateError(`${this.#spoken()}: countParams: the layer is in no model yet, so it has no weights.`);
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
    for (const expected of this.weightSpecs(shapes, name)) {
      const found = weights[expected.name];
      if (found === undefined || !sameDimensions(found.shape, expected.shape)) {
        throw wrongWeight(name, shapes, expected.name, expected.shape, found?.shape);
      }
    }
    const { frozen = noLayers, update = () => {}, addLoss = () => {}, made: tell = () => {}, training } = context;
    const own: LayerContext = {
      ...context,
      frozen,
      update,
      addLoss,
      made: tell,
      learns: training && !frozen.has(this),
    };
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
    const outputs = this.applyTo(given, name);
    return outputs.length === 1 ? outputs[0]! : outputs;
  }

  /**
   * What it makes of symbolic inputs: one, or a list. Messages begin with `name`.
   * @throws OptionError for what it cannot be called on, ShapeError where that does not fit it.
   */
  applyTo(given: unknown, name: string): readonly LayerOutput[] {
    const list = Array.isArray(given) ? (given as unknown[]) : [given];
    const { inputs: takes } = this.#behaviour;
    if (takes === "one" && list.length !== 1) {
      throw new OptionError(`${name}: one input expected, received a list of ${list.length}.`);
    }
    if (takes === "list" && !Array.isArray(given)) {
      throw new OptionError(`${name}: a list of inputs expected, as in ${this.#call}()([a, b]), received one alone.`);
    }
    if (this.className === "InputLayer")
      throw new OptionError(`${name}: an input layer begins a model; it is called on nothing.`);
    const inputs = list.map((value) => outputOf(value, name));
    const shapes = inputs.map(({ shape }) => shape);
    const made = this.outputShapes(shapes, name);
    if (this.#behaviour.triedWhenCalled ?? true) tryOut(this, shapes, name);
    return callOf(this, inputs, made);
  }

  /**
   * What it was called on in its only call, symbolically.
   * @throws StateError as `output` does; OptionError where it was called on several inputs.
   */
  get input(): LayerOutput {
    return only(this.#onlyCall("input").inputs, `${this.#spoken()}: the layer was called on`, "inputs");
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
    return only(this.#onlyCall("output").outputs, `${this.#spoken()}: the layer has`, "outputs");
  }

  #onlyCall(what: "input" | "output"): LayerCall {
    const [call, ...others] = callsOf.get(this) ?? [];
    const name = this.#spoken();
    if (call === undefined) throw new StateError(`${name}: the layer was not called yet, so it has no ${what}.`);
    if (others.length === 0) return call;
    throw new StateError(
      `${name}: the layer was called ${others.length + 1} times; keep what the call gave that you mean.`,
    );
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

/** The only one of some. @throws OptionError for several: `has`, how many, and which of them. */
export function only<T>(list: readonly T[], has: string, what: string): T {
  if (list.length === 1) return list[0]!;
  throw new OptionError(`${has} ${list.length} ${what}.`);
}

/** Notes a use of a layer: its results, of these shapes. */
function callOf(layer: Layer, inputs: readonly LayerOutput[], shapes: readonly Dimensions[]): readonly LayerOutput[] {
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
  const kind = isLayer ? `a ${value.className} layer` : value instanceof Callable ? "a model" : undefined;
  const found = kind === undefined ? formatReceived(value) : `${kind} that was not called`;
  const advice =
    kind !== undefined
      ? "Call it on its input first: layers.dense({ units: 10 })(x)."
      : "Begin with layers.input({ shape }).";
  throw new OptionError(`${where}: the output of a layer expected, received ${found}. ${advice}`);
}

function shapesOf(shape: InputShape): readonly Dimensions[] {
  return shape.length > 0 && shape.every((item) => Array.isArray(item))
    ? (shape as readonly Dimensions[])
    : [shape as Dimensions];
}
