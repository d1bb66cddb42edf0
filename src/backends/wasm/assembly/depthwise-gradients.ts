/**
 * All gradients of a depthwise convolution in one walk over bands of rows: dy is masked once and lies in the cache for
 * dx, whose rows are convolutions of dy (depthwise.ts) with those taps of the kernel that meet them, and for the kernel's
 * gradient, sums over the columns of a row: of nine taps of four channels at once where three slide along
 * (depthwise-slide.ts), else of three taps of eight. Words: kernels/depthwise.ts.
 */
import { convolveRow, highTap, lowTap, putFloor, spread, touchRows } from "./depthwise";
import { slideSums2, slideSums3, spread1By2, spread2By2 } from "./depthwise-slide";
import { DepthwiseGradientsWords } from "./generated/words";
import { blockOf, loadPart, madd, storePart, tileEnd, touch } from "./simd";

/** n floats of dy where y is above 0. */
function mask(dy: usize, y: usize, n: i32, to: usize): void {
  const end = to + (<usize>(n & ~3) << 2);
  for (; to != end; to += 16, dy += 16, y += 16) v128.store(to, v128.and(v128.load(dy), f32x4.gt(v128.load(y), f32x4.splat(0))));
  if ((n & 3) != 0) storePart(to, v128.and(loadPart(dy, n & 3), f32x4.gt(loadPart(y, n & 3), f32x4.splat(0))), n & 3);
}

/** n sums of `times` neighbours. */
function gather(from: usize, n: i32, times: i32, to: usize): void {
  for (; n > 0; n--, to += 4) {
    let sum: f32 = 0;
    for (let q = 0; q < times; q++, from += 4) sum += load<f32>(from);
    store<f32>(to, sum);
  }
}

/** The first tap that meets place `place` of dx, counted from the padding; `taps` where none does. */
@inline function firstTap(place: i32, stride: i32, dilation: i32, taps: i32): i32 {
  let i = 0;
  while (i < taps && (place - i * dilation) % stride != 0) i++;
  return i;
}

/** From a tap that meets a place to the next one. */
@inline function tapsBetween(stride: i32, dilation: i32): i32 {
  let i = 1;
  while (i * dilation % stride != 0) i++;
  return i;
}

/** Three taps of eight channels over `count` columns: to[t] += sum of g x[t], with taps `tapStep` and `to` apart. */
export function tapSums3x8(g: usize, gStep: usize, x: usize, xStep: usize, tapStep: usize, count: i32, to: usize, toStep: usize): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00;
  let x1 = x + tapStep, x2 = x1 + tapStep;
  for (; count > 0; count--, g += gStep) {
    const g0 = v128.load(g), g1 = v128.load(g, 16);
    c00 = madd(v128.load(x), g0, c00); c01 = madd(v128.load(x, 16), g1, c01); x += xStep;
    c10 = madd(v128.load(x1), g0, c10); c11 = madd(v128.load(x1, 16), g1, c11); x1 += xStep;
    c20 = madd(v128.load(x2), g0, c20); c21 = madd(v128.load(x2, 16), g1, c21); x2 += xStep;
  }
  v128.store(to, f32x4.add(v128.load(to), c00)); v128.store(to, f32x4.add(v128.load(to, 16), c01), 16); to += toStep;
  v128.store(to, f32x4.add(v128.load(to), c10)); v128.store(to, f32x4.add(v128.load(to, 16), c11), 16); to += toStep;
  v128.store(to, f32x4.add(v128.load(to), c20)); v128.store(to, f32x4.add(v128.load(to, 16), c21), 16);
}

/** One tap of n (1 to 4) channels. */
@inline function tapSum(g: usize, gStep: usize, x: usize, xStep: usize, count: i32, to: usize, n: i32): void {
  let c = f32x4.splat(0);
  for (; count > 0; count--, g += gStep, x += xStep) c = madd(loadPart(x, n), loadPart(g, n), c);
  storePart(to, f32x4.add(loadPart(to, n), c), n);
}

/** The sums of `count` columns of all channels, sixteen at a time. */
function columnSums(g: usize, gStep: usize, count: i32, to: usize, channels: i32): void {
  let at = 0;
  for (; at + 16 <= channels; at += 16, g += 64, to += 64) {
    let a = f32x4.splat(0), b = a, c = a, d = a, from = g;
    for (let i = count; i > 0; i--, from += gStep) {
      a = f32x4.add(a, v128.load(from)); b = f32x4.add(b, v128.load(from, 16));
      c = f32x4.add(c, v128.load(from, 32)); d = f32x4.add(d, v128.load(from, 48));
    }
    v128.store(to, f32x4.add(v128.load(to), a)); v128.store(to, f32x4.add(v128.load(to, 16), b), 16);
    v128.store(to, f32x4.add(v128.load(to, 32), c), 32); v128.store(to, f32x4.add(v128.load(to, 48), d), 48);
  }
  for (; at < channels; at += 4, g += 16, to += 16) {
    const n = min(channels - at, 4);
    let a = f32x4.splat(0), from = g;
    for (let i = count; i > 0; i--, from += gStep) a = f32x4.add(a, loadPart(from, n));
    storePart(to, f32x4.add(loadPart(to, n), a), n);
  }
}

