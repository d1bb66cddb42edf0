/** Pooling of pictures and its gradients, four channels at a time; a tile is a picture. Words: kernels/picture.ts. */
import {
  AveragePool2dGradientWords, AveragePool2dWords, MaxPool2dGradientWords, MaxPool2dRouteGradientWords, MaxPool2dRouteWords, MaxPool2dWords,
} from "./generated/words";
import { loadPart, storePart } from "./simd";

// Each of these does n (1 to 4) channels, `at` bytes from the first, of a window of down by across pixels.

@inline function windowMax(x: usize, row: usize, down: i32, pixel: usize, across: i32, y: usize, at: usize, n: i32): void {
  let m = f32x4.splat(-Infinity);
  for (x += at; down > 0; down--, x += row) {
    for (let j = 0, from = x; j < across; j++, from += pixel) m = f32x4.max(m, loadPart(from, n));
  }
  storePart(y + at, m, n);
}

@inline function toFirstMax(
  x: usize, dx: usize, row: usize, down: i32, pixel: usize, across: i32, y: usize, dy: usize, at: usize, n: i32,
): void {
  const m = loadPart(y + at, n), g = loadPart(dy + at, n);
  let open = i32x4.splat(-1);
  for (let o = at; down > 0; down--, o += row) {
    for (let j = 0, here = o; j < across; j++, here += pixel) {
      const first = v128.and(open, f32x4.eq(loadPart(x + here, n), m));
      storePart(dx + here, f32x4.add(loadPart(dx + here, n), v128.and(g, first)), n);
      open = v128.andnot(open, first);
    }
  }
}

@inline function windowMean(x: usize, row: usize, down: i32, pixel: usize, across: i32, y: usize, at: usize, n: i32): void {
  const count = f32x4.splat(<f32>(down * across));
  let s = f32x4.splat(0);
  for (x += at; down > 0; down--, x += row) {
    for (let j = 0, from = x; j < across; j++, from += pixel) s = f32x4.add(s, loadPart(from, n));
  }
  storePart(y + at, f32x4.div(s, count), n);
}

@inline function spreadMean(dx: usize, row: usize, down: i32, pixel: usize, across: i32, dy: usize, at: usize, n: i32): void {
  const g = f32x4.div(loadPart(dy + at, n), f32x4.splat(<f32>(down * across)));
  for (dx += at; down > 0; down--, dx += row) {
    for (let j = 0, to = dx; j < across; j++, to += pixel) storePart(to, f32x4.add(loadPart(to, n), g), n);
  }
}

/** Where the next four of the channels begin: the last four overlap those before rather than be fewer. */
@inline function nextFour(c: i32, channels: i32): i32 { return c + 4 < channels ? min(c + 4, channels - 4) : channels; }

/** windowMean of a 2 by 2 window, the usual one, at least four channels. */
@inline function meanOfFour(x: usize, row: usize, pixel: usize, channels: i32, y: usize): void {
  for (let c = 0; c < channels; c = nextFour(c, channels)) {
    const from = x + (<usize>c << 2), below = from + row;
    const top = f32x4.add(v128.load(from), v128.load(from + pixel));
    const s = f32x4.add(f32x4.add(top, v128.load(below)), v128.load(below + pixel));
    v128.store(y + (<usize>c << 2), f32x4.mul(s, f32x4.splat(0.25)));
  }
}

/** spreadMean over a 2 by 2 window that shares no pixel with another. */
@inline function spreadToFour(dx: usize, row: usize, pixel: usize, channels: i32, dy: usize): void {
  for (let c = 0; c < channels; c = nextFour(c, channels)) {
    const to = dx + (<usize>c << 2), below = to + row, g = f32x4.mul(v128.load(dy + (<usize>c << 2)), f32x4.splat(0.25));
    v128.store(to, g); v128.store(to + pixel, g); v128.store(below, g); v128.store(below + pixel, g);
  }
}

/** toFirstMax of a 2 by 2 window that shares no pixel with another. */
@inline function toFirstOfFour(x: usize, dx: usize, row: usize, pixel: usize, channels: i32, y: usize, dy: usize): void {
  for (let c = 0; c < channels; c = nextFour(c, channels)) {
    const at = <usize>c << 2, from = x + at, to = dx + at, m = v128.load(y + at), g = v128.load(dy + at);
    const a = f32x4.eq(v128.load(from), m), b = f32x4.eq(v128.load(from + pixel), m);
    const d = f32x4.eq(v128.load(from + row), m), e = f32x4.eq(v128.load(from + row + pixel), m);
    const top = v128.or(a, b);
    v128.store(to, v128.and(g, a)); v128.store(to + pixel, v128.and(g, v128.andnot(b, a)));
    v128.store(to + row, v128.and(g, v128.andnot(d, top)));
    v128.store(to + row + pixel, v128.and(g, v128.andnot(e, v128.or(top, d))));
  }
}

