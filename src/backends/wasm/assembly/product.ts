/**
 * Matrix products on a register tile of 2 rows and 16 columns: eight sums, four vectors of b and one of a for each row
 * fit into the registers, as with 4 rows and 8 columns, at as many loads; but of 2 rows more columns are zero in both,
 * and those are left out (packing.ts). Words: kernels/matrix.ts.
 */
import { GemmWords } from "./generated/words";
import { copyCorner } from "./matrix";
import { entriesAt, packBlock } from "./packing";
import { loadPart, madd, storePart } from "./simd";

/**
 * Two rows of c = max(floor, start + a b) by 16 columns, of `count` entries {offset from b in bytes, a of the first row,
 * a of the second}. `start` and c move by startRow and cRow bytes a row.
 */
export function pairs2x16(
  entries: usize, count: i32, b: usize, start: usize, startRow: usize, floor: f32, c: usize, cRow: usize,
): void {
  let c00 = v128.load(start), c01 = v128.load(start, 16), c02 = v128.load(start, 32), c03 = v128.load(start, 48);
  start += startRow;
  let c10 = v128.load(start), c11 = v128.load(start, 16), c12 = v128.load(start, 32), c13 = v128.load(start, 48);
  const end = entries + <usize>count * 12;
  while (entries != end) {
    const at = b + load<usize>(entries);
    const b0 = v128.load(at), b1 = v128.load(at, 16), b2 = v128.load(at, 32), b3 = v128.load(at, 48);
    let x = v128.load32_splat(entries, 4);
    c00 = madd(x, b0, c00); c01 = madd(x, b1, c01); c02 = madd(x, b2, c02); c03 = madd(x, b3, c03);
    x = v128.load32_splat(entries, 8);
    c10 = madd(x, b0, c10); c11 = madd(x, b1, c11); c12 = madd(x, b2, c12); c13 = madd(x, b3, c13);
    entries += 12;
  }
  const f = f32x4.splat(floor);
  v128.store(c, f32x4.pmax(c00, f)); v128.store(c, f32x4.pmax(c01, f), 16);
  v128.store(c, f32x4.pmax(c02, f), 32); v128.store(c, f32x4.pmax(c03, f), 48); c += cRow;
  v128.store(c, f32x4.pmax(c10, f)); v128.store(c, f32x4.pmax(c11, f), 16);
  v128.store(c, f32x4.pmax(c12, f), 32); v128.store(c, f32x4.pmax(c13, f), 48);
}

/** The same of rows where they lie, `depth` values each, `step` bytes apart. */
export function rows2x16(
  a0: usize, a1: usize, step: usize, depth: i32, b: usize, start: usize, startRow: usize, floor: f32, c: usize, cRow: usize,
): void {
  let c00 = v128.load(start), c01 = v128.load(start, 16), c02 = v128.load(start, 32), c03 = v128.load(start, 48);
  start += startRow;
  let c10 = v128.load(start), c11 = v128.load(start, 16), c12 = v128.load(start, 32), c13 = v128.load(start, 48);
  const end = b + (<usize>depth << 6);
  while (b != end) {
    const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48);
    let x = v128.load32_splat(a0);
    c00 = madd(x, b0, c00); c01 = madd(x, b1, c01); c02 = madd(x, b2, c02); c03 = madd(x, b3, c03);
    x = v128.load32_splat(a1);
    c10 = madd(x, b0, c10); c11 = madd(x, b1, c11); c12 = madd(x, b2, c12); c13 = madd(x, b3, c13);
    a0 += step; a1 += step; b += 64;
  }
  const f = f32x4.splat(floor);
  v128.store(c, f32x4.pmax(c00, f)); v128.store(c, f32x4.pmax(c01, f), 16);
  v128.store(c, f32x4.pmax(c02, f), 32); v128.store(c, f32x4.pmax(c03, f), 48); c += cRow;
  v128.store(c, f32x4.pmax(c10, f)); v128.store(c, f32x4.pmax(c11, f), 16);
  v128.store(c, f32x4.pmax(c12, f), 32); v128.store(c, f32x4.pmax(c13, f), 48);
}

