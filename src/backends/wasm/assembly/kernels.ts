/** All kernels, by family. Each is exported from the module, so that none is folded into the interpreter. */
export { activation, activationGradient } from "./activation";
export { conv2dForward, conv2dInputGradient, packFilterPhases, tilesByTable } from "./convolution";
export { conv2dFilterGradient, conv2dFilterGradientWindows } from "./convolution-filter";
export { addRuns, conv2dInputGradientRuns } from "./convolution-runs";
export { columns4x8, depthwiseForward } from "./depthwise";
export { slide2, slide3, slideBy2, slideSums2, slideSums3, spread1By2, spread2By2 } from "./depthwise-slide";
export { depthwiseGradients, tapSums3x8 } from "./depthwise-gradients";
export { binary, cast, castScale, clip, select, unary } from "./elementwise";
export { crash, packB, probe, tile4x8 } from "./matrix";
export { copy, copyRuns, copyStrided, fill, gatherRows, gatherScale, oneHot } from "./movement";
export { batchMoments, batchStatistics, scaleChannels } from "./normalization";
export { batchGradientSums, batchGradientTerms, batchInputGradient } from "./normalization-gradients";
export { packPairs, packPanels } from "./packing";
export { joinPictures, splitPictures } from "./parts";
export { foldFilter, foldPictures, unfoldFilter, unfoldPictures } from "./phases";
export { pixelGradients } from "./pixels";
export { averagePool2d, averagePool2dGradient, maxPool2d, maxPool2dGradient, maxPool2dRoute, maxPool2dRouteGradient } from "./pooling";
export { gemm, packedProduct, pairs2x16, productTile, rows2x16 } from "./product";
export { gemmAdam, gemmDropout, gemmSgd } from "./product-then";
export { dropout, dropoutRun, randomNormal } from "./random";
export { reduce, reducePartials } from "./reduction";
export { resample } from "./resample";
export {
  argmax, softmax, softmaxCrossentropyGradient, softmaxGradient, sparseCategoricalCrossentropy,
  sparseCategoricalCrossentropyGradient, sparseSoftmaxCrossentropy, sparseSoftmaxCrossentropyGradient,
} from "./rows";
export { accumulate, adamRun, adamUpdate, assignFinite, checkFinite, checkFlag, increment, rowCount, sgdRun, sgdUpdate } from "./state";
export { winogradForward } from "./winograd";
export { winogradFilter } from "./winograd-filter";
export {
  turnBackF63, turnBackF53, turnBackF43, turnBackF23, turnBackF72, turnBackF62, turnBackF52, turnBackF32, winogradGradient,
} from "./winograd-gradient";
export {
  gradientRun3x88, gradientRun3x87, gradientRun3x78, gradientRun3x77, gradientRun3x66, gradientRun3x44,
  gradientRun2x88, gradientRun2x87, gradientRun2x78, gradientRun2x77, gradientRun2x66, gradientRun2x44,
  inputRun3x88, inputRun3x87, inputRun3x78, inputRun3x77, inputRun3x66, inputRun3x44,
  inputRun2x88, inputRun2x87, inputRun2x78, inputRun2x77, inputRun2x66, inputRun2x44,
  unpoolRows,
} from "./winograd-gradient-tiles";
export { addTransposed, multiplyQuads, multiplyTransposed } from "./winograd-multiply";
export { winogradPoints, winogradProducts, winogradResults } from "./winograd-staged";
export {
  copyTileIn, copyTileOut, fromRun3x88, fromRun3x87, fromRun3x78, fromRun3x77, fromRun3x66, fromRun3x44,
  fromRun2x88, fromRun2x87, fromRun2x78, fromRun2x77, fromRun2x66, fromRun2x44,
  toRun88, toRun87, toRun78, toRun77, toRun66, toRun44,
} from "./winograd-tiles";
export { packOutput, packTap, packWide, packWindows } from "./windows";
