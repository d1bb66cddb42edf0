/**
 * Safetensors: named tensors in one file that can be read without running anything from it. 8 bytes with the length
 * of the header (little-endian), the header as JSON, padded with spaces to a multiple of 8, then the elements of all
 * tensors without a gap, little-endian, row-major. Not which tensors a model wants: that is models/.
 *
 * Source: https://github.com/huggingface/safetensors (README, "Format"); tensors are laid out in the order its own
 * writer uses, so that equal tensors give equal files. Typed arrays are taken to be little-endian, as WebAssembly is.
 */

import { arrayType, bytesPerElement, type DType, type TypedArray, type TypedArrayOf } from "../core/dtype.js";
import { DataError, FormatError, OptionError, ShapeError } from "../core/errors.js";
import { formatReceived } from "../core/received.js";
import { formatShape, type Shape, sizeOf } from "../core/shape.js";

/** One tensor of a file: elements in row-major order. */
export type SafeTensor = {
  [D in DType]: { readonly dtype: D; readonly shape: number[]; readonly data: TypedArrayOf<D> };
}[DType];

/** What a file holds: tensors by name, in the order of their bytes, and free text. */
export interface SafeTensors {
  readonly tensors: Map<string, SafeTensor>;
  readonly metadata: Record<string, string>;
}

/** Dtypes as the header names them, in the order in which tensors are laid out: the most strictly aligned first. */
const dtypeNames: { readonly [D in DType]: string } = {
  float64: "F64",
  float32: "F32",
  int32: "I32",
  uint8: "U8",
  bool: "BOOL",
};

const layoutOrder = Object.keys(dtypeNames) as DType[];
const dtypeOf: ReadonlyMap<string, DType> = new Map(layoutOrder.map((dtype) => [dtypeNames[dtype], dtype]));

const METADATA = "__metadata__";
const MAX_HEADER_BYTES = 100_000_000;
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Writes tensors to the bytes of one file. The same tensors and metadata give the same bytes.
 * @param metadata - free text to keep with them.
 * @throws ShapeError where the data does not have as many elements as the shape; DataError where it is another typed
 * array than the dtype's, or a bool other than 0 and 1; OptionError for a name the format does not allow.
 * @example
 * const bytes = writeSafetensors({ bias: { dtype: "float32", shape: [2], data: Float32Array.of(1, 2) } });
 * readSafetensors(bytes).tensors.get("bias")!.data;   // Float32Array [1, 2]
 */
export function writeSafetensors(
  tensors: Readonly<Record<string, { dtype: DType; shape: Shape; data: TypedArray }>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const entries = Object.entries(tensors);
  for (const [name, tensor] of entries) checkTensor(name, tensor);
  entries.sort(
    ([a, x], [b, y]) => layoutOrder.indexOf(x.dtype) - layoutOrder.indexOf(y.dtype) || (a < b ? -1 : a > b ? 1 : 0),
  );
  const fields: [string, unknown][] = [];
  if (Object.keys(metadata).length > 0) fields.push([METADATA, checkedMetadata(metadata)]);
  let length = 0;
  for (const [name, { dtype, shape, data }] of entries) {
    fields.push([name, { dtype: dtypeNames[dtype], shape, data_offsets: [length, length + data.byteLength] }]);
    length += data.byteLength;
  }
  // Joined by hand: an object would move names like "0" to the front.
  const json = `{${fields.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(",")}}`;
  const header = new TextEncoder().encode(json);
  const headerBytes = Math.ceil(header.length / 8) * 8;
  if (headerBytes > MAX_HEADER_BYTES) {
    throw new DataError(
      `writeSafetensors: expected names, shapes and metadata of at most ${MAX_HEADER_BYTES} bytes, received ${headerBytes}.`,
    );
  }
  const bytes = new Uint8Array(8 + headerBytes + length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.set(header, 8);
  bytes.fill(0x20, 8 + header.length, 8 + headerBytes);
  let offset = 8 + headerBytes;
  for (const [, { data }] of entries) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return bytes;
}

function checkTensor(name: string, { dtype, shape, data }: { dtype: DType; shape: Shape; data: TypedArray }): void {
  const what = `writeSafetensors: tensor ${formatReceived(name)}`;
  if (name === METADATA || LONE_SURROGATE.test(name)) {
    throw new OptionError(`${what}: a name is any Unicode text but ${METADATA}; rename the tensor.`);
  }
  if (!Object.hasOwn(dtypeNames, dtype)) {
    throw new DataError(`${what}: expected a dtype of ${layoutOrder.join(", ")}, received ${String(dtype)}.`);
  }
  if (!(data instanceof arrayType[dtype])) {
    throw new DataError(`${what}: ${dtype} is held by ${arrayType[dtype].name}, received ${formatReceived(data)}.`);
  }
  if (!shape.every(isLength) || sizeOf(shape) !== data.length) {
    throw new ShapeError(`${what}: shape ${formatShape(shape)} does not fit data of ${data.length} elements.`);
  }
  const wrong = dtype === "bool" ? data.findIndex((value) => value > 1) : -1;
  if (wrong >= 0) throw new DataError(`${what}: expected 0 or 1 for bool, received ${data[wrong]} at ${wrong}.`);
}

function checkedMetadata(metadata: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value !== "string" || LONE_SURROGATE.test(key) || LONE_SURROGATE.test(value)) {
      throw new OptionError(
        `writeSafetensors: metadata is Unicode text under Unicode names, received ${formatReceived(value)} for ${formatReceived(key)}.`,
      );
    }
  }
  return metadata;
}

