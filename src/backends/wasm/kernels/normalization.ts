/**
 * Kernels of batch normalisation: for each channel the statistics of a batch, a factor and a term, and the gradients. Sums
 * over pixels are taken in chunks of a length that the channels alone decide, and those are added in order.
 */

import { blocks, kernel, type Size } from "./kernel.js";

/** What the kernels call an activation. */
export const channelActivations = { linear: 0, relu: 1, relu6: 2 } as const;

/** Pixels of a chunk of sums: few enough that they are near when they are read again, and that float32 adds them well. */
export function chunkOf(channels: number): number {
  return Math.min(256, Math.max(32, Math.floor(4096 / channels)));
}

/** Pixels of a tile of a walk. */
function tileOf(channels: number): number {
  return Math.max(1, Math.floor(8192 / channels));
}

/** Bytes of what the chunks of at most so many pixels leave: so many numbers for each channel. */
export function partialBytes(pixels: number, channels: number, numbers: 2 | 3): number {
  return Math.ceil(pixels / chunkOf(channels)) * channels * numbers * 4;
}

/** Tiles of 16 channels, of work that grows with the chunks. */
const byChannels = ({ channels }: { readonly channels: number }) => blocks(channels, 16);
/** Where `touch` writes. */
const touching = () => 4;
/** Tiles of one chunk. */
const byChunks = ({ n, chunk }: { readonly n: Size; readonly chunk: number }) => blocks(n, chunk);
/** Tiles of a walk. */
const byPixels = ({ n, channels }: { readonly n: Size; readonly channels: number }) => blocks(n, tileOf(channels));

const sums = { partials: "address", n: "size", channels: "int32", chunk: "int32" } as const;

export const normalizationKernels = {
  /**
   * partials[chunk] = about the means of a chunk's pixels, what these miss them by, and the sums of squared distances from
   * the means: x is n pixels of `channels` float32.
   */
  batchMoments: kernel({ x: "address", ...sums }, byChunks, touching),
  /** mean and variance (not corrected) of all chunks of batchMoments; scale = gamma / sqrt(variance + epsilon). */
  batchStatistics: kernel(
    { ...sums, gamma: "address", mean: "address", variance: "address", scale: "address", epsilon: "float32" },
    byChannels,
  ),
  /** y = activation((x - mean) scale + shift), n pixels; address 0 as mean: nothing is taken off. */
  scaleChannels: kernel(
    {
      x: "address",
      y: "address",
      mean: "address?",
      scale: "address",
      shift: "address",
      n: "size",
      channels: "int32",
      activation: "int32",
    },
    byPixels,
    touching,
  ),
  /**
   * partials[chunk] = the sums of dz over a chunk's pixels, then those of dz (x - mean), where dz is dy, or 0 where the
   * activation of (x - mean) gamma / sqrt(variance + epsilon) + beta, bit for bit as the forward has it, lets nothing through.
   */
  batchGradientSums: kernel(
    {
      x: "address",
      dy: "address",
      gamma: "address",
      beta: "address",
      mean: "address",
      variance: "address",
      ...sums,
      epsilon: "float32",
      activation: "int32",
    },
    byChunks,
    touching,
  ),
  /**
   * dgamma and dbeta (address 0: not wanted) of all chunks of batchGradientSums, and three numbers for each channel that dx is
   * made of: scale; -scale dbeta / n; scale sum(dz (x - mean)) / (n (variance + epsilon)).
   */
  batchGradientTerms: kernel(
    {
      ...sums,
      gamma: "address",
      variance: "address",
      dgamma: "address?",
      dbeta: "address?",
      terms: "address",
      epsilon: "float32",
    },
    byChannels,
  ),
  /** dx = terms[0] dz + terms[1] - (x - mean) terms[2], n pixels, dz as in batchGradientSums. */
  batchInputGradient: kernel(
    {
      x: "address",
      dy: "address",
      dx: "address",
      mean: "address",
      beta: "address",
      terms: "address",
      n: "size",
      channels: "int32",
      activation: "int32",
    },
    byPixels,
    touching,
  ),
};
