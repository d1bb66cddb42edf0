/**
 * Convolution as matrix products without the matrix of windows: a row of the left side is the runs of kernelWidth *
 * channels neighbours that a window covers, read where they lie in the picture. Where windows look outside, a copy with
 * zeros around it is made first. Words: kernels/picture.ts.
 */
import { Conv2dFilterGradientWords, Conv2dForwardWords, Conv2dInputGradientWords } from "./generated/words";
import { corner4x8, tile4x8 } from "./matrix";
import { loadPart, madd, storePart } from "./simd";

/**
 * Rows `top` and on (`height` of them), columns `left` and on (`width`), of a picture with `rows` rows of `columns`
 * pixels; zeros outside. Sizes in bytes but for rows and heights: `pixel` bytes a pixel.
 */
function copyPadded(x: usize, rows: i32, columns: i32, top: i32, left: i32, height: i32, width: i32, pixel: usize, to: usize): void {
  const row = <usize>columns * pixel, toRow = <usize>width * pixel;
  const first = max(-left, 0), last = max(min(columns - left, width), first);
  const before = <usize>first * pixel, inside = <usize>(last - first) * pixel;
  for (let i = top; i < top + height; i++, to += toRow) {
    if (i < 0 || i >= rows) { memory.fill(to, 0, toRow); continue; }
    memory.fill(to, 0, before);
    memory.copy(to + before, x + <usize>i * row + <usize>(left + first) * pixel, inside);
    memory.fill(to + before + inside, 0, toRow - before - inside);
  }
}

export function conv2dForward(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<Conv2dForwardWords>(w);
  const outWidth = p.outWidth, pixels = p.outHeight * outWidth, block = p.block, filters = p.filters;
  const across = (pixels + block - 1) / block;
  const picture = tile / across, q0 = (tile % across) * block, q1 = min(q0 + block, pixels), count = q1 - q0;
  const pixel = <usize>p.channels << 2, down = p.strideHeight, right = p.strideWidth;
  const kernelHeight = p.kernelHeight, run = p.kernelWidth * p.channels;
  const corner = scratch, zeros = scratch + 128, table = scratch + 256;
  memory.fill(zeros, 0, 32);

  let x = p.x + <usize>picture * p.height * p.width * pixel, row = <usize>p.width * pixel;
  const o0 = q0 / outWidth, o1 = (q1 - 1) / outWidth;
  const coverWidth = (outWidth - 1) * right + p.kernelWidth;
  if (p.padTop > 0 || p.padLeft > 0 || (p.outHeight - 1) * down + kernelHeight - p.padTop > p.height || coverWidth - p.padLeft > p.width) {
    const copy = table + (<usize>((block + 3) & ~3) << 2);
    copyPadded(x, p.height, p.width, o0 * down - p.padTop, -p.padLeft, (o1 - o0) * down + kernelHeight, coverWidth, pixel, copy);
    x = copy;
    row = <usize>coverWidth * pixel;
  } else {
    x += <usize>(o0 * down) * row;
  }

  // Where the window of each pixel begins; up to a multiple of four the last one is repeated.
  let o = 0, c = q0 - o0 * outWidth;
  let at = table;
  for (let q = q0; q < q1; q++, at += 4) {
    store<usize>(at, x + <usize>(o * down) * row + <usize>(c * right) * pixel);
    if (++c == outWidth) { c = 0; o++; }
  }
  for (; ((at - table) & 15) != 0; at += 4) store<usize>(at, load<usize>(at - 4));

  const jump = row - (<usize>run << 2), cRow = <usize>filters << 2, depth = run * kernelHeight;
  const y = p.y + <usize>(picture * pixels + q0) * cRow;
  const runsBlock = p.runsBlock;
  for (let r0 = 0; r0 < kernelHeight; r0 += runsBlock) {
    const r1 = min(r0 + runsBlock, kernelHeight), offset = <usize>r0 * row;
    const floor: f32 = r1 == kernelHeight && p.relu != 0 ? 0 : -Infinity;
    for (let j = 0; j < filters; j += 8) {
      const b = p.filter + (<usize>(j >> 3) * depth << 5) + (<usize>(r0 * run) << 5);
      const columns = min(filters - j, 8);
      for (let i = 0; i < count; i += 4) {
        const t = table + (<usize>i << 2), to = y + <usize>i * cRow + (<usize>j << 2);
        let start = zeros, startRow: usize = 0;
        if (r0 > 0) { start = to; startRow = cRow; }
        else if (p.bias != 0) start = p.bias + (<usize>j << 2);
        const a0 = load<usize>(t) + offset, a1 = load<usize>(t, 4) + offset, a2 = load<usize>(t, 8) + offset, a3 = load<usize>(t, 12) + offset;
        if (columns == 8 && count - i >= 4) tile4x8(a0, a1, a2, a3, 4, run, jump, r1 - r0, b, start, startRow, floor, to, cRow);
        else corner4x8(a0, a1, a2, a3, 4, run, jump, r1 - r0, b, start, startRow, floor, to, cRow, min(count - i, 4), columns, corner);
      }
    }
  }
}

