/**
 * Dilated and grouped convolutions as ordinary ones of parts (kernels/parts.ts): pictures and filters are split, each group
 * is a convolution of its own, of all phases at once, and the results are joined. Not here: how a group is computed.
 */

import type { Conv2dAttributes } from "../../../graph/ops/conv2d.js";
import type { Builder } from "../builder.js";
import { sizeAt } from "../kernels/kernel.js";
import type { Parting, Parts, partedConvolution, Window } from "../kernels.js";
import { after, type Place } from "../place.js";
import type { PlacedGradients } from "./convolution-depthwise.js";

type PartedConvolution = ReturnType<typeof partedConvolution>;

/** How a convolution comes apart; undefined where it is whole. */
export function partingOf({ dilationRate = [1, 1], groups = 1 }: Conv2dAttributes): Parting | undefined {
  return Math.max(...dilationRate, groups) > 1 ? { dilation: dilationRate, groups } : undefined;
}

/** Bytes of one group's parts. */
function groupBytes(builder: Builder, parts: Parts): number {
  const { n, phasesDown, phasesAcross, partHeight, partWidth, channels, groups } = parts;
  return sizeAt(n, builder.capacity) * phasesDown * phasesAcross * partHeight * partWidth * (channels / groups) * 4;
}

function roomFor(builder: Builder, parts: Parts): Place {
  return builder.scratch(groupBytes(builder, parts) * parts.groups);
}

/** x in parts, made once for all that look at them in the same way; with `mask`, where that is above 0. */
function split(builder: Builder, parts: Parts, x: Place, mask?: Place): Place {
  const make = (): Place => {
    const y = roomFor(builder, parts);
    builder.emit("splitPictures", { x, mask, y, ...parts, groupBytes: groupBytes(builder, parts) });
    return y;
  };
  const { n, ...words } = parts;
  return mask === undefined ? builder.once(x, `parts ${sizeAt(n, 1)} ${Object.values(words)}`, make) : make();
}

function emitJoin(builder: Builder, parts: Parts, y: Place, x: Place): void {
  builder.emit("joinPictures", { y, x, ...parts, groupBytes: groupBytes(builder, parts) });
}

/** The filter by groups; where there is one, it lies as it should. */
function splitKernel(builder: Builder, { kernel }: PartedConvolution, w: Place): Place {
  return kernel.groups === 1 ? w : split(builder, kernel, w);
}

/** Operands and results of a forward convolution. */
interface Forward {
  readonly x: Place;
  readonly kernel: Place;
  readonly bias: Place | undefined;
  readonly relu: boolean;
  readonly kept: boolean;
}

/** y by way of parts; `emit` convolves those of a group. */
export function emitPartedForward(
  builder: Builder,
  parted: PartedConvolution,
  { y, ...places }: Forward & { readonly y: Place },
  emit: (builder: Builder, window: Window, filters: number, places: Forward, y: Place) => void,
): void {
  const { window, filters } = parted;
  const x = split(builder, parted.x, places.x);
  const kernel = splitKernel(builder, parted, places.kernel);
  const results = roomFor(builder, parted.y);
  for (let group = 0; group < parted.x.groups; group++) {
    const of = (parts: Parts, place: Place): Place => after(place, group * groupBytes(builder, parts));
    const bias = places.bias && after(places.bias, group * filters * 4);
    const own = { ...places, x: of(parted.x, x), kernel: of(parted.kernel, kernel), bias };
    emit(builder, window, filters, own, of(parted.y, results));
  }
  emitJoin(builder, parted.y, results, y);
}

/** dx, dw and db, where they are given, by way of parts; `emit` makes those of a group. */
export function emitPartedGradients(
  builder: Builder,
  parted: PartedConvolution,
  gradients: PlacedGradients,
  emit: (builder: Builder, window: Window, filters: number, gradients: Omit<PlacedGradients, "y">) => void,
): void {
  const { window, filters } = parted;
  const { groups } = parted.x;
  const x = (gradients.dw ?? gradients.db) && split(builder, parted.x, gradients.x!);
  const kernel = gradients.dx && splitKernel(builder, parted, gradients.kernel!);
  const dy = split(builder, parted.y, gradients.dy, gradients.y);
  const dx = gradients.dx && roomFor(builder, parted.x);
  const dw = gradients.dw && (groups === 1 ? gradients.dw : roomFor(builder, parted.kernel));
  for (let group = 0; group < groups; group++) {
    const of = (parts: Parts, place: Place): Place => after(place, group * groupBytes(builder, parts));
    emit(builder, window, filters, {
      x: x && of(parted.x, x),
      kernel: kernel && of(parted.kernel, kernel),
      dy: of(parted.y, dy),
      dx: dx && of(parted.x, dx),
      dw: dw && of(parted.kernel, dw),
      db: gradients.db && after(gradients.db, group * filters * 4),
    });
  }
  if (gradients.dx !== undefined) emitJoin(builder, parted.x, dx!, gradients.dx);
  if (gradients.dw !== undefined && groups > 1) emitJoin(builder, parted.kernel, dw!, gradients.dw);
}
