/** Layers that summarize pictures: over windows, or whole. Pictures are [batch, height, width, channels]. */

import { boolean, oneOfAnyCase, optional, pair, withDefault } from "../../core/options.js";
import { mean } from "../../graph/compose.js";
import type { Dimensions } from "../../graph/dimensions.js";
import { averagePool2d } from "../../graph/ops/averagePool2d.js";
import { maxPool2d } from "../../graph/ops/maxPool2d.js";
import type { PoolAttributes } from "../../graph/ops/pool.js";
import { reduceMax } from "../../graph/ops/reduceMax.js";
import { picture, windowGeometry } from "../../graph/ops/window.js";
import { defineLayer } from "../define-layer.js";
import { toFloat } from "../to-float.js";

const options = {
  poolSize: withDefault(pair(), 2),
  strides: optional(pair()),
  padding: withDefault(oneOfAnyCase(["valid", "same"]), "valid"),
};

interface PoolOptions {
  readonly poolSize: readonly [number, number];
  readonly strides?: readonly [number, number];
  readonly padding: "valid" | "same";
}

/** Windows side by side unless strides say otherwise. */
function attributesOf({ poolSize, strides = poolSize, padding }: PoolOptions): PoolAttributes {
  return { poolSize, strides, padding };
}

function outputShape(given: PoolOptions, inputShape: Dimensions, name: string): Dimensions {
  const { batch, height, width, channels } = picture(name, inputShape);
  const windows = windowGeometry(name, height, width, given.poolSize, attributesOf(given));
  return [batch, windows.height.output, windows.width.output, channels];
}

/**
 * y = the largest pixel of each window of each channel. `poolSize` is 2 by default, `strides` the pool's size, `padding`
 * "valid", or "same", whose outside never wins.
 * @throws ShapeError for an input that is not of pictures, or pictures smaller than the window.
 * @example layers.maxPooling2d({ poolSize: [2, 2] })
 */
export const maxPooling2d = defineLayer({
  className: "MaxPooling2D",
  call: "maxPooling2d",
  options,
  outputShape,
  build: (x, use) => maxPool2d([toFloat(x)], attributesOf(use.options)),
});

/**
 * y = the mean of the pixels of each window of each channel; with "same" padding only real pixels count. Options as
 * maxPooling2d's.
 * @throws ShapeError for an input that is not of pictures, or pictures smaller than the window.
 * @example layers.averagePooling2d()
 */
export const averagePooling2d = defineLayer({
  className: "AveragePooling2D",
  call: "averagePooling2d",
  options,
  outputShape,
  build: (x, use) => averagePool2d([toFloat(x)], attributesOf(use.options)),
});

const globalOptions = { keepdims: withDefault(boolean(), false) };

function globalShape({ keepdims }: { readonly keepdims: boolean }, inputShape: Dimensions, name: string): Dimensions {
  const { batch, channels } = picture(name, inputShape);
  return keepdims ? [batch, 1, 1, channels] : [batch, channels];
}

/**
 * y = the largest pixel of each channel of the whole picture: [batch, channels], or [batch, 1, 1, channels] with `keepdims`
 * (false by default). Equal largest ones share the gradient.
 * @throws ShapeError for an input that is not of pictures.
 * @example layers.globalMaxPooling2d()
 */
export const globalMaxPooling2d = defineLayer({
  className: "GlobalMaxPooling2D",
  call: "globalMaxPooling2d",
  options: globalOptions,
  outputShape: globalShape,
  build: (x, use) => reduceMax([toFloat(x)], { axes: [1, 2], keepDims: use.options.keepdims }),
});

/**
 * y = the mean of each channel over the whole picture: [batch, channels], or [batch, 1, 1, channels] with `keepdims`
 * (false by default).
 * @throws ShapeError for an input that is not of pictures.
 * @example layers.globalAveragePooling2d()
 */
export const globalAveragePooling2d = defineLayer({
  className: "GlobalAveragePooling2D",
  call: "globalAveragePooling2d",
  options: globalOptions,
  outputShape: globalShape,
  build: (x, use) => mean(toFloat(x), { axes: [1, 2], keepDims: use.options.keepdims }),
});