/** Four rows of a times a panel b of 8 columns, k deep, added to eight floats at each of four places. */
export function addTile4x8(a0: usize, a1: usize, a2: usize, a3: usize, k: i32, b: usize, c0: usize, c1: usize, c2: usize, c3: usize): void {
  let c00 = v128.load(c0), c01 = v128.load(c0, 16), c10 = v128.load(c1), c11 = v128.load(c1, 16);
  let c20 = v128.load(c2), c21 = v128.load(c2, 16), c30 = v128.load(c3), c31 = v128.load(c3, 16);
  const end = b + (<usize>k << 5);
  while (b != end) {
    const b0 = v128.load(b), b1 = v128.load(b, 16); b += 32;
    let x = v128.load32_splat(a0); c00 = madd(x, b0, c00); c01 = madd(x, b1, c01); a0 += 4;
    x = v128.load32_splat(a1); c10 = madd(x, b0, c10); c11 = madd(x, b1, c11); a1 += 4;
    x = v128.load32_splat(a2); c20 = madd(x, b0, c20); c21 = madd(x, b1, c21); a2 += 4;
    x = v128.load32_splat(a3); c30 = madd(x, b0, c30); c31 = madd(x, b1, c31); a3 += 4;
  }
  v128.store(c0, c00); v128.store(c0, c01, 16); v128.store(c1, c10); v128.store(c1, c11, 16);
  v128.store(c2, c20); v128.store(c2, c21, 16); v128.store(c3, c30); v128.store(c3, c31, 16);
}

@inline function loadRow(from: usize, n: i32, to: usize): void {
  v128.store(to, loadPart(from, min(n, 4)));
  v128.store(to, n > 4 ? loadPart(from + 16, n - 4) : f32x4.splat(0), 16);
}

@inline function storeRow(from: usize, n: i32, to: usize): void {
  storePart(to, v128.load(from), min(n, 4));
  if (n > 4) storePart(to + 16, v128.load(from, 16), n - 4);
}

