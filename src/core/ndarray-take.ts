/** Picking along an axis by a list of indices, and laying arrays side by side: always copies, never views. */

import { type DType, promote } from "./dtype.js";
import { DataError, ShapeError } from "./errors.js";
import { normalizeIndex, sliceOf, withAxis } from "./ndarray-index.js";
import { formatReceived } from "./received.js";
import { formatShape, normalizeAxis, type Shape, sameShape } from "./shape.js";
import { contiguousData, copyAs, copyInto, isContiguous, type Strided, wholeOf, zerosOf } from "./strided.js";

/** Whole numbers that pick elements: an array, a typed array, or an integer NDArray of any shape. */
export type IndexList = readonly number[] | Int32Array | Uint8Array | Strided<DType>;

function indicesOf(indices: IndexList): { list: ArrayLike<number>; shape: Shape } {
  if (Array.isArray(indices) || ArrayBuffer.isView(indices)) {
    const list = indices as ArrayLike<number>;
    return { list, shape: [list.length] };
  }
  const view = indices as Strided;
  if (typeof view !== "object" || view === null || (view.dtype !== "int32" && view.dtype !== "uint8")) {
    throw new DataError(
      `take: indices must be whole numbers (int32 or uint8), received ${formatReceived(view?.dtype ?? view)}.`,
    );
  }
  return { list: contiguousData(copyAs(view, view.dtype)), shape: view.shape };
}

/** The elements or sub-arrays at `indices` along `axis`. @throws OptionError for an index outside the axis. */
export function takeFrom<D extends DType>(source: Strided<D>, indices: IndexList, axis: number): Strided<D> {
  const along = normalizeAxis(axis, source.shape.length, "take");
  const { list, shape } = indicesOf(indices);
  const length = source.shape[along]!;
  const out = zerosOf(source.dtype, source.shape.with(along, list.length));
  const whole = new Array<null>(along).fill(null);
  if (along === 0 && isContiguous(source)) {
    const from = contiguousData(source);
    const block = length === 0 ? 0 : from.length / length;
    for (let i = 0; i < list.length; i++) {
      const index = normalizeIndex(list[i]!, length, along, "take");
      if (block === 1) out.storage[i] = from[index]!;
      else out.storage.set(from.subarray(index * block, (index + 1) * block), i * block);
    }
  } else {
    for (let i = 0; i < list.length; i++) {
      copyInto(sliceOf(out, [...whole, i]), sliceOf(source, [...whole, list[i]!], "take"));
    }
  }
  return wholeOf(source.dtype, out.storage, source.shape.toSpliced(along, 1, ...shape));
}

/** Arrays one after the other along an axis. @throws ShapeError where another axis differs. */
export function joined(arrays: readonly Strided[], axis: number, what = "concatenate"): Strided {
  const [first] = arrays;
  if (first === undefined) throw new DataError(`${what}: at least one array is needed, received none.`);
  const along = normalizeAxis(axis, first.shape.length, what);
  let total = 0;
  for (const [i, { shape }] of arrays.entries()) {
    if (shape.length !== first.shape.length || shape.some((length, a) => a !== along && length !== first.shape[a])) {
      throw new ShapeError(
        `${what}: all axes but ${along} must agree; array 0 has shape ${formatShape(first.shape)}, array ${i} ${formatShape(shape)}.`,
      );
    }
    total += shape[along]!;
  }
  const dtype = arrays.map((array) => array.dtype).reduce(promote);
  const out = zerosOf(dtype, first.shape.with(along, total));
  let start = 0;
  for (const array of arrays) {
    const stop = start + array.shape[along]!;
    copyInto(sliceOf(out, [...new Array<null>(along).fill(null), [start, stop]]), array);
    start = stop;
  }
  return out;
}

/** Arrays of one shape side by side along a new axis. @throws ShapeError where the shapes differ. */
export function stacked(arrays: readonly Strided[], axis: number): Strided {
  for (const [i, { shape }] of arrays.entries()) {
    if (!sameShape(shape, arrays[0]!.shape)) {
      throw new ShapeError(
        `stack: all arrays must have one shape; array 0 has ${formatShape(arrays[0]!.shape)}, array ${i} ${formatShape(shape)}.`,
      );
    }
  }
  if (arrays.length === 0) throw new DataError("stack: at least one array is needed, received none.");
  const along = normalizeAxis(axis, arrays[0]!.shape.length + 1, "stack");
  return joined(
    arrays.map((array) => withAxis(array, along)),
    along,
    "stack",
  );
}
