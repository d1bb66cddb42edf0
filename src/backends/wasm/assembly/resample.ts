/** Weighted sums of runs along an axis, by a table. Words and table: kernels/resample.ts. */
import { ResampleWords } from "./generated/words";
import { blockOf, loadPart, madd, storePart, tileEnd } from "./simd";

export function resample(w: usize, tile: i32, rows: i32, scratch: usize): void {
  const p = changetype<ResampleWords>(w);
  const block = blockOf(w), to = tileEnd(tile, block, p.n(rows)), length = p.length, outputs = p.outputs;
  const bytes = <usize>length << 2, axis = <usize>p.inputs * bytes, terms = p.table + (<usize>(outputs + 1) << 2);
  let u = tile * block, o = u % outputs;
  let x = p.x + <usize>(u / outputs) * axis, y = p.y + <usize>u * bytes;
  for (; u < to; u++) {
    const row = p.table + (<usize>o << 2);
    const from = terms + (<usize>load<i32>(row) << 3), end = terms + (<usize>load<i32>(row, 4) << 3);
    let left = length;
    for (; left >= 4; left -= 4, y += 16) {
      const at = x + (<usize>(length - left) << 2);
      let s = f32x4.splat(0);
      for (let t = from; t < end; t += 8) s = madd(v128.load(at + load<usize>(t)), v128.load32_splat(t, 4), s);
      v128.store(y, s);
    }
    if (left > 0) {
      const at = x + (<usize>(length - left) << 2);
      let s = f32x4.splat(0);
      for (let t = from; t < end; t += 8) s = madd(loadPart(at + load<usize>(t), left), v128.load32_splat(t, 4), s);
      storePart(y, s, left);
      y += <usize>left << 2;
    }
    if (++o == outputs) { o = 0; x += axis; }
  }
}