/** One tap of all channels from `from` on. */
function tapSums(g: usize, gStep: usize, x: usize, xStep: usize, count: i32, to: usize, from: i32, channels: i32): void {
  if (count <= 0) return;
  let c = from;
  for (; c + 4 <= channels; c += 4) {
    const at = <usize>c << 2;
    tapSum(g + at, gStep, x + at, xStep, count, to + at, 4);
  }
  const at = <usize>c << 2;
  if (c < channels) tapSum(g + at, gStep, x + at, xStep, count, to + at, channels - c);
}

/** A row of taps from a row of dy and the row of x that it meets; of the channels from `from` on. */
function addTaps(
  g: usize, outWidth: i32, x: usize, width: i32, from: i32, channels: i32, left: i32, advance: i32, tapStep: i32, taps: i32, to: usize,
): void {
  const pixel = <usize>channels << 2, xStep = <usize>advance * pixel;
  for (let t = 0; t < taps;) {
    const some = taps - t >= 3 && channels - from >= 8 ? 3 : 1;
    // Columns of dy that meet all of these taps.
    const low = lowTap(left + t * tapStep, advance, width);
    const high = highTap(left + (t + some - 1) * tapStep, advance, width, outWidth), all = max(high - low, 0);
    if (some == 3) {
      const first = x + <usize>(left + t * tapStep + low * advance) * pixel;
      let c = from;
      for (; c + 8 <= channels; c += 8) {
        const at = <usize>c << 2;
        tapSums3x8(g + <usize>low * pixel + at, pixel, first + at, xStep, <usize>tapStep * pixel, all, to + at, pixel);
      }
      if (c < channels) for (let i = 0; i < 3; i++) {
        tapSums(g + <usize>low * pixel, pixel, first + <usize>(i * tapStep) * pixel, xStep, all, to + <usize>i * pixel, c, channels);
      }
    }
    for (let end = t + some; t < end; t++, to += pixel) {
      const first = left + t * tapStep, own = lowTap(first, advance, width), last = highTap(first, advance, width, outWidth);
      // What the others have not had.
      const before = some == 3 && all > 0 ? low : last;
      tapSums(g + <usize>own * pixel, pixel, x + <usize>(first + own * advance) * pixel, xStep, min(before, last) - own, to, from, channels);
      if (some == 3 && all > 0) {
        tapSums(g + <usize>high * pixel, pixel, x + <usize>(first + high * advance) * pixel, xStep, last - high, to, from, channels);
      }
    }
  }
}

