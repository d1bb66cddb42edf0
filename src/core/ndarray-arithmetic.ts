/**
 * Arithmetic and comparison of arrays, element by element, with numpy's broadcasting. Not the ops of the graph: this is
 * for looking at data. Integers wrap as numpy's do; a plain number follows the array's dtype, as in numpy.
 */

import { type DType, isFloat, promote, type TypedArray } from "./dtype.js";
import { DataError, ShapeError } from "./errors.js";
import { broadcastShapes, formatShape, sameShape } from "./shape.js";
import { broadcastTo, copyInto, forEachRow, mayClash, type Strided, scalarOf, zerosOf } from "./strided.js";

export type ArithmeticName = "add" | "subtract" | "multiply" | "divide";
export type ComparisonName = "equal" | "notEqual" | "less" | "lessEqual" | "greater" | "greaterEqual";

type Loop = (
  n: number,
  out: TypedArray,
  o: number,
  oStep: number,
  a: TypedArray,
  i: number,
  iStep: number,
  b: TypedArray,
  j: number,
  jStep: number,
) => void;

// One loop an operation: a shared loop that calls the operation would call through a pointer for every element.
const loops: Readonly<Record<ArithmeticName | ComparisonName | "multiplyInt32", Loop>> = {
  add(n, out, o, oStep, a, i, iStep, b, j, jStep) {
    for (let k = 0; k < n; k++) out[o + k * oStep] = a[i + k * iStep]! + b[j + k * jStep]!;
  },
  subtract(n, out, o, oStep, a, i, iStep, b, j, jStep) {
    for (let k = 0; k < n; k++) out[o + k * oStep] = a[i + k * iStep]! - b[j + k * jStep]!;
  },
  multiply(n, out, o, oStep, a, i, iStep, b, j, jStep) {
    for (let k = 0; k < n; k++) out[o + k * oStep] = a[i + k * iStep]! * b[j + k * jStep]!;
  },
  // A product of two int32 may need 62 bits, of which a float64 would lose the lower ones.
  multiplyInt32(n, out, o, oStep, a, i, iStep, b, j, jStep) {
    for (let k = 0; k < n; k++) out[o + k * oStep] = Math.imul(a[i + k * iStep]!, b[j + k * jStep]!);
  },
  divide(n, out, o, oStep, a, i, iStep, b, j, jStep) {
    for (let k = 0; k < n; k++) out[o + k * oStep] = a[i + k * iStep]! / b[j + k * jStep]!;
  },
  equal(n, out, o, oStep, a, i, iStep, b, j, jStep) {
    for (let k = 0; k < n; k++) out[o + k * oStep] = a[i + k * iStep] === b[j + k * jStep] ? 1 : 0;
  },
  notEqual(n, out, o, oStep, a, i, iStep, b, j, jStep) {
    for (let k = 0; k < n; k++) out[o + k * oStep] = a[i + k * iStep] === b[j + k * jStep] ? 0 : 1;
  },
  less(n, out, o, oStep, a, i, iStep, b, j, jStep) {
    for (let k = 0; k < n; k++) out[o + k * oStep] = a[i + k * iStep]! < b[j + k * jStep]! ? 1 : 0;
  },
  lessEqual(n, out, o, oStep, a, i, iStep, b, j, jStep) {
    for (let k = 0; k < n; k++) out[o + k * oStep] = a[i + k * iStep]! <= b[j + k * jStep]! ? 1 : 0;
  },
  greater(n, out, o, oStep, a, i, iStep, b, j, jStep) {
    for (let k = 0; k < n; k++) out[o + k * oStep] = a[i + k * iStep]! > b[j + k * jStep]! ? 1 : 0;
  },
  greaterEqual(n, out, o, oStep, a, i, iStep, b, j, jStep) {
    for (let k = 0; k < n; k++) out[o + k * oStep] = a[i + k * iStep]! >= b[j + k * jStep]! ? 1 : 0;
  },
};

