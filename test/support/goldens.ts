/**
 * Reads a golden: what a real library computed, written to test/goldens/ by the programs in test/goldens/make/ (their
 * golden.py says in which form). Not the comparing: each test knows how near it has to come.
 */

import { readFileSync } from "node:fs";
import path from "node:path";
import { arrayType, bytesPerElement, type DType, dtypes, type TypedArrayOf } from "../../src/core/dtype.js";
import type { NDArray } from "../../src/core/ndarray.js";
import { fromTyped } from "../../src/core/ndarray-create.js";
import { sizeOf } from "../../src/core/shape.js";

/** Where the files lie. */
export const goldensFolder = path.join(import.meta.dirname, "..", "goldens");

/** Versions of the libraries that made a golden, by the name of their package. */
export interface Versions {
  readonly versions: Readonly<Record<string, string>>;
}

interface WrittenArray {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly data: string | readonly number[];
}

/**
 * The content of test/goldens/`name`.json, with every array in it as an NDArray. What `T` says is not checked: a golden
 * and its test are written together.
 * @throws Error where there is none of that name, with how to make it, or an array does not have the size of its shape.
 */
export function golden<T>(name: string): T & Versions {
  const file = path.join(goldensFolder, `${name}.json`);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new Error(`there is no test/goldens/${name}.json; npm run goldens makes it`, { cause: error });
  }
  return parseGolden(text) as T & Versions;
}

/** The value that a golden's text stands for. */
export function parseGolden(text: string): unknown {
  return JSON.parse(text, (key, value: unknown) => {
    if (isWrittenArray(value)) return readArray(key, value);
    return isWrittenNumber(value) ? Number(value.number) : value;
  });
}

function isWrittenArray(value: unknown): value is WrittenArray {
  if (typeof value !== "object" || value === null) return false;
  const { shape, dtype, data } = value as Partial<WrittenArray>;
  return Array.isArray(shape) && dtypes.includes(dtype as DType) && (typeof data === "string" || Array.isArray(data));
}

/** NaN and the infinities, for which JSON has no words. */
function isWrittenNumber(value: unknown): value is { readonly number: string } {
  if (typeof value !== "object" || value === null || Object.keys(value).length !== 1) return false;
  const { number } = value as { number?: unknown };
  return number === "NaN" || number === "Infinity" || number === "-Infinity";
}

function readArray(key: string, { shape, dtype, data }: WrittenArray): NDArray {
  const elements = typeof data === "string" ? fromBase64(data, dtype) : fromNumbers(data, dtype);
  if (elements.length !== sizeOf(shape)) {
    throw new Error(`golden: ${key} has shape [${shape.join(", ")}] but ${elements.length} elements`);
  }
  return fromTyped(elements, shape, dtype);
}

function fromNumbers(data: readonly number[], dtype: DType): TypedArrayOf<DType> {
  const elements: TypedArrayOf<DType> = new arrayType[dtype](data.length);
  data.forEach((element, i) => {
    elements[i] = element;
  });
  return elements;
}

function fromBase64(data: string, dtype: DType): TypedArrayOf<DType> {
  // A copy of its own: Buffer's pool aligns nothing. Typed arrays are little-endian wherever Node runs.
  const bytes = Uint8Array.from(Buffer.from(data, "base64"));
  return new arrayType[dtype](bytes.buffer, 0, bytes.length / bytesPerElement(dtype));
}
