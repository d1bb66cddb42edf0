/**
 * Numbers printed with a fixed count of decimals as numpy, Keras and scikit-learn print them. Not the printing of
 * arrays: that is ndarray-print.ts.
 */

/** More decimals than any double needs to be told apart, and few enough that a tie can be seen (see below). */
export const maxFixedDigits = 50;

/**
 * `value` with `digits` decimals, rounded to the nearest, and a tie to the even digit: 0.125 gives "0.12", where
 * `Number.prototype.toFixed` gives "0.13". NaN and the infinities are "nan", "inf" and "-inf".
 *
 * @example
 * formatFixed(0.125, 2); // "0.12"
 * formatFixed(0.375, 2); // "0.38"
 */
export function formatFixed(value: number, digits: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  const magnitude = Math.abs(value);
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  // Beyond 2^53 every double is whole: its decimals are zeros, and BigInt knows the rest (toFixed gives up at 1e21).
  if (magnitude > Number.MAX_SAFE_INTEGER)
    return `${sign}${BigInt(magnitude)}${digits > 0 ? `.${"0".repeat(digits)}` : ""}`;
  const nearest = magnitude.toFixed(digits);
  // toFixed(100) is exact up to a tail far below one unit in the last place, so "5000..." there is a tie.
  const exact = magnitude.toFixed(100);
  const end = exact.length - 100 + digits;
  if (!/^50*$/.test(exact.slice(end))) return sign + nearest;
  const down = exact.slice(0, digits === 0 ? end - 1 : end);
  return sign + (Number(down.at(-1)) % 2 === 0 ? down : nearest);
}
