/**
 * The matrix products between Winograd's transforms, one for each point. Left sides and results lie as "quads": [columns / 4]
 * [tiles][4], which transforms write and read in whole vectors and which products read as panels, so nothing is packed.
 * The register tile is 4 by 8, one k a turn, as in matrix.ts and for the same reason.
 */
import { madd } from "./simd";

/** Bytes from a point of filters to the next: a line more than the data, or all points would share a few sets of the caches. */
@inline export function filterStep(from: i32, to: i32): usize {
  return (<usize>(from * to) << 2) + 64;
}

/** Four rows of c = a b; a and c in quads of aq and cq bytes, b one panel [k][8], k a multiple of 4. */
@inline function rows4(a: usize, aq: usize, b: usize, end: usize, c: usize, cq: usize): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  do {
    const four = a + 16;
    do {
      const b0 = v128.load(b), b1 = v128.load(b, 16);
      let x = v128.load32_splat(a); c00 = madd(x, b0, c00); c01 = madd(x, b1, c01);
      x = v128.load32_splat(a, 16); c10 = madd(x, b0, c10); c11 = madd(x, b1, c11);
      x = v128.load32_splat(a, 32); c20 = madd(x, b0, c20); c21 = madd(x, b1, c21);
      x = v128.load32_splat(a, 48); c30 = madd(x, b0, c30); c31 = madd(x, b1, c31);
      a += 4; b += 32;
    } while (a != four);
    a += aq - 16;
  } while (b != end);
  const d = c + cq;
  v128.store(c, c00); v128.store(c, c10, 16); v128.store(c, c20, 32); v128.store(c, c30, 48);
  v128.store(d, c01); v128.store(d, c11, 16); v128.store(d, c21, 32); v128.store(d, c31, 48);
}

/**
 * c = a b: a [tiles, k] in quads, b panels [n / 8][k][8], c [tiles, n] in quads. aq, cq: bytes from a quad to the next. tiles
 * and k are multiples of 4, n of 8.
 */
export function multiplyQuads(a: usize, aq: usize, b: usize, c: usize, cq: usize, tiles: i32, n: i32, k: i32): void {
  const rows = <usize>tiles << 4, panel = <usize>k << 5;
  for (let j = 0; j < n; j += 8, b += panel, c += cq << 1) {
    for (let i: usize = 0; i < rows; i += 64) rows4(a + i, aq, b, b + panel, c + i, cq);
  }
}

/** To c, or over it where it is `fresh`. */
@inline function keep(c: usize, v: v128, fresh: bool): void {
  v128.store(c, fresh ? v : f32x4.add(v128.load(c), v));
}

/**
 * Four rows of c += a^T b, or with `fresh` c = a^T b, over `rows` bytes of tiles: the lanes of the quad a, the quads b and d; s bytes a
 * row of c. A block is summed by itself and added once: one chain over a batch is several times less exact.
 */
@inline function dots4(fresh: bool, a: usize, b: usize, d: usize, rows: usize, c: usize, s: usize): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  const end = a + rows;
  do {
    const b0 = v128.load(b), b1 = v128.load(d);
    let x = v128.load32_splat(a); c00 = madd(x, b0, c00); c01 = madd(x, b1, c01);
    x = v128.load32_splat(a, 4); c10 = madd(x, b0, c10); c11 = madd(x, b1, c11);
    x = v128.load32_splat(a, 8); c20 = madd(x, b0, c20); c21 = madd(x, b1, c21);
    x = v128.load32_splat(a, 12); c30 = madd(x, b0, c30); c31 = madd(x, b1, c31);
    a += 16; b += 16; d += 16;
  } while (a != end);
  keep(c, c00, fresh); keep(c + 16, c01, fresh); c += s;
  keep(c, c10, fresh); keep(c + 16, c11, fresh); c += s;
  keep(c, c20, fresh); keep(c + 16, c21, fresh); c += s;
  keep(c, c30, fresh); keep(c + 16, c31, fresh);
}

/** c += a^T b: a [tiles, m] and b [tiles, n] in quads, c [m, n] row-major. m is a multiple of 4, n of 8. */
export function addTransposed(a: usize, aq: usize, b: usize, bq: usize, c: usize, tiles: i32, m: i32, n: i32): void {
  if (tiles == 0) return;
  const rows = <usize>tiles << 4, s = <usize>n << 2;
  for (let i = 0; i < m; i += 4, a += aq, c += s << 2) {
    for (let j: usize = 0, p = b; j < s; j += 32, p += bq << 1) dots4(false, a, p, p + bq, rows, c + j, s);
  }
}

/** c = a^T b. */
export function multiplyTransposed(a: usize, aq: usize, b: usize, bq: usize, c: usize, tiles: i32, m: i32, n: i32): void {
  const rows = <usize>tiles << 4, s = <usize>n << 2;
  // Where every tile is short or narrow none has a point of infinity.
  if (tiles == 0) { memory.fill(c, 0, <usize>m * s); return; }
  for (let i = 0; i < m; i += 4, a += aq, c += s << 2) {
    for (let j: usize = 0, p = b; j < s; j += 32, p += bq << 1) dots4(true, a, p, p + bq, rows, c + j, s);
  }
}