/** pairs2x16 where fewer than 2 rows or 16 columns may be there: by way of a whole tile at `corner` (128 bytes). */
export function pairTile(
  entries: usize, count: i32, b: usize, start: usize, startRow: usize, floor: f32, c: usize, cRow: usize, rows: i32, columns: i32, corner: usize,
): void {
  if (rows == 2 && columns == 16) { pairs2x16(entries, count, b, start, startRow, floor, c, cRow); return; }
  copyCorner(start, startRow, corner, 64, rows, columns);
  pairs2x16(entries, count, b, corner, 64, floor, corner, 64);
  copyCorner(corner, 64, c, cRow, rows, columns);
}

/** Bytes of scratch in front of the pairs of packedProduct. kernels/matrix.ts has the same number. */
@inline export const CORNER_BYTES: usize = 192;

/**
 * `high` rows of c = floor(a b + bias), a of k values a row, packed here into pairs; b in panels for n columns, with flags
 * behind them. a counts only where the float `mask` bytes further on is above 0; a mask of 0 is none.
 */
export function packedProduct(
  a: usize, aRow: usize, mask: usize, high: i32, k: i32, kBlock: i32, b: usize, n: i32, bias: usize, relu: bool, c: usize, cRow: usize, scratch: usize,
): void {
  const panels = (n + 15) >> 4, parts = (k + kBlock - 1) / kBlock, flags = b + <usize>panels * <usize>k * 64;
  const corner = scratch, zeros = scratch + 128, packed = scratch + CORNER_BYTES, entries = entriesAt(packed, high, parts);
  memory.fill(zeros, 0, 64);
  // Zero times a number that is not finite is not zero: then nothing is left out.
  let broken = false;
  for (let j = 0; j < panels; j++) broken = broken || load<i32>(flags + (<usize>j << 2)) != 0;
  packBlock(a, aRow, mask, high, k, kBlock, broken, packed);
  for (let part = 0, k0 = 0; k0 < k; part++, k0 += kBlock) {
    const floor: f32 = k0 + kBlock >= k && relu ? 0 : -Infinity;
    for (let j = 0; j < n; j += 16) {
      const at = b + (<usize>(j >> 4) * k + k0) * 64;
      let to = c + (<usize>j << 2), e = entries + <usize>k0 * 12, count = packed + (<usize>part << 2);
      for (let i = 0; i < high; i += 2, to += cRow << 1, e += <usize>k * 12, count += <usize>parts << 2) {
        const start = k0 > 0 ? to : bias != 0 ? bias + (<usize>j << 2) : zeros;
        pairTile(e, load<i32>(count), at, start, k0 > 0 ? cRow : 0, floor, to, cRow, min(high - i, 2), min(n - j, 16), corner);
      }
    }
  }
}

export function gemm(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<GemmWords>(w);
  const cRow = <usize>p.cStride << 2;
  if (p.packs != 0) {
    const k = p.k(rows), n = p.n(rows), m0 = tile * p.mBlock, high = min(p.mBlock, p.m(rows) - m0), aRow = <usize>p.aStride << 2;
    const a = p.a + <usize>m0 * aRow, mask = p.mask != 0 ? p.mask - p.a : 0;
    packedProduct(a, aRow, mask, high, k, p.kBlock, p.b, n, p.bias, p.relu != 0, p.c + <usize>m0 * cRow, cRow, scratch);
    return;
  }
  const m0 = rowOfTile(p, tile, rows), n0 = columnOfTile(p, tile, rows);
  const at = <usize>m0 * cRow + (<usize>n0 << 2), c = p.c + at;
  productTile(p, m0, n0, rows, c, cRow, scratch);
  if (p.keep != 0) keepWhere(p.keep + at, c, cRow, highOf(p, m0, rows), wideOf(p, n0, rows), p.keepScale);
}

