/**
 * Pictures cut into phases and groups, and put together again: runs of one group's channels go elsewhere. Words and what
 * lies where: kernels/parts.ts.
 */
import { JoinPicturesWords, SplitPicturesWords } from "./generated/words";
import { copyRuns, zeroRun } from "./phases";
import { blockOf, loadPart, storePart, tileEnd } from "./simd";

/** copyRuns of what counts: where the mask, which lies as `from` does, `toMask` bytes on, is above 0. */
function copyMasked(from: usize, toMask: usize, fromStep: usize, to: usize, toStep: usize, n: i32, count: i32): void {
  for (; count > 0; count--, from += fromStep, to += toStep) {
    for (let c = 0; c < n; c += 4) {
      const at = <usize>c << 2, some = min(n - c, 4), above = f32x4.gt(loadPart(from + toMask + at, some), f32x4.splat(0));
      storePart(to + at, v128.and(loadPart(from + at, some), above), some);
    }
  }
}

/** The first pixel of a part that lies at 0 or behind, where pixel 0 lies at `first`. */
@inline function firstInside(first: i32, step: i32): i32 { return first >= 0 ? 0 : (step - 1 - first) / step; }
/** Behind the last one that lies before `size`. */
@inline function endInside(first: i32, step: i32, size: i32): i32 { return first < size ? (size - 1 - first) / step + 1 : 0; }

export function splitPictures(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<SplitPicturesWords>(w);
  const down = p.phasesDown, across = p.phasesAcross, partHeight = p.partHeight, partWidth = p.partWidth, groups = p.groups;
  const each = p.channels / groups, pixel = <usize>p.channels << 2, row = <usize>p.width * pixel;
  const to = <usize>each << 2, toRow = <usize>partWidth * to, part = <usize>partHeight * toRow;
  const step = p.stepAcross, toMask = p.mask - p.x;
  const block = blockOf(w), end = tileEnd(tile, block, p.n(rows) * down * partHeight);
  for (let r = tile * block; r < end; r++) {
    const v = r % partHeight, rest = r / partHeight, f = rest % down, picture = rest / down;
    const h = v * p.stepDown + f * p.shiftDown - p.padTop, there = h >= 0 && h < p.height;
    const from = p.x + <usize>(picture * p.height + h) * row;
    for (let g = 0; g < across; g++) {
      const c0 = g * p.shiftAcross - p.padLeft;
      const u0 = there ? min(firstInside(c0, step), partWidth) : partWidth;
      const u1 = there ? max(min(endInside(c0, step, p.width), partWidth), u0) : partWidth;
      let y = p.y + <usize>(rest * across + g) * part + <usize>v * toRow, x = from + <usize>(c0 + u0 * step) * pixel;
      for (let k = 0; k < groups; k++, x += to, y += p.groupBytes) {
        zeroRun(y, u0 * each);
        if (p.mask != 0) copyMasked(x, toMask, <usize>step * pixel, y + <usize>u0 * to, to, each, u1 - u0);
        else copyRuns(x, <usize>step * pixel, y + <usize>u0 * to, to, each, u1 - u0);
        zeroRun(y + <usize>u1 * to, (partWidth - u1) * each);
      }
    }
  }
}

export function joinPictures(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<JoinPicturesWords>(w);
  const down = p.phasesDown, across = p.phasesAcross, partHeight = p.partHeight, partWidth = p.partWidth, groups = p.groups;
  const height = p.height, each = p.channels / groups, pixel = <usize>p.channels << 2, row = <usize>p.width * pixel;
  const from = <usize>each << 2, fromRow = <usize>partWidth * from, part = <usize>partHeight * fromRow;
  const step = p.stepAcross;
  const block = blockOf(w), end = tileEnd(tile, block, p.n(rows) * height);
  for (let r = tile * block; r < end; r++) {
    const picture = r / height, top = r - picture * height + p.padTop, to = p.x + <usize>r * row;
    zeroRun(to, p.width * p.channels);
    for (let f = 0; f < down; f++) {
      const t = top - f * p.shiftDown, v = t / p.stepDown;
      if (t < 0 || v >= partHeight || v * p.stepDown != t) continue;
      for (let g = 0; g < across; g++) {
        const c0 = g * p.shiftAcross - p.padLeft;
        const u0 = min(firstInside(c0, step), partWidth), u1 = min(endInside(c0, step, p.width), partWidth);
        let y = p.y + <usize>((picture * down + f) * across + g) * part + <usize>v * fromRow + <usize>u0 * from;
        let x = to + <usize>(c0 + u0 * step) * pixel;
        for (let k = 0; k < groups; k++, x += from, y += p.groupBytes) {
          copyRuns(y, from, x, <usize>step * pixel, each, u1 - u0);
        }
      }
    }
  }
}
