/** A model in the words of Keras's own configuration. Not its layers' options: layer.ts. */

import type { Dimensions } from "../../graph/dimensions.js";
import { type Place, Places, type SharedNumbers, sharedLayers } from "../model-config.js";
import { ModelLayer, type ModelParts } from "../model-layer.js";
import type { PlacedCall, PlacedLayer } from "../network.js";
import { float32Policy, type KerasObject, kerasObject } from "./keras-object.js";
import { callArgumentsOf, writeLayer } from "./layer.js";
import type { Json } from "./path.js";

/** What `model.to_json()` gives in Keras, as an object, without the parts that Keras can make again. */
export type KerasConfig = KerasObject;

/**
 * The model in Keras's words.
 * @throws OptionError for what Keras has no words for.
 */
export function kerasConfigOf(model: ModelParts): KerasConfig {
  return writeModel(model, model.name, sharedLayers(model));
}

function writeModel(model: ModelParts, name: string, shared: SharedNumbers): KerasObject {
  const { network, trainable } = model;
  if (model.kind === "Sequential") {
    return kerasObject("keras", "Sequential", {
      name,
      trainable,
      dtype: float32Policy,
      layers: network.layers.map((placed) => writePlaced(placed, shared)),
      build_input_shape: network.inputs[0]!.shape,
    });
  }
  const places = new Places(network);
  const dtypes = new Map<string, string>(network.inputs.map((input) => [input.name, input.dtype]));
  const tensor = (shape: Dimensions, place: Place): Json => ({
    class_name: "__keras_tensor__",
    config: { shape, dtype: dtypes.get(place[0]) ?? "float32", keras_history: place },
  });
  const node = (placed: PlacedLayer, { inputs }: PlacedCall): Json => {
    const tensors = inputs.map((source) => tensor(places.shapeOf(source), places.of(source)));
    return { args: [tensors.length === 1 ? tensors[0] : tensors], kwargs: callArguments(placed, tensors.length) };
  };
  const layers = network.layers.map((placed) => ({
    ...writePlaced(placed, shared),
    name: placed.name,
    inbound_nodes: places.usesOf(placed).map((call) => node(placed, call)),
  }));
  // Here, and only here, Keras counts the calls of a functional model from 1.
  const functional = new Set(
    network.layers.filter(({ layer }) => layer.className === "Functional").map((placed) => placed.name),
  );
  const end = ([layer, call, output]: Place): Place => [layer, functional.has(layer) ? call + 1 : call, output];
  const { inputs, outputs } = places.ends(model.listed);
  return {
    ...kerasObject("keras.src.models.functional", "Functional", {
      name,
      trainable,
      layers,
      input_layers: inputs,
      output_layers: model.listed.outputs ? (outputs as readonly Place[]).map(end) : end(outputs as Place),
    }),
    registered_name: "Functional",
  };
}

function writePlaced({ layer, name }: PlacedLayer, shared: SharedNumbers): KerasObject {
  const number = shared.get(layer);
  const { className } = layer;
  const written =
    layer instanceof ModelLayer
      ? writeModel(layer.model, name, shared)
      : kerasObject(
          "keras.layers",
          className,
          writeLayer({ className, config: layer.config, name, trainable: layer.trainable }),
        );
  return number === undefined ? written : { ...written, shared_object_id: number };
}

/** What Keras writes beside the inputs of a call. */
function callArguments({ layer }: PlacedLayer, inputs: number): Json {
  if (!(layer instanceof ModelLayer)) return callArgumentsOf(layer.className);
  return { mask: inputs === 1 ? null : Array.from({ length: inputs }, () => null) };
}
