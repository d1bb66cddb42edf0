/** The table of lowerings: every op has one, or this does not compile. */

import type { OpName } from "../../../graph/ops/index.js";
import type { Lowering } from "../lowering.js";
import { activationLowerings } from "./activation.js";
import { convolutionLowerings } from "./convolution.js";
import { fusedConvolutionLowerings } from "./convolution-fused.js";
import { convolutionGradientLowerings } from "./convolution-gradient.js";
import { elementwiseLowerings } from "./elementwise.js";
import { matrixLowerings } from "./matrix.js";
import { normalizationLowerings } from "./normalization.js";
import { pictureLowerings } from "./picture.js";
import { reduceLowerings } from "./reduce.js";
import { rowLowerings } from "./rows.js";
import { runLowerings } from "./runs.js";
import { stateLowerings } from "./state.js";

/** How each op becomes calls of kernels. */
export const lowerings: { readonly [O in OpName]: Lowering<O> } = {
  ...activationLowerings,
  ...elementwiseLowerings,
  ...fusedConvolutionLowerings,
  ...matrixLowerings,
  ...normalizationLowerings,
  ...pictureLowerings,
  ...convolutionLowerings,
  ...convolutionGradientLowerings,
  ...reduceLowerings,
  ...rowLowerings,
  ...runLowerings,
  ...stateLowerings,
};
