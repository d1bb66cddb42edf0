/**
 * Which of a kernel's addresses it writes through; through all others it only reads. Calls are ordered by it, so a
 * kernel that is missing here does not compile.
 */

import type { AddressWord } from "./call.js";
import type { KernelName } from "./kernels.js";

/** The words through which each kernel writes. */
export const written: { readonly [N in KernelName]: readonly AddressWord<N>[] } = {
  packB: ["y"],
  packPanels: ["y"],
  packPairs: ["y"],
  gemm: ["c"],
  probe: [],
  crash: [],
  unary: ["y"],
  binary: ["y"],
  select: ["y"],
  copyStrided: ["y"],
  clip: ["y"],
  cast: ["y"],
  castScale: ["y"],
  copy: ["y"],
  fill: ["y"],
  fillBytes: ["y"],
  fillInt32: ["y"],
  gatherRows: ["y"],
  gatherScale: ["y"],
  oneHot: ["y"],
  softmax: ["y"],
  softmaxGradient: ["dx"],
  sparseCategoricalCrossentropy: ["loss"],
  sparseCategoricalCrossentropyGradient: ["dp"],
  softmaxCrossentropyGradient: ["dz"],
  sparseSoftmaxCrossentropy: ["loss"],
  sparseSoftmaxCrossentropyGradient: ["dz"],
  argmax: ["y"],
  dropout: ["y"],
  reduce: ["y"],
  reducePartials: ["y"],
  conv2dForward: ["y"],
  conv2dInputGradient: ["dx"],
  conv2dFilterGradient: ["partials"],
  maxPool2d: ["y"],
  maxPool2dGradient: ["dx"],
  maxPool2dRoute: ["y", "route"],
  maxPool2dRouteGradient: ["dx"],
  averagePool2d: ["y"],
  averagePool2dGradient: ["dx"],
  // Their `flag` is not among them: updates raise it side by side; whoever looks at it comes behind them all.
  sgdUpdate: ["w", "m"],
  adamUpdate: ["w", "m", "v"],
  accumulate: ["accumulator"],
  accumulateRows: ["accumulator"],
  increment: ["x"],
  rowCount: ["y"],
  checkFinite: [],
  checkFlag: ["flag"],
  winogradForward: ["y", "pooled", "route"],
  winogradGradient: ["partials", "dx"],
  winogradFilter: ["forward", "backward"],
};
