/**
 * Matrix products on a register tile of 4 rows and 8 columns. V8 puts all loads of a straight stretch before all its
 * multiply-adds: eight sums, two vectors of b and one of a for each row just fit into the registers; larger tiles, or two
 * k a turn, spill and are slower. Rows of a are read where they lie (as quick as packed ones), b comes in panels of 8
 * columns. Words: kernels/matrix.ts.
 */
import { GemmWords, PackBWords, ProbeWords } from "./generated/words";
import { loadPart, madd, storePart } from "./simd";

/**
 * Four rows of c = max(floor, start + a b) by eight columns: the k-loop runs `run` values `runs` times, a moving by
 * `step` bytes a value and `jump` more after each run; b is a panel [run * runs][8]. `start` and c move by startRow and
 * cRow bytes a row.
 */
export function tile4x8(
  a0: usize, a1: usize, a2: usize, a3: usize, step: usize, run: i32, jump: usize, runs: i32, b: usize,
  start: usize, startRow: usize, floor: f32, c: usize, cRow: usize,
): void {
  let c00 = v128.load(start), c01 = v128.load(start, 16); start += startRow;
  let c10 = v128.load(start), c11 = v128.load(start, 16); start += startRow;
  let c20 = v128.load(start), c21 = v128.load(start, 16); start += startRow;
  let c30 = v128.load(start), c31 = v128.load(start, 16);
  while (runs) {
    const end = b + (<usize>run << 5);
    while (b != end) {
      const b0 = v128.load(b), b1 = v128.load(b, 16); b += 32;
      let x = v128.load32_splat(a0); c00 = madd(x, b0, c00); c01 = madd(x, b1, c01); a0 += step;
      x = v128.load32_splat(a1); c10 = madd(x, b0, c10); c11 = madd(x, b1, c11); a1 += step;
      x = v128.load32_splat(a2); c20 = madd(x, b0, c20); c21 = madd(x, b1, c21); a2 += step;
      x = v128.load32_splat(a3); c30 = madd(x, b0, c30); c31 = madd(x, b1, c31); a3 += step;
    }
    a0 += jump; a1 += jump; a2 += jump; a3 += jump; runs--;
  }
  const f = f32x4.splat(floor);
  v128.store(c, f32x4.max(c00, f)); v128.store(c, f32x4.max(c01, f), 16); c += cRow;
  v128.store(c, f32x4.max(c10, f)); v128.store(c, f32x4.max(c11, f), 16); c += cRow;
  v128.store(c, f32x4.max(c20, f)); v128.store(c, f32x4.max(c21, f), 16); c += cRow;
  v128.store(c, f32x4.max(c30, f)); v128.store(c, f32x4.max(c31, f), 16);
}

/** Copies a corner of `rows` by `columns` (at most 4 by 8) floats. */
export function copyCorner(from: usize, fromRow: usize, to: usize, toRow: usize, rows: i32, columns: i32): void {
  for (let i = 0; i < rows; i++, from += fromRow, to += toRow) {
    storePart(to, loadPart(from, min(columns, 4)), min(columns, 4));
    if (columns > 4) storePart(to + 16, loadPart(from + 16, columns - 4), columns - 4);
  }
}

/** tile4x8 where fewer than 4 rows or 8 columns are there: by way of a whole tile at `corner` (128 bytes). */
export function corner4x8(
  a0: usize, a1: usize, a2: usize, a3: usize, step: usize, run: i32, jump: usize, runs: i32, b: usize,
  start: usize, startRow: usize, floor: f32, c: usize, cRow: usize, rows: i32, columns: i32, corner: usize,
): void {
  copyCorner(start, startRow, corner, 32, rows, columns);
  tile4x8(a0, a1, a2, a3, step, run, jump, runs, b, corner, 32, floor, corner, 32);
  copyCorner(corner, 32, c, cRow, rows, columns);
}

export function gemm(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<GemmWords>(w);
  const m = p.m(rows), n = p.n(rows), k = p.k(rows);
  const mBlock = p.mBlock, nBlock = p.nBlock, kBlock = p.kBlock;
  const across = (n + nBlock - 1) / nBlock;
  const m0 = (tile / across) * mBlock, m1 = min(m0 + mBlock, m);
  const n0 = (tile % across) * nBlock, n1 = min(n0 + nBlock, n);
  const aRow = <usize>p.aStride << 2, cRow = <usize>p.cStride << 2;
  const transposed = p.transposed != 0;
  const corner = scratch, zeros = scratch + 128, panels = scratch + 256;
  memory.fill(zeros, 0, 32);
  for (let k0 = 0; k0 < k; k0 += kBlock) {
    const k1 = min(k0 + kBlock, k), depth = k1 - k0;
    const fromC = k0 > 0 || p.accumulate != 0;
    const floor: f32 = k1 == k && p.relu != 0 ? 0 : -Infinity;
    if (transposed) packColumns(p.a + <usize>k0 * aRow, aRow, m0, m1, depth, panels);
    for (let j = n0; j < n1; j += 8) {
      const columns = min(n1 - j, 8);
      const b = p.b + (<usize>(j >> 3) * k << 5) + (<usize>k0 << 5);
      for (let i = m0; i < m1; i += 4) {
        const high = min(m1 - i, 4);
        const c = p.c + <usize>i * cRow + (<usize>j << 2);
        let start = zeros, startRow: usize = 0;
        if (fromC) { start = c; startRow = cRow; }
        else if (p.bias != 0) start = p.bias + (<usize>j << 2);
        let a0: usize, a1: usize, a2: usize, a3: usize, step: usize;
        if (transposed) {
          a0 = panels + (<usize>(i - m0) * depth << 2); a1 = a0 + 4; a2 = a0 + 8; a3 = a0 + 12; step = 16;
        } else {
          a0 = p.a + <usize>i * aRow + (<usize>k0 << 2);
          // Rows that are not there are read as the last one that is; what they give is not kept.
          a1 = high > 1 ? a0 + aRow : a0; a2 = high > 2 ? a1 + aRow : a1; a3 = high > 3 ? a2 + aRow : a2; step = 4;
        }
        if (high == 4 && columns == 8) tile4x8(a0, a1, a2, a3, step, depth, 0, 1, b, start, startRow, floor, c, cRow);
        else corner4x8(a0, a1, a2, a3, step, depth, 0, 1, b, start, startRow, floor, c, cRow, high, columns, corner);
      }
    }
  }
}

