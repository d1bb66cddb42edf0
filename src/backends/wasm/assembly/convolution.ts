/**
 * Convolution and its gradient by the input as matrix products without the matrix of windows. A row of the left side is
 * what a window covers: read where it lies in the picture, or, where that would be short runs or looks outside, copied
 * for a block of pixels. Where each row begins and where its result goes is in a table of addresses. Words:
 * kernels/convolution.ts; the gradient by the filter: convolution-filter.ts.
 */
import { Conv2dForwardWords, Conv2dInputGradientWords, PackFilterPhasesWords } from "./generated/words";
import { packRows } from "./packing";
import { loadPart, madd, storePart } from "./simd";
import { packWindows } from "./windows";

/**
 * Products of `groups` times four rows with a panel b of 8 columns. The table has two addresses for each row: of its
 * values, `from` bytes before the first, and of its results, `to` bytes before them. A row's values are `runs` runs of
 * `run`, `jump` bytes apart. c = max(floor, start + a b), or where start is 0, c + a b.
 */
export function tilesByTable(
  table: usize, groups: i32, from: usize, run: i32, jump: usize, runs: i32, b: usize, start: usize, floor: f32, to: usize,
): void {
  for (; groups > 0; groups--, table += 32) {
    let c0 = load<usize>(table, 4) + to, c1 = load<usize>(table, 12) + to;
    let c2 = load<usize>(table, 20) + to, c3 = load<usize>(table, 28) + to;
    if (start != 0) { c0 = start; c1 = start; c2 = start; c3 = start; }
    let c00 = v128.load(c0), c01 = v128.load(c0, 16), c10 = v128.load(c1), c11 = v128.load(c1, 16);
    let c20 = v128.load(c2), c21 = v128.load(c2, 16), c30 = v128.load(c3), c31 = v128.load(c3, 16);
    let a0 = load<usize>(table) + from, a1 = load<usize>(table, 8) + from;
    let a2 = load<usize>(table, 16) + from, a3 = load<usize>(table, 24) + from;
    let left = runs, q = b;
    while (left) {
      const end = q + (<usize>run << 5);
      while (q != end) {
        const b0 = v128.load(q), b1 = v128.load(q, 16); q += 32;
        let x = v128.load32_splat(a0); c00 = madd(x, b0, c00); c01 = madd(x, b1, c01); a0 += 4;
        x = v128.load32_splat(a1); c10 = madd(x, b0, c10); c11 = madd(x, b1, c11); a1 += 4;
        x = v128.load32_splat(a2); c20 = madd(x, b0, c20); c21 = madd(x, b1, c21); a2 += 4;
        x = v128.load32_splat(a3); c30 = madd(x, b0, c30); c31 = madd(x, b1, c31); a3 += 4;
      }
      a0 += jump; a1 += jump; a2 += jump; a3 += jump; left--;
    }
    const f = f32x4.splat(floor);
    let c = load<usize>(table, 4) + to;
    v128.store(c, f32x4.pmax(c00, f)); v128.store(c, f32x4.pmax(c01, f), 16); c = load<usize>(table, 12) + to;
    v128.store(c, f32x4.pmax(c10, f)); v128.store(c, f32x4.pmax(c11, f), 16); c = load<usize>(table, 20) + to;
    v128.store(c, f32x4.pmax(c20, f)); v128.store(c, f32x4.pmax(c21, f), 16); c = load<usize>(table, 28) + to;
    v128.store(c, f32x4.pmax(c30, f)); v128.store(c, f32x4.pmax(c31, f), 16);
  }
}

/**
 * tilesByTable for the last few columns: by way of whole rows at `part`, of which `columns` floats are kept. A second
 * table behind the first serves for it.
 */
