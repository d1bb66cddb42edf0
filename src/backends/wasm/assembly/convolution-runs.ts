/**
 * The gradient of a convolution by its input, for few channels, or where dy is small or not padded. Convolving dy
 * (convolution.ts) would leave most of a tile's columns empty, or multiply what lies around dy; so each output pixel adds its dy times the kernel to the runs of kernelWidth * channels neighbours that it came
 * from. A tile's four rows are the same pixel of four pictures, which never meet. Words: kernels/convolution.ts.
 */
import { Conv2dInputGradientRunsWords } from "./generated/words";
import { loadPart, madd, storePart } from "./simd";

/** Four rows of a times `panels` panels of 8 columns, k deep, added to runs at c0 to c3; of the last panel `columns` are there. */
export function addRuns(
  a0: usize, a1: usize, a2: usize, a3: usize, k: i32, b: usize, panels: i32, columns: i32, c0: usize, c1: usize, c2: usize, c3: usize,
  corner: usize,
): void {
  const back = <usize>k << 2;
  for (; panels > 0; panels--) {
    const part = panels == 1 && columns < 8;
    let d0 = c0, d1 = c1, d2 = c2, d3 = c3;
    if (part) {
      loadRow(c0, columns, corner); loadRow(c1, columns, corner + 32); loadRow(c2, columns, corner + 64); loadRow(c3, columns, corner + 96);
      d0 = corner; d1 = corner + 32; d2 = corner + 64; d3 = corner + 96;
    }
    let c00 = v128.load(d0), c01 = v128.load(d0, 16), c10 = v128.load(d1), c11 = v128.load(d1, 16);
    let c20 = v128.load(d2), c21 = v128.load(d2, 16), c30 = v128.load(d3), c31 = v128.load(d3, 16);
    const end = b + (<usize>k << 5);
    while (b != end) {
      const b0 = v128.load(b), b1 = v128.load(b, 16); b += 32;
      let x = v128.load32_splat(a0); c00 = madd(x, b0, c00); c01 = madd(x, b1, c01); a0 += 4;
      x = v128.load32_splat(a1); c10 = madd(x, b0, c10); c11 = madd(x, b1, c11); a1 += 4;
      x = v128.load32_splat(a2); c20 = madd(x, b0, c20); c21 = madd(x, b1, c21); a2 += 4;
      x = v128.load32_splat(a3); c30 = madd(x, b0, c30); c31 = madd(x, b1, c31); a3 += 4;
    }
    if (part) {
      storeRow(c00, c01, columns, c0); storeRow(c10, c11, columns, c1); storeRow(c20, c21, columns, c2); storeRow(c30, c31, columns, c3);
    } else {
      v128.store(c0, c00); v128.store(c0, c01, 16); v128.store(c1, c10); v128.store(c1, c11, 16);
      v128.store(c2, c20); v128.store(c2, c21, 16); v128.store(c3, c30); v128.store(c3, c31, 16);
    }
    a0 -= back; a1 -= back; a2 -= back; a3 -= back;
    c0 += 32; c1 += 32; c2 += 32; c3 += 32;
  }
}

@inline function loadRow(from: usize, n: i32, to: usize): void {
  v128.store(to, loadPart(from, min(n, 4)));
  v128.store(to, n > 4 ? loadPart(from + 16, n - 4) : f32x4.splat(0), 16);
}

@inline function storeRow(a: v128, b: v128, n: i32, to: usize): void {
  storePart(to, a, min(n, 4));
  if (n > 4) storePart(to + 16, b, n - 4);
}

/** Rows `top` and on and columns `left` and on of a picture with `width` pixels a row. */
function crop(from: usize, width: i32, top: i32, left: i32, height: i32, columns: i32, pixel: usize, to: usize): void {
  const row = <usize>width * pixel, toRow = <usize>columns * pixel;
  from += <usize>top * row + <usize>left * pixel;
  for (; height > 0; height--, from += row, to += toRow) memory.copy(to, from, toRow);
}

export function conv2dInputGradientRuns(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<Conv2dInputGradientRunsWords>(w);
  const outHeight = p.outHeight, outWidth = p.outWidth, filters = p.filters, channels = p.channels;
  const down = p.strideHeight, right = p.strideWidth, kernelHeight = p.kernelHeight;
  const pixel = <usize>channels << 2, picture = <usize>(p.height * p.width) * pixel, dyPicture = <usize>(outHeight * outWidth * filters) << 2;
  const tall = max((outHeight - 1) * down + kernelHeight, p.padTop + p.height), wide = max((outWidth - 1) * right + p.kernelWidth, p.padLeft + p.width);
  const padded = tall > p.height || wide > p.width;
  const first = tile << 2, count = min(4, p.n(rows) - first);
  const corner = scratch, space = scratch + 128, area = <usize>(tall * wide) * pixel;
  const dx = p.dx + <usize>first * picture, dy = p.dy + <usize>first * dyPicture;
  // Pictures that are not there are computed from the first one, beside the others.
  const c0 = padded ? space : dx, step = padded ? area : picture;
  const c1 = count > 1 ? c0 + step : space + area;
  const c2 = count > 2 ? c0 + 2 * step : space + 2 * area;
  const c3 = count > 3 ? c0 + 3 * step : space + 3 * area;
  memory.fill(c0, 0, area); memory.fill(c1, 0, area); memory.fill(c2, 0, area); memory.fill(c3, 0, area);
  let a0 = dy;
  const up1: usize = count > 1 ? dyPicture : 0, up2: usize = count > 2 ? 2 * dyPicture : 0, up3: usize = count > 3 ? 3 * dyPicture : 0;

  const row = <usize>wide * pixel, run = p.kernelWidth * channels, panels = (run + 7) >> 3, columns = run - ((panels - 1) << 3);
  const kernelRow = <usize>(panels * filters) << 5, dyPixel = <usize>filters << 2;
  for (let o = 0; o < outHeight; o++) for (let q = 0; q < outWidth; q++, a0 += dyPixel) {
    let to = <usize>(o * down) * row + <usize>(q * right) * pixel, b = p.filter;
    for (let i = 0; i < kernelHeight; i++, to += row, b += kernelRow) {
      addRuns(a0, a0 + up1, a0 + up2, a0 + up3, filters, b, panels, columns, c0 + to, c1 + to, c2 + to, c3 + to, corner);
    }
  }
  if (padded) for (let i = 0; i < count; i++) {
    crop(space + <usize>i * area, wide, p.padTop, p.padLeft, p.height, p.width, pixel, dx + <usize>i * picture);
  }
}
