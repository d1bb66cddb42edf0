/**
 * Both sides of a product made ready for product.ts. The right side: panels of 16 columns, a line a value of k, and for
 * each panel whether it holds a number that is not finite. The left side: panels of 2 rows as entries {offset into a
 * panel of the right side, value of the one row, of the other}, without those where both values are zero. Pictures are
 * mostly background and relu makes zeros, so 20 to 75 % remain; where nothing can be dropped, entries are still read
 * quicker than rows where they lie. Words: kernels/matrix.ts.
 */
import { PackPairsWords, PackPanelsWords } from "./generated/words";
import { blockOf, loadPart, notFinite } from "./simd";

/** Where the entries of pairs begin: behind a count for each panel and part of k. */
@inline export function entriesAt(pairs: usize, m: i32, parts: i32): usize {
  return pairs + ((<usize>(((m + 1) >> 1) * parts) * 4 + 63) & ~63);
}

export function packPairs(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<PackPairsWords>(w);
  const m = p.m(rows), k = p.k(rows), kBlock = p.kBlock, parts = (k + kBlock - 1) / kBlock;
  const block = blockOf(w), i1 = min(tile * block + block, m), aRow = <usize>p.aStride << 2;
  const entries = entriesAt(p.y, m, parts);
  for (let part = 0, k0 = 0; k0 < k; part++, k0 += kBlock) {
    const depth = min(kBlock, k - k0);
    for (let i = tile * block; i < i1;) {
      const panel = i >> 1, to = entries + (<usize>panel * k + k0) * 12, high = i1 - i;
      const count = p.y + (<usize>(panel * parts + part) << 2);
      if (p.transposed != 0) {
        const from = p.a + <usize>k0 * aRow + (<usize>i << 2);
        if (high >= 4) {
          pairs4(from, aRow, false, depth, to, to + <usize>k * 12, count, count + (<usize>parts << 2));
          i += 4;
        } else {
          store<i32>(count, pairsOf(from, from + 4, aRow, high > 1, false, depth, to));
          i += 2;
        }
      } else {
        const from = p.a + <usize>i * aRow + (<usize>k0 << 2);
        store<i32>(count, high > 1 ? pairsOfRows(from, from + aRow, depth, to) : pairsOf(from, from, 4, false, false, depth, to));
        i += 2;
      }
    }
  }
}

/**
 * `high` rows of a, aRow bytes apart, as pairs in parts of kBlock, in the layout of packPairs. Where the float `mask` bytes
 * further on is not above 0, a value is zero; a mask of 0 is none. `all`: zeros are kept.
 */
export function packBlock(a: usize, aRow: usize, mask: usize, high: i32, k: i32, kBlock: i32, all: bool, to: usize): void {
  const parts = (k + kBlock - 1) / kBlock, entries = entriesAt(to, high, parts);
  for (let i = 0; i < high; i += 2, a += aRow << 1) {
    const other = i + 1 < high ? a + aRow : a;
    for (let part = 0, k0 = 0; k0 < k; part++, k0 += kBlock) {
      const depth = min(kBlock, k - k0), at = entries + (<usize>((i >> 1) * k + k0)) * 12, o = <usize>k0 << 2;
      // A row that is not there is the one that is; what it gives is not kept.
      const count = mask != 0 ? maskedPairs(a + o, other + o, mask, all, depth, at)
        : all ? allPairs(a + o, other + o, depth, at) : pairsOfRows(a + o, other + o, depth, at);
      store<i32>(to + (<usize>((i >> 1) * parts + part) << 2), count);
    }
  }
}

function pairsOfRows(x: usize, y: usize, depth: i32, to: usize): i32 { return pairs(x, y, 0, false, false, depth, to); }
function allPairs(x: usize, y: usize, depth: i32, to: usize): i32 { return pairs(x, y, 0, false, true, depth, to); }
function maskedPairs(x: usize, y: usize, mask: usize, all: bool, depth: i32, to: usize): i32 { return pairs(x, y, mask, true, all, depth, to); }

@inline function positive(x: usize, mask: usize, masked: bool): v128 {
  const a = v128.load(x);
  return masked ? v128.and(a, f32x4.gt(v128.load(x + mask), f32x4.splat(0))) : a;
}