export function conv2dInputGradient(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<Conv2dInputGradientWords>(w);
  const outWidth = p.outWidth, pixels = p.outHeight * outWidth, filters = p.filters, channels = p.channels;
  const down = p.strideHeight, right = p.strideWidth, kernelHeight = p.kernelHeight, kernelWidth = p.kernelWidth;
  const pixel = <usize>channels << 2, corner = scratch, table = scratch + 256;
  const dx = p.dx + <usize>tile * p.height * p.width * pixel;
  const coverHeight = (p.outHeight - 1) * down + kernelHeight, coverWidth = (outWidth - 1) * right + kernelWidth;
  const padded = p.padTop > 0 || p.padLeft > 0 || coverHeight > p.height || coverWidth > p.width;
  let to = dx, width = p.width, bytes = <usize>p.height * p.width * pixel;
  if (padded) {
    to = table + (<usize>((pixels + 3) & ~3) << 2);
    width = coverWidth;
    bytes = <usize>coverHeight * coverWidth * pixel;
  }
  memory.fill(to, 0, bytes);

  let o = 0, c = 0;
  for (let q = 0; q < pixels; q++) {
    store<usize>(table + (<usize>q << 2), to + <usize>(o * down * width + c * right) * pixel);
    if (++c == outWidth) { c = 0; o++; }
  }

  const aRow = <usize>filters << 2, dy = p.dy + <usize>tile * pixels * aRow, panel = <usize>filters << 5;
  const whole = pixels & ~3;
  let b = p.filter;
  for (let kh = 0; kh < kernelHeight; kh++) for (let kw = 0; kw < kernelWidth; kw++) {
    for (let j = 0; j < channels; j += 8, b += panel) {
      const offset = <usize>(kh * width + kw) * pixel + (<usize>j << 2), columns = min(channels - j, 8);
      let a = dy, i = 0;
      if (columns == 8) for (let t = table; i < whole; i += 4, t += 16) {
        const a1 = a + aRow, a2 = a1 + aRow, a3 = a2 + aRow;
        addTile4x8(a, a1, a2, a3, filters, b, load<usize>(t) + offset, load<usize>(t, 4) + offset, load<usize>(t, 8) + offset, load<usize>(t, 12) + offset);
        a = a3 + aRow;
      }
      for (; i < pixels; i += 4) {
        const high = min(pixels - i, 4), t = table + (<usize>i << 2);
        for (let r = 0; r < high; r++) loadRow(load<usize>(t + (r << 2)) + offset, columns, corner + (r << 5));
        const a1 = high > 1 ? a + aRow : a, a2 = high > 2 ? a1 + aRow : a, a3 = high > 3 ? a2 + aRow : a;
        addTile4x8(a, a1, a2, a3, filters, b, corner, corner + 32, corner + 64, corner + 96);
        for (let r = 0; r < high; r++) storeRow(corner + (r << 5), columns, load<usize>(t + (r << 2)) + offset);
        a += aRow << 2;
      }
    }
  }
  if (padded) copyPadded(to, coverHeight, coverWidth, p.padTop, p.padLeft, p.height, p.width, pixel, dx);
}

/** dy of a picture as panels [filters / 8][pixels][8], zeros behind the last filter; adds its columns to `bias`. */
function packOutput(dy: usize, pixels: i32, filters: i32, to: usize, bias: usize): void {
  const row = <usize>filters << 2;
  for (let j = 0; j < filters; j += 8) {
    const columns = min(filters - j, 8);
    let from = dy + (<usize>j << 2), s0 = f32x4.splat(0), s1 = s0;
    if (columns == 8) {
      for (let q = 0; q < pixels; q++, from += row, to += 32) {
        const a = v128.load(from), b = v128.load(from, 16);
        v128.store(to, a); v128.store(to, b, 16);
        s0 = f32x4.add(s0, a); s1 = f32x4.add(s1, b);
      }
    } else {
      for (let q = 0; q < pixels; q++, from += row, to += 32) {
        const a = loadPart(from, min(columns, 4)), b = columns > 4 ? loadPart(from + 16, columns - 4) : f32x4.splat(0);
        v128.store(to, a); v128.store(to, b, 16);
        s0 = f32x4.add(s0, a); s1 = f32x4.add(s1, b);
      }
    }
    const n = min(columns, 4);
    storePart(bias, f32x4.add(loadPart(bias, n), s0), n);
    if (columns > 4) storePart(bias + 16, f32x4.add(loadPart(bias + 16, columns - 4), s1), columns - 4);
    bias += 32;
  }
}

/** Rows and columns of a picture that windows cover, as [channels / 4][height][width][4]; channels a multiple of 4. */
function packQuads(x: usize, rows: i32, columns: i32, top: i32, left: i32, height: i32, width: i32, channels: i32, to: usize): void {
  const pixel = <usize>channels << 2, plane = <usize>(height * width) << 4;
  for (let i = 0; i < height; i++) for (let j = 0; j < width; j++, to += 16) {
    const r = i + top, c = j + left;
    let q = to;
    if (r < 0 || r >= rows || c < 0 || c >= columns) {
      for (let l = 0; l < channels; l += 4, q += plane) v128.store(q, f32x4.splat(0));
    } else {
      let from = x + <usize>(r * columns + c) * pixel;
      for (let l = 0; l < channels; l += 4, q += plane, from += 16) v128.store(q, v128.load(from));
    }
  }
}

