/**
 * tanh over an array. Its constants lie in memory and are loaded before the loop: written as numbers, each would be made
 * anew, in three instructions or four, for every vector.
 */
import { loadPart, madd, nmadd, storePart } from "./simd";

@inline function put(to: usize, x: f32): void { v128.store(to, f32x4.splat(x)); }

/** y = tanh x of n floats: a polynomial below 0.625, else 1 - 2 / (e^2x + 1). 320 bytes of scratch. */
export function tanhLoop(x: usize, y: usize, n: i32, scratch: usize): void {
  put(scratch, -5.70498872745e-3); put(scratch + 16, 2.06390887954e-2); put(scratch + 32, -5.37397155531e-2);
  put(scratch + 48, 1.33314422036e-1); put(scratch + 64, -3.33332819422e-1); put(scratch + 80, 0.625);
  put(scratch + 96, 1.9875691500e-4); put(scratch + 112, 1.3981999507e-3); put(scratch + 128, 8.3334519073e-3);
  put(scratch + 144, 4.1665795894e-2); put(scratch + 160, 1.6666665459e-1); put(scratch + 176, 5.0000001201e-1);
  // 1.5 * 2^23: what is added to it is rounded to a whole number, which is then in its lowest bits.
  put(scratch + 192, 1.44269504088896341); put(scratch + 208, 12582912);
  put(scratch + 224, 0.693359375); put(scratch + 240, -2.12194440e-4);
  put(scratch + 256, 1); put(scratch + 272, 2); put(scratch + 288, 20);
  v128.store(scratch + 304, i32x4.splat(0x80000000));
  const t0 = v128.load(scratch), t1 = v128.load(scratch, 16), t2 = v128.load(scratch, 32), t3 = v128.load(scratch, 48);
  const t4 = v128.load(scratch, 64), edge = v128.load(scratch, 80);
  const e0 = v128.load(scratch, 96), e1 = v128.load(scratch, 112), e2 = v128.load(scratch, 128), e3 = v128.load(scratch, 144);
  const e4 = v128.load(scratch, 160), e5 = v128.load(scratch, 176), log2e = v128.load(scratch, 192), magic = v128.load(scratch, 208);
  const high = v128.load(scratch, 224), low = v128.load(scratch, 240), one = v128.load(scratch, 256), two = v128.load(scratch, 272);
  const most = v128.load(scratch, 288), signs = v128.load(scratch, 304);
  while (n > 0) {
    const v = n >= 4 ? v128.load(x) : loadPart(x, n);
    const sign = v128.and(v, signs), a = v128.xor(v, sign), z = f32x4.mul(v, v);
    let p = madd(t0, z, t1);
    p = madd(p, z, t2); p = madd(p, z, t3); p = madd(p, z, t4);
    p = madd(f32x4.mul(p, z), v, v);
    // e^t = 2^k e^r with |r| <= ln(2) / 2; from t = 20 on tanh is 1. NaN is not smaller than anything, and stays.
    const t = f32x4.pmin(f32x4.add(a, a), most);
    const whole = madd(t, log2e, magic), k = f32x4.sub(whole, magic);
    const r = nmadd(k, low, nmadd(k, high, t));
    let e = madd(e0, r, e1);
    e = madd(e, r, e2); e = madd(e, r, e3); e = madd(e, r, e4); e = madd(e, r, e5);
    e = f32x4.add(madd(e, f32x4.mul(r, r), r), one);
    e = f32x4.mul(e, i32x4.add(i32x4.shl(whole, 23), one));
    const q = f32x4.sub(one, f32x4.div(two, f32x4.add(e, one)));
    const result = v128.bitselect(p, v128.or(q, sign), f32x4.lt(a, edge));
    if (n >= 4) v128.store(y, result);
    else storePart(y, result, n);
    n -= 4; x += 16; y += 16;
  }
}