/** Each of a 2 by 2 window that shares no pixel with another gets dy where the route says so. */
@inline function routeToFour(dx: usize, row: usize, pixel: usize, channels: i32, route: usize, dy: usize): void {
  for (let c = 0; c < channels; c = nextFour(c, channels)) {
    const to = dx + (<usize>c << 2), g = v128.load(dy + (<usize>c << 2));
    const r = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(route + c)));
    v128.store(to, v128.and(g, i32x4.eq(r, i32x4.splat(0))));
    v128.store(to + pixel, v128.and(g, i32x4.eq(r, i32x4.splat(1))));
    v128.store(to + row, v128.and(g, i32x4.eq(r, i32x4.splat(2))));
    v128.store(to + row + pixel, v128.and(g, i32x4.eq(r, i32x4.splat(3))));
  }
}

/** Whether windows are 2 by 2, beside each other and inside the picture, of at least four channels. */
@inline function apart(
  poolHeight: i32, poolWidth: i32, strideHeight: i32, strideWidth: i32, height: i32, width: i32, outHeight: i32, outWidth: i32,
  padTop: i32, padLeft: i32, channels: i32,
): bool {
  return poolHeight == 2 && poolWidth == 2 && strideHeight == 2 && strideWidth == 2 && padTop == 0 && padLeft == 0 &&
    (outHeight << 1) <= height && (outWidth << 1) <= width && channels >= 4;
}

/** `place`: of the first pixel in the window; `skip`: places between the last pixel of a row and the first of the next. */
@inline function routedMax(
  x: usize, row: usize, down: i32, pixel: usize, across: i32, place: i32, skip: i32, floor: f32, y: usize, route: usize, at: usize, n: i32,
): void {
  let m = loadPart(x + at, n), r = i32x4.splat(place);
  for (x += at; down > 0; down--, x += row, place += skip) {
    for (let j = 0, from = x; j < across; j++, from += pixel, place++) {
      const v = loadPart(from, n);
      r = v128.bitselect(i32x4.splat(place), r, f32x4.gt(v, m));
      m = f32x4.max(m, v);
    }
  }
  // Neither a NaN nor what relu cut to 0 lets a gradient pass.
  r = v128.bitselect(r, i32x4.splat(255), v128.and(f32x4.eq(m, m), v128.not(f32x4.le(m, f32x4.splat(floor)))));
  storePart(y + at, m, n);
  const to = route + (at >> 2);
  store<u8>(to, i32x4.extract_lane(r, 0));
  if (n > 1) store<u8>(to, i32x4.extract_lane(r, 1), 1);
  if (n > 2) store<u8>(to, i32x4.extract_lane(r, 2), 2);
  if (n > 3) store<u8>(to, i32x4.extract_lane(r, 3), 3);
}

/** routedMax of a 2 by 2 window inside the picture, the usual one, straight on. */
@inline function routedMax4(x: usize, row: usize, pixel: usize, floor: f32, y: usize, route: usize): void {
  const a = v128.load(x), b = v128.load(x + pixel), c = v128.load(x + row), d = v128.load(x + row + pixel);
  const top = f32x4.max(a, b), low = f32x4.max(c, d), m = f32x4.max(top, low);
  v128.store(y, m);
  if (route == 0) return;
  const upper = v128.bitselect(i32x4.splat(1), i32x4.splat(0), f32x4.gt(b, a));
  const lower = v128.bitselect(i32x4.splat(3), i32x4.splat(2), f32x4.gt(d, c));
  let r = v128.bitselect(lower, upper, f32x4.gt(low, top));
  r = v128.bitselect(r, i32x4.splat(255), v128.and(f32x4.eq(m, m), v128.not(f32x4.le(m, f32x4.splat(floor)))));
  // The lowest byte of each lane.
  v128.store32_lane(route, i8x16.shuffle(r, r, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12), 0);
}

/**
 * The maximum of each window of a picture x [height, width, channels] at y, and its place at `route`, where that is not 0:
 * maxPool2dRoute for one picture.
 */
