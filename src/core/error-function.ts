/** The complementary error function in float64, which Math lacks. For the reference's numbers, not for arrays of them. */

const SQRT_PI = Math.sqrt(Math.PI);

/**
 * erfc(x) = 2 / sqrt(pi) times the integral of e^(-t²) from x to infinity, to within 1e-13 of its own size.
 *
 * Below 2 from erf's series in x^(2n+1) 2^n / (1 · 3 · ... · (2n+1)), whose terms are all of one sign; from there on
 * from its continued fraction (Abramowitz and Stegun, 7.1.6 and 7.1.14).
 * @example
 * erfc(0); // 1
 */
export function erfc(x: number): number {
  if (x < 0) return 2 - erfc(-x);
  if (x < 2) return 1 - erfOfSeries(x);
  if (x > 30) return 0;
  // 1 / (x + (1/2) / (x + 1 / (x + (3/2) / (x + ...)))), from the inside out.
  let fraction = x;
  for (let n = 120; n >= 1; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / (SQRT_PI * fraction);
}

function erfOfSeries(x: number): number {
  let sum = 0;
  let term = x;
  for (let n = 0; term > sum * 1e-17; n++) {
    sum += term;
    term *= (2 * x * x) / (2 * n + 3);
  }
  return (2 / SQRT_PI) * Math.exp(-x * x) * sum;
}
