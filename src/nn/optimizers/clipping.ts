/** Gradients kept small, as Keras does it: each by its norm or element by element, or all by the norm of all. */

import { OptionError } from "../../core/errors.js";
import { sum } from "../../graph/compose.js";
import { constant } from "../../graph/leaves.js";
import { add } from "../../graph/ops/add.js";
import { clip } from "../../graph/ops/clip.js";
import { divide } from "../../graph/ops/divide.js";
import { maximum } from "../../graph/ops/maximum.js";
import { minimum } from "../../graph/ops/minimum.js";
import { multiply } from "../../graph/ops/multiply.js";
import { sqrt } from "../../graph/ops/sqrt.js";
import { square } from "../../graph/ops/square.js";
import { subtract } from "../../graph/ops/subtract.js";
import type { Tensor } from "../../graph/tensor.js";

/** At most one of three bounds. */
export interface Clipping {
  readonly clipnorm: number | null;
  readonly clipvalue: number | null;
  readonly globalClipnorm: number | null;
}

/** @throws OptionError where more than one is given. */
export function checkClipping({ clipnorm, clipvalue, globalClipnorm }: Clipping, call: string): void {
  const given = Object.entries({ clipnorm, clipvalue, globalClipnorm }).filter(([, bound]) => bound !== null);
  if (given.length < 2) return;
  throw new OptionError(
    `${call}: only one of clipnorm, clipvalue and globalClipnorm can be set, received ${given.map(([name, bound]) => `${name} ${bound}`).join(" and ")}.`,
  );
}

/** All gradients of a step, clipped. */
export function clipped(
  gradients: readonly Tensor[],
  { clipnorm, clipvalue, globalClipnorm }: Clipping,
): readonly Tensor[] {
  if (clipnorm !== null) return gradients.map((gradient) => byNorm(gradient, clipnorm));
  if (clipvalue !== null) return gradients.map((g) => clip([g], { minimum: -clipvalue, maximum: clipvalue }));
  return globalClipnorm === null ? gradients : byGlobalNorm(gradients, globalClipnorm);
}

function byNorm(gradient: Tensor, bound: number): Tensor {
  const norm = sqrt([sum(square([gradient]))]);
  return divide([multiply([gradient, constant(bound)]), maximum([norm, constant(bound)])]);
}

function byGlobalNorm(gradients: readonly Tensor[], bound: number): readonly Tensor[] {
  if (gradients.length === 0) return gradients;
  const squares = gradients.map((gradient) => sum(square([gradient])));
  const norm = sqrt([squares.reduce((total, one) => add([total, one]))]);
  const scale = multiply([constant(bound), minimum([divide([constant(1), norm]), constant(1 / bound)])]);
  // Where the norm is infinite the scale is not 0 but not a number, so that it is seen.
  const seen = add([scale, subtract([norm, norm])]);
  return gradients.map((gradient) => multiply([gradient, seen]));
}
