/**
 * Arrays as numpy prints them: aligned columns, lines of at most 75 characters, and above 1,000 elements only three at
 * each edge. Not the digits of a single float: float-format.ts.
 */

import { isFloat } from "./dtype.js";
import { exponentText, positional, scalarText, scientific, scientificFixed } from "./float-format.js";
import { type SliceIndex, sliceOf } from "./ndarray-index.js";
import { sizeOf } from "./shape.js";
import { copyAs, type Strided } from "./strided.js";

const LINE_WIDTH = 75;
const THRESHOLD = 1000;
const EDGE = 3;
const PRECISION = 8;

type Format = (value: number) => string;

/** The elements that will be shown, whose widths decide the columns. */
function shownElements(view: Strided): ArrayLike<number> {
  if (sizeOf(view.shape) <= THRESHOLD) return copyAs(view, view.dtype).storage;
  const shown: number[] = [];
  const collect = (part: Strided, axis: number): void => {
    if (axis === part.shape.length) {
      for (const value of copyAs(part, part.dtype).storage) shown.push(value);
      return;
    }
    if (part.shape[axis]! <= 2 * EDGE) {
      collect(part, axis + 1);
      return;
    }
    const whole: SliceIndex[] = new Array(axis).fill(null);
    collect(sliceOf(part, [...whole, [0, EDGE]]), axis + 1);
    collect(sliceOf(part, [...whole, [-EDGE, null]]), axis + 1);
  };
  collect(view, 0);
  return shown;
}

function formatFor(view: Strided): Format {
  if (view.dtype === "bool") {
    return view.shape.length === 0 ? (value) => (value ? "True" : "False") : (value) => (value ? " True" : "False");
  }
  const values = shownElements(view);
  if (isFloat(view.dtype)) return floatFormat(values, view.dtype === "float32");
  let width = 0;
  for (let i = 0; i < values.length; i++) width = Math.max(width, String(values[i]).length);
  return (value) => String(value).padStart(width);
}

/** numpy chooses exponents where magnitudes are large, small, or far apart, in the array's own precision. */
function needsExponents(finite: readonly number[], single: boolean): boolean {
  let largest = 0;
  let smallest = Number.POSITIVE_INFINITY;
  for (const value of finite) {
    const magnitude = Math.abs(value);
    if (magnitude === 0) continue;
    largest = Math.max(largest, magnitude);
    smallest = Math.min(smallest, magnitude);
  }
  if (largest === 0) return false;
  const round = single ? Math.fround : (x: number) => x;
  return largest >= (single ? 1e6 : 1e8) || smallest < round(0.0001) || round(largest / smallest) > 1000;
}

const widest = (texts: readonly string[]): number => texts.reduce((width, text) => Math.max(width, text.length), 0);

function floatFormat(values: ArrayLike<number>, single: boolean): Format {
  const all = Array.from(values);
  const finite = all.filter(Number.isFinite);
  let left = 0;
  let right = 0;
  let show: Format = () => "";
  if (finite.length > 0 && needsExponents(finite, single)) {
    const split = finite.map((value) => scientific(value, PRECISION, single));
    left = widest(split.map((text) => text.whole));
    const decimals = widest(split.map((text) => text.fraction));
    const exponentDigits = Math.max(2, widest(split.map((text) => String(Math.abs(text.exponent)))));
    right = decimals + exponentDigits + 2;
    show = (value) => {
      const { whole, fraction, exponent } = scientificFixed(value, decimals);
      return `${whole.padStart(left)}.${fraction}${exponentText(exponent, exponentDigits)}`;
    };
  } else if (finite.length > 0) {
    const split = finite.map((value) => positional(value, PRECISION, single));
    left = widest(split.map((text) => text.whole));
    right = widest(split.map((text) => text.fraction));
    show = (value) => {
      const { whole, fraction } = positional(value, PRECISION, single);
      return `${whole.padStart(left)}.${fraction.padEnd(right)}`;
    };
  }
  if (finite.length < all.length) {
    const special = all.includes(Number.NEGATIVE_INFINITY) ? 4 : 3;
    left = Math.max(left, special - right - 1);
  }
  return (value) => (Number.isFinite(value) ? show(value) : scalarText(value, single).padStart(left + right + 1));
}

/** One row of elements, broken where it would pass `width`. */
function rowText(words: readonly string[], indent: string, separator: string, width: number): string {
  let done = "";
  let line = indent;
  for (const [i, word] of words.entries()) {
    if (line.length + word.length > width && line.length > indent.length) {
      done += `${line.trimEnd()}\n`;
      line = indent;
    }
    line += i + 1 < words.length ? word + separator : word;
  }
  return done + line;
}

function nestedText(view: Strided, format: Format, indent: string, separator: string, width: number): string {
  const elide = sizeOf(view.shape) > THRESHOLD;
  const print = (part: Strided, hanging: string, room: number): string => {
    const length = part.shape[0];
    if (length === undefined) return format(part.storage[part.offset]!);
    const cut = elide && length > 2 * EDGE;
    const indices = Array.from({ length: cut ? 2 * EDGE : length }, (_, i) => (cut && i >= EDGE ? i - 2 * EDGE : i));
    const pieces = indices.map((i) => print(sliceOf(part, [i]), `${hanging} `, room - 1));
    if (cut) pieces.splice(EDGE, 0, "...");
    if (part.shape.length === 1) {
      // One character less, for the bracket or comma that follows.
      return `[${rowText(pieces, hanging, separator, room - 1).slice(hanging.length)}]`;
    }
    return `[${pieces.join(separator.trimEnd() + "\n".repeat(part.shape.length - 1) + hanging)}]`;
  };
  return print(view, indent, width);
}

/** As Python's `str` of a numpy array: `[[1. 2.]\n [3. 4.]]`. */
export function arrayText(view: Strided): string {
  if (view.shape.length === 0) {
    const value = view.storage[view.offset]!;
    return isFloat(view.dtype) ? scalarText(value, view.dtype === "float32") : formatFor(view)(value);
  }
  if (sizeOf(view.shape) === 0) return "[]";
  return nestedText(view, formatFor(view), " ", " ", LINE_WIDTH);
}

/** As Python's `repr` of a numpy array: `array([[1., 2.],\n       [3., 4.]], dtype=float32)`. */
export function arrayDescription(view: Strided): string {
  const prefix = "array(";
  const size = sizeOf(view.shape);
  const body =
    size === 0 ? "[]" : nestedText(view, formatFor(view), " ".repeat(prefix.length + 1), ", ", LINE_WIDTH - 1);
  const extras: string[] = [];
  if ((size === 0 && view.shape.length !== 1) || size > THRESHOLD) {
    extras.push(`shape=(${view.shape.join(", ")}${view.shape.length === 1 ? "," : ""})`);
  }
  // numpy leaves out what a reader would guess: float64 and bool.
  if (size === 0 || (view.dtype !== "float64" && view.dtype !== "bool")) extras.push(`dtype=${view.dtype}`);
  if (extras.length === 0) return `${prefix}${body})`;
  const text = `${prefix}${body},`;
  const extra = `${extras.join(", ")})`;
  const lastLine = text.length - (text.lastIndexOf("\n") + 1);
  const fits = lastLine + extra.length + 1 <= LINE_WIDTH;
  return `${text}${fits ? " " : `\n${" ".repeat(prefix.length)}`}${extra}`;
}