/**
 * Reads the bytes of a file. Tensors are copies; memory is bounded by the length of `bytes`.
 * @throws FormatError for anything that is not a whole, well-formed file: a header that is cut short, too long or not
 * JSON, a tensor of a dtype fovea has not (it is named), sizes that contradict each other, tensors that overlap,
 * leave a gap or reach beyond the end, names given twice; `name` is the file that the message names.
 */
export function readSafetensors(bytes: Uint8Array, name = "safetensors data"): SafeTensors {
  const fail = (message: string, cause?: unknown) =>
    new FormatError(`${name}: ${message}`, cause === undefined ? undefined : { cause });
  const { header, dataStart } = readHeader(bytes, fail);
  const available = bytes.length - dataStart;
  const entries: { tensor: string; dtype: DType; shape: number[]; begin: number; end: number }[] = [];
  for (const [tensor, value] of Object.entries(header)) {
    if (tensor !== METADATA) entries.push({ tensor, ...readEntry(tensor, value, fail) });
  }
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  for (const entry of entries) {
    if (entry.begin !== end) {
      const what = entry.begin < end ? "overlaps the tensor before it" : "leaves a gap before it";
      throw fail(
        `tensor ${formatReceived(entry.tensor)} ${what}: expected it to begin at ${end}, found ${entry.begin}.`,
      );
    }
    end = entry.end;
  }
  if (end !== available) {
    const cause = available < end ? "the file is cut short" : `${available - end} too many`;
    throw fail(`expected ${end} bytes of tensors after the header, found ${available}: ${cause}.`);
  }
  // Only now, with every size checked against the bytes that are there, is anything allocated.
  const tensors = new Map<string, SafeTensor>();
  for (const { tensor, dtype, shape, begin, end } of entries) {
    const copy = bytes.slice(dataStart + begin, dataStart + end);
    const data = new arrayType[dtype](copy.buffer, copy.byteOffset, sizeOf(shape));
    const wrong = dtype === "bool" ? copy.findIndex((value) => value > 1) : -1;
    if (wrong >= 0)
      throw fail(`tensor ${formatReceived(tensor)}: expected 0 or 1 in BOOL, found ${copy[wrong]} at ${wrong}.`);
    tensors.set(tensor, { dtype, shape, data } as SafeTensor);
  }
  return { tensors, metadata: readMetadata(header[METADATA], fail) };
}

type Fail = (message: string, cause?: unknown) => FormatError;

