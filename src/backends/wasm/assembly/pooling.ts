/** Pooling of pictures and its gradients, four channels at a time; a tile is a picture. Words: kernels/picture.ts. */
import { AveragePool2dGradientWords, AveragePool2dWords, MaxPool2dGradientWords, MaxPool2dWords } from "./generated/words";
import { loadPart, storePart } from "./simd";

export function maxPool2d(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<MaxPool2dWords>(w);
  const height = p.height, width = p.width, channels = p.channels, pixel = <usize>channels << 2;
  const x = p.x + <usize>(tile * height * width) * pixel;
  let y = p.y + <usize>(tile * p.outHeight * p.outWidth) * pixel;
  for (let o = 0; o < p.outHeight; o++) {
    const top = o * p.strideHeight - p.padTop, i0 = max(top, 0), i1 = min(top + p.kernelHeight, height);
    for (let q = 0; q < p.outWidth; q++, y += pixel) {
      const left = q * p.strideWidth - p.padLeft, j0 = max(left, 0), j1 = min(left + p.kernelWidth, width);
      for (let c = 0; c < channels; c += 4) {
        const n = channels - c, at = <usize>c << 2;
        let m = f32x4.splat(-Infinity);
        for (let i = i0; i < i1; i++) {
          let from = x + <usize>(i * width + j0) * pixel + at;
          for (let j = j0; j < j1; j++, from += pixel) m = f32x4.max(m, loadPart(from, n));
        }
        storePart(y + at, m, n);
      }
    }
  }
}

export function maxPool2dGradient(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<MaxPool2dGradientWords>(w);
  const height = p.height, width = p.width, channels = p.channels, pixel = <usize>channels << 2;
  const picture = <usize>(tile * height * width) * pixel, x = p.x + picture, dx = p.dx + picture;
  const outputs = <usize>(tile * p.outHeight * p.outWidth) * pixel;
  let y = p.y + outputs, dy = p.dy + outputs;
  memory.fill(dx, 0, <usize>(height * width) * pixel);
  for (let o = 0; o < p.outHeight; o++) {
    const top = o * p.strideHeight - p.padTop, i0 = max(top, 0), i1 = min(top + p.kernelHeight, height);
    for (let q = 0; q < p.outWidth; q++, y += pixel, dy += pixel) {
      const left = q * p.strideWidth - p.padLeft, j0 = max(left, 0), j1 = min(left + p.kernelWidth, width);
      for (let c = 0; c < channels; c += 4) {
        const n = channels - c, at = <usize>c << 2;
        const m = loadPart(y + at, n), g = loadPart(dy + at, n);
        let open = i32x4.splat(-1);
        for (let i = i0; i < i1; i++) {
          let o = <usize>(i * width + j0) * pixel + at;
          for (let j = j0; j < j1; j++, o += pixel) {
            const here = v128.and(open, f32x4.eq(loadPart(x + o, n), m));
            storePart(dx + o, f32x4.add(loadPart(dx + o, n), v128.and(g, here)), n);
            open = v128.andnot(open, here);
          }
        }
      }
    }
  }
}

export function averagePool2d(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<AveragePool2dWords>(w);
  const height = p.height, width = p.width, channels = p.channels, pixel = <usize>channels << 2;
  const x = p.x + <usize>(tile * height * width) * pixel;
  let y = p.y + <usize>(tile * p.outHeight * p.outWidth) * pixel;
  for (let o = 0; o < p.outHeight; o++) {
    const top = o * p.strideHeight - p.padTop, i0 = max(top, 0), i1 = min(top + p.kernelHeight, height);
    for (let q = 0; q < p.outWidth; q++, y += pixel) {
      const left = q * p.strideWidth - p.padLeft, j0 = max(left, 0), j1 = min(left + p.kernelWidth, width);
      const count = f32x4.splat(<f32>((i1 - i0) * (j1 - j0)));
      for (let c = 0; c < channels; c += 4) {
        const n = channels - c, at = <usize>c << 2;
        let s = f32x4.splat(0);
        for (let i = i0; i < i1; i++) {
          let from = x + <usize>(i * width + j0) * pixel + at;
          for (let j = j0; j < j1; j++, from += pixel) s = f32x4.add(s, loadPart(from, n));
        }
        storePart(y + at, f32x4.div(s, count), n);
      }
    }
  }
}

export function averagePool2dGradient(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<AveragePool2dGradientWords>(w);
  const height = p.height, width = p.width, channels = p.channels, pixel = <usize>channels << 2;
  const dx = p.dx + <usize>(tile * height * width) * pixel;
  let dy = p.dy + <usize>(tile * p.outHeight * p.outWidth) * pixel;
  memory.fill(dx, 0, <usize>(height * width) * pixel);
  for (let o = 0; o < p.outHeight; o++) {
    const top = o * p.strideHeight - p.padTop, i0 = max(top, 0), i1 = min(top + p.kernelHeight, height);
    for (let q = 0; q < p.outWidth; q++, dy += pixel) {
      const left = q * p.strideWidth - p.padLeft, j0 = max(left, 0), j1 = min(left + p.kernelWidth, width);
      const count = f32x4.splat(<f32>((i1 - i0) * (j1 - j0)));
      for (let c = 0; c < channels; c += 4) {
        const n = channels - c, at = <usize>c << 2;
        const g = f32x4.div(loadPart(dy + at, n), count);
        for (let i = i0; i < i1; i++) {
          let to = dx + <usize>(i * width + j0) * pixel + at;
          for (let j = j0; j < j1; j++, to += pixel) storePart(to, f32x4.add(loadPart(to, n), g), n);
        }
      }
    }
  }
}
