/**
 * Where the windows of a convolution or a pooling lie: shared by their ops and by every backend. Pictures are NHWC:
 * [batch, height, width, channels].
 */

import { OptionError, ShapeError } from "../../core/errors.js";
import { formatShape } from "../../core/shape.js";
import type { Dimensions } from "../dimensions.js";

/** "valid": windows lie inside the picture. "same": zeros around it, so that stride 1 keeps its size. */
export type Padding = "valid" | "same";

/** Strides and padding of windows over two axes, and how far apart what they look at lies: 1, side by side, by default. */
export type WindowAttributes = {
  readonly strides: readonly [number, number];
  readonly padding: Padding;
  readonly dilationRate?: readonly [number, number];
};

/** Windows along one axis. */
export interface WindowAxis {
  /** How many windows. */
  readonly output: number;
  /** Padding before the first element; window o begins at o * stride - before. */
  readonly before: number;
}

/** Windows over height and width. */
export interface WindowGeometry {
  readonly height: WindowAxis;
  readonly width: WindowAxis;
}

/**
 * Windows of length `kernel` over an axis of length `size`. valid: floor((size - kernel) / stride) + 1 of them. same, as
 * in Keras: ceil(size / stride), with max((output - 1) stride + kernel - size, 0) zeros, the smaller half before.
 */
export function windowAxis(size: number, kernel: number, stride: number, padding: Padding): WindowAxis {
  if (padding === "valid") return { output: Math.max(Math.floor((size - kernel) / stride) + 1, 0), before: 0 };
  const output = Math.ceil(size / stride);
  const total = Math.max((output - 1) * stride + kernel - size, 0);
  return { output, before: Math.floor(total / 2) };
}

/** What a kernel of length `kernel` covers where its elements lie `dilation` apart. */
export function dilatedLength(kernel: number, dilation: number): number {
  return (kernel - 1) * dilation + 1;
}

/**
 * Windows over height and width.
 * @throws OptionError for sizes, strides or dilations that are not whole numbers >= 1, or an unknown padding; ShapeError
 * if no window fits. Both name the op.
 */
export function windowGeometry(
  name: string,
  height: number,
  width: number,
  kernelSize: readonly [number, number],
  { strides, padding, dilationRate = [1, 1] }: WindowAttributes,
): WindowGeometry {
  const whole = (pair: readonly number[]): boolean =>
    pair.length === 2 && pair.every((n) => Number.isSafeInteger(n) && n >= 1);
  if (!whole(kernelSize) || !whole(strides)) {
    throw new OptionError(
      `${name}: window and strides must be two whole numbers of at least 1, received [${kernelSize.join(", ")}] and [${strides.join(", ")}].`,
    );
  }
  if (!whole(dilationRate)) {
    throw new OptionError(
      `${name}: dilations must be two whole numbers of at least 1, received [${dilationRate.join(", ")}].`,
    );
  }
  if (padding !== "valid" && padding !== "same") {
    throw new OptionError(`${name}: padding must be "valid" or "same", received ${JSON.stringify(padding)}.`);
  }
  const covered = [0, 1].map((axis) => dilatedLength(kernelSize[axis]!, dilationRate[axis]!)) as [number, number];
  const geometry = {
    height: windowAxis(height, covered[0], strides[0], padding),
    width: windowAxis(width, covered[1], strides[1], padding),
  };
  if (geometry.height.output < 1 || geometry.width.output < 1) {
    throw new ShapeError(
      `${name}: a window of [${covered.join(", ")}] does not fit into pictures of [${height}, ${width}]. Use a smaller one, or padding "same".`,
    );
  }
  return geometry;
}

/** The axes of a picture tensor. */
export interface Picture {
  readonly batch: number | null;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/**
 * Reads a shape as [batch, height, width, channels].
 * @throws ShapeError naming the op.
 */
export function picture(name: string, shape: Dimensions): Picture {
  const [batch, height, width, channels] = shape;
  if (shape.length !== 4) {
    throw new ShapeError(
      `${name}: pictures [batch, height, width, channels] expected, received shape ${formatShape(shape)}.`,
    );
  }
  return { batch: batch!, height: height!, width: width!, channels: channels! };
}