function partTiles(
  table: usize, count: i32, from: usize, run: i32, jump: usize, runs: i32, b: usize, start: usize, floor: f32, to: usize,
  columns: i32, part: usize,
): void {
  const groups = (count + 3) >> 2, other = table + (<usize>groups << 5);
  const low = min(columns, 4), high = columns - 4;
  for (let i = 0; i < groups << 2; i++) {
    const e = table + (<usize>i << 3), f = other + (<usize>i << 3), row = part + (<usize>i << 5);
    store<usize>(f, load<usize>(e));
    store<usize>(f, row, 4);
    if (start == 0) {
      const c = load<usize>(e, 4) + to;
      v128.store(row, loadPart(c, low));
      v128.store(row, high > 0 ? loadPart(c + 16, high) : f32x4.splat(0), 16);
    }
  }
  let begin = start;
  if (start != 0) {
    // Behind the last bias is something else.
    begin = part + (<usize>groups << 7);
    v128.store(begin, loadPart(start, low));
    v128.store(begin, high > 0 ? loadPart(start + 16, high) : f32x4.splat(0), 16);
  }
  tilesByTable(other, groups, from, run, jump, runs, b, begin, floor, 0);
  for (let i = 0; i < groups << 2; i++) {
    const c = load<usize>(table + (<usize>i << 3), 4) + to, row = part + (<usize>i << 5);
    storePart(c, v128.load(row), low);
    if (high > 0) storePart(c + 16, v128.load(row, 16), high);
  }
}

/** All columns of a product by table. */
function product(
  table: usize, count: i32, from: usize, run: i32, jump: usize, runs: i32, b: usize, panel: usize, start: usize, startStep: usize,
  floor: f32, columns: i32, part: usize,
): void {
  let j = 0;
  for (; j + 8 <= columns; j += 8, b += panel, start += startStep) {
    tilesByTable(table, (count + 3) >> 2, from, run, jump, runs, b, start, floor, <usize>j << 2);
  }
  if (j < columns) partTiles(table, count, from, run, jump, runs, b, start, floor, <usize>j << 2, columns - j, part);
}

/** Up to a multiple of four rows, the last one's values again; their results go to `nowhere`. */
@inline function fillTable(table: usize, count: i32, nowhere: usize): void {
  for (let i = count; (i & 3) != 0; i++) {
    store<usize>(table + (<usize>i << 3), load<usize>(table + (<usize>i << 3) - 8));
    store<usize>(table + (<usize>i << 3), nowhere, 4);
  }
}

// Scratch of both kernels: 64 bytes, one row of results that nobody reads, two tables and rows for partTiles, windows.

export function conv2dForward(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<Conv2dForwardWords>(w);
  const outWidth = p.outWidth, pixels = p.outHeight * outWidth, filters = p.filters, block = p.block;
  const q0 = tile * block, count = min(block, p.n(rows) * pixels - q0);
  const pixel = <usize>p.channels << 2, row = <usize>p.width * pixel;
  const kernelHeight = p.kernelHeight, run = p.kernelWidth * p.channels, runsBlock = p.runsBlock, copied = p.copied != 0;
  const nowhere = scratch + 64, table = nowhere + (<usize>((filters + 7) & ~7) << 2);
  const part = table + (<usize>block << 4), windows = part + (<usize>block << 5) + 32;
  v128.store(scratch, f32x4.splat(0)); v128.store(scratch, f32x4.splat(0), 16);

  const cRow = <usize>filters << 2, rowBytes = <usize>(runsBlock * run) << 2;
  let c = q0 % outWidth, rest = q0 / outWidth, o = rest % p.outHeight;
  let x = p.x + <usize>(rest / p.outHeight) * p.height * row;
  for (let i = 0, at = table; i < count; i++, at += 8) {
    store<usize>(at, copied ? windows + <usize>i * rowBytes : x + <usize>(o * p.strideHeight) * row + <usize>(c * p.strideWidth) * pixel);
    store<usize>(at, p.y + <usize>(q0 + i) * cRow, 4);
    if (++c == outWidth) {
      c = 0;
      if (++o == p.outHeight) { o = 0; x += <usize>p.height * row; }
    }
  }
  fillTable(table, count, nowhere);

  const panel = <usize>(run * kernelHeight) << 5;
  for (let r0 = 0; r0 < kernelHeight; r0 += runsBlock) {
    const n = min(runsBlock, kernelHeight - r0);
    const floor: f32 = r0 + n == kernelHeight && p.relu != 0 ? 0 : -Infinity;
    const b = p.filter + (<usize>(r0 * run) << 5);
    let start: usize = 0, startStep: usize = 0;
    if (r0 == 0) {
      start = p.bias != 0 ? p.bias : scratch;
      startStep = p.bias != 0 ? 32 : 0;
    }
    if (copied) {
      packWindows(
        p.x, p.height, p.width, p.channels, p.outHeight, outWidth, p.strideHeight, p.strideWidth, n, p.kernelWidth,
        p.padTop - r0, p.padLeft, q0, count, windows, rowBytes,
      );
      product(table, count, 0, n * run, 0, 1, b, panel, start, startStep, floor, filters, part);
    } else {
      product(table, count, <usize>r0 * row, run, row - (<usize>run << 2), n, b, panel, start, startStep, floor, filters, part);
    }
  }
}

