/**
 * Pictures and filters of a convolution with strides folded to those of one without, and back: every number is copied to
 * the one place that it has on the other side. For a row of a picture and a phase, what a pixel of the folded row takes is
 * a run of strideWidth * channels neighbours. Words: kernels/phases.ts.
 */
import { FoldFilterWords, FoldPicturesWords, UnfoldFilterWords, UnfoldPicturesWords } from "./generated/words";
import { blockOf, loadPart, storePart, tileEnd } from "./simd";

/** Copies n floats, 1 at least; the last vector overlaps the one before. */
@inline function copyRun(from: usize, to: usize, n: i32): void {
  if (n < 4) { storePart(to, loadPart(from, n), n); return; }
  const last = <usize>(n - 4) << 2;
  for (let o: usize = 0; o < last; o += 16) v128.store(to + o, v128.load(from + o));
  v128.store(to + last, v128.load(from + last));
}

/** `count` runs of n floats; bytes from a run to the next: fromStep, toStep. */
export function copyRuns(from: usize, fromStep: usize, to: usize, toStep: usize, n: i32, count: i32): void {
  if (n == 6) {
    for (; count > 0; count--, from += fromStep, to += toStep) {
      v128.store(to, v128.load(from));
      store<u64>(to, load<u64>(from, 16), 16);
    }
  } else if (n == 12) {
    for (; count > 0; count--, from += fromStep, to += toStep) {
      v128.store(to, v128.load(from)); v128.store(to, v128.load(from, 16), 16); v128.store(to, v128.load(from, 32), 32);
    }
  } else {
    for (; count > 0; count--, from += fromStep, to += toStep) copyRun(from, to, n);
  }
}

/** Zeros for n floats, at the ends of rows. */
@inline export function zeroRun(to: usize, n: i32): void {
  memory.fill(to, 0, <usize>n << 2);
}

export function foldPictures(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<FoldPicturesWords>(w);
  const foldedHeight = p.foldedHeight, foldedWidth = p.foldedWidth, down = p.strideHeight, across = p.strideWidth, channels = p.channels;
  const run = across * channels, pixel = <usize>channels << 2, row = <usize>p.width * pixel;
  const step = <usize>run << 2, toPixel = <usize>down * step, toRow = <usize>foldedWidth * toPixel;
  // Folded columns whose run lies inside of the picture.
  const left = p.padLeft, covered = p.coveredWidth;
  const j0 = min((left + across - 1) / across, foldedWidth), j1 = max((left + covered) / across, j0);
  const block = blockOf(w), end = tileEnd(tile, block, p.n(rows) * foldedHeight);
  for (let r = tile * block; r < end; r++) {
    const picture = r / foldedHeight, h = (r - picture * foldedHeight) * down - p.padTop;
    let to = p.y + <usize>r * toRow;
    for (let i = h; i < h + down; i++, to += step) {
      const from = p.x + <usize>(picture * p.height + i) * row;
      const there = i >= 0 && i < p.coveredHeight;
      let q = to;
      for (let j = 0; j < foldedWidth; j++, q += toPixel) {
        if (there && j == j0 && j1 > j0) {
          copyRuns(from + <usize>(j0 * across - left) * pixel, step, q, toPixel, run, j1 - j0);
          j = j1 - 1;
          q += <usize>(j1 - j0 - 1) * toPixel;
          continue;
        }
        const c0 = max(j * across - left, 0), c1 = min(j * across - left + across, covered);
        zeroRun(q, run);
        if (there && c1 > c0) copyRun(from + <usize>c0 * pixel, q + <usize>(c0 + left - j * across) * pixel, (c1 - c0) * channels);
      }
    }
  }
}

export function unfoldPictures(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<UnfoldPicturesWords>(w);
  const foldedHeight = p.foldedHeight, foldedWidth = p.foldedWidth, down = p.strideHeight, across = p.strideWidth, channels = p.channels;
  const run = across * channels, pixel = <usize>channels << 2, row = <usize>p.width * pixel;
  const step = <usize>run << 2, fromPixel = <usize>down * step, fromRow = <usize>foldedWidth * fromPixel;
  const left = p.padLeft, covered = p.coveredWidth;
  const j0 = min((left + across - 1) / across, foldedWidth), j1 = max((left + covered) / across, j0);
  const block = blockOf(w), end = tileEnd(tile, block, p.n(rows) * foldedHeight);
  for (let r = tile * block; r < end; r++) {
    const picture = r / foldedHeight, folded = r - picture * foldedHeight, h = folded * down - p.padTop;
    const dx = p.dx + <usize>(picture * p.height) * row;
    let from = p.dy + <usize>r * fromRow;
    for (let i = h; i < h + down; i++, from += step) {
      if (i < 0 || i >= p.coveredHeight) continue;
      const to = dx + <usize>i * row;
      let q = from;
      for (let j = 0; j < foldedWidth; j++, q += fromPixel) {
        if (j == j0 && j1 > j0) {
          copyRuns(q, fromPixel, to + <usize>(j0 * across - left) * pixel, step, run, j1 - j0);
          j = j1 - 1;
          q += <usize>(j1 - j0 - 1) * fromPixel;
          continue;
        }
        const c0 = max(j * across - left, 0), c1 = min(j * across - left + across, covered);
        if (c1 > c0) copyRun(q + <usize>(c0 + left - j * across) * pixel, to + <usize>c0 * pixel, (c1 - c0) * channels);
      }
      zeroRun(to + <usize>covered * pixel, (p.width - covered) * channels);
    }
    if (folded + 1 == foldedHeight) zeroRun(dx + <usize>p.coveredHeight * row, (p.height - p.coveredHeight) * p.width * channels);
  }
}

export function foldFilter(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<FoldFilterWords>(w);
  const down = p.strideHeight, across = p.strideWidth, phases = down * across, bytes = <usize>(p.channels * p.filters) << 2;
  const tap = tile / phases, phase = tile - tap * phases;
  const i = tap / p.tapsAcross * down + phase / across, j = tap % p.tapsAcross * across + phase % across;
  const to = p.y + <usize>tile * bytes;
  if (i < p.kernelHeight && j < p.kernelWidth) memory.copy(to, p.w + <usize>(i * p.kernelWidth + j) * bytes, bytes);
  else memory.fill(to, 0, bytes);
}

export function unfoldFilter(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<UnfoldFilterWords>(w);
  const down = p.strideHeight, across = p.strideWidth, bytes = <usize>(p.channels * p.filters) << 2;
  const i = tile / p.kernelWidth, j = tile - i * p.kernelWidth;
  const place = (i / down * p.tapsAcross + j / across) * down * across + i % down * across + j % across;
  memory.copy(p.dw + <usize>tile * bytes, p.dy + <usize>place * bytes, bytes);
}
