/**
 * The gradient of a convolution by its filter: sums over pixels of what windows see times dy, for each chunk of pixels by
 * itself, and dy's own sums for the bias. Two ways by shape: tap by tap for many channels, whole windows for few. The
 * left side of either is copied for a block of pixels; the long side of the products are the pixels. Words:
 * kernels/convolution.ts.
 */
import { Conv2dFilterGradientWindowsWords, Conv2dFilterGradientWords } from "./generated/words";
import { corner4x8, tile4x8 } from "./matrix";
import { packOutput, packTap, packWindows, planeBytes } from "./windows";

export function conv2dFilterGradient(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<Conv2dFilterGradientWords>(w);
  const outHeight = p.outHeight, outWidth = p.outWidth, filters = p.filters, channels = p.channels, block = p.block;
  const last = min((tile + 1) * p.chunk, p.n(rows) * outHeight * outWidth);
  const cRow = <usize>filters << 2, depth = p.kernelHeight * p.kernelWidth * channels;
  const partial = p.partials + <usize>tile * (depth + 1) * cRow, bias = partial + <usize>depth * cRow;
  memory.fill(partial, 0, <usize>(depth + 1) * cRow);
  const corner = scratch, panels = scratch + 128, quads = panels + (<usize>((filters + 7) >> 3) * block << 5);
  for (let q = tile * p.chunk; q < last; q += block) {
    const count = min(block, last - q);
    packOutput(p.dy + <usize>q * cRow, p.y != 0 ? p.y + <usize>q * cRow : 0, count, filters, panels, bias);
    let to = partial;
    for (let i = 0; i < p.kernelHeight; i++) for (let j = 0; j < p.kernelWidth; j++, to += <usize>channels * cRow) {
      packTap(
        p.x, p.height, p.width, channels, outHeight, outWidth, p.strideHeight, p.strideWidth, i - p.padTop, j - p.padLeft, q, count, quads,
      );
      planeProducts(quads, count, panels, channels, filters, to, corner);
    }
  }
}

/** Four rows of c += a b for a block by as many columns as there are. */
@inline function group(
  from: usize, step: usize, count: i32, panel: usize, high: i32, columns: i32, to: usize, cRow: usize, corner: usize,
): void {
  if (columns == 8 && high == 4) tile4x8(from, from + 4, from + 8, from + 12, step, count, 0, 1, panel, to, cRow, -Infinity, to, cRow);
  else corner4x8(from, from + 4, from + 8, from + 12, step, count, 0, 1, panel, to, cRow, -Infinity, to, cRow, high, columns, corner);
}

/** c += a b for planes a: a panel of b stays in the first-level cache while the planes pass by. */
function planeProducts(a: usize, count: i32, panels: usize, height: i32, filters: i32, c: usize, corner: usize): void {
  const cRow = <usize>filters << 2, plane = planeBytes(count);
  for (let f = 0; f < filters; f += 8, panels += <usize>count << 5, c += 32) {
    let from = a, to = c;
    for (let g = 0; g < height; g += 4, from += plane, to += cRow << 2) {
      group(from, 16, count, panels, min(height - g, 4), min(filters - f, 8), to, cRow, corner);
    }
  }
}

/** c += a b for windows a, read down their columns: all of b stays in the first-level cache. */
function windowProducts(a: usize, rowBytes: usize, count: i32, panels: usize, height: i32, filters: i32, c: usize, corner: usize): void {
  const cRow = <usize>filters << 2, panel = <usize>count << 5;
  for (let g = 0; g < height; g += 4, a += 16, c += cRow << 2) {
    let b = panels, to = c;
    for (let f = 0; f < filters; f += 8, b += panel, to += 32) {
      group(a, rowBytes, count, b, min(height - g, 4), min(filters - f, 8), to, cRow, corner);
    }
  }
}

export function conv2dFilterGradientWindows(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<Conv2dFilterGradientWindowsWords>(w);
  const outHeight = p.outHeight, outWidth = p.outWidth, filters = p.filters, block = p.block;
  const last = min((tile + 1) * p.chunk, p.n(rows) * outHeight * outWidth);
  const cRow = <usize>filters << 2, depth = p.kernelHeight * p.kernelWidth * p.channels;
  const partial = p.partials + <usize>tile * (depth + 1) * cRow, bias = partial + <usize>depth * cRow;
  memory.fill(partial, 0, <usize>(depth + 1) * cRow);
  const rowBytes = <usize>((depth + 3) & ~3) << 2;
  const corner = scratch, panels = scratch + 128, windows = panels + (<usize>((filters + 7) >> 3) * block << 5);
  for (let q = tile * p.chunk; q < last; q += block) {
    const count = min(block, last - q);
    packOutput(p.dy + <usize>q * cRow, p.y != 0 ? p.y + <usize>q * cRow : 0, count, filters, panels, bias);
    packWindows(
      p.x, p.height, p.width, p.channels, outHeight, outWidth, p.strideHeight, p.strideWidth, p.kernelHeight, p.kernelWidth,
      p.padTop, p.padLeft, q, count, windows, rowBytes,
    );
    windowProducts(windows, rowBytes, count, panels, depth, filters, partial, corner);
  }
}
