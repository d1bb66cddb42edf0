/**
 * Bytes from wherever a caller has them: a path, a URL, or the bytes themselves. Not what they mean.
 */

import { custom, type RequiredCheck } from "../core/options.js";
import { fetchBytes } from "../platform/fetch-bytes.js";
import type { Platform } from "../platform/platform.js";

/** A path (not in a browser), a URL, or the bytes. */
export type ByteSource = string | URL | Uint8Array | ArrayBuffer;

/** Bytes and what a message calls them. */
export interface NamedBytes {
  readonly bytes: Uint8Array;
  readonly name: string;
}

/** The option check of a ByteSource. */
export function byteSource(): RequiredCheck<ByteSource> {
  return custom<ByteSource>(
    "a path, a URL or bytes (Uint8Array or ArrayBuffer)",
    (value) => {
      const accepted =
        (typeof value === "string" && value !== "") ||
        value instanceof URL ||
        value instanceof Uint8Array ||
        value instanceof ArrayBuffer;
      return accepted ? (value as ByteSource) : undefined;
    },
    { refuses: ["", 1, null, {}, ["path"], new Float32Array(1)] },
  );
}

/**
 * The bytes of a source, in memory that nobody else holds.
 * @param option - what a message calls bytes that have no name of their own.
 * @param limit - the most bytes to accept from a path or a URL.
 * @throws FileError where they cannot be had, or are more than the limit.
 */
export async function readSource(
  source: ByteSource,
  { platform, option, limit, signal }: { platform: Platform; option: string; limit: number; signal?: AbortSignal },
): Promise<NamedBytes> {
  if (source instanceof Uint8Array) return { bytes: source.slice(), name: option };
  if (source instanceof ArrayBuffer) return { bytes: new Uint8Array(source.slice(0)), name: option };
  const url = urlOf(source, platform.environment.isBrowser);
  if (url === undefined)
    return { bytes: await platform.files.readFile(String(source), { limit }), name: String(source) };
  const name = url.length > 200 ? option : url;
  const fromFile = url.startsWith("file:") && !platform.environment.isBrowser;
  const bytes = fromFile
    ? await platform.files.readFile(new URL(url), { limit })
    : await fetchBytes(url, { limit, ...(signal && { signal }) });
  return { bytes, name };
}

/** The source as a URL, or undefined for a path. In a page every text is a URL; elsewhere one with a known scheme. */
function urlOf(source: string | URL, isBrowser: boolean): string | undefined {
  const text = String(source);
  return isBrowser || source instanceof URL || /^(https?|file|data|blob):/i.test(text) ? text : undefined;
}
