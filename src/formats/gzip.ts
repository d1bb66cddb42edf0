/**
 * Reading gzip, with the decompressor that Node and browsers bring. Not zip or tar, and no compression.
 */

import { FormatError } from "../core/errors.js";

/** Whether the bytes begin as a gzip file does (RFC 1952, section 2.3.1). */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Decompresses a gzip file whose size is not to be trusted: what it may become is limited, and it stops there.
 * @param limit - the most bytes that may come out: a number, or a function that reads it from the beginning of what
 * has come out (called once, when `headBytes` or everything is there; it may throw to refuse).
 * @throws FormatError where `bytes` is no gzip file, is cut short or damaged, or holds more than the limit; `name` is
 * the file that the message names.
 */
export async function gunzip(
  bytes: Uint8Array,
  options: { name?: string; limit: number | { headBytes: number; of: (head: Uint8Array) => number } },
): Promise<Uint8Array> {
  const { name = "gzip data", limit } = options;
  const stream = new DecompressionStream("gzip");
  const writer = stream.writable.getWriter();
  // The reader reports what goes wrong; unhandled, these promises would end the process with the same error again.
  writer.write(bytes as Uint8Array<ArrayBuffer>).catch(() => {});
  writer.close().catch(() => {});
  const reader = stream.readable.getReader();
  const chunks: Uint8Array[] = [];
  let total = 0;
  let most = typeof limit === "number" ? limit : undefined;
  for (;;) {
    let chunk: Uint8Array | undefined;
    try {
      chunk = (await reader.read()).value;
    } catch (cause) {
      throw new FormatError(`${name}: expected a gzip file, found one that is cut short or damaged.`, { cause });
    }
    try {
      if (chunk !== undefined) {
        chunks.push(chunk);
        total += chunk.length;
      }
      if (typeof limit !== "number" && most === undefined && (total >= limit.headBytes || chunk === undefined)) {
        most = limit.of(joined(chunks, total));
      }
      if (most !== undefined && total > most) {
        throw new FormatError(`${name}: expected ${most} bytes at most in this gzip file, found more.`);
      }
    } catch (error) {
      await reader.cancel().catch(() => {});
      throw error;
    }
    if (chunk === undefined) return joined(chunks, total);
  }
}

function joined(chunks: readonly Uint8Array[], total: number): Uint8Array {
  const bytes = new Uint8Array(total);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
