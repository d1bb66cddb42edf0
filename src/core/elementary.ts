/**
 * Logarithm, sine and cosine in float64 from additions, multiplications and divisions alone, which every engine rounds
 * alike; Math.log, Math.sin and Math.cos may differ between engines in the last digit. For random numbers, not a
 * replacement of Math: the arguments are those that random numbers have.
 */

const LN2 = Math.LN2;
const SQRT2 = Math.SQRT2;

/**
 * The natural logarithm of a number in (0, 1], to within 2 units in the last place.
 *
 * x = 2^k m with m in [sqrt(1/2), sqrt(2)); with s = (m - 1) / (m + 1), ln m = 2 (s + s^3/3 + s^5/5 + ...).
 */
export function logOfFraction(x: number): number {
  let k = 0;
  let m = x;
  while (m < SQRT2 / 65536) {
    m *= 65536;
    k -= 16;
  }
  while (m < SQRT2 / 2) {
    m *= 2;
    k -= 1;
  }
  const s = (m - 1) / (m + 1);
  const z = s * s;
  // |s| < 0.1716, so the first term left out is below 2^-59 of the sum.
  let series = 0;
  for (let n = 23; n >= 3; n -= 2) series = (series + 1 / n) * z;
  return k * LN2 + (2 * s + 2 * s * series);
}

/**
 * Writes the cosine and the sine of `turns` full turns, 0 <= turns < 1, to `out[0]` and `out[1]`, to within 1e-15.
 *
 * The nearest quarter turn is taken off exactly; the rest, at most an eighth, goes into the Taylor series.
 */
export function cosSinOfTurns(turns: number, out: Float64Array): void {
  const quarter = Math.floor(turns * 4 + 0.5);
  const angle = (turns - quarter / 4) * 6.283185307179586;
  const z = angle * angle;
  // At most pi/4: terms beyond x^18 are below 1e-18.
  let cos = 1;
  let sin = 1;
  // Both in one loop: neither waits for the other's divisions.
  for (let n = 18; n > 2; n -= 2) {
    cos = 1 - (cos * z) / (n * (n - 1));
    sin = 1 - (sin * z) / ((n - 1) * (n - 2));
  }
  cos = 1 - (cos * z) / 2;
  sin *= angle;
  const turned = quarter & 3;
  out[0] = turned === 0 ? cos : turned === 1 ? -sin : turned === 2 ? -cos : sin;
  out[1] = turned === 0 ? sin : turned === 1 ? cos : turned === 2 ? -sin : -cos;
}