/** Tiles of a product: first row and column, and how many of each there are. */
@inline export function rowOfTile(p: GemmWords, tile: i32, rows: i32): i32 { return tile / tilesAcross(p, rows) * p.mBlock; }
@inline export function columnOfTile(p: GemmWords, tile: i32, rows: i32): i32 { return tile % tilesAcross(p, rows) * p.nBlock; }
@inline export function highOf(p: GemmWords, m0: i32, rows: i32): i32 { return min(p.mBlock, p.m(rows) - m0); }
@inline export function wideOf(p: GemmWords, n0: i32, rows: i32): i32 { return min(p.nBlock, p.n(rows) - n0); }
@inline function tilesAcross(p: GemmWords, rows: i32): i32 { return (p.n(rows) + p.nBlock - 1) / p.nBlock; }

/** The tile of c whose first row and column are m0 and n0, without `keep`; its first number goes to `c`. */
export function productTile(p: GemmWords, m0: i32, n0: i32, rows: i32, c: usize, cRow: usize, scratch: usize): void {
  const m = p.m(rows), n = p.n(rows), k = p.k(rows), kBlock = p.kBlock, parts = (k + kBlock - 1) / kBlock;
  const m1 = m0 + highOf(p, m0, rows), n1 = n0 + wideOf(p, n0, rows);
  const aRow = <usize>p.aStride << 2;
  // Of a whose columns are rows, a value's neighbour lies a row further.
  const across: usize = p.transposed != 0 ? 4 : aRow, along: usize = p.transposed != 0 ? aRow : 4;
  const flags = p.b + <usize>((n + 15) >> 4) * <usize>k * 64, entries = entriesAt(p.pairs, m, parts);
  const corner = scratch, zeros = scratch + 128;
  memory.fill(zeros, 0, 64);
  for (let part = 0, k0 = 0; k0 < k; part++, k0 += kBlock) {
    const depth = min(kBlock, k - k0);
    const floor: f32 = k0 + depth == k && p.relu != 0 ? 0 : -Infinity;
    for (let j = n0; j < n1; j += 16) {
      const columns = min(n1 - j, 16), b = p.b + (<usize>(j >> 4) * k + k0) * 64;
      const asPairs = p.pairs != 0 && load<i32>(flags + (<usize>(j >> 4) << 2)) == 0;
      let at = c + (<usize>(j - n0) << 2);
      for (let i = m0; i < m1; i += 2, at += cRow << 1) {
        const two = i + 1 < m1, whole = two && columns == 16;
        let start = zeros, startRow: usize = 0;
        if (k0 > 0) { start = at; startRow = cRow; }
        else if (p.bias != 0) start = p.bias + (<usize>j << 2);
        if (asPairs) {
          const panel = i >> 1, count = load<i32>(p.pairs + (<usize>(panel * parts + part) << 2));
          pairTile(entries + (<usize>panel * k + k0) * 12, count, b, start, startRow, floor, at, cRow, i32(two) + 1, columns, corner);
          continue;
        }
        let to = at, row = cRow;
        if (!whole) {
          copyCorner(start, startRow, corner, 64, i32(two) + 1, columns);
          start = corner; startRow = 64; to = corner; row = 64;
        }
        // A row that is not there is read as the one that is; what it gives is not kept.
        const a0 = p.a + <usize>i * across + <usize>k0 * along;
        rows2x16(a0, two ? a0 + across : a0, along, depth, b, start, startRow, floor, to, row);
        if (!whole) copyCorner(corner, 64, at, cRow, i32(two) + 1, columns);
      }
    }
  }
}

/** c = z > 0 ? c scale : 0, of `high` rows of `wide` numbers; z has c's rows. */
function keepWhere(z: usize, c: usize, cRow: usize, high: i32, wide: i32, scale: f32): void {
  const s = f32x4.splat(scale), zero = f32x4.splat(0);
  for (let i = 0; i < high; i++, z += cRow, c += cRow) {
    let n = wide, o: usize = 0;
    for (; n >= 4; n -= 4, o += 16) v128.store(c + o, v128.and(f32x4.mul(v128.load(c + o), s), f32x4.gt(v128.load(z + o), zero)));
    if (n > 0) storePart(c + o, v128.and(f32x4.mul(loadPart(c + o, n), s), f32x4.gt(loadPart(z + o, n), zero)), n);
  }
}
