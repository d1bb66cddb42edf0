/** Layers that make pictures larger or smaller. Pictures are [batch, height, width, channels]. */

import { OptionError } from "../../core/errors.js";
import { boolean, finite, oneOf, oneOfAnyCase, pair, positiveInteger, withDefault } from "../../core/options.js";
import type { Dimensions } from "../../graph/dimensions.js";
import { constant } from "../../graph/leaves.js";
import { add } from "../../graph/ops/add.js";
import { broadcastTo } from "../../graph/ops/broadcastTo.js";
import { cast } from "../../graph/ops/cast.js";
import { clip } from "../../graph/ops/clip.js";
import { resample } from "../../graph/ops/resample.js";
import { reshape } from "../../graph/ops/reshape.js";
import { round } from "../../graph/ops/round.js";
import { picture } from "../../graph/ops/window.js";
import type { Tensor } from "../../graph/tensor.js";
import { defineLayer } from "../define-layer.js";
import { toFloat } from "../to-float.js";
import { cropped, type Frame, padded } from "./framing.js";
import { type Interpolation, interpolations, interpolationTable } from "./interpolation.js";

type Size = readonly [height: number, width: number];

/** Pictures of another size, one axis after the other; an axis that stays is left as it is. */
function resized(x: Tensor, size: Size, interpolation: Interpolation, antialias: boolean): Tensor {
  return size.reduce((y, to, i) => {
    const axis = i + 1;
    const from = y.shape[axis]!;
    return from === to ? y : resample([y], { axis, ...interpolationTable(interpolation, from, to, antialias) });
  }, x);
}

/** Every pixel `size` times, down and across. */
function repeated(x: Tensor, [down, across]: Size): Tensor {
  const { batch, height, width, channels } = picture("upSampling2d", x.shape);
  const apart = reshape([x], { shape: [batch, height, 1, width, 1, channels] });
  const wide = broadcastTo([apart], { shape: [batch, height, down, width, across, channels] });
  return reshape([wide], { shape: [batch, height * down, width * across, channels] });
}

/**
 * Pictures `size` times as large, [2, 2] by default: by `interpolation` "nearest" (default), which repeats pixels,
 * "bilinear", "bicubic", "lanczos3" or "lanczos5". Bytes and whole numbers stay what they are, rounded.
 * @throws ShapeError for an input that is not of pictures.
 * @example layers.upSampling2d({ size: 2, interpolation: "bilinear" })
 */
export const upSampling2d = defineLayer({
  className: "UpSampling2D",
  call: "upSampling2d",
  triedWhenCalled: false,
  options: { size: withDefault(pair(), 2), interpolation: withDefault(oneOfAnyCase(interpolations), "nearest") },
  outputShape({ size: [down, across] }, inputShape, name) {
    const { batch, height, width, channels } = picture(name, inputShape);
    return [batch, height * down, width * across, channels];
  },
  build(input, { options: { size, interpolation } }) {
    if (interpolation === "nearest") return repeated(input, size);
    const target: Size = [input.shape[1]! * size[0], input.shape[2]! * size[1]];
    return asBefore(resized(toFloat(input), target, interpolation, false), input.dtype);
  },
});

/** The length that has to another one the ratio that the target sizes have, in whole pixels. */
function inRatio(length: number, target: number, other: number): number {
  return Math.trunc(Math.fround(Math.fround(length * target) / other));
}

/** What is around the middle part of an axis; an odd one more behind. */
function around(whole: number, part: number): readonly [number, number] {
  const before = (whole - part) >> 1;
  return [before, whole - part - before];
}

/** What to cut off so that the rest, around the middle, has the target's ratio of height to width. */
function cropToRatio([height, width]: Size, [targetHeight, targetWidth]: Size): Frame {
  const within = (whole: number, part: number): number => Math.max(Math.min(whole, part), 1);
  return [
    around(height, within(height, inRatio(width, targetHeight, targetWidth))),
    around(width, within(width, inRatio(height, targetWidth, targetHeight))),
  ];
}

/** What to put around so that the whole has the target's ratio; as much on both sides, so it may lack a pixel. */
function padToRatio([height, width]: Size, [targetHeight, targetWidth]: Size): Frame {
  const sides = (part: number, whole: number): readonly [number, number] => {
    const before = (Math.max(whole, part) - part) >> 1;
    return [before, before];
  };
  return [
    sides(height, inRatio(width, targetHeight, targetWidth)),
    sides(width, inRatio(height, targetWidth, targetHeight)),
  ];
}