export function poolPicture(
  x: usize, height: i32, width: i32, channels: i32, poolHeight: i32, poolWidth: i32, strideHeight: i32, strideWidth: i32,
  padTop: i32, padLeft: i32, outHeight: i32, outWidth: i32, y: usize, route: usize, relu: bool,
): void {
  const pixel = <usize>channels << 2, row = <usize>width * pixel;
  // NaN as the floor is below nothing.
  const floor: f32 = relu ? 0 : NaN;
  for (let o = 0; o < outHeight; o++) {
    const top = o * strideHeight - padTop, i0 = max(top, 0), i1 = min(top + poolHeight, height);
    for (let q = 0; q < outWidth; q++, y += pixel) {
      const left = q * strideWidth - padLeft, j0 = max(left, 0), j1 = min(left + poolWidth, width);
      const window = x + <usize>(i0 * width + j0) * pixel, down = i1 - i0, across = j1 - j0;
      const place = (i0 - top) * poolWidth + (j0 - left), skip = poolWidth - across;
      let c = 0;
      if (poolHeight == 2 && poolWidth == 2 && down == 2 && across == 2) {
        for (; c + 4 <= channels; c += 4) {
          const at = <usize>c << 2;
          routedMax4(window + at, row, pixel, floor, y + at, route != 0 ? route + c : 0);
        }
      }
      for (; c < channels; c += 4) {
        if (route == 0) {
          windowMax(window, row, down, pixel, across, y, <usize>c << 2, min(channels - c, 4));
        } else if (c + 4 <= channels) routedMax(window, row, down, pixel, across, place, skip, floor, y, route, <usize>c << 2, 4);
        else routedMax(window, row, down, pixel, across, place, skip, floor, y, route, <usize>c << 2, channels - c);
      }
      if (route != 0) route += channels;
    }
  }
}

export function maxPool2d(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<MaxPool2dWords>(w);
  const height = p.height, width = p.width, channels = p.channels;
  poolPicture(
    p.x + (<usize>(tile * height * width * channels) << 2), height, width, channels, p.kernelHeight, p.kernelWidth,
    p.strideHeight, p.strideWidth, p.padTop, p.padLeft, p.outHeight, p.outWidth,
    p.y + (<usize>(tile * p.outHeight * p.outWidth * channels) << 2), 0, false,
  );
}

export function maxPool2dGradient(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<MaxPool2dGradientWords>(w);
  const height = p.height, width = p.width, channels = p.channels, pixel = <usize>channels << 2, row = <usize>width * pixel;
  const picture = <usize>(tile * height * width) * pixel, x = p.x + picture, dx = p.dx + picture;
  const outputs = <usize>(tile * p.outHeight * p.outWidth) * pixel;
  let y = p.y + outputs, dy = p.dy + outputs;
  const two = apart(
    p.kernelHeight, p.kernelWidth, p.strideHeight, p.strideWidth, height, width, p.outHeight, p.outWidth, p.padTop, p.padLeft, channels,
  );
  if (!two || (p.outHeight << 1) != height || (p.outWidth << 1) != width) memory.fill(dx, 0, <usize>(height * width) * pixel);
  for (let o = 0; o < p.outHeight; o++) {
    const top = o * p.strideHeight - p.padTop, i0 = max(top, 0), i1 = min(top + p.kernelHeight, height);
    for (let q = 0; q < p.outWidth; q++, y += pixel, dy += pixel) {
      const left = q * p.strideWidth - p.padLeft, j0 = max(left, 0), j1 = min(left + p.kernelWidth, width);
      const window = <usize>(i0 * width + j0) * pixel, down = i1 - i0, across = j1 - j0;
      if (two) {
        toFirstOfFour(x + window, dx + window, row, pixel, channels, y, dy);
        continue;
      }
      let c = 0;
      for (; c + 4 <= channels; c += 4) toFirstMax(x + window, dx + window, row, down, pixel, across, y, dy, <usize>c << 2, 4);
      if (c < channels) toFirstMax(x + window, dx + window, row, down, pixel, across, y, dy, <usize>c << 2, channels - c);
    }
  }
}

