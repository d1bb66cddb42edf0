/**
 * What an NDArray is underneath: a typed array seen through a shape, strides and an offset, and the walk over several of
 * them at once, row by row. Not the class and not the operations: those are ndarray*.ts.
 */

import { arrayType, type DType, type TypedArray, type TypedArrayOf } from "./dtype.js";
import { type Shape, sizeOf, stridesOf } from "./shape.js";

/** A typed array seen through a shape. Strides and offset count elements; a stride may be negative, or 0 to repeat. */
export interface Strided<D extends DType = DType> {
  readonly dtype: D;
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
  readonly storage: TypedArrayOf<D>;
}

/** A view of the whole of `storage` in row-major order. */
export function wholeOf<D extends DType>(dtype: D, storage: TypedArrayOf<D>, shape: Shape): Strided<D> {
  return { dtype, storage, shape, strides: stridesOf(shape), offset: 0 };
}

/** A new array of zeros. */
export function zerosOf<D extends DType>(dtype: D, shape: Shape): Strided<D> {
  return wholeOf(dtype, new arrayType[dtype](sizeOf(shape)), shape);
}

/** A number seen as an array of any shape. */
export function scalarOf(value: number): Strided<"float64"> {
  return wholeOf("float64", Float64Array.of(value), []);
}

/** Whether the elements lie one after the other in row-major order. */
export function isContiguous(view: Strided): boolean {
  if (view.shape.includes(0)) return true;
  let stride = 1;
  for (let axis = view.shape.length - 1; axis >= 0; axis--) {
    const length = view.shape[axis]!;
    if (length !== 1 && view.strides[axis] !== stride) return false;
    stride *= length;
  }
  return true;
}

/** The elements of a contiguous view, sharing memory; the storage itself where the view is the whole of it. */
export function contiguousData<D extends DType>(view: Strided<D>): TypedArrayOf<D> {
  const size = sizeOf(view.shape);
  if (view.offset === 0 && view.storage.length === size) return view.storage;
  return view.storage.subarray(view.offset, view.offset + size) as TypedArrayOf<D>;
}

/** The view repeated to a larger shape that it broadcasts to. */
export function broadcastTo<D extends DType>(view: Strided<D>, shape: Shape): Strided<D> {
  const lead = shape.length - view.shape.length;
  const strides = shape.map((length, axis) =>
    axis < lead || (view.shape[axis - lead] === 1 && length !== 1) ? 0 : view.strides[axis - lead]!,
  );
  return { ...pick(view), shape, strides };
}

/** The five fields of a view and nothing else, whatever class it is. */
export function pick<D extends DType>(view: Strided<D>): Strided<D> {
  const { dtype, shape, strides, offset, storage } = view;
  return { dtype, shape, strides, offset, storage };
}

type Walked = Pick<Strided, "strides" | "offset">;

/**
 * Walks several views of one shape at once, in row-major order: calls `visit` for each row with its length, the place
 * where it starts in each view's storage, and each view's step along it. Axes that every view crosses evenly are walked as one,
 * so that contiguous arrays are a single row. `starts` is overwritten between calls.
 */
export function forEachRow(
  shape: Shape,
  views: readonly Walked[],
  visit: (length: number, starts: readonly number[], steps: readonly number[]) => void,
): void {
  const lengths: number[] = [];
  const strides: number[][] = views.map(() => []);
  for (let axis = 0; axis < shape.length; axis++) {
    const length = shape[axis]!;
    if (length === 0) return;
    if (length === 1) continue;
    const last = lengths.length - 1;
    const even = last >= 0 && views.every((view, v) => strides[v]![last] === view.strides[axis]! * length);
    if (even) lengths[last]! *= length;
    else lengths.push(length);
    for (const [v, view] of views.entries()) strides[v]![even ? last : last + 1] = view.strides[axis]!;
  }
  const rowLength = lengths.pop() ?? 1;
  const steps = strides.map((own) => own[lengths.length] ?? 0);
  const starts = views.map((view) => view.offset);
  const at = lengths.map(() => 0);
  for (;;) {
    visit(rowLength, starts, steps);
    let axis = lengths.length - 1;
    for (; axis >= 0; axis--) {
      for (let v = 0; v < starts.length; v++) starts[v]! += strides[v]![axis]!;
      at[axis]! += 1;
      if (at[axis]! < lengths[axis]!) break;
      for (let v = 0; v < starts.length; v++) starts[v]! -= strides[v]![axis]! * lengths[axis]!;
      at[axis] = 0;
    }
    if (axis < 0) return;
  }
}

/** Whether every bit pattern of `from` may be stored in `to` without asking whether it is true or false. */
function storesAsIs(from: DType, to: DType): boolean {
  return to !== "bool" || from === "bool";
}

/**
 * Copies elements of one view into another of the same shape, converting as a typed array does: to an integer by
 * truncation toward zero and modulo 2^8 or 2^32 (NaN and the infinities give 0); to bool as "not zero".
 */
export function copyInto(target: Strided, source: Strided): void {
  const asIs = storesAsIs(source.dtype, target.dtype);
  if (asIs && isContiguous(target) && isContiguous(source)) {
    contiguousData(target).set(contiguousData(source));
    return;
  }
  const to: TypedArray = target.storage;
  const from: TypedArray = source.storage;
  forEachRow(target.shape, [target, source], (length, [t, s], [tStep, sStep]) => {
    copyRow(length, to, t!, tStep!, from, s!, sStep!, asIs);
  });
}

function copyRow(
  length: number,
  to: TypedArray,
  toStart: number,
  toStep: number,
  from: TypedArray,
  fromStart: number,
  fromStep: number,
  asIs: boolean,
): void {
  let t = toStart;
  let s = fromStart;
  if (asIs) {
    for (let i = 0; i < length; i++, t += toStep, s += fromStep) to[t] = from[s]!;
  } else {
    for (let i = 0; i < length; i++, t += toStep, s += fromStep) to[t] = from[s] === 0 ? 0 : 1;
  }
}

/** A contiguous copy with elements of type `dtype`. */
export function copyAs<D extends DType>(view: Strided, dtype: D): Strided<D> {
  const result = zerosOf(dtype, [...view.shape]);
  copyInto(result, view);
  return result;
}

/** Where two views may touch the same memory through different shapes, so that writing one could spoil the other. */
export function mayClash(a: Strided, b: Strided): boolean {
  if (a.storage.buffer !== b.storage.buffer) return false;
  const same =
    a.dtype === b.dtype &&
    a.storage.byteOffset + a.offset * a.storage.BYTES_PER_ELEMENT ===
      b.storage.byteOffset + b.offset * b.storage.BYTES_PER_ELEMENT &&
    a.shape.length === b.shape.length &&
    a.shape.every((length, axis) => length === b.shape[axis]) &&
    a.strides.every((stride, axis) => stride === b.strides[axis] || a.shape[axis] === 1);
  return !same;
}
