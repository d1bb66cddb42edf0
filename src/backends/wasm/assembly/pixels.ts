/**
 * All gradients of a 1 by 1 convolution in one walk over the pixels: dy, masked where relu was, is read from memory once
 * for the filter's gradient, the bias's and the input's. What is zero in x is left out of the one product, what is zero
 * in dy of the other (packing.ts). Words: kernels/pixels.ts.
 */
import { PixelGradientsWords } from "./generated/words";
import { entriesAt, packColumns } from "./packing";
import { CORNER_BYTES, packedProduct, pairTile } from "./product";
import { notFinite } from "./simd";
import { packWide } from "./windows";

/** Whether some of n floats, a multiple of 4 of them, is not finite. */
function anyBroken(p: usize, n: i32): bool {
  let bad = i32x4.splat(0);
  for (const end = p + (<usize>n << 2); p != end; p += 16) bad = v128.or(bad, notFinite(v128.load(p)));
  return v128.any_true(bad);
}

/** c [channels, filters] += a^T b: a in pairs of columns, b in panels of `count` pixels. */
function addProducts(packed: usize, channels: i32, b: usize, count: i32, filters: i32, c: usize, corner: usize): void {
  const row = <usize>filters << 2, entries = entriesAt(packed, channels, 1), room = <usize>count * 12;
  for (let j = 0; j < filters; j += 16, b += <usize>count << 6, c += 64) {
    let e = entries, at = packed, to = c;
    for (let g = 0; g < channels; g += 2, e += room, at += 4, to += row << 1) {
      pairTile(e, load<i32>(at), b, to, row, -Infinity, to, row, min(channels - g, 2), min(filters - j, 16), corner);
    }
  }
}

export function pixelGradients(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<PixelGradientsWords>(w);
  const channels = p.channels, filters = p.filters, block = p.block, rowsAtOnce = p.rowsAtOnce;
  const pixel = <usize>channels << 2, row = <usize>filters << 2, wide = (filters + 3) & ~3;
  const first = tile * p.chunk, last = min(first + p.chunk, p.pixels(rows));
  const partial = p.partials + <usize>tile * <usize>(channels + 1) * row;
  // The bias's sums lie apart, up to whole vectors, until the chunk is done. What is behind them serves both products in turn.
  const sums = scratch, room = sums + (<usize>((filters + 15) & ~15) << 2), panels = room + CORNER_BYTES;
  const packed = panels + (<usize>((filters + 15) >> 4) * block << 6), mask = p.y != 0 ? p.y - p.dy : 0;
  memory.fill(partial, 0, <usize>channels * row);
  memory.fill(sums, 0, <usize>wide << 2);
  for (let q = first; q < last; q += block) {
    const count = min(block, last - q), dy = p.dy + <usize>q * row;
    packWide(dy, mask != 0 ? dy + mask : 0, count, filters, panels, sums);
    // A sum is finite only if all that was added is. Zeros of x count beside what is not.
    packColumns(p.x + <usize>q * pixel, pixel, channels, count, anyBroken(sums, wide), packed);
    addProducts(packed, channels, panels, count, filters, partial, room);
    if (p.dx == 0) continue;
    for (let i = 0; i < count; i += rowsAtOnce) {
      const at = p.dx + <usize>(q + i) * pixel, high = min(rowsAtOnce, count - i);
      packedProduct(dy + <usize>i * row, row, mask, high, filters, p.kBlock, p.filter, channels, 0, false, at, pixel, room);
    }
  }
  memory.copy(partial + <usize>channels * row, sums, row);
}
