/** All kernels, by family. Each is exported from the module, so that none is folded into the interpreter. */
export { conv2dForward, conv2dInputGradient, packFilterPhases, tilesByTable } from "./convolution";
export { conv2dFilterGradient, conv2dFilterGradientWindows } from "./convolution-filter";
export { addRuns, conv2dInputGradientRuns } from "./convolution-runs";
export { binary, cast, castScale, clip, select, unary } from "./elementwise";
export { crash, packB, probe, tile4x8 } from "./matrix";
export { copy, copyStrided, fill, gatherRows, gatherScale, oneHot } from "./movement";
export { packPairs, packPanels } from "./packing";
export { foldFilter, foldPictures, unfoldFilter, unfoldPictures } from "./phases";
export { averagePool2d, averagePool2dGradient, maxPool2d, maxPool2dGradient, maxPool2dRoute, maxPool2dRouteGradient } from "./pooling";
export { gemm, pairs2x16, rows2x16 } from "./product";
export { dropout } from "./random";
export { reduce, reducePartials } from "./reduction";
export {
  argmax, softmax, softmaxCrossentropyGradient, softmaxGradient, sparseCategoricalCrossentropy,
  sparseCategoricalCrossentropyGradient, sparseSoftmaxCrossentropy, sparseSoftmaxCrossentropyGradient,
} from "./rows";
export { accumulate, adamUpdate, checkFinite, checkFlag, increment, rowCount, sgdUpdate } from "./state";
export { winogradForward } from "./winograd";
export { winogradFilter } from "./winograd-filter";
export {
  turnBackF63, turnBackF53, turnBackF43, turnBackF23, turnBackF72, turnBackF62, turnBackF52, turnBackF32, winogradGradient,
} from "./winograd-gradient";
export {
  gradientRunF63, gradientRunF53, gradientRunF43, gradientRunF23, gradientRunF72, gradientRunF62, gradientRunF52, gradientRunF32,
  inputRunF63, inputRunF53, inputRunF43, inputRunF23, inputRunF72, inputRunF62, inputRunF52, inputRunF32, unpoolRows,
} from "./winograd-gradient-tiles";
export { multiplyQuads, multiplyTransposed } from "./winograd-multiply";
export { winogradPoints, winogradProducts, winogradResults } from "./winograd-staged";
export {
  copyTileIn, copyTileOut, fromTilesF63, fromTilesF53, fromTilesF43, fromTilesF23, fromTilesF72, fromTilesF62, fromTilesF52, fromTilesF32,
  toTiles4, toTiles6, toTiles7, toTiles8, zeroTiles,
} from "./winograd-tiles";
export { packOutput, packTap, packWindows } from "./windows";