/** A plain number takes the precision of a float32 array, as in numpy: 0.1 equals float32's 0.1. */
function operandOf(value: Strided | number, beside: DType): Strided {
  if (typeof value !== "number") return value;
  return scalarOf(beside === "float32" ? Math.fround(value) : value);
}

/** The dtype of a result. */
function resultType(name: ArithmeticName, a: Strided, b: Strided | number): DType {
  if (typeof b !== "number") {
    const wider = promote(a.dtype, b.dtype);
    if (name === "divide") return wider === "float64" ? "float64" : "float32";
    return wider === "bool" ? "int32" : wider;
  }
  if (isFloat(a.dtype)) return a.dtype;
  if (name === "divide" || !Number.isInteger(b)) return "float32";
  const integer = a.dtype === "bool" ? "int32" : a.dtype;
  const [low, high] = integer === "uint8" ? [0, 255] : [-(2 ** 31), 2 ** 31 - 1];
  if (b < low || b > high) {
    throw new DataError(`${name}: ${b} is no ${integer} (${low} to ${high}); use astype to widen the array first.`);
  }
  return integer;
}

function runInto(loop: Loop, out: Strided, a: Strided, b: Strided): void {
  const left = broadcastTo(a, out.shape);
  const right = broadcastTo(b, out.shape);
  forEachRow(out.shape, [out, left, right], (n, starts, steps) => {
    loop(
      n,
      out.storage,
      starts[0]!,
      steps[0]!,
      left.storage,
      starts[1]!,
      steps[1]!,
      right.storage,
      starts[2]!,
      steps[2]!,
    );
  });
}

/**
 * a + b, a - b, a * b or a / b, into `out` where it is given.
 * @throws ShapeError where the shapes do not broadcast, or `out` has another shape than the result; DataError where
 * `out` has another dtype than the result, or a plain number does not fit an integer array.
 */
export function arithmetic(name: ArithmeticName, a: Strided, b: Strided | number, out?: Strided): Strided {
  const dtype = resultType(name, a, b);
  const shape = typeof b === "number" ? a.shape : broadcastShapes(a.shape, b.shape, name);
  if (out !== undefined) {
    if (!sameShape(out.shape, shape)) {
      throw new ShapeError(
        `${name}: out must have the result's shape ${formatShape(shape)}, received ${formatShape(out.shape)}.`,
      );
    }
    if (out.dtype !== dtype) {
      throw new DataError(`${name}: out must have the result's dtype ${dtype}, received ${out.dtype}.`);
    }
  }
  const right = operandOf(b, a.dtype);
  const clash = out !== undefined && (mayClash(out, a) || mayClash(out, right));
  const target = out === undefined || clash ? zerosOf(dtype, [...shape]) : out;
  runInto(loops[name === "multiply" && dtype === "int32" ? "multiplyInt32" : name], target, a, right);
  if (clash) copyInto(out, target);
  return out ?? target;
}

/** Where a comparison holds, as bool. NaN equals nothing. */
export function comparison(name: ComparisonName, a: Strided, b: Strided | number): Strided<"bool"> {
  const shape = typeof b === "number" ? a.shape : broadcastShapes(a.shape, b.shape, name);
  const out = zerosOf("bool", [...shape]);
  runInto(loops[name], out, a, operandOf(b, a.dtype));
  return out;
}

/** Whether two arrays have the same shape and every pair of elements satisfies `same`. */
export function everyPair(a: Strided, b: Strided, same: (x: number, y: number) => boolean): boolean {
  if (!sameShape(a.shape, b.shape)) return false;
  let every = true;
  forEachRow(a.shape, [a, b], (n, starts, steps) => {
    for (let k = 0; every && k < n; k++) {
      every = same(a.storage[starts[0]! + k * steps[0]!]!, b.storage[starts[1]! + k * steps[1]!]!);
    }
  });
  return every;
}
