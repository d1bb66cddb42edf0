/** All layers by name, and a layer from its config. */

import { type Description, find, type Room } from "../factory.js";
import { Layer } from "../layer.js";
import { activation, eLU, leakyReLU, reLU, softmax } from "./activation.js";
import { conv2d } from "./convolution.js";
import { dense } from "./dense.js";
import { depthwiseConv2d, separableConv2d } from "./depthwise-convolution.js";
import { dropout } from "./dropout.js";
import { input } from "./input.js";
import { add, average, concatenate, maximum, minimum, multiply, subtract } from "./merging.js";
import { pReLU } from "./parametric-relu.js";
import { averagePooling2d, globalAveragePooling2d, maxPooling2d } from "./pooling.js";
import { rescaling } from "./rescaling.js";
import { flatten, reshape } from "./shaping.js";
import { conv2dTranspose } from "./transposed-convolution.js";

/** Makes layers. */
export const layers = {
  activation,
  add,
  average,
  averagePooling2d,
  concatenate,
  conv2d,
  conv2dTranspose,
  dense,
  depthwiseConv2d,
  dropout,
  eLU,
  flatten,
  globalAveragePooling2d,
  input,
  leakyReLU,
  maxPooling2d,
  maximum,
  minimum,
  multiply,
  pReLU,
  reLU,
  rescaling,
  reshape,
  separableConv2d,
  softmax,
  subtract,
} as const;

const room: Room<Layer> = {
  what: "layer",
  factories: layers,
  is: (value): value is Layer => value instanceof Layer,
};

/**
 * The layer that `{ className: layer.className, config: layer.config }` was written from.
 * @throws OptionError for an unknown class (with the nearest known one) or options the layer refuses.
 */
export function layerFromConfig(description: Description): Layer {
  return find(room, description);
}