export function conv2dFilterGradient(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<Conv2dFilterGradientWords>(w);
  const outHeight = p.outHeight, outWidth = p.outWidth, pixels = outHeight * outWidth, filters = p.filters, channels = p.channels;
  const down = p.strideHeight, right = p.strideWidth, kernelHeight = p.kernelHeight, kernelWidth = p.kernelWidth;
  const coverHeight = (outHeight - 1) * down + kernelHeight, coverWidth = (outWidth - 1) * right + kernelWidth;
  const padded = p.padTop > 0 || p.padLeft > 0 || coverHeight > p.height || coverWidth > p.width;
  const cRow = <usize>filters << 2, pixel = <usize>channels << 2;
  const depth = kernelHeight * kernelWidth * channels;
  const partial = p.partials + <usize>tile * (depth + 1) * cRow, bias = partial + <usize>depth * cRow;
  memory.fill(partial, 0, <usize>(depth + 1) * cRow);
  const corner = scratch, packed = scratch + 256, copy = packed + (<usize>((filters + 7) >> 3) * pixels << 5);
  // Either four channels of a pixel, copied into planes, or four neighbours of a run, where they lie.
  const quads = channels % 4 == 0 && channels >= 8;
  const run = kernelWidth * channels, groups = quads ? channels >> 2 : (run + 3) >> 2;
  const last = min((tile + 1) * p.chunk, p.n(rows));
  for (let picture = tile * p.chunk; picture < last; picture++) {
    let x = p.x + <usize>picture * p.height * p.width * pixel, row = <usize>p.width * pixel, step = <usize>right * pixel;
    if (quads) {
      packQuads(x, p.height, p.width, -p.padTop, -p.padLeft, coverHeight, coverWidth, channels, copy);
      x = copy; row = <usize>coverWidth << 4; step = <usize>right << 4;
    } else if (padded) {
      copyPadded(x, p.height, p.width, -p.padTop, -p.padLeft, coverHeight, coverWidth, pixel, copy);
      x = copy; row = <usize>coverWidth * pixel;
    }
    packOutput(p.dy + <usize>picture * pixels * cRow, pixels, filters, packed, bias);
    const jump = <usize>down * row - <usize>outWidth * step, plane = <usize>coverHeight * row;
    for (let o0 = 0; o0 < outHeight; o0 += p.rowsBlock) {
      const runs = min(p.rowsBlock, outHeight - o0);
      const from = x + <usize>(o0 * down) * row;
      for (let j = 0; j < filters; j += 8) {
        const columns = min(filters - j, 8);
        const b = packed + (<usize>((j >> 3) * pixels + o0 * outWidth) << 5);
        let c = partial + (<usize>j << 2);
        for (let kh = 0; kh < kernelHeight; kh++) {
          if (quads) {
            for (let kw = 0; kw < kernelWidth; kw++) {
              let a = from + <usize>kh * row + (<usize>kw << 4);
              for (let g = 0; g < groups; g++, a += plane, c += cRow << 2) {
                if (columns == 8) tile4x8(a, a + 4, a + 8, a + 12, step, outWidth, jump, runs, b, c, cRow, -Infinity, c, cRow);
                else corner4x8(a, a + 4, a + 8, a + 12, step, outWidth, jump, runs, b, c, cRow, -Infinity, c, cRow, 4, columns, corner);
              }
            }
          } else {
            let a = from + <usize>kh * row;
            for (let e = 0; e < run; e += 4, a += 16, c += cRow << 2) {
              const high = min(run - e, 4);
              // Behind the end of a run nothing is read: the first of the four stands in.
              const a1 = high > 1 ? a + 4 : a, a2 = high > 2 ? a + 8 : a, a3 = high > 3 ? a + 12 : a;
              if (columns == 8 && high == 4) tile4x8(a, a1, a2, a3, step, outWidth, jump, runs, b, c, cRow, -Infinity, c, cRow);
              else corner4x8(a, a1, a2, a3, step, outWidth, jump, runs, b, c, cRow, -Infinity, c, cRow, high, columns, corner);
            }
            // A last group of fewer than four has moved c too far.
            c -= <usize>((groups << 2) - run) * cRow;
          }
        }
      }
    }
  }
}