/** Entries of two rows of neighbouring values; returns how many. */
@inline function pairs(x: usize, y: usize, mask: usize, masked: bool, all: bool, depth: i32, to: usize): i32 {
  let q = to, o = i32x4(0, 64, 128, 192), l = 0;
  for (; l + 4 <= depth; l += 4, x += 16, y += 16, o = i32x4.add(o, i32x4.splat(256))) {
    const a = positive(x, mask, masked), b = positive(y, mask, masked);
    const kept = all ? 15 : i32x4.bitmask(v128.or(f32x4.ne(a, f32x4.splat(0)), f32x4.ne(b, f32x4.splat(0))));
    if (kept == 0) continue;
    const low = v128.shuffle<f32>(a, b, 0, 4, 1, 5), high = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    if (kept == 15) {
      v128.store(q, v128.shuffle<f32>(low, o, 4, 0, 1, 5));
      v128.store(q, v128.shuffle<f32>(low, v128.shuffle<f32>(o, high, 2, 4, 2, 4), 2, 3, 4, 5), 16);
      v128.store(q, v128.shuffle<f32>(high, o, 1, 7, 2, 3), 32);
      q += 48;
      continue;
    }
    // Each is written; the next one overwrites it where it is not kept.
    v128.store_lane<u32>(q, o, 0); v128.store_lane<u64>(q, low, 0, 4); q += (kept & 1) * 12;
    v128.store_lane<u32>(q, o, 1); v128.store_lane<u64>(q, low, 1, 4); q += (kept >> 1 & 1) * 12;
    v128.store_lane<u32>(q, o, 2); v128.store_lane<u64>(q, high, 0, 4); q += (kept >> 2 & 1) * 12;
    v128.store_lane<u32>(q, o, 3); v128.store_lane<u64>(q, high, 1, 4); q += (kept >> 3) * 12;
  }
  for (; l < depth; l++, x += 4, y += 4) {
    const there = !masked || load<f32>(x + mask) > 0, other = !masked || load<f32>(y + mask) > 0;
    const a: f32 = there ? load<f32>(x) : 0, b: f32 = other ? load<f32>(y) : 0;
    store<i32>(q, l << 6); store<f32>(q, a, 4); store<f32>(q, b, 8);
    q += i32(all || (a != 0) | (b != 0)) * 12;
  }
  return <i32>(q - to) / 12;
}

/** Entries of two rows whose values are `step` bytes apart, or of one; returns how many. `all`: zeros are kept. */
function pairsOf(x: usize, y: usize, step: usize, two: bool, all: bool, depth: i32, to: usize): i32 {
  let q = to;
  for (let l = 0; l < depth; l++, x += step, y += step) {
    const a = load<f32>(x), b: f32 = two ? load<f32>(y) : 0;
    store<i32>(q, l << 6); store<f32>(q, a, 4); store<f32>(q, b, 8);
    q += i32(all || (a != 0) | (b != 0)) * 12;
  }
  return <i32>(q - to) / 12;
}

/** Entries of four neighbouring columns: two panels. */
function pairs4(x: usize, row: usize, all: bool, depth: i32, to: usize, other: usize, count: usize, otherCount: usize): void {
  const always = all ? 15 : 0;
  let q = to, r = other;
  for (let o = 0; o < depth << 6; o += 64, x += row) {
    const a = v128.load(x);
    // Without a branch on zeros, which would be guessed wrong too often.
    const kept = i32x4.bitmask(f32x4.ne(a, f32x4.splat(0))) | always;
    store<i32>(q, o); v128.store_lane<u64>(q, a, 0, 4); q += i32((kept & 3) != 0) * 12;
    store<i32>(r, o); v128.store_lane<u64>(r, a, 1, 4); r += i32(kept > 3) * 12;
  }
  store<i32>(count, <i32>(q - to) / 12);
  store<i32>(otherCount, <i32>(r - other) / 12);
}

