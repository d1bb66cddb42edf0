/**
 * The register tile of 4 rows and 8 columns that convolutions are made of, and the packing of their filters. V8 puts all
 * loads of a straight stretch before all its multiply-adds: eight sums, two vectors of b and one of a for each row just fit
 * into the registers; larger tiles, or two k a turn, spill and are slower. Words: kernels/matrix.ts. Not here: products of
 * matrices (product.ts).
 */
import { PackBWords, ProbeWords } from "./generated/words";
import { loadPart, madd, storePart } from "./simd";
import { packRows } from "./packing";

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
  v128.store(c, f32x4.pmax(c00, f)); v128.store(c, f32x4.pmax(c01, f), 16); c += cRow;
  v128.store(c, f32x4.pmax(c10, f)); v128.store(c, f32x4.pmax(c11, f), 16); c += cRow;
  v128.store(c, f32x4.pmax(c20, f)); v128.store(c, f32x4.pmax(c21, f), 16); c += cRow;
  v128.store(c, f32x4.pmax(c30, f)); v128.store(c, f32x4.pmax(c31, f), 16);
}

/** Copies a corner of `rows` by `columns` floats. */
export function copyCorner(from: usize, fromRow: usize, to: usize, toRow: usize, rows: i32, columns: i32): void {
  for (let i = 0; i < rows; i++, from += fromRow, to += toRow) {
    for (let j = 0; j < columns; j += 4) {
      const at = <usize>j << 2, n = min(columns - j, 4);
      storePart(to + at, loadPart(from + at, n), n);
    }
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
      packRows(x + <usize>j * stride, stride, k, columns, 8, to);
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
