/**
 * Convolution of pictures (cross-correlation, as in Keras) and its two adjoints. All three are sums of products over
 * the same triples of an output, a kernel and an input element, so each is the gradient of the others.
 */

import { ShapeError } from "../../core/errors.js";
import { formatShape, sizeOf } from "../../core/shape.js";
import { defineOp, type Op } from "../op.js";
import { floatType } from "./unary.js";
import { picture, type WindowAttributes, windowGeometry } from "./window.js";

/**
 * Attributes of conv2d. In `groups` groups, 1 by default, each filter sees only the channels of its own: filters and
 * channels are cut into that many equal parts. As many groups as channels is a depthwise convolution.
 */
export type Conv2dAttributes = WindowAttributes & { readonly groups?: number };
/** Attributes of conv2dInputGradient: the size of the pictures that were convolved. */
export type Conv2dInputGradientAttributes = Conv2dAttributes & { readonly height: number; readonly width: number };
/** Attributes of conv2dFilterGradient: the size of the kernel. */
export type Conv2dFilterGradientAttributes = Conv2dAttributes & { readonly kernelSize: readonly [number, number] };

/** What says how windows lie and how channels are grouped, of the attributes of an op that has more. */
export function convolutionOf({ strides, padding, dilationRate, groups }: Conv2dAttributes): Conv2dAttributes {
  return {
    strides,
    padding,
    ...(dilationRate !== undefined && { dilationRate }),
    ...(groups !== undefined && { groups }),
  };
}

/**
 * y[n, o, p, f] = sum over i, j, c of x[n, o s + i d - before, p s + j d - before, c] kernel[i, j, c, f], x being 0
 * outside, s the stride and d the dilation. x is [batch, height, width, channels], the kernel [height, width,
 * channels / groups, filters]; c goes over the channels of the filter's group.
 */
export const conv2d: Op<"conv2d", 2, Conv2dAttributes> = defineOp({
  name: "conv2d",
  inputs: 2,
  infer: ([x, kernel], attributes) => {
    floatType("conv2d", x);
    floatType("conv2d", kernel);
    const { batch, height, width, channels } = picture("conv2d", x.shape);
    const [kernelHeight, kernelWidth, expected, filters] = kernel.shape;
    if (kernel.shape.length !== 4 || kernelHeight === null) {
      throw new ShapeError(
        `conv2d: a kernel [height, width, channels, filters] expected, received shape ${formatShape(kernel.shape)}.`,
      );
    }
    const { groups = 1 } = attributes;
    if (!Number.isSafeInteger(groups) || groups < 1 || channels % groups !== 0 || filters! % groups !== 0) {
      throw new ShapeError(
        `conv2d: as many groups as divide channels and filters expected, received ${groups} (input ${formatShape(x.shape)}, kernel ${formatShape(kernel.shape)}).`,
      );
    }
    const seen = expected! * groups;
    if (seen !== channels) {
      const each = groups === 1 ? "" : ` in ${groups} groups`;
      throw new ShapeError(
        `conv2d: the kernel expects ${seen} input channel${seen === 1 ? "" : "s"}${each}, received ${channels} (input ${formatShape(x.shape)}).`,
      );
    }
    const size = [kernelHeight!, kernelWidth!] as const;
    const geometry = windowGeometry("conv2d", height, width, size, attributes);
    return { shape: [batch, geometry.height.output, geometry.width.output, filters!], dtype: "float32" };
  },
  gradient: ({ inputs: [x, kernel], gradient: g, attributes }) => [
    conv2dInputGradient([g, kernel], { ...convolutionOf(attributes), height: x.shape[1]!, width: x.shape[2]! }),
    conv2dFilterGradient([x, g], {
      ...convolutionOf(attributes),
      kernelSize: [kernel.shape[0]!, kernel.shape[1]!],
    }),
  ],
  reference: ({ inputs: [x, kernel], attributes, shape }) => {
    const result = new Float64Array(sizeOf(shape));
    forEachTap(x.shape, kernel.shape, attributes, (from, tap, to, { channels, filters, step }) => {
      for (let c = 0; c < channels; c++) {
        const value = x.data[from + c]!;
        for (let f = 0; f < filters; f++) result[to + f]! += value * kernel.data[tap + c * step + f]!;
      }
    });
    return result;
  },
});

