/**
 * All kernels of the compute module: the table from which the lowering writes instructions and the build writes the
 * interpreter's switch. A kernel's file in assembly/ has the same name as its family here.
 *
 * One convention holds for all: a count that grows with the batch is a "size", `perRow` for each row of the step plus
 * `fixed`, and no kernel reads or writes beyond it. Addresses are bytes, strides are elements. What a kernel adds up it
 * adds in an order given by its words alone. Not here: how words are stored (kernels/kernel.ts).
 */

import { activationKernels } from "./kernels/activation.js";
import { convolutionKernels } from "./kernels/convolution.js";
import { depthwiseKernels } from "./kernels/depthwise.js";
import { elementwiseKernels } from "./kernels/elementwise.js";
import {
  type Kernel,
  type TileRule,
  type WordKinds,
  type WordValues,
  wordCount,
  writeWords,
} from "./kernels/kernel.js";
import { matrixKernels } from "./kernels/matrix.js";
import { normalizationKernels } from "./kernels/normalization.js";
import { partKernels } from "./kernels/parts.js";
import { phaseKernels } from "./kernels/phases.js";
import { pictureKernels } from "./kernels/picture.js";
import { pixelKernels } from "./kernels/pixels.js";
import { reductionKernels } from "./kernels/reduction.js";
import { resampleKernels } from "./kernels/resample.js";
import { rowKernels } from "./kernels/rows.js";
import { stateKernels } from "./kernels/state.js";
import { winogradKernels } from "./kernels/winograd.js";
import { winogradGradientKernels } from "./kernels/winograd-gradient.js";
import { winogradStagedKernels } from "./kernels/winograd-staged.js";
import { FLAG, INSTRUCTION, SCRATCH_HEADER, WORDS } from "./layout.js";

const table = {
  ...matrixKernels,
  ...elementwiseKernels,
  ...rowKernels,
  ...reductionKernels,
  ...convolutionKernels,
  ...pictureKernels,
  ...resampleKernels,
  ...stateKernels,
  ...winogradKernels,
  ...winogradGradientKernels,
  ...winogradStagedKernels,
  ...phaseKernels,
  ...pixelKernels,
  ...activationKernels,
  ...normalizationKernels,
  ...depthwiseKernels,
  ...partKernels,
};

type Table = typeof table;

/** The name of a kernel. */
export type KernelName = keyof Table;

/** The values of a kernel's words. */
export type KernelValues<N extends KernelName> = Table[N] extends Kernel<infer W> ? WordValues<W> : never;

/** Every kernel with its number in the interpreter's switch. */
export const kernels = Object.fromEntries(
  Object.entries(table).map(([name, kernel], id) => {
    if (wordCount(kernel.words) > WORDS) throw new RangeError(`${name} has more than ${WORDS} words`);
    return [name, { ...kernel, id }];
  }),
) as { readonly [N in KernelName]: Table[N] & { readonly id: number } };

type AnyKernel = Kernel<WordKinds> & { readonly id: number };

function find(name: KernelName): AnyKernel {
  return kernels[name] as unknown as AnyKernel;
}

/** One kernel call, ready to be written. */
export interface Instruction<N extends KernelName = KernelName> {
  readonly kernel: N;
  readonly values: KernelValues<N>;
  /** Whether everything before and this is complete before anything after begins. */
  readonly barrier: boolean;
  /** Whether the next is done tile by tile with this. */
  readonly chained?: boolean | undefined;
  /** Units of a tile, where they are not the kernel's own. */
  readonly block?: number | undefined;
}

/** How many tiles a kernel makes. */
export function tilesOf<N extends KernelName>(name: N, values: KernelValues<N>, rows: number): number {
  const { unitsPerRow, unitsFixed, block, times } = ruleOf(name, values);
  return Math.ceil((rows * unitsPerRow + unitsFixed) / block) * times;
}

/** How a kernel's work is cut. */
export function ruleOf<N extends KernelName>(name: N, values: KernelValues<N>): TileRule {
  return find(name).tiles(values as WordValues<WordKinds>);
}

/** Bytes of scratch memory one thread needs to run a kernel, the interpreter's own part included. */
export function scratchBytes<N extends KernelName>(name: N, values: KernelValues<N>, capacity: number): number {
  return SCRATCH_HEADER + find(name).scratch(values as WordValues<WordKinds>, capacity);
}

/** Writes an instruction (INSTRUCTION.bytes long) at byte `offset` of `view`. */
export function writeInstruction(view: DataView, offset: number, instruction: Instruction): void {
  const { kernel, values, barrier, chained = false } = instruction;
  const { id, words } = find(kernel);
  const rule = ruleOf(kernel, values);
  view.setInt32(offset + INSTRUCTION.kernel, id, true);
  view.setInt32(offset + INSTRUCTION.flags, (barrier ? FLAG.barrier : 0) | (chained ? FLAG.chained : 0), true);
  view.setInt32(offset + INSTRUCTION.unitsPerRow, rule.unitsPerRow, true);
  view.setInt32(offset + INSTRUCTION.unitsFixed, rule.unitsFixed, true);
  view.setInt32(offset + INSTRUCTION.block, instruction.block ?? rule.block, true);
  view.setInt32(offset + INSTRUCTION.times, rule.times, true);
  writeWords(view, offset + INSTRUCTION.words, words, values as WordValues<WordKinds>);
  view.setInt32(offset + INSTRUCTION.counter, 0, true);
  view.setFloat64(offset + INSTRUCTION.time, 0, true);
  view.setBigInt64(offset + INSTRUCTION.worked, 0n, true);
}

export {
  filterGradientBlocks,
  forwardBlocks,
  inputGradientBlocks,
  partialStride,
} from "./kernels/convolution.js";
export {
  type DepthwiseWindow,
  depthwiseBlock,
  depthwiseChunks,
  depthwisePartialStride,
} from "./kernels/depthwise.js";
export {
  binaryOps,
  binaryWords,
  broadcastWords,
  elementTypes,
  selectWords,
  transposeWords,
  unaryOps,
} from "./kernels/elementwise.js";
export { type Size, type TileRule, wordOffset } from "./kernels/kernel.js";
export { gemmBlocks, packedBytes, packingBlocks, pairBytes, panelBytes, updateBlocks } from "./kernels/matrix.js";
export { channelActivations, chunkOf, partialBytes } from "./kernels/normalization.js";
export { type Parting, type Parts, partedConvolution } from "./kernels/parts.js";
export { filterFoldingWords, foldedWindow, foldingWords } from "./kernels/phases.js";
export type { Window } from "./kernels/picture.js";
export { pixelBlocks } from "./kernels/pixels.js";
export { type ReducePass, reduceOps, reducePasses } from "./kernels/reduction.js";
export { resampleTable } from "./kernels/resample.js";
export { dropoutWords } from "./kernels/rows.js";
export { filterPointBytes, type Points, type Taps, type Tiling } from "./kernels/winograd.js";
export { pooledBlocks, tilesAtOnce, tilesOfBlock } from "./kernels/winograd-blocks.js";
export { gradientBlocks, type Pooling } from "./kernels/winograd-gradient.js";
export { type TiledWay, tiledWay, tilingFor } from "./kernels/winograd-rule.js";
export { type Staging, stagingOf } from "./kernels/winograd-staged.js";
