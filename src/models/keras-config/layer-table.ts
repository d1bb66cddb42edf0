/**
 * What Keras's configurations of layers say beyond the options that fovea's layers have: a line or two a layer. The rest
 * follows from the layers' own tables of options. Not the reading and writing.
 */

import type { Config } from "../../nn/factory.js";
import type { layers } from "../../nn/layers/index.js";

/** An option that does not have the snake case of its name, or another value. */
interface KerasOption {
  /** Keras's name of it. Default: the snake case of fovea's. */
  readonly name?: string;
  /** Keras's value, from the option's (undefined where it is not there) and those beside it. */
  write?(value: unknown, config: Config): unknown;
  /** fovea's value, or undefined to refuse it. */
  read?(value: unknown): unknown;
}

/** A class of layers in Keras's words. */
export interface KerasLayer {
  /** What Keras writes of options that fovea has not, the only value that they can have here; and of those not given. */
  readonly further?: Config;
  /** Options of fovea's that need more than another spelling. */
  readonly options?: Readonly<Record<string, KerasOption>>;
  /** Which of the things that all layers have Keras does not write of this one. */
  readonly without?: readonly ("trainable" | "dtype")[];
  /** What Keras writes beside the inputs of a call. */
  readonly callArguments?: Config;
}

/** Whether it is the number of rows of a batch, or says that any number will do. */
function isBatch(size: unknown): boolean {
  return size === null || (Number.isSafeInteger(size) && (size as number) > 0);
}

const channelsLast: Config = { data_format: "channels_last" };
/** Keras writes of a convolution that it has none. */
const convolution: KerasLayer = { further: { ...channelsLast, activity_regularizer: null } };
/** Without one, training has seeds of its own. */
const noSeed: KerasLayer = { further: { seed: null } };
/** Keras writes the pool's size where there are no strides. */
const pooling: KerasLayer = {
  further: channelsLast,
  options: { strides: { write: (strides, { poolSize }) => strides ?? poolSize } },
};

/** Every layer of fovea, by its name in `layers`. */
export const kerasLayers: { readonly [Name in keyof typeof layers]: KerasLayer } = {
  activation: {},
  add: {},
  alphaDropout: noSeed,
  average: {},
  averagePooling2d: pooling,
  batchNormalization: {
    further: { synchronized: false, renorm: false, renorm_clipping: null, renorm_momentum: 0.99 },
    callArguments: { mask: null },
  },
  centerCrop: { further: channelsLast },
  concatenate: {},
  conv2d: convolution,
  conv2dTranspose: convolution,
  cropping2d: { further: channelsLast },
  dense: { further: { quantization_config: null } },
  depthwiseConv2d: convolution,
  dropout: noSeed,
  eLU: {},
  flatten: { further: channelsLast },
  gaussianDropout: noSeed,
  gaussianNoise: noSeed,
  globalAveragePooling2d: { further: channelsLast },
  globalMaxPooling2d: { further: channelsLast },
  groupNormalization: {},
  identity: {},
  input: {
    further: { sparse: false, ragged: false, optional: false },
    without: ["trainable", "dtype"],
    options: {
      shape: {
        name: "batch_shape",
        write: (shape) => [null, ...(shape as readonly number[])],
        // Rows are open here, so a batch of fixed size is one of the sizes that the model takes.
        read: (shape) => (Array.isArray(shape) && isBatch(shape[0]) ? shape.slice(1) : undefined),
      },
    },
  },
  lambda: {},
  layerNormalization: { further: { rms_scaling: false } },
  leakyReLU: {},
  maxPooling2d: pooling,
  maximum: {},
  minimum: {},
  multiply: {},
  normalization: {},
  pReLU: {},
  permute: {},
  reLU: {},
  rescaling: {},
  reshape: {},
  resizing: { further: channelsLast },
  rmsNormalization: {},
  separableConv2d: convolution,
  softmax: { callArguments: { mask: null } },
  spatialDropout2d: { without: ["trainable", "dtype"], further: { ...channelsLast, dtype: "float32", seed: null } },
  subtract: {},
  unitNormalization: {},
  upSampling2d: { further: channelsLast },
  zeroPadding2d: { further: channelsLast },
};