export function depthwiseGradients(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<DepthwiseGradientsWords>(w);
  const height = p.height, width = p.width, outHeight = p.outHeight, outWidth = p.outWidth, multiplier = p.multiplier;
  const channels = p.channels, filters = channels * multiplier, taps = p.kernelHeight * p.kernelWidth;
  const pixel = <usize>filters << 2, dyRow = <usize>outWidth * pixel, xRow = <usize>(width * channels) << 2;
  const down = p.strideHeight, right = p.strideWidth, dilation = p.dilationHeight, reach = (p.kernelHeight - 1) * dilation;
  const line = scratch + 48, wide = line + <usize>width * pixel;
  const slides = p.kernelWidth == 3 && right == 1 && p.dilationWidth == 1;
  const doubles = p.kernelWidth == 3 && right == 2 && p.dilationWidth == 1 && p.padLeft <= 1 && filters >= 4;
  putFloor(-Infinity, scratch);
  const sums = p.partials + <usize>(tile * (taps + 1)) * pixel;
  if (p.partials != 0) memory.fill(sums, 0, <usize>(taps + 1) * pixel);
  const end = tileEnd(tile, blockOf(w), p.n(rows) * outHeight);
  for (let r = tile * blockOf(w); r < end;) {
    const picture = r / outHeight, o0 = r - picture * outHeight, o1 = min(min(outHeight, o0 + p.band), o0 + end - r);
    r += o1 - o0;
    // Rows of dx that are this band's, and of dy that they need.
    const h0 = o0 * down, h1 = o1 == outHeight ? height : o1 * down;
    let first = o0, last = o1;
    if (p.dx != 0) {
      first = max(min(first, (h0 + p.padTop - reach) / down), 0);
      last = min(max(last, (h1 - 1 + p.padTop) / down + 1), outHeight);
    }
    let dy = p.dy + <usize>(picture * outHeight) * dyRow, space = wide;
    if (p.y != 0) {
      const from = <usize>first * dyRow, y = p.y + <usize>(picture * outHeight) * dyRow;
      mask(dy + from, y + from, (last - first) * outWidth * filters, space);
      dy = space - from;
      space += <usize>(last - first) * dyRow;
    } else touch(dy + <usize>first * dyRow, 0, 1, <usize>(last - first) * dyRow, scratch + 32);
    if (p.dx != 0) {
      const every = tapsBetween(down, dilation), beside = tapsBetween(right, p.dilationWidth);
      for (let h = h0; h < h1; h++) {
        const dx = p.dx + <usize>(picture * height + h) * xRow, to = multiplier > 1 ? line : dx;
        const i = firstTap(h + p.padTop, down, dilation, p.kernelHeight);
        const rowsMet = i < p.kernelHeight ? (p.kernelHeight - 1 - i) / every + 1 : 0;
        const top = (h + p.padTop - i * dilation) / down, step = -(every * dilation / down);
        if (doubles) {
          const low = lowTap(top, step, outHeight), some = highTap(top, step, outHeight, rowsMet) - low;
          if (some == 1 || some == 2) {
            const from = dy + <usize>(top + low * step) * dyRow, k = p.kernel + <usize>((i + low * every) * 3) * pixel;
            const kRow = <usize>(every * 3) * pixel;
            for (let c = 0; c < filters; c += 4) {
              const at = <usize>min(c, filters - 4) << 2;
              if (some == 1) spread1By2(from + at, pixel, outWidth, p.padLeft, k + at, to + at, pixel, width);
              else spread2By2(from + at, <usize>step * dyRow, pixel, outWidth, p.padLeft, k + at, kRow, to + at, pixel, width);
            }
            if (multiplier > 1) gather(line, width * channels, multiplier, dx);
            continue;
          }
        }
        for (let phase = 0; phase < min(right, width); phase++) {
          const j = firstTap(phase + p.padLeft, right, p.dilationWidth, p.kernelWidth);
          const met = j < p.kernelWidth ? (p.kernelWidth - 1 - j) / beside + 1 : 0;
          convolveRow(
            dy, outHeight, outWidth, filters, top, step, met > 0 ? rowsMet : 0,
            (phase + p.padLeft - j * p.dilationWidth) / right, 1, -(beside * p.dilationWidth / right), rowsMet > 0 ? met : 0,
            p.kernel + <usize>(i * p.kernelWidth + j) * pixel, <usize>(every * p.kernelWidth) * pixel, <usize>beside * pixel, 0, scratch,
            to + <usize>phase * pixel, <usize>right * pixel, (width - 1 - phase) / right + 1,
          );
        }
        if (multiplier > 1) gather(line, width * channels, multiplier, dx);
      }
    }
    if (p.partials == 0) continue;
    let x = p.x + <usize>(picture * height) * xRow;
    if (multiplier > 1) {
      const from = max(o0 * down - p.padTop, 0), to = min((o1 - 1) * down - p.padTop + reach + 1, height);
      spread(x + <usize>from * xRow, max(to - from, 0) * width * channels, multiplier, space);
      x = space - <usize>(from * width) * pixel;
    }
    for (let o = o0, met = 0; o < o1; o++) {
      met = touchRows(x, <usize>width * pixel, o * down - p.padTop, reach, height, met, scratch + 32);
      const g = dy + <usize>o * dyRow, top = o * down - p.padTop;
      const low = lowTap(top, dilation, height), high = highTap(top, dilation, height, p.kernelHeight);
      for (let i = low; i < high;) {
        const some = min(high - i, 3), from = x + <usize>((top + i * dilation) * width) * pixel;
        const to = sums + <usize>(i * p.kernelWidth) * pixel, step = <usize>(dilation * width) * pixel;
        let c = 0;
        if (slides && some > 1) for (; c + 4 <= filters; c += 4) {
          const at = <usize>c << 2;
          if (some == 3) slideSums3(g + at, outWidth, from + at, step, pixel, width, -p.padLeft, to + at);
          else slideSums2(g + at, outWidth, from + at, step, pixel, width, -p.padLeft, to + at);
        }
        if (c < filters) for (let n = 0; n < some; n++) {
          addTaps(
            g, outWidth, from + <usize>n * step, width, c, filters, -p.padLeft, right, p.dilationWidth, p.kernelWidth,
            to + <usize>(n * p.kernelWidth) * pixel,
          );
        }
        i += some;
      }
      columnSums(g, pixel, outWidth, sums + <usize>taps * pixel, filters);
    }
  }
}
