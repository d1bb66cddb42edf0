/**
 * Element types, the typed arrays that hold them, and the promotion rules between them. Not the casts themselves:
 * those belong to whoever holds the data.
 */

/** The element types fovea computes with. `bool` is stored as one byte, 0 or 1. */
export type DType = "float32" | "float64" | "int32" | "uint8" | "bool";

/** Every dtype, in promotion order from the narrowest to the widest. */
export const dtypes: readonly DType[] = ["bool", "uint8", "int32", "float32", "float64"];

interface ArrayOf {
  float32: Float32Array;
  float64: Float64Array;
  int32: Int32Array;
  uint8: Uint8Array;
  bool: Uint8Array;
}

/** The typed array that holds elements of `D`. */
export type TypedArrayOf<D extends DType> = ArrayOf[D];

/** Any typed array fovea stores elements in. */
export type TypedArray = ArrayOf[DType];

/** The constructor of the typed array for each dtype. */
export const arrayType: {
  readonly [D in DType]: {
    new (length: number): TypedArrayOf<D>;
    new (buffer: ArrayBufferLike, byteOffset: number, length: number): TypedArrayOf<D>;
    readonly BYTES_PER_ELEMENT: number;
  };
} = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint8: Uint8Array,
  bool: Uint8Array,
};

/** The bytes one element takes. */
export function bytesPerElement(dtype: DType): number {
  return arrayType[dtype].BYTES_PER_ELEMENT;
}

/** Whether the dtype is a floating-point one. */
export function isFloat(dtype: DType): dtype is "float32" | "float64" {
  return dtype === "float32" || dtype === "float64";
}

/** The dtype that holds values of both: the wider of the two; int32 with float32 gives float32, as Keras does. */
export function promote(a: DType, b: DType): DType {
  return dtypes.indexOf(a) > dtypes.indexOf(b) ? a : b;
}