/** Pictures with a frame of some value. */
function filled(x: Tensor, frame: Frame, value: number): Tensor {
  const y = padded(x, frame);
  if (value === 0 || y === x) return y;
  const [, height, width] = x.shape as readonly [null, number, number];
  const [, down, across] = y.shape as readonly [null, number, number];
  const [[top], [left]] = frame;
  const values = Array.from({ length: down * across }, (_, i) => {
    const [row, column] = [Math.floor(i / across) - top, (i % across) - left];
    return row >= 0 && row < height && column >= 0 && column < width ? 0 : value;
  });
  return add([y, constant(values, [1, down, across, 1], "float32")]);
}

/** Bytes and whole numbers come back as what they were: rounded, and within what they can be. */
function asBefore(y: Tensor, dtype: Tensor["dtype"]): Tensor {
  if (dtype === "float32") return y;
  // Of int32, the bounds that float32 has.
  const [minimum, maximum] = dtype === "uint8" ? [0, 255] : [-(2 ** 31), 2 ** 31 - 128];
  return cast([clip([round([y])], { minimum: minimum!, maximum: maximum! })], { dtype });
}

function sized(inputShape: Dimensions, [height, width]: Size, name: string): Dimensions {
  const { batch, channels } = picture(name, inputShape);
  return [batch, height, width, channels];
}

/**
 * Pictures of `height` and `width`, by `interpolation` "bilinear" (default), "nearest", "bicubic", "lanczos3" or
 * "lanczos5". Bytes and whole numbers stay what they are, rounded.
 *
 * Options, all false by default: `cropToAspectRatio` first cuts off what the target's ratio of height to width has no room
 * for; `padToAspectRatio` first puts `fillValue` (0 by default) around, as much on both sides; `antialias` makes each pixel
 * of all those it covers where pictures shrink. `fillMode` is "constant".
 *
 * Bicubic is that of Keys with a = -1/2; its distances are rounded to 1/1024, as by Keras on TensorFlow.
 * @throws OptionError where both ratios are to be kept; ShapeError for an input that is not of pictures.
 * @example layers.resizing({ height: 32, width: 32, cropToAspectRatio: true })
 */
export const resizing = defineLayer({
  className: "Resizing",
  call: "resizing",
  triedWhenCalled: false,
  options: {
    height: positiveInteger(),
    width: positiveInteger(),
    interpolation: withDefault(oneOf(interpolations), "bilinear"),
    cropToAspectRatio: withDefault(boolean(), false),
    padToAspectRatio: withDefault(boolean(), false),
    fillMode: withDefault(oneOf(["constant"]), "constant"),
    fillValue: withDefault(finite(), 0),
    antialias: withDefault(boolean(), false),
  },
  check({ cropToAspectRatio, padToAspectRatio }) {
    if (cropToAspectRatio && padToAspectRatio) {
      throw new OptionError("resizing: cropToAspectRatio and padToAspectRatio cannot both be true.");
    }
  },
  outputShape: ({ height, width }, inputShape, name) => sized(inputShape, [height, width], name),
  build(input, { options }) {
    const { height, width, interpolation, cropToAspectRatio, padToAspectRatio, fillValue, antialias } = options;
    const x = toFloat(input);
    const size: Size = [x.shape[1]!, x.shape[2]!];
    const target: Size = [height, width];
    const framed = cropToAspectRatio
      ? cropped(x, cropToRatio(size, target))
      : padToAspectRatio
        ? filled(x, padToRatio(size, target), fillValue)
        : x;
    return asBefore(resized(framed, target, interpolation, antialias), input.dtype);
  },
});

/**
 * The middle of each picture, of `height` and `width`. Pictures that are smaller are first cropped to this ratio of height
 * to width and then resized, bilinear, as Keras does.
 * @throws ShapeError for an input that is not of pictures.
 * @example layers.centerCrop({ height: 24, width: 24 })
 */
export const centerCrop = defineLayer({
  className: "CenterCrop",
  call: "centerCrop",
  options: { height: positiveInteger(), width: positiveInteger() },
  outputShape: ({ height, width }, inputShape, name) => sized(inputShape, [height, width], name),
  build(input, { options: { height, width } }) {
    const x = toFloat(input);
    const size: Size = [x.shape[1]!, x.shape[2]!];
    const target: Size = [height, width];
    const fits = size[0] >= height && size[1] >= width;
    const middle = cropped(x, fits ? [around(size[0], height), around(size[1], width)] : cropToRatio(size, target));
    return resized(middle, target, "bilinear", false);
  },
});
