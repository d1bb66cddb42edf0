/**
 * What a layer is made of and with: its weights, what it does, what its call depends on, what a user says of it. Not the
 * layer itself: layer.ts.
 */

import type { Dimensions } from "../graph/dimensions.js";
import type { Tensor, Variable } from "../graph/tensor.js";
import type { Constraint } from "./constraints/constraint.js";
import type { Initializer } from "./initializers/initializer.js";
import type { Regularizer } from "./regularizers/regularizer.js";

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
  readonly frozen?: ReadonlySet<object>;
  /**
   * Gives a weight of the layer, by its name, a new value at the end of the training step; a later call of the layer in the
   * step is given that value. Default: nothing happens.
   */
  update?(weight: string, value: Tensor): void;
  /** Is told what each layer within this one made, by its name there, in the order in which they ran. Default: nothing happens. */
  made?(name: string, tensor: Tensor): void;
}

/** The same as a layer's own behaviour sees it. */
export interface LayerContext extends Required<CallContext> {
  /** Whether this is training, and the layer is not frozen. */
  readonly learns: boolean;
}

/** What a layer of some options does, on lists of inputs and outputs: most have one of each. */
export interface LayerBehaviour {
  /** How many inputs it takes: one, "many" (a list of at least one), or "list": the same, which must be given as a list. */
  readonly inputs: "one" | "many" | "list";
  outputShapes(inputShapes: readonly Dimensions[], name: string): readonly Dimensions[];
  /** Weights that are there already come with their variables. */
  weights(inputShapes: readonly Dimensions[], name: string): readonly (WeightSpec | Weight)[];
  call(
    xs: readonly Tensor[],
    weights: Readonly<Record<string, Tensor>>,
    context: LayerContext,
    name: string,
  ): readonly Tensor[];
  /**
   * Default true: its graph is made once for nothing when it is called, so that what does not fit is noticed there. False where
   * that says no more than its output's shape and may take long: large tables, models within models.
   */
  readonly triedWhenCalled?: boolean | undefined;
  /** A penalty for each of its outputs. */
  readonly activityRegularizer?: Regularizer | null;
  /** The layers within it, where it is a model. */
  readonly layers?: readonly InnerLayer[];
  /** Its weights, where they are there before the layer is in a model. */
  ownWeights?(): readonly Weight[];
}

/** What a user says of any layer. */
export interface LayerSettings {
  readonly name?: string | undefined;
  /** Default true. */
  readonly trainable?: boolean | undefined;
}

/** What a model as a layer asks of those within it. */
interface InnerLayer {
  trainable: boolean;
  readonly frozenLayers: readonly object[];
  readonly learnedWeights: readonly Weight[];
}