/** dx of conv2d, from dy and the kernel: dx[n, h, w, c] = the sum of dy kernel over every window that covers h, w. */
export const conv2dInputGradient: Op<"conv2dInputGradient", 2, Conv2dInputGradientAttributes> = defineOp({
  name: "conv2dInputGradient",
  inputs: 2,
  infer: ([dy, kernel], { height, width, ...attributes }) => {
    const channels = (kernel.shape[2] ?? 0) * (attributes.groups ?? 1);
    const x = { shape: [dy.shape[0] ?? null, height, width, channels], dtype: dy.dtype };
    checkOutput("conv2dInputGradient", dy.shape, conv2d.definition.infer([x, kernel], attributes).shape);
    return { ...floatType("conv2dInputGradient", dy), shape: x.shape };
  },
  gradient: ({ inputs: [dy, kernel], gradient: g, attributes }) => [
    conv2d([g, kernel], convolutionOf(attributes)),
    conv2dFilterGradient([g, dy], {
      ...convolutionOf(attributes),
      kernelSize: [kernel.shape[0]!, kernel.shape[1]!],
    }),
  ],
  reference: ({ inputs: [dy, kernel], attributes, shape }) => {
    const result = new Float64Array(sizeOf(shape));
    forEachTap(shape, kernel.shape, attributes, (to, tap, from, { channels, filters, step }) => {
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let f = 0; f < filters; f++) sum += dy.data[from + f]! * kernel.data[tap + c * step + f]!;
        result[to + c]! += sum;
      }
    });
    return result;
  },
});

/** The kernel's gradient of conv2d, from x and dy: dk[i, j, c, f] = the sum over pictures and windows of x dy. */
export const conv2dFilterGradient: Op<"conv2dFilterGradient", 2, Conv2dFilterGradientAttributes> = defineOp({
  name: "conv2dFilterGradient",
  inputs: 2,
  infer: ([x, dy], { kernelSize, ...attributes }) => {
    const { channels } = picture("conv2dFilterGradient", x.shape);
    const seen = Math.floor(channels / (attributes.groups ?? 1));
    const kernel = { shape: [...kernelSize, seen, dy.shape[3] ?? 0], dtype: dy.dtype };
    checkOutput("conv2dFilterGradient", dy.shape, conv2d.definition.infer([x, kernel], attributes).shape);
    return kernel;
  },
  gradient: ({ inputs: [x, dy], gradient: g, attributes }) => [
    conv2dInputGradient([dy, g], { ...convolutionOf(attributes), height: x.shape[1]!, width: x.shape[2]! }),
    conv2d([x, g], convolutionOf(attributes)),
  ],
  reference: ({ inputs: [x, dy], attributes, shape }) => {
    const result = new Float64Array(sizeOf(shape));
    forEachTap(x.shape, shape, attributes, (from, tap, at, { channels, filters, step }) => {
      for (let c = 0; c < channels; c++) {
        const value = x.data[from + c]!;
        for (let f = 0; f < filters; f++) result[tap + c * step + f]! += value * dy.data[at + f]!;
      }
    });
    return result;
  },
});

function checkOutput(name: string, dy: readonly (number | null)[], expected: readonly (number | null)[]): void {
  if (dy.length === expected.length && dy.every((length, axis) => length === expected[axis])) return;
  throw new ShapeError(`${name}: dy of shape ${formatShape(expected)} expected, received ${formatShape(dy)}.`);
}

/** How many channels meet how many filters, and from one channel's filters in the kernel to the next one's. */
interface TapSize {
  readonly channels: number;
  readonly filters: number;
  readonly step: number;
}

/**
 * Visits every pair of an output position and a kernel position that meet inside the picture, in row-major order, and
 * there every group: where its channels of x begin, its [channels, filters] of the kernel, and its filters of y.
 */
function forEachTap(
  x: readonly number[],
  kernel: readonly number[],
  attributes: Conv2dAttributes,
  visit: (x: number, kernel: number, y: number, size: TapSize) => void,
): void {
  const [batch, height, width, channels] = x as [number, number, number, number];
  const [kernelHeight, kernelWidth, , step] = kernel as [number, number, number, number];
  const { strides, dilationRate = [1, 1], groups = 1 } = attributes;
  const [down, across] = strides;
  const size: TapSize = { channels: channels / groups, filters: step / groups, step };
  const { height: rows, width: columns } = windowGeometry(
    "conv2d",
    height,
    width,
    [kernelHeight, kernelWidth],
    attributes,
  );
  for (let n = 0; n < batch; n++) {
    for (let o = 0; o < rows.output; o++) {
      for (let p = 0; p < columns.output; p++) {
        const y = ((n * rows.output + o) * columns.output + p) * step;
        for (let i = 0; i < kernelHeight; i++) {
          const h = o * down + i * dilationRate[0] - rows.before;
          if (h < 0 || h >= height) continue;
          for (let j = 0; j < kernelWidth; j++) {
            const w = p * across + j * dilationRate[1] - columns.before;
            if (w < 0 || w >= width) continue;
            const from = ((n * height + h) * width + w) * channels;
            const tap = (i * kernelWidth + j) * size.channels * step;
            for (let g = 0; g < groups; g++) {
              visit(from + g * size.channels, tap + g * size.filters, y + g * size.filters, size);
            }
          }
        }
      }
    }
  }
}
