/**
 * Layers that put a frame of zeros around pictures, or cut one off. Pictures are [batch, height, width, channels],
 * and keep their dtype.
 */

import { ShapeError } from "../../core/errors.js";
import { integer, type RequiredCheck, withDefault } from "../../core/options.js";
import { formatShape } from "../../core/shape.js";
import { pad, slice } from "../../graph/ops/slice.js";
import { picture } from "../../graph/ops/window.js";
import type { Tensor } from "../../graph/tensor.js";
import { defineLayer } from "../define-layer.js";

type Pair<T> = readonly [T, T];

/** Rows or columns on each side: [[top, bottom], [left, right]]. */
export type Frame = Pair<Pair<number>>;

/** What a frame can be given as: one number for all sides, [vertical, horizontal], or each side by itself. */
type FrameLike = number | Pair<number | Pair<number>>;

function frameOption(): RequiredCheck<FrameLike, Frame> {
  const whole = integer({ min: 0 });
  const sides = (value: unknown): Pair<number> | undefined => {
    const both = Array.isArray(value) ? value : [value, value];
    const [a, b] = both.map((side) => whole.read(side));
    return both.length === 2 && a !== undefined && b !== undefined ? [a, b] : undefined;
  };
  return {
    describe: `${whole.describe}, a pair [vertical, horizontal] of them, or [[top, bottom], [left, right]]`,
    presence: "required",
    refuses: [-1, 1.5, "1", null, {}, [], [1], [1, 2, 3], [1, -1], [[1, 2], [3]], [[1, 2, 3], 1], [[1, -1], 1]],
    read(value) {
      const both = Array.isArray(value) ? value : [value, value];
      const [vertical, horizontal] = both.map(sides);
      return both.length === 2 && vertical !== undefined && horizontal !== undefined
        ? [vertical, horizontal]
        : undefined;
    },
  };
}

/** Zeros around pictures. */
export function padded(x: Tensor, frame: Frame): Tensor {
  return frame.reduce(
    (y, [before, after], i) => (before + after === 0 ? y : pad([y], { axis: i + 1, before, after })),
    x,
  );
}

/** The part of pictures that is left within a frame. */
export function cropped(x: Tensor, frame: Frame): Tensor {
  return frame.reduce((y, [before, after], i) => {
    const length = y.shape[i + 1]! - before - after;
    return before + after === 0 ? y : slice([y], { axis: i + 1, from: before, length });
  }, x);
}

/**
 * Zeros around each picture: `padding` (1 by default) on every side, [vertical, horizontal], or
 * [[top, bottom], [left, right]].
 * @throws ShapeError for an input that is not of pictures.
 * @example layers.zeroPadding2d({ padding: [[1, 0], [1, 0]] })
 */
export const zeroPadding2d = defineLayer({
  className: "ZeroPadding2D",
  call: "zeroPadding2d",
  options: { padding: withDefault(frameOption(), 1) },
  outputShape({ padding: [vertical, horizontal] }, inputShape, name) {
    const { batch, height, width, channels } = picture(name, inputShape);
    return [batch, height + vertical[0] + vertical[1], width + horizontal[0] + horizontal[1], channels];
  },
  build: (x, { options: { padding } }) => padded(x, padding),
});

/**
 * Cuts rows and columns off each picture: `cropping` (0 by default) on every side, [vertical, horizontal], or
 * [[top, bottom], [left, right]].
 * @throws ShapeError for an input that is not of pictures, or of which nothing would be left.
 * @example layers.cropping2d({ cropping: [2, 4] })
 */
export const cropping2d = defineLayer({
  className: "Cropping2D",
  call: "cropping2d",
  options: { cropping: withDefault(frameOption(), 0) },
  outputShape({ cropping: [vertical, horizontal] }, inputShape, name) {
    const { batch, height, width, channels } = picture(name, inputShape);
    const [down, across] = [height - vertical[0] - vertical[1], width - horizontal[0] - horizontal[1]];
    if (down < 1 || across < 1) {
      throw new ShapeError(
        `${name}: cropping [${formatShape(vertical)}, ${formatShape(horizontal)}] leaves nothing of pictures ${formatShape(inputShape)}; [${down}, ${across}] would be left.`,
      );
    }
    return [batch, down, across, channels];
  },
  build: (x, { options: { cropping } }) => cropped(x, cropping),
});
