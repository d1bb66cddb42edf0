/**
 * Which pixels, with which weights, each pixel of a resized axis is made of: tables for the op `resample`. Centres of
 * pixels are at halves, as in Keras 3 on TensorFlow, whose rounding to float32 is kept where a whole pixel may hang on it.
 */

import type { ResampleAttributes } from "../../graph/ops/resample.js";
import { tableOf } from "../../graph/ops/resample.js";

/** How values between pixels are made. */
export const interpolations = ["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"] as const;

/** The name of a way of interpolation. */
export type Interpolation = (typeof interpolations)[number];

type Row = readonly (readonly [source: number, weight: number])[];

/** A weight by the distance in pixels, and beyond which distance it is 0. */
interface Kernel {
  readonly radius: number;
  weight(distance: number): number;
}

/** The cubic of Keys with a = -1/2. */
const cubic: Kernel = {
  radius: 2,
  weight: (x) => (x >= 2 ? 0 : x >= 1 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : (1.5 * x - 2.5) * x * x + 1),
};

const triangle: Kernel = { radius: 1, weight: (x) => Math.max(0, 1 - x) };

/** sinc(x) sinc(x / radius). */
function lanczos(radius: number): Kernel {
  const sinc = (x: number): number => Math.sin(Math.PI * x) / (Math.PI * x);
  return { radius, weight: (x) => (x > radius ? 0 : x <= 1e-3 ? 1 : sinc(x) * sinc(x / radius)) };
}

/** Where the centre of output pixel o lies among the input's pixels, whose centres are at halves. */
function centre(o: number, scale: number): number {
  return Math.fround(Math.fround(o + 0.5) * scale);
}

/** All pixels within a kernel's radius, their weights made to add up to 1. With `widen` the kernel covers output pixels. */
function byKernel(kernel: Kernel, o: number, from: number, scale: number, widen: boolean): Row {
  const stretch = widen ? Math.max(scale, 1) : 1;
  const at = centre(o, scale);
  const reach = kernel.radius * stretch;
  const bound = (i: number): number => Math.min(Math.max(i, 0), from - 1);
  const first = bound(Math.ceil(at - reach - 0.5));
  const last = bound(Math.floor(at + reach - 0.5));
  const row = Array.from({ length: last - first + 1 }, (_, i): [number, number] => {
    const source = first + i;
    return [source, kernel.weight(Math.abs(source + 0.5 - at) / stretch)];
  });
  return normalized(row);
}

function normalized(row: Row): Row {
  const total = row.reduce((sum, [, weight]) => sum + weight, 0);
  return row.filter(([, weight]) => weight !== 0).map(([source, weight]) => [source, weight / total]);
}

/** The four pixels around, at a distance that is rounded to 1/1024; those that are not there do not count. */
function byCubic(o: number, from: number, scale: number): Row {
  const at = Math.fround(centre(o, scale) - 0.5);
  const base = Math.floor(at);
  const rest = Math.round((at - base) * 1024) / 1024;
  const row = [-1, 0, 1, 2].map((i): [number, number] => [base + i, cubic.weight(Math.abs(i - rest))]);
  return normalized(row.filter(([source]) => source >= 0 && source < from));
}

/** The two pixels around, the last one again beyond the edge. */
function byLine(o: number, from: number, scale: number): Row {
  const at = Math.fround(centre(o, scale) - 0.5);
  const base = Math.floor(at);
  const [low, high] = [Math.max(base, 0), Math.min(Math.ceil(at), from - 1)];
  const rest = at - base;
  return low === high || rest === 0
    ? [[low, 1]]
    : [
        [low, 1 - rest],
        [high, rest],
      ];
}

/**
 * The table that makes an axis of `to` pixels of one of `from`. `antialias`: where it shrinks, each pixel is made of all
 * those that it covers.
 */
export function interpolationTable(
  interpolation: Interpolation,
  from: number,
  to: number,
  antialias: boolean,
): Omit<ResampleAttributes, "axis"> {
  const scale = Math.fround(from / to);
  const rowOf = (o: number): Row => {
    switch (interpolation) {
      case "nearest":
        return [[Math.min(Math.floor(centre(o, scale)), from - 1), 1]];
      case "bilinear":
        return antialias ? byKernel(triangle, o, from, scale, true) : byLine(o, from, scale);
      case "bicubic":
        return antialias ? byKernel(cubic, o, from, scale, true) : byCubic(o, from, scale);
      case "lanczos3":
        return byKernel(lanczos(3), o, from, scale, antialias);
      case "lanczos5":
        return byKernel(lanczos(5), o, from, scale, antialias);
    }
  };
  return tableOf(Array.from({ length: to }, (_, o) => rowOf(o)));
}