/** Columns m0 to m1 of a [depth][...] matrix as panels [(m1 - m0) / 4][depth][4], the last filled up with zeros. */
function packColumns(a: usize, aRow: usize, m0: i32, m1: i32, depth: i32, to: usize): void {
  for (let i = m0; i < m1; i += 4) {
    const high = min(m1 - i, 4);
    let from = a + (<usize>i << 2);
    for (let l = 0; l < depth; l++, from += aRow, to += 16) v128.store(to, loadPart(from, high));
  }
}

export function packB(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<PackBWords>(w);
  const k = p.k(rows), n = p.n(rows), stride = <usize>p.stride << 2;
  const block = load<i32>(w - 8), across = (n + block - 1) / block;
  const matrix = tile / across, j0 = (tile % across) * block, j1 = min(j0 + block, n);
  const x = p.x + (<usize>matrix * p.xStep << 2);
  const y = p.y + (<usize>matrix * ((n + 7) >> 3) * k << 5);
  for (let j = j0; j < j1; j += 8) {
    const columns = min(j1 - j, 8);
    let to = y + (<usize>(j >> 3) * k << 5);
    if (p.transposed != 0) {
      packRows(x + <usize>j * stride, stride, k, columns, to);
      continue;
    }
    let from = x + (<usize>j << 2);
    if (columns == 8) {
      for (let l = 0; l < k; l++, from += stride, to += 32) {
        v128.store(to, v128.load(from)); v128.store(to, v128.load(from, 16), 16);
      }
    } else {
      for (let l = 0; l < k; l++, from += stride, to += 32) {
        v128.store(to, loadPart(from, min(columns, 4)));
        v128.store(to, columns > 4 ? loadPart(from + 16, columns - 4) : f32x4.splat(0), 16);
      }
    }
  }
}

/** `columns` (at most 8) rows of k floats each, as one panel [k][8]. */
function packRows(from: usize, stride: usize, k: i32, columns: i32, to: usize): void {
  for (let h = 0; h < 8; h += 4, to += 16) {
    const x0 = from + <usize>h * stride, x1 = x0 + stride, x2 = x1 + stride, x3 = x2 + stride;
    let l = 0, q = to;
    if (h + 4 <= columns) {
      for (; l + 4 <= k; l += 4, q += 128) transpose4x4(x0, x1, x2, x3, <usize>l << 2, q, 32);
    }
    for (; l < k; l++, q += 32) {
      const o = <usize>l << 2;
      store<f32>(q, h < columns ? load<f32>(x0 + o) : 0);
      store<f32>(q, h + 1 < columns ? load<f32>(x1 + o) : 0, 4);
      store<f32>(q, h + 2 < columns ? load<f32>(x2 + o) : 0, 8);
      store<f32>(q, h + 3 < columns ? load<f32>(x3 + o) : 0, 12);
    }
  }
}

/** Four vectors at x0 + o, ..., x3 + o turned: lane l of each goes to `to` + l * row. */
@inline function transpose4x4(x0: usize, x1: usize, x2: usize, x3: usize, o: usize, to: usize, row: usize): void {
  const a = v128.load(x0 + o), b = v128.load(x1 + o), c = v128.load(x2 + o), d = v128.load(x3 + o);
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5), cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const ef = v128.shuffle<f32>(a, b, 2, 6, 3, 7), gh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
  v128.store(to + row, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
  v128.store(to + 2 * row, v128.shuffle<f32>(ef, gh, 0, 1, 4, 5));
  v128.store(to + 3 * row, v128.shuffle<f32>(ef, gh, 2, 3, 6, 7));
}

/** `panels` panels of 4 rows against one of 8 columns, over and over; the results stay in scratch. */
export function probe(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<ProbeWords>(w);
  const k = p.k, panel = <usize>k << 4;
  memory.fill(scratch, 0, 128);
  for (let r = 0; r < p.repeat; r++) {
    let a = p.a;
    for (let i = 0; i < p.panels; i++, a += panel) {
      tile4x8(a, a + 4, a + 8, a + 12, 16, k, 0, 1, p.b, scratch, 32, -Infinity, scratch, 32);
    }
  }
}

export function crash(w: usize, tile: i32, rows: i32, scratch: usize): void {
  unreachable();
}
