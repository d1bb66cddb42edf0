/** Sums and maxima over one axis of three, in index order and double precision. Words: kernels/reduction.ts. */
import { ReducePartialsWords, ReduceWords } from "./generated/words";
import { blockOf, demote, high64, loadPart, low64, storePart, tileEnd } from "./simd";

/** Sixteen columns (one line) of `count` rows. */
function sum16(x: usize, row: usize, count: i32, y: usize): void {
  let a0 = f64x2.splat(0), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0;
  for (; count > 0; count--, x += row) {
    const a = v128.load(x), b = v128.load(x, 16), c = v128.load(x, 32), d = v128.load(x, 48);
    a0 = f64x2.add(a0, low64(a)); a1 = f64x2.add(a1, high64(a));
    b0 = f64x2.add(b0, low64(b)); b1 = f64x2.add(b1, high64(b));
    c0 = f64x2.add(c0, low64(c)); c1 = f64x2.add(c1, high64(c));
    d0 = f64x2.add(d0, low64(d)); d1 = f64x2.add(d1, high64(d));
  }
  v128.store(y, demote(a0, a1)); v128.store(y, demote(b0, b1), 16);
  v128.store(y, demote(c0, c1), 32); v128.store(y, demote(d0, d1), 48);
}

/** n (1 to 4) columns. */
function sum4(x: usize, row: usize, count: i32, y: usize, n: i32): void {
  let a0 = f64x2.splat(0), a1 = a0;
  for (; count > 0; count--, x += row) {
    const a = loadPart(x, n);
    a0 = f64x2.add(a0, low64(a)); a1 = f64x2.add(a1, high64(a));
  }
  storePart(y, demote(a0, a1), n);
}

function max4(x: usize, row: usize, count: i32, y: usize, n: i32): void {
  let m = f32x4.splat(-Infinity);
  for (; count > 0; count--, x += row) m = f32x4.max(m, loadPart(x, n));
  storePart(y, m, n);
}

/** The sum of `count` neighbours: four partial sums, added (0 + 2) + (1 + 3). */
function sumRun(x: usize, count: i32): f64 {
  let a0 = f64x2.splat(0), a1 = a0;
  for (; count > 0; count -= 4, x += 16) {
    const a = loadPart(x, count);
    a0 = f64x2.add(a0, low64(a)); a1 = f64x2.add(a1, high64(a));
  }
  a0 = f64x2.add(a0, a1);
  return f64x2.extract_lane(a0, 0) + f64x2.extract_lane(a0, 1);
}

function maxRun(x: usize, count: i32): f32 {
  let m = f32x4.splat(-Infinity);
  for (; count >= 4; count -= 4, x += 16) m = f32x4.max(m, v128.load(x));
  let r = max(max(f32x4.extract_lane(m, 0), f32x4.extract_lane(m, 1)), max(f32x4.extract_lane(m, 2), f32x4.extract_lane(m, 3)));
  for (; count > 0; count--, x += 4) r = max(r, load<f32>(x));
  return r;
}

export function reduce(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<ReduceWords>(w);
  const inner = p.inner, count = p.count(rows), op = p.op, innerBlock = p.innerBlock;
  const across = (inner + innerBlock - 1) / innerBlock;
  const i0 = (tile % across) * innerBlock, i1 = min(i0 + innerBlock, inner);
  const o0 = (tile / across) * p.outerBlock, o1 = min(o0 + p.outerBlock, p.outer(rows));
  const row = <usize>inner << 2;
  for (let o = o0; o < o1; o++) {
    const x = p.x + <usize>o * count * row, y = p.y + <usize>o * row;
    if (inner == 1) {
      store<f32>(y, op == 1 ? maxRun(x, count) : <f32>sumRun(x, count));
      continue;
    }
    let i = i0;
    if (op != 1) for (; i + 16 <= i1; i += 16) sum16(x + (<usize>i << 2), row, count, y + (<usize>i << 2));
    for (; i < i1; i += 4) {
      const at = <usize>i << 2;
      if (op == 1) max4(x + at, row, count, y + at, min(i1 - i, 4));
      else sum4(x + at, row, count, y + at, min(i1 - i, 4));
    }
  }
}

export function reducePartials(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<ReducePartialsWords>(w);
  const block = blockOf(w), to = tileEnd(tile, block, p.n), chunks = (p.units(rows) + p.chunk - 1) / p.chunk;
  const stride = <usize>p.stride << 2;
  let i = tile * block;
  for (; i + 4 <= to; i += 4) partials4(p.partials + (<usize>i << 2), stride, chunks, p.y + (<usize>i << 2), 4);
  if (i < to) partials4(p.partials + (<usize>i << 2), stride, chunks, p.y + (<usize>i << 2), to - i);
}

/** n (1 to 4) sums over all chunks. */
@inline function partials4(from: usize, stride: usize, chunks: i32, y: usize, n: i32): void {
  let s = loadPart(from, n);
  for (let c = 1; c < chunks; c++) {
    from += stride;
    s = f32x4.add(s, loadPart(from, n));
  }
  storePart(y, s, n);
}
