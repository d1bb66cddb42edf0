/** All kernels, by family. Each is exported from the module, so that none is folded into the interpreter. */
export { binary, cast, castScale, clip, select, unary } from "./elementwise";
export { crash, gemm, packB, probe, tile4x8 } from "./matrix";
export { copy, copyStrided, fill, fillBytes, fillInt32, gatherRows, gatherScale, oneHot } from "./movement";
export { dropout } from "./random";
export { reduce, reducePartials } from "./reduction";
export {
  argmax, softmax, softmaxCrossentropyGradient, softmaxGradient, sparseCategoricalCrossentropy,
  sparseCategoricalCrossentropyGradient, sparseSoftmaxCrossentropy, sparseSoftmaxCrossentropyGradient,
} from "./rows";
export { accumulate, accumulateRows, adamUpdate, checkFinite, increment, rowCount, sgdUpdate } from "./state";