function readHeader(bytes: Uint8Array, fail: Fail): { header: Record<string, unknown>; dataStart: number } {
  if (bytes.length < 8) {
    throw fail(
      `expected a safetensors file, which begins with the 8-byte length of its header; found ${bytes.length} bytes.`,
    );
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (length > MAX_HEADER_BYTES) {
    throw fail(
      `expected a header of at most ${MAX_HEADER_BYTES} bytes, found a length of ${length}: not a safetensors file, or damaged.`,
    );
  }
  const dataStart = 8 + Number(length);
  if (dataStart > bytes.length) {
    throw fail(`expected a header of ${length} bytes, found ${bytes.length - 8}: the file is cut short.`);
  }
  if (bytes[8] !== 0x7b || length === 0n) throw fail(`expected a header that begins with "{": not a safetensors file.`);
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(8, dataStart));
    header = JSON.parse(text);
  } catch (cause) {
    throw fail(`expected a header of JSON in UTF-8, found none (${(cause as Error).message}).`, cause);
  }
  if (!isObject(header)) throw fail(`expected a JSON object as header, found ${formatReceived(header)}.`);
  // JSON.parse keeps the last of two equal keys in silence, so the keys of the text are counted against its result.
  let keys = 0;
  for (const value of Object.values(header)) keys += 1 + (isObject(value) ? Object.keys(value).length : 0);
  if (countKeys(text) !== keys)
    throw fail("expected every key of the header once, found one twice, or nested too deep.");
  return { header, dataStart };
}

/** The number of keys in a valid JSON text: the colons outside of strings. */
function countKeys(json: string): number {
  let count = 0;
  let inString = false;
  for (let i = 0; i < json.length; i++) {
    const code = json.charCodeAt(i);
    if (code === 0x22) inString = !inString;
    else if (inString && code === 0x5c) i++;
    else if (!inString && code === 0x3a) count++;
  }
  return count;
}

function readEntry(tensor: string, value: unknown, fail: Fail) {
  const what = `tensor ${formatReceived(tensor)}`;
  if (LONE_SURROGATE.test(tensor)) throw fail(`${what}: the name is not Unicode text.`);
  if (!isObject(value)) throw fail(`${what}: expected dtype, shape and data_offsets, found ${formatReceived(value)}.`);
  const unknown = Object.keys(value).find((key) => key !== "dtype" && key !== "shape" && key !== "data_offsets");
  if (unknown !== undefined) {
    throw fail(`${what}: expected dtype, shape and data_offsets alone, found ${formatReceived(unknown)}.`);
  }
  const { dtype: dtypeName, shape, data_offsets: offsets } = value;
  const dtype = typeof dtypeName === "string" ? dtypeOf.get(dtypeName) : undefined;
  if (dtype === undefined) {
    throw fail(`${what}: expected a dtype of ${[...dtypeOf.keys()].join(", ")}, found ${formatReceived(dtypeName)}.`);
  }
  if (!Array.isArray(shape) || !shape.every(isLength)) {
    throw fail(`${what}: expected a shape of whole numbers, found ${formatReceived(shape)}.`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isLength) || offsets[0]! > offsets[1]!) {
    throw fail(`${what}: expected data_offsets of [begin, end], found ${formatReceived(offsets)}.`);
  }
  const [begin, end] = offsets as [number, number];
  const expected = sizeOf(shape) * bytesPerElement(dtype);
  if (expected !== end - begin) {
    throw fail(
      `${what}: expected ${expected} bytes for ${dtypeName} of shape ${formatReceived(shape)}, found ${end - begin} in its data_offsets.`,
    );
  }
  return { dtype, shape: shape as number[], begin, end };
}

function readMetadata(value: unknown, fail: Fail): Record<string, string> {
  if (value === undefined) return {};
  if (!isObject(value)) throw fail(`expected an object of texts as ${METADATA}, found ${formatReceived(value)}.`);
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== "string")
      throw fail(`${METADATA} ${formatReceived(key)}: expected text, found ${formatReceived(text)}.`);
  }
  return value as Record<string, string>;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isLength(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && !Object.is(value, -0);
}