/** a / b rounded down, b positive. */
@inline function floorDivide(a: i32, b: i32): i32 {
  return a >= 0 ? a / b : -((b - 1 - a) / b);
}

/** Which pixels of the kernel reach the pixels of phase `phase` of dx: the first, then every `stride`. */
@inline function firstTap(phase: i32, pad: i32, stride: i32): i32 { return (phase + pad) % stride; }
@inline function tapCount(first: i32, size: i32, stride: i32): i32 { return first < size ? (size - 1 - first) / stride + 1 : 0; }

/*
 * Pixels of dx that are `stride` apart see the same pixels of the kernel (a phase): so dx is a few convolutions of dy with
 * parts of the kernel turned round. Place u of phase f is pixel u stride + f; tap k brings it dy of place
 * u - floor((k - pad) / stride). A tile is a block of places: all of dy that its phases need is copied once.
 */
export function conv2dInputGradient(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<Conv2dInputGradientWords>(w);
  const down = p.strideHeight, right = p.strideWidth, height = p.height, width = p.width;
  const channels = p.channels, filters = p.filters, block = p.block;
  const gridHeight = (height + down - 1) / down, gridWidth = (width + right - 1) / right;
  const q0 = tile * block, count = min(block, p.n(rows) * gridHeight * gridWidth - q0);
  const lastDown = floorDivide(p.kernelHeight - 1 - p.padTop, down), tall = lastDown - floorDivide(-p.padTop, down) + 1;
  const lastRight = floorDivide(p.kernelWidth - 1 - p.padLeft, right), wide = lastRight - floorDivide(-p.padLeft, right) + 1;
  const nowhere = scratch + 64, table = nowhere + (<usize>((channels + 7) & ~7) << 2);
  const part = table + (<usize>block << 4), windows = part + (<usize>block << 5) + 32;
  v128.store(scratch, f32x4.splat(0)); v128.store(scratch, f32x4.splat(0), 16);

  const pixel = <usize>channels << 2, dyPixel = <usize>filters << 2, runsBlock = p.runsBlock;
  const rowBytes = <usize>(runsBlock * wide) * dyPixel;
  // A product of single pixels reads dy where it lies.
  const copied = tall * wide > 1 || lastDown != 0 || lastRight != 0 || gridHeight != p.outHeight || gridWidth != p.outWidth;
  const values = copied ? windows : p.dy + <usize>q0 * dyPixel, valuesStep = copied ? rowBytes : dyPixel;
  for (let i = 0; i < count; i++) store<usize>(table + (<usize>i << 3), values + <usize>i * valuesStep);
  fillTable(table, count, nowhere);

  for (let r0 = 0; r0 < tall; r0 += runsBlock) {
    const r1 = min(r0 + runsBlock, tall);
    if (copied) {
      packWindows(
        p.dy, p.outHeight, p.outWidth, filters, gridHeight, gridWidth, 1, 1, r1 - r0, wide, lastDown - r0, lastRight, q0, count,
        windows, rowBytes,
      );
    }
    let b = p.filter;
    for (let fh = 0; fh < down; fh++) for (let fw = 0; fw < right; fw++) {
      const kh = firstTap(fh, p.padTop, down), kw = firstTap(fw, p.padLeft, right);
      const high = tapCount(kh, p.kernelHeight, down), across = tapCount(kw, p.kernelWidth, right);
      const run = across * filters, panel = <usize>(high * run) << 5;
      // Rows and columns of the windows that count, from the largest tap back to the first.
      const i0 = lastDown - (kh - p.padTop - fh) / down - (high - 1), j0 = lastRight - (kw - p.padLeft - fw) / right - (across - 1);
      const s0 = max(i0, r0), s1 = min(i0 + high, r1), none = high == 0 || across == 0;
      if (none ? r0 == 0 : s0 < s1) {
        phaseTable(p.dx, height, width, down, right, fh, fw, gridHeight, gridWidth, q0, count, pixel, nowhere, table);
        const start: usize = none || i0 >= r0 ? scratch : 0;
        const from: usize = none ? 0 : (<usize>((s0 - r0) * wide + j0)) * dyPixel;
        product(
          table, count, from, run, <usize>(wide - across) * dyPixel, none ? 0 : s1 - s0, b + (<usize>((s0 - i0) * run) << 5), panel,
          start, 0, -Infinity, channels, part,
        );
      }
      b += <usize>((channels + 7) >> 3) * panel;
    }
  }
}

