/**
 * Products that go on with what they made while it is near: dropout on it, or, where it is the gradient of weights, their
 * update, and the gradient is never written. Words: kernels/matrix.ts.
 */
import { AdamUpdateWords, GemmAdamWords, GemmDropoutWords, GemmSgdWords, GemmWords, SgdUpdateWords } from "./generated/words";
import { columnOfTile, CORNER_BYTES, highOf, productTile, rowOfTile, wideOf } from "./product";
import { dropoutRun } from "./random";
import { adamRun, adamStep, sgdRun } from "./state";

export function gemmDropout(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<GemmWords>(w), d = changetype<GemmDropoutWords>(w);
  const m0 = rowOfTile(p, tile, rows), n0 = columnOfTile(p, tile, rows), n = p.n(rows);
  const high = highOf(p, m0, rows), wide = wideOf(p, n0, rows), row = <usize>n << 2;
  let first = m0 * n + n0, c = d.y + (<usize>first << 2);
  productTile(p, m0, n0, rows, c, row, scratch);
  for (let i = 0; i < high; i++, first += n, c += row) {
    dropoutRun(d.state, d.stream, d.threshold, d.scale, first, first + wide, c, c);
  }
}

export function gemmSgd(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<GemmWords>(w), update = changetype<SgdUpdateWords>(w + offsetof<GemmSgdWords>("weights"));
  const m0 = rowOfTile(p, tile, rows), n0 = columnOfTile(p, tile, rows), n = p.n(rows);
  const high = highOf(p, m0, rows), wide = wideOf(p, n0, rows);
  let first = m0 * n + n0, c = gradientTile(p, m0, n0, rows, scratch);
  for (let i = 0; i < high; i++, first += n, c += <usize>p.nBlock << 2) sgdRun(update, c, first, wide);
}

export function gemmAdam(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<GemmWords>(w), update = changetype<AdamUpdateWords>(w + offsetof<GemmAdamWords>("weights"));
  const m0 = rowOfTile(p, tile, rows), n0 = columnOfTile(p, tile, rows), n = p.n(rows), step = adamStep(update);
  const high = highOf(p, m0, rows), wide = wideOf(p, n0, rows);
  let first = m0 * n + n0, c = gradientTile(p, m0, n0, rows, scratch);
  for (let i = 0; i < high; i++, first += n, c += <usize>p.nBlock << 2) adamRun(update, c, first, wide, step);
}

/** A tile in scratch, in rows of nBlock. */
function gradientTile(p: GemmWords, m0: i32, n0: i32, rows: i32, scratch: usize): usize {
  const c = scratch + CORNER_BYTES;
  productTile(p, m0, n0, rows, c, <usize>p.nBlock << 2, scratch);
  return c;
}
