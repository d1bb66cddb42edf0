/** All layers by name, and a layer from its config. */

import { type Description, find, type Room } from "../factory.js";
import { Layer } from "../layer.js";
import { activation, eLU, leakyReLU, reLU, softmax } from "./activation.js";
import { conv2d } from "./convolution.js";
import { dense } from "./dense.js";
import { depthwiseConv2d, separableConv2d } from "./depthwise-convolution.js";
import { alphaDropout, dropout, spatialDropout2d } from "./dropout.js";
import { cropping2d, zeroPadding2d } from "./framing.js";
import { input } from "./input.js";
import { add, average, concatenate, maximum, minimum, multiply, subtract } from "./merging.js";
import { gaussianDropout, gaussianNoise } from "./noise.js";
import { batchNormalization } from "./normalization.js";
import { groupNormalization, layerNormalization, rmsNormalization, unitNormalization } from "./normalizing.js";
import { lambda } from "./own.js";
import { pReLU } from "./parametric-relu.js";
import { averagePooling2d, globalAveragePooling2d, globalMaxPooling2d, maxPooling2d } from "./pooling.js";
import { rescaling } from "./rescaling.js";
import { centerCrop, resizing, upSampling2d } from "./resizing.js";
import { flatten, identity, permute, reshape } from "./shaping.js";
import { normalization } from "./standardizing.js";
import { conv2dTranspose } from "./transposed-convolution.js";

export type { LambdaFunction } from "./own.js";
export type { Normalization } from "./standardizing.js";

/** Makes layers. */
export const layers = {
  activation,
  add,
  alphaDropout,
  average,
  averagePooling2d,
  batchNormalization,
  centerCrop,
  concatenate,
  conv2d,
  conv2dTranspose,
  cropping2d,
  dense,
  depthwiseConv2d,
  dropout,
  eLU,
  flatten,
  gaussianDropout,
  gaussianNoise,
  globalAveragePooling2d,
  globalMaxPooling2d,
  groupNormalization,
  identity,
  input,
  lambda,
  layerNormalization,
  leakyReLU,
  maxPooling2d,
  maximum,
  minimum,
  multiply,
  normalization,
  pReLU,
  permute,
  reLU,
  rescaling,
  reshape,
  resizing,
  rmsNormalization,
  separableConv2d,
  softmax,
  spatialDropout2d,
  subtract,
  unitNormalization,
  upSampling2d,
  zeroPadding2d,
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