/** Where the results of a phase go. */
function phaseTable(
  dx: usize, height: i32, width: i32, down: i32, right: i32, fh: i32, fw: i32, gridHeight: i32, gridWidth: i32, q: i32, count: i32,
  pixel: usize, nowhere: usize, table: usize,
): void {
  let v = q % gridWidth, rest = q / gridWidth, u = rest % gridHeight;
  let picture = rest / gridHeight;
  for (let i = 0; i < count; i++, table += 8) {
    const h = u * down + fh, c = v * right + fw;
    store<usize>(table, h < height && c < width ? dx + <usize>((picture * height + h) * width + c) * pixel : nowhere, 4);
    if (++v == gridWidth) {
      v = 0;
      if (++u == gridHeight) { u = 0; picture++; }
    }
  }
}

/** The kernel phase by phase, each [channels / 8][rows][columns][filters][8], rows and columns turned round. A tile is a tap. */
export function packFilterPhases(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<PackFilterPhasesWords>(w);
  const down = p.strideHeight, right = p.strideWidth, filters = p.filters, channels = p.channels;
  const kh = tile / p.kernelWidth, kw = tile % p.kernelWidth;
  let to = p.y;
  for (let fh = 0; fh < down; fh++) for (let fw = 0; fw < right; fw++) {
    const firstRow = firstTap(fh, p.padTop, down), firstColumn = firstTap(fw, p.padLeft, right);
    const high = tapCount(firstRow, p.kernelHeight, down), across = tapCount(firstColumn, p.kernelWidth, right);
    const panel = <usize>(high * across * filters) << 5;
    if ((kh - firstRow) % down == 0 && (kw - firstColumn) % right == 0) {
      const i = high - 1 - (kh - firstRow) / down, j = across - 1 - (kw - firstColumn) / right;
      let at = to + (<usize>((i * across + j) * filters) << 5);
      const stride = <usize>filters << 2;
      let x = p.x + <usize>(tile * channels) * stride;
      for (let c = 0; c < channels; c += 8, at += panel, x += stride << 3) packRows(x, stride, filters, min(channels - c, 8), 8, at);
    }
    to += <usize>((channels + 7) >> 3) * panel;
  }
}