export function averagePool2d(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<AveragePool2dWords>(w);
  const height = p.height, width = p.width, channels = p.channels, pixel = <usize>channels << 2, row = <usize>width * pixel;
  const x = p.x + <usize>(tile * height * width) * pixel;
  let y = p.y + <usize>(tile * p.outHeight * p.outWidth) * pixel;
  for (let o = 0; o < p.outHeight; o++) {
    const top = o * p.strideHeight - p.padTop, i0 = max(top, 0), i1 = min(top + p.kernelHeight, height);
    for (let q = 0; q < p.outWidth; q++, y += pixel) {
      const left = q * p.strideWidth - p.padLeft, j0 = max(left, 0), j1 = min(left + p.kernelWidth, width);
      const window = x + <usize>(i0 * width + j0) * pixel, down = i1 - i0, across = j1 - j0;
      if (channels >= 4 && p.kernelHeight == 2 && p.kernelWidth == 2 && down == 2 && across == 2) {
        meanOfFour(window, row, pixel, channels, y);
        continue;
      }
      let c = 0;
      for (; c + 4 <= channels; c += 4) windowMean(window, row, down, pixel, across, y, <usize>c << 2, 4);
      if (c < channels) windowMean(window, row, down, pixel, across, y, <usize>c << 2, channels - c);
    }
  }
}

export function averagePool2dGradient(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<AveragePool2dGradientWords>(w);
  const height = p.height, width = p.width, channels = p.channels, pixel = <usize>channels << 2, row = <usize>width * pixel;
  const dx = p.dx + <usize>(tile * height * width) * pixel;
  let dy = p.dy + <usize>(tile * p.outHeight * p.outWidth) * pixel;
  const two = apart(
    p.kernelHeight, p.kernelWidth, p.strideHeight, p.strideWidth, height, width, p.outHeight, p.outWidth, p.padTop, p.padLeft, channels,
  );
  if (!two || (p.outHeight << 1) != height || (p.outWidth << 1) != width) memory.fill(dx, 0, <usize>(height * width) * pixel);
  for (let o = 0; o < p.outHeight; o++) {
    const top = o * p.strideHeight - p.padTop, i0 = max(top, 0), i1 = min(top + p.kernelHeight, height);
    for (let q = 0; q < p.outWidth; q++, dy += pixel) {
      const left = q * p.strideWidth - p.padLeft, j0 = max(left, 0), j1 = min(left + p.kernelWidth, width);
      const window = dx + <usize>(i0 * width + j0) * pixel, down = i1 - i0, across = j1 - j0;
      if (two) {
        spreadToFour(window, row, pixel, channels, dy);
        continue;
      }
      let c = 0;
      for (; c + 4 <= channels; c += 4) spreadMean(window, row, down, pixel, across, dy, <usize>c << 2, 4);
      if (c < channels) spreadMean(window, row, down, pixel, across, dy, <usize>c << 2, channels - c);
    }
  }
}

export function maxPool2dRoute(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<MaxPool2dRouteWords>(w);
  const height = p.height, width = p.width, channels = p.channels;
  const first = <usize>(tile * p.outHeight * p.outWidth * channels);
  poolPicture(
    p.x + (<usize>(tile * height * width * channels) << 2), height, width, channels, p.kernelHeight, p.kernelWidth,
    p.strideHeight, p.strideWidth, p.padTop, p.padLeft, p.outHeight, p.outWidth, p.y + (first << 2), p.route + first, p.relu != 0,
  );
}

export function maxPool2dRouteGradient(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<MaxPool2dRouteGradientWords>(w);
  const height = p.height, width = p.width, channels = p.channels, pixel = <usize>channels << 2;
  const dx = p.dx + <usize>(tile * height * width) * pixel, first = <usize>(tile * p.outHeight * p.outWidth * channels);
  let route = p.route + first, dy = p.dy + (first << 2);
  const two = apart(
    p.kernelHeight, p.kernelWidth, p.strideHeight, p.strideWidth, height, width, p.outHeight, p.outWidth, p.padTop, p.padLeft, channels,
  );
  if (!two || (p.outHeight << 1) != height || (p.outWidth << 1) != width) memory.fill(dx, 0, <usize>(height * width) * pixel);
  for (let o = 0; o < p.outHeight; o++) for (let q = 0; q < p.outWidth; q++) {
    const top = o * p.strideHeight - p.padTop, left = q * p.strideWidth - p.padLeft;
    if (two) {
      routeToFour(dx + <usize>(top * width + left) * pixel, <usize>width * pixel, pixel, channels, route, dy);
      route += channels; dy += pixel;
      continue;
    }
    for (let c = 0; c < channels; c++, route++, dy += 4) {
      const place = <i32>load<u8>(route);
      if (place == 255) continue;
      const i = place / p.kernelWidth, j = place - i * p.kernelWidth;
      const to = dx + <usize>((top + i) * width + left + j) * pixel + (<usize>c << 2);
      store<f32>(to, load<f32>(to) + load<f32>(dy));
    }
  }
}
