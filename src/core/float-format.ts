/**
 * Single floats in numpy's decimal forms: the fewest digits that read back as the same float32 or float64, cut to a
 * number of decimals. Not the alignment of many: that is ndarray-print.ts; not fixed decimals: fixed.ts.
 */

import { formatFixed } from "./fixed.js";

interface Decimal {
  /** The sign and the digits before the point. */
  readonly whole: string;
  /** The digits after it, without trailing zeros. */
  readonly fraction: string;
}

interface Scientific extends Decimal {
  /** The power of ten. */
  readonly exponent: number;
}

/** `d.ddde±x` with exactly `decimals` digits after the point, a tie rounded to the even digit; toExponential rounds it up. */
function rounded(magnitude: number, decimals: number): string {
  const nearest = magnitude.toExponential(decimals);
  const exact = parts(magnitude.toExponential(100));
  if (exact.fraction.length !== decimals + 1 || !exact.fraction.endsWith("5")) return nearest;
  const down = exact.whole + exact.fraction.slice(0, decimals);
  if (Number(down.at(-1)) % 2 !== 0) return nearest;
  return `${down[0]}.${down.slice(1)}e${exact.exponent}`;
}

/** The fewest digits that read back as the same number, as `d.ddde±x`. */
function shortest(magnitude: number, single: boolean): string {
  if (single) {
    for (let decimals = 0; decimals < 9; decimals++) {
      const text = rounded(magnitude, decimals);
      if (Math.fround(Number(text)) === magnitude) return text;
    }
  }
  return magnitude.toExponential();
}

function parts(text: string): Scientific {
  const [mantissa = "", exponent = "0"] = text.split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  return { whole, fraction: fraction.replace(/0+$/, ""), exponent: Number(exponent) };
}

function signOf(value: number): string {
  return value < 0 || Object.is(value, -0) ? "-" : "";
}

/** `d.ddd` times a power of ten, with the fewest digits, but at most `decimals` after the point. */
export function scientific(value: number, decimals: number, single: boolean): Scientific {
  const magnitude = Math.abs(value);
  let text = parts(shortest(magnitude, single));
  if (text.fraction.length > decimals) text = parts(rounded(magnitude, decimals));
  return { ...text, whole: signOf(value) + text.whole };
}

/** `d.ddd` times a power of ten, with exactly `decimals` digits after the point. */
export function scientificFixed(value: number, decimals: number): Scientific {
  const text = parts(rounded(Math.abs(value), decimals));
  return { ...text, whole: signOf(value) + text.whole, fraction: text.fraction.padEnd(decimals, "0") };
}

/** Without an exponent, with at most `decimals` digits after the point. */
export function positional(value: number, decimals: number, single: boolean): Decimal {
  const magnitude = Math.abs(value);
  const { whole, fraction, exponent } = parts(shortest(magnitude, single));
  const sign = signOf(value);
  if (fraction.length - exponent > decimals) {
    const [cutWhole = "", cutFraction = ""] = formatFixed(magnitude, decimals).split(".");
    return { whole: sign + cutWhole, fraction: cutFraction.replace(/0+$/, "") };
  }
  const digits = whole + fraction;
  const point = exponent + 1;
  if (point <= 0) return { whole: `${sign}0`, fraction: digits === "0" ? "" : "0".repeat(-point) + digits };
  return { whole: sign + digits.slice(0, point).padEnd(point, "0"), fraction: digits.slice(point) };
}

/** An exponent as numpy writes it: a sign and at least `digits` digits. */
export function exponentText(exponent: number, digits: number): string {
  return `e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(digits, "0")}`;
}

/** A single number as numpy's scalars print: `1.0`, `1e-05`, `1e+16`. */
export function scalarText(value: number, single: boolean): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= (single ? 1e6 : 1e16))) {
    const { whole, fraction, exponent } = scientific(value, 100, single);
    return `${whole}${fraction === "" ? "" : `.${fraction}`}${exponentText(exponent, 2)}`;
  }
  const { whole, fraction } = positional(value, 100, single);
  return `${whole}.${fraction === "" ? "0" : fraction}`;
}
