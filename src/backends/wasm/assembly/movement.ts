/** Kernels that put elements elsewhere and change none. Words: kernels/elementwise.ts and kernels/rows.ts. */
import { outermost, runOffset, scaleBytes } from "./elementwise";
import {
  CopyRunsWords, CopyStridedWords, CopyWords, FillWords, GatherRowsWords, GatherScaleWords, OneHotWords,
} from "./generated/words";
import { blockOf, tileEnd, touch } from "./simd";

export function copy(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<CopyWords>(w);
  const block = blockOf(w), from = tile * block;
  memory.copy(p.y + from, p.x + from, tileEnd(tile, block, p.n(rows)) - from);
}

export function copyRuns(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<CopyRunsWords>(w);
  const block = blockOf(w), from = tile * block, run = <usize>p.run;
  let x = p.x + <usize>from * p.xStep, y = p.y + <usize>from * p.yStep;
  for (let left = tileEnd(tile, block, p.n(rows)) - from; left > 0; left--, x += p.xStep, y += p.yStep) {
    if (p.x != 0) memory.copy(y, x, run);
    else memory.fill(y, 0, run);
  }
}

export function fill(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<FillWords>(w);
  const block = blockOf(w), to = tileEnd(tile, block, p.n(rows));
  for (let i = tile * block; i < to; i++) store<f32>(p.y + (<usize>i << 2), p.value);
}

/** One run of n elements of a type, by a stride in elements. */
@inline function stridedRun<T>(x: usize, stride: usize, y: usize, n: i32): void {
  for (; n > 0; n--, x += stride * sizeof<T>(), y += sizeof<T>()) store<T>(y, load<T>(x));
}

export function copyStrided(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<CopyStridedWords>(w);
  const block = blockOf(w), to = tileEnd(tile, block, p.n(rows)), inner = p.inner(rows), bytes = p.bytes;
  const dims = w + offsetof<CopyStridedWords>("d1"), strides = w + offsetof<CopyStridedWords>("x1");
  let at = tile * block, outer = at / inner, i = at % inner;
  for (; at < to; outer++) {
    const n = min(inner - i, to - at);
    const x = p.x + <usize>(p.x0 * i + runOffset(outer, dims, strides) + outermost(outer, dims) * p.x5) * bytes;
    const y = p.y + <usize>at * bytes;
    if (p.x0 == 1) memory.copy(y, x, n * bytes);
    else if (bytes == 1) stridedRun<u8>(x, p.x0, y, n);
    else if (bytes == 4) stridedRun<u32>(x, p.x0, y, n);
    else stridedRun<u64>(x, p.x0, y, n);
    at += n; i = 0;
  }
}

export function gatherRows(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<GatherRowsWords>(w);
  const block = blockOf(w), to = tileEnd(tile, block, p.n(rows)), bytes = <usize>p.rowBytes;
  for (let r = tile * block; r < to; r++) {
    memory.copy(p.y + <usize>r * bytes, p.table + <usize>load<u32>(p.indices + (<usize>r << 2)) * bytes, bytes);
  }
}

export function gatherScale(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<GatherScaleWords>(w);
  const block = blockOf(w), to = tileEnd(tile, block, p.n(rows)), length = <usize>p.rowLength;
  // Rows picked anywhere come from memory: all lines are asked for before the first is waited for.
  for (let r = tile * block; r < to; r++) {
    touch(p.table + <usize>load<u32>(p.indices + (<usize>r << 2)) * length, 0, 1, length, scratch);
  }
  for (let r = tile * block; r < to; r++) {
    const x = p.table + <usize>load<u32>(p.indices + (<usize>r << 2)) * length;
    scaleBytes(x, p.y + (<usize>r * length << 2), p.rowLength, p.scale, p.offset);
  }
}

/** The label of row r, uint8 or int32; a label that no int32 holds is none at all. */
@inline export function labelAt(labels: usize, bytes: i32, r: i32): i32 {
  return bytes == 1 ? load<u8>(labels + r) : load<i32>(labels + (<usize>r << 2));
}

export function oneHot(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<OneHotWords>(w);
  const block = blockOf(w), from = tile * block, to = tileEnd(tile, block, p.n(rows)), classes = p.classes;
  memory.fill(p.y + (<usize>from * classes << 2), 0, <usize>(to - from) * classes << 2);
  for (let r = from; r < to; r++) {
    const label = labelAt(p.labels, p.labelBytes, r);
    if (<u32>label < <u32>classes) store<f32>(p.y + ((<usize>r * classes + label) << 2), 1);
  }
}
