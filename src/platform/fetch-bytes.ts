/**
 * Fetching the bytes behind a URL with a limit on their number. Not caching, and not what the bytes mean.
 */

import { FileError } from "../core/errors.js";

/**
 * The bytes behind a URL (http, https, data, blob; a relative one is relative to the page).
 * @param limit - the most bytes to accept; the transfer stops beyond.
 * @throws FileError where nothing answers, the answer is not a success, or it is longer than the limit.
 */
export async function fetchBytes(
  url: string | URL,
  { limit, signal }: { limit: number; signal?: AbortSignal },
): Promise<Uint8Array> {
  let response: Response;
  try {
    response = await fetch(url, signal === undefined ? {} : { signal });
  } catch (cause) {
    signal?.throwIfAborted();
    throw new FileError(`Cannot fetch ${shown(url)}: ${reason(cause)}.`, { cause });
  }
  if (!response.ok) {
    await response.body?.cancel();
    throw new FileError(
      `Cannot fetch ${shown(url)}: the server answered ${`${response.status} ${response.statusText}`.trim()}.`,
    );
  }
  const chunks: Uint8Array[] = [];
  let total = 0;
  const reader = response.body?.getReader();
  try {
    for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
      total += part.value.length;
      if (total > limit) break;
      chunks.push(part.value);
    }
  } catch (cause) {
    signal?.throwIfAborted();
    throw new FileError(`Cannot fetch ${shown(url)}: ${reason(cause)} after ${total} bytes.`, { cause });
  }
  if (total > limit) {
    await reader?.cancel();
    throw new FileError(`Cannot fetch ${shown(url)}: expected at most ${limit} bytes, the server sends more.`);
  }
  const bytes = new Uint8Array(total);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

/** A data URL can be megabytes long. */
function shown(url: string | URL): string {
  const text = String(url);
  return text.length > 200 ? `${text.slice(0, 197)}...` : text;
}

/** Node's fetch says "fetch failed" and keeps the reason in `cause`. */
function reason(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: { message?: string } };
  return cause?.message || message || "no answer";
}
