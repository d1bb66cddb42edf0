/**
 * What the layers of convolution share: the options of their windows, what they refuse together, and the pictures that
 * windows make. Not here: the layers, and pooling, whose strides are its window by default.
 */

import { OptionError } from "../../core/errors.js";
import { boolean, oneOfAnyCase, pair, withDefault } from "../../core/options.js";
import type { Dimensions } from "../../graph/dimensions.js";
import { picture, type WindowAttributes, windowGeometry } from "../../graph/ops/window.js";
import { activationOption } from "../activations/index.js";
import type { WeightSpec } from "../layer-parts.js";
import { type ReadWeightOptions, weightOf, weightOptions } from "../weight-options.js";

/** The options of every convolution but for its filters and the options of its kernels. */
export const windowOptions = {
  kernelSize: pair(),
  strides: withDefault(pair(), 1),
  padding: withDefault(oneOfAnyCase(["valid", "same"]), "valid"),
  dilationRate: withDefault(pair(), 1),
  activation: withDefault(activationOption(), "linear"),
  useBias: withDefault(boolean(), true),
  ...weightOptions("bias", "zeros"),
};

/** Windows as their options are read. */
export interface WindowOptions extends WindowAttributes {
  readonly kernelSize: readonly [number, number];
  readonly dilationRate: readonly [number, number];
}

/** The attributes of the op; a dilation of 1 is left out. */
export function windowAttributes({ strides, padding, dilationRate }: WindowOptions): WindowAttributes {
  return { strides, padding, ...(Math.max(...dilationRate) > 1 && { dilationRate }) };
}

/** Refuses strides together with dilations, as Keras does. */
export function refuseStridesWithDilations(call: string, { strides, dilationRate }: WindowOptions): void {
  if (Math.max(...strides) === 1 || Math.max(...dilationRate) === 1) return;
  throw new OptionError(
    `${call}: strides above 1 go with a dilationRate of 1 only, received strides [${strides.join(", ")}] and dilationRate [${dilationRate.join(", ")}].`,
  );
}

/** The shape of what `filters` filters make of pictures. */
export function convolvedShape(
  name: string,
  inputShape: Dimensions,
  options: WindowOptions,
  filters: number,
): Dimensions {
  const { batch, height, width } = picture(name, inputShape);
  const windows = windowGeometry(name, height, width, options.kernelSize, options);
  return [batch, windows.height.output, windows.width.output, filters];
}

/** The bias, where it is wanted. */
export function biasOf(
  options: ReadWeightOptions<"bias"> & { readonly useBias: boolean },
  filters: number,
): readonly WeightSpec[] {
  return options.useBias ? [weightOf("bias", [filters], options)] : [];
}