/** `wide` columns of a, rows of aRow bytes, as pairs of columns, in the layout of packPairs for one part of k. `all`: zeros are kept. */
export function packColumns(a: usize, aRow: usize, wide: i32, depth: i32, all: bool, to: usize): void {
  const room = <usize>depth * 12;
  let q = entriesAt(to, wide, 1), count = to;
  for (let i = 0; i < wide; i += 4, a += 16, q += room << 1, count += 8) {
    if (wide - i >= 4) { pairs4(a, aRow, all, depth, q, q + room, count, count + 4); continue; }
    store<i32>(count, pairsOf(a, a + 4, aRow, wide - i > 1, all, depth, q));
    if (wide - i == 3) store<i32>(count + 4, pairsOf(a + 8, a + 8, aRow, false, all, depth, q + room));
  }
}

export function packPanels(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<PackPanelsWords>(w);
  const k = p.k(rows), n = p.n(rows), stride = <usize>p.stride << 2;
  const j = tile << 4, columns = min(n - j, 16);
  let to = p.y + <usize>tile * <usize>k * 64;
  let bad = i32x4.splat(0);
  if (p.transposed != 0) {
    bad = packRows(p.x + <usize>j * stride, stride, k, columns, 16, to);
  } else if (columns == 16) {
    let from = p.x + (<usize>j << 2);
    for (let l = 0; l < k; l++, from += stride, to += 64) {
      const a = v128.load(from), b = v128.load(from, 16), c = v128.load(from, 32), d = v128.load(from, 48);
      v128.store(to, a); v128.store(to, b, 16); v128.store(to, c, 32); v128.store(to, d, 48);
      bad = v128.or(bad, v128.or(v128.or(notFinite(a), notFinite(b)), v128.or(notFinite(c), notFinite(d))));
    }
  } else {
    let from = p.x + (<usize>j << 2);
    for (let l = 0; l < k; l++, from += stride, to += 64) {
      for (let h = 0; h < 16; h += 4) {
        const x = columns > h ? loadPart(from + (<usize>h << 2), columns - h) : f32x4.splat(0);
        v128.store(to + (<usize>h << 2), x);
        bad = v128.or(bad, notFinite(x));
      }
    }
  }
  store<i32>(p.y + <usize>((n + 15) >> 4) * <usize>k * 64 + (<usize>tile << 2), i32(v128.any_true(bad)));
}

/** `columns` rows of k floats each, as one panel [k][width]; returns ones where one was not finite. */
export function packRows(from: usize, stride: usize, k: i32, columns: i32, width: i32, to: usize): v128 {
  const line = <usize>width << 2;
  let bad = i32x4.splat(0);
  for (let h = 0; h < width; h += 4, to += 16) {
    const x0 = from + <usize>h * stride, x1 = x0 + stride, x2 = x1 + stride, x3 = x2 + stride;
    let l = 0, q = to;
    if (h + 4 <= columns) {
      for (; l + 4 <= k; l += 4, q += line << 2) bad = v128.or(bad, transpose4x4(x0, x1, x2, x3, <usize>l << 2, q, line));
    }
    for (; l < k; l++, q += line) {
      const o = <usize>l << 2;
      let x = h < columns ? v128.load32_zero(x0 + o) : f32x4.splat(0);
      if (h + 1 < columns) x = v128.load_lane<u32>(x1 + o, x, 1);
      if (h + 2 < columns) x = v128.load_lane<u32>(x2 + o, x, 2);
      if (h + 3 < columns) x = v128.load_lane<u32>(x3 + o, x, 3);
      v128.store(q, x);
      bad = v128.or(bad, notFinite(x));
    }
  }
  return bad;
}

/** Four vectors at x0 + o, ..., x3 + o turned: lane l of each goes to `to` + l * row. Returns ones where one is not finite. */
@inline function transpose4x4(x0: usize, x1: usize, x2: usize, x3: usize, o: usize, to: usize, row: usize): v128 {
  const a = v128.load(x0 + o), b = v128.load(x1 + o), c = v128.load(x2 + o), d = v128.load(x3 + o);
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5), cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const ef = v128.shuffle<f32>(a, b, 2, 6, 3, 7), gh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
  v128.store(to + row, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
  v128.store(to + 2 * row, v128.shuffle<f32>(ef, gh, 0, 1, 4, 5));
  v128.store(to + 3 * row, v128.shuffle<f32>(ef, gh, 2, 3, 6, 7));
  return v128.or(v128.or(notFinite(a), notFinite(b)), v128.or(notFinite(c), notFinite(d)));
}
