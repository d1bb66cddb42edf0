/** A model as a layer of another one: all of its layers, with the weights they have. Not here: what else a model does. */

import { ShapeError } from "../core/errors.js";
import { formatShape } from "../core/shape.js";
import { sameDimensions } from "../graph/dimensions.js";
import type { Config } from "../nn/factory.js";
import { Layer } from "../nn/layer.js";
import { forward, type Network, type PlacedWeight } from "./network.js";

/** What a configuration says of a model. */
export interface ModelParts {
  /** Keras's name of the kind of model. */
  readonly kind: "Sequential" | "Functional";
  readonly name: string;
  readonly seed: number;
  readonly trainable: boolean;
  readonly network: Network;
  /** Whether its inputs and outputs were given as lists, be it of one. */
  readonly listed: { readonly inputs: boolean; readonly outputs: boolean };
}

/** The layer that does what a model does. */
export class ModelLayer extends Layer {
  /** `name` is the one that its user gave it, if any; `describe` writes the model down. */
  constructor(
    readonly model: ModelParts,
    name: string | undefined,
    describe: () => Config,
  ) {
    const { network, kind } = model;
    const { inputs, outputs } = network;
    // Within the outer model a weight is known by its way through this one.
    const weights = network.weights.map((weight): PlacedWeight => ({ ...weight, name: weight.path }));
    super(kind, { name }, model.name, describe, {
      layers: network.layers.map(({ layer }) => layer),
      inputs: inputs.length === 1 ? "one" : "many",
      // Its layers have been, and models that use others twice at each level would take for ever.
      triedWhenCalled: false,
      outputShapes(shapes, layer) {
        const fits =
          shapes.length === inputs.length && shapes.every((shape, i) => sameDimensions(shape, inputs[i]!.shape));
        if (fits) return outputs.map(({ shape }) => shape);
        const [expected, received] = [inputs.map(({ shape }) => shape), shapes].map((list) =>
          list.map((shape) => formatShape(shape)).join(", "),
        );
        throw new ShapeError(`${layer}: the inner model expects ${expected}, received ${received}.`);
      },
      weights: () => weights,
      ownWeights: () => network.weights,
      call(xs, own, context, layer) {
        const read = new Map(weights.map((weight) => [weight.variable, own[weight.name]!]));
        const pass = forward(network, xs, context, { weights: read, within: `${layer}/` });
        for (const { name, tensor } of pass.made) context.made(name, tensor);
        for (const { weight, value } of pass.updates) context.update(weight.path, value);
        return pass.outputs;
      },
    });
  }
}
