/**
 * IDX, the format of the MNIST files: two zero bytes, a code for the element type, the number of dimensions, each
 * length as an unsigned 32-bit big-endian number, then the elements, big-endian, the last axis fastest. Not
 * decompression (gzip.ts), and not what the pictures and labels in a file have to look like (data/datasets/).
 *
 * Source: http://yann.lecun.com/exdb/mnist/ ("The IDX file format").
 */

import type { TypedArrayOf } from "../core/dtype.js";
import { FormatError, ShapeError } from "../core/errors.js";
import { formatShape, type Shape, sizeOf } from "../core/shape.js";

/** The element types an IDX array comes back with. */
export type IdxDType = "uint8" | "int32" | "float32" | "float64";

/** The contents of one IDX file: elements in row-major order. */
export type IdxArray = {
  [D in IdxDType]: { readonly dtype: D; readonly shape: number[]; readonly data: TypedArrayOf<D> };
}[IdxDType];

/** How the elements of one kind are read. */
export interface ElementType {
  readonly dtype: IdxDType;
  readonly bytes: number;
  readonly read: (view: DataView, offset: number) => number;
}

// int8 and int16 have no dtype here; int32 holds every value of theirs.
const elementTypes: ReadonlyMap<number, ElementType> = new Map([
  [0x08, { dtype: "uint8", bytes: 1, read: (view, offset) => view.getUint8(offset) }],
  [0x09, { dtype: "int32", bytes: 1, read: (view, offset) => view.getInt8(offset) }],
  [0x0b, { dtype: "int32", bytes: 2, read: (view, offset) => view.getInt16(offset) }],
  [0x0c, { dtype: "int32", bytes: 4, read: (view, offset) => view.getInt32(offset) }],
  [0x0d, { dtype: "float32", bytes: 4, read: (view, offset) => view.getFloat32(offset) }],
  [0x0e, { dtype: "float64", bytes: 8, read: (view, offset) => view.getFloat64(offset) }],
]);

/** The code each dtype is written with. */
const codes: { readonly [D in IdxDType]: number } = { uint8: 0x08, int32: 0x0c, float32: 0x0d, float64: 0x0e };

const MAX_ELEMENTS = 2 ** 31 - 1;

/** The longest header there can be: 4 bytes and 255 lengths. */
export const MAX_IDX_HEADER_BYTES = 4 + 4 * 255;

/** The header of an IDX file. */
export interface IdxHeader {
  readonly type: ElementType;
  readonly shape: number[];
  readonly headerBytes: number;
  readonly totalBytes: number;
}

/**
 * Reads the header alone, so that a size can be refused before anything is allocated for it. `bytes` may be the
 * beginning of the file, but at least its header.
 * @throws FormatError where it is not an IDX header, or claims more than 2^31 - 1 elements; `name` is the file.
 */
