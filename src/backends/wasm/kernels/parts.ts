/**
 * Pictures in parts: what a dilated convolution sees at once lies dilation pixels apart, so each phase of its results is an
 * ordinary convolution of every so many-th pixel; and a grouped one is a convolution for each group of channels. Parts lie
 * one after the other, [groups][n, phasesDown, phasesAcross][partHeight, partWidth][channels / groups], and whole pictures
 * are made of them again. Not here: how the parts are computed.
 */

import { blocks, kernel, type Size, times } from "./kernel.js";
import type { Window } from "./picture.js";

const geometry = {
  n: "size",
  height: "int32",
  width: "int32",
  channels: "int32",
  groups: "int32",
  /** Bytes from a group's parts to the next one's. */
  groupBytes: "int32",
  phasesDown: "int32",
  phasesAcross: "int32",
  partHeight: "int32",
  partWidth: "int32",
  stepDown: "int32",
  stepAcross: "int32",
  shiftDown: "int32",
  shiftAcross: "int32",
  padTop: "int32",
  padLeft: "int32",
} as const;

/** Floats that a tile moves, about: enough to be worth claiming. */
const tileSize = 8192;

function rowTiles(rows: Size, floats: number) {
  return blocks(rows, Math.max(1, Math.round(tileSize / floats)));
}

export const partKernels = {
  /**
   * y = x in parts: pixel (v, u) of phase (f, g) is that of row v stepDown + f shiftDown - padTop and column u stepAcross + g
   * shiftAcross - padLeft, or 0 outside. With `mask`, x counts only where the mask is above 0.
   */
  splitPictures: kernel({ x: "address", mask: "address?", y: "address", ...geometry }, (g) =>
    rowTiles(times(g.n, g.phasesDown * g.partHeight), g.phasesAcross * g.partWidth * g.channels),
  ),
  /** x from its parts y; 0 where no part has a pixel. */
  joinPictures: kernel({ y: "address", x: "address", ...geometry }, (g) =>
    rowTiles(times(g.n, g.height), g.width * g.channels),
  ),
};

/** How a convolution comes apart. */
export interface Parting {
  readonly dilation: readonly [number, number];
  readonly groups: number;
}

/** Pictures in parts, as the kernels' words have them. */
export interface Parts {
  readonly n: Size;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly groups: number;
  readonly phasesDown: number;
  readonly phasesAcross: number;
  readonly partHeight: number;
  readonly partWidth: number;
  readonly stepDown: number;
  readonly stepAcross: number;
  readonly shiftDown: number;
  readonly shiftAcross: number;
  readonly padTop: number;
  readonly padLeft: number;
}

/** A convolution in parts: its pictures, its results, its filter, and the window of one group. */
export interface PartedConvolution {
  readonly x: Parts;
  readonly y: Parts;
  readonly kernel: Parts;
  readonly window: Window;
  readonly filters: number;
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}

/** One axis: output u phases + f looks at x of (u stride + i) step + f shift - before. */
function partedAxis(outputs: number, kernel: number, stride: number, dilation: number) {
  const common = divisor(stride, dilation);
  const step = dilation / common;
  const part = Math.ceil(outputs / step);
  return {
    phases: Math.min(step, outputs),
    /** From an output of a phase to the next one, among all. */
    step,
    part,
    stride: stride / common,
    seen: ((part - 1) * stride) / common + kernel,
  };
}

/** How the convolution of `g`, whose taps lie `dilation` apart, comes apart in phases and groups. */
export function partedConvolution(g: Window, filters: number, { dilation, groups }: Parting): PartedConvolution {
  const down = partedAxis(g.outHeight, g.kernelHeight, g.strideHeight, dilation[0]);
  const across = partedAxis(g.outWidth, g.kernelWidth, g.strideWidth, dilation[1]);
  const phases = { phasesDown: down.phases, phasesAcross: across.phases };
  const { n, height, width, channels, outHeight, outWidth, kernelHeight, kernelWidth, padTop, padLeft } = g;
  const outputs = { partHeight: down.part, partWidth: across.part };
  const whole = { shiftDown: 1, shiftAcross: 1, padTop: 0, padLeft: 0 };
  return {
    x: {
      ...{ n, height, width, channels, groups, ...phases, padTop, padLeft },
      ...{ partHeight: down.seen, partWidth: across.seen },
      ...{ stepDown: dilation[0], stepAcross: dilation[1], shiftDown: g.strideHeight, shiftAcross: g.strideWidth },
    },
    y: {
      ...{ n, height: outHeight, width: outWidth, channels: filters, groups, ...phases, ...outputs, ...whole },
      ...{ stepDown: down.step, stepAcross: across.step },
    },
    kernel: {
      ...{ n: 1, height: kernelHeight * kernelWidth, width: channels / groups, channels: filters, groups, ...whole },
      ...{ phasesDown: 1, phasesAcross: 1, partHeight: kernelHeight * kernelWidth, partWidth: channels / groups },
      ...{ stepDown: 1, stepAcross: 1 },
    },
    window: {
      ...{ n: times(n, down.phases * across.phases), height: down.seen, width: across.seen },
      ...{ channels: channels / groups, outHeight: down.part, outWidth: across.part, kernelHeight, kernelWidth },
      ...{ strideHeight: down.stride, strideWidth: across.stride, padTop: 0, padLeft: 0 },
    },
    filters: filters / groups,
  };
}
