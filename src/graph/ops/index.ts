/** The table of all ops. An op has the same word here, in its file and in every backend. */

import { absolute } from "./absolute.js";
import { accumulate } from "./accumulate.js";
import { activation, activationGradient } from "./activation.js";
import { adamUpdate } from "./adamUpdate.js";
import { add } from "./add.js";
import { argmax } from "./argmax.js";
import { assign } from "./assign.js";
import { assignFinite } from "./assignFinite.js";
import { averagePool2d, averagePool2dGradient } from "./averagePool2d.js";
import { batchNormalize, batchNormalizeGradients } from "./batchNormalize.js";
import { broadcastTo, reduceSum } from "./broadcastTo.js";
import { cast } from "./cast.js";
import { castScale } from "./castScale.js";
import { checkFinite } from "./checkFinite.js";
import { clip } from "./clip.js";
import { concatenate } from "./concatenate.js";
import { conv2d, conv2dFilterGradient, conv2dInputGradient } from "./conv2d.js";
import { conv2dBias } from "./conv2dBias.js";
import { conv2dGradients, conv2dMaxPoolGradients, conv2dReluGradients } from "./conv2dGradients.js";
import { conv2dMaxPool } from "./conv2dMaxPool.js";
import { dense } from "./dense.js";
import { divide } from "./divide.js";
import { dropout } from "./dropout.js";
import { equal } from "./equal.js";
import { exp } from "./exp.js";
import { gatherRows } from "./gatherRows.js";
import { gatherScale } from "./gatherScale.js";
import { greater } from "./greater.js";
import { greaterEqual } from "./greaterEqual.js";
import { increment } from "./increment.js";
import { log } from "./log.js";
import { logSoftmax } from "./logSoftmax.js";
import { matmul } from "./matmul.js";
import { maximum } from "./maximum.js";
import { maxPool2d, maxPool2dGradient } from "./maxPool2d.js";
import { minimum } from "./minimum.js";
import { momentumUpdate } from "./momentumUpdate.js";
import { multiply } from "./multiply.js";
import { negate } from "./negate.js";
import { oneHot } from "./oneHot.js";
import { randomNormal } from "./randomNormal.js";
import { reciprocal } from "./reciprocal.js";
import { reduceMax } from "./reduceMax.js";
import { relu, reluGradient } from "./relu.js";
import { resample } from "./resample.js";
import { reshape } from "./reshape.js";
import { round } from "./round.js";
import { rowCount } from "./rowCount.js";
import { scaleChannels } from "./scaleChannels.js";
import { select } from "./select.js";
import { sgdUpdate } from "./sgdUpdate.js";
import { sigmoid, sigmoidGradient } from "./sigmoid.js";
import { sign } from "./sign.js";
import { pad, slice } from "./slice.js";
import { softmax, softmaxGradient } from "./softmax.js";
import { softmaxCrossentropyGradient } from "./softmaxCrossentropyGradient.js";
import {
  sparseCategoricalCrossentropy,
  sparseCategoricalCrossentropyGradient,
} from "./sparseCategoricalCrossentropy.js";
import { sparseSoftmaxCrossentropy, sparseSoftmaxCrossentropyGradient } from "./sparseSoftmaxCrossentropy.js";
import { sqrt } from "./sqrt.js";
import { square } from "./square.js";
import { subtract } from "./subtract.js";
import { tanh, tanhGradient } from "./tanh.js";
import { transpose } from "./transpose.js";

export const ops = {
  absolute,
  accumulate,
  activation,
  activationGradient,
  adamUpdate,
  add,
  argmax,
  assign,
  assignFinite,
  averagePool2d,
  averagePool2dGradient,
  batchNormalize,
  batchNormalizeGradients,
  broadcastTo,
  cast,
  castScale,
  checkFinite,
  clip,
  concatenate,
  conv2d,
  conv2dBias,
  conv2dFilterGradient,
  conv2dGradients,
  conv2dInputGradient,
  conv2dMaxPool,
  conv2dMaxPoolGradients,
  conv2dReluGradients,
  dense,
  divide,
  dropout,
  equal,
  exp,
  gatherRows,
  gatherScale,
  greater,
  greaterEqual,
  increment,
  log,
  logSoftmax,
  matmul,
  maxPool2d,
  maxPool2dGradient,
  maximum,
  minimum,
  momentumUpdate,
  multiply,
  negate,
  oneHot,
  pad,
  randomNormal,
  reciprocal,
  reduceMax,
  reduceSum,
  relu,
  reluGradient,
  resample,
  reshape,
  round,
  rowCount,
  scaleChannels,
  select,
  sgdUpdate,
  sigmoid,
  sigmoidGradient,
  sign,
  slice,
  softmax,
  softmaxCrossentropyGradient,
  softmaxGradient,
  sparseCategoricalCrossentropy,
  sparseCategoricalCrossentropyGradient,
  sparseSoftmaxCrossentropy,
  sparseSoftmaxCrossentropyGradient,
  sqrt,
  square,
  subtract,
  tanh,
  tanhGradient,
  transpose,
};

/** The name of an op. */
export type OpName = keyof typeof ops;

/** The attributes of an op. */
export type AttributesOf<O extends OpName> = Parameters<(typeof ops)[O]["definition"]["infer"]>[1];