export function readIdxHeader(bytes: Uint8Array, name = "IDX data"): IdxHeader {
  if (bytes.length < 4) {
    throw new FormatError(
      `${name}: expected an IDX file, which is at least 4 bytes long, found ${bytes.length} bytes.`,
    );
  }
  const type = elementTypes.get(bytes[2]!);
  if (bytes[0] !== 0 || bytes[1] !== 0 || type === undefined || bytes[3] === 0) {
    throw new FormatError(
      `${name}: expected an IDX file, which begins with 00 00, an element type (08, 09, 0b, 0c, 0d or 0e) and a number of dimensions of at least 1; found ${describeStart(bytes)}.`,
    );
  }
  const rank = bytes[3]!;
  const headerBytes = 4 + 4 * rank;
  if (bytes.length < headerBytes) {
    throw new FormatError(
      `${name}: expected an IDX header of ${headerBytes} bytes for ${rank} dimension${rank === 1 ? "" : "s"}, found ${bytes.length} bytes: the file is cut short.`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  // Zeros are left out of the product, or [4294967295, 4294967295, 0] would pass as an empty array.
  if (sizeOf(shape.filter((length) => length > 0)) > MAX_ELEMENTS) {
    throw new FormatError(
      `${name}: expected at most ${MAX_ELEMENTS} elements, found the IDX shape ${formatShape(shape)}: the header is damaged.`,
    );
  }
  return { type, shape, headerBytes, totalBytes: headerBytes + sizeOf(shape) * type.bytes };
}

/**
 * Reads an IDX file. int8 and int16 come back as int32. A uint8 array is a view of `bytes`, not a copy.
 * @throws FormatError where `bytes` is not an IDX file, is cut short, has bytes left over, or claims more than
 * 2^31 - 1 elements; `name` is the file that the message names.
 * @example
 * parseIdx(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 5, 7));   // { dtype: "uint8", shape: [2], data: Uint8Array.of(5, 7) }
 */
export function parseIdx(bytes: Uint8Array, name = "IDX data"): IdxArray {
  const { type, shape, headerBytes, totalBytes } = readIdxHeader(bytes, name);
  if (bytes.length !== totalBytes) {
    const difference = bytes.length - totalBytes;
    const cause = difference < 0 ? "the file is cut short" : `${difference} too many`;
    throw new FormatError(
      `${name}: expected ${totalBytes} bytes for the IDX shape ${formatShape(shape)}, found ${bytes.length} bytes: ${cause}.`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = sizeOf(shape);
  const fill = <A extends Int32Array | Float32Array | Float64Array>(data: A): A => {
    for (let i = 0; i < size; i++) data[i] = type.read(view, headerBytes + i * type.bytes);
    return data;
  };
  switch (type.dtype) {
    case "uint8":
      return { dtype: "uint8", shape, data: new Uint8Array(bytes.buffer, bytes.byteOffset + headerBytes, size) };
    case "int32":
      return { dtype: "int32", shape, data: fill(new Int32Array(size)) };
    case "float32":
      return { dtype: "float32", shape, data: fill(new Float32Array(size)) };
    case "float64":
      return { dtype: "float64", shape, data: fill(new Float64Array(size)) };
  }
}

/**
 * Writes an IDX file.
 * @throws ShapeError where the shape has no dimension, more than 255, or does not hold `data.length` elements.
 * @example
 * writeIdx({ dtype: "uint8", shape: [2], data: Uint8Array.of(5, 7) });   // 00 00 08 01  00 00 00 02  05 07
 */
export function writeIdx(array: { dtype: IdxDType; shape: Shape; data: TypedArrayOf<IdxDType> }): Uint8Array {
  const { dtype, shape, data } = array;
  if (shape.length < 1 || shape.length > 255 || shape.some((length) => !(length >= 0 && length < 2 ** 32))) {
    throw new ShapeError(`writeIdx: expected 1 to 255 dimensions of 32 bits each, received ${formatShape(shape)}.`);
  }
  if (sizeOf(shape) !== data.length) {
    throw new ShapeError(
      `writeIdx: expected ${sizeOf(shape)} elements for the shape ${formatShape(shape)}, received ${data.length}.`,
    );
  }
  const header = 4 + 4 * shape.length;
  const bytes = new Uint8Array(header + data.byteLength);
  const view = new DataView(bytes.buffer);
  bytes.set([0, 0, codes[dtype], shape.length]);
  shape.forEach((length, axis) => {
    view.setUint32(4 + 4 * axis, length);
  });
  data.forEach((value, i) => {
    if (dtype === "uint8") view.setUint8(header + i, value);
    else if (dtype === "int32") view.setInt32(header + 4 * i, value);
    else if (dtype === "float32") view.setFloat32(header + 4 * i, value);
    else view.setFloat64(header + 8 * i, value);
  });
  return bytes;
}

/** The first bytes of a file as a message shows them; a file of another kind is easiest told by these. */
function describeStart(bytes: Uint8Array): string {
  const start = [...bytes.subarray(0, 4)];
  const hex = start.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return `${hex} (gzip: decompress it first)`;
  const printable = start.every((byte) => byte >= 0x20 && byte < 0x7f);
  return printable ? `${hex} (${JSON.stringify(String.fromCharCode(...start))})` : hex;
}
