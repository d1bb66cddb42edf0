import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FormatError } from "../core/errors.js";
import { gunzip, isGzip } from "./gzip.js";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe("gunzip", () => {
  it("gives back what was compressed, small and large", async () => {
    expect(text(await gunzip(gzipSync("hello"), { limit: 5 }))).toBe("hello");
    expect((await gunzip(gzipSync(""), { limit: 0 })).length).toBe(0);
    const large = randomBytes(300_000);
    expect(Buffer.compare(await gunzip(gzipSync(large), { limit: 300_000 }), large)).toBe(0);
  });

  it("stops a file that grows beyond the limit long before it is all there", async () => {
    const bomb = gzipSync(new Uint8Array(200 * 2 ** 20));
    expect(bomb.length).toBeLessThan(300_000);
    const before = process.memoryUsage().arrayBuffers;
    await expect(gunzip(bomb, { name: "bomb.gz", limit: 1000 })).rejects.toThrow(
      new FormatError("bomb.gz: expected 1000 bytes at most in this gzip file, found more."),
    );
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20 * 2 ** 20);
  });

  it("takes the limit from the beginning of what comes out, and lets it refuse", async () => {
    const heads: number[] = [];
    const of = (head: Uint8Array) => {
      heads.push(head.length);
      return head[0]!;
    };
    const bytes = await gunzip(gzipSync(Uint8Array.of(3, 1, 2)), { limit: { headBytes: 1000, of } });
    expect([...bytes]).toEqual([3, 1, 2]);
    expect(heads).toEqual([3]);
    await expect(gunzip(gzipSync(Uint8Array.of(2, 1, 2)), { limit: { headBytes: 1, of } })).rejects.toThrow(
      FormatError,
    );
    const refusing = () => {
      throw new RangeError("not this one");
    };
    await expect(gunzip(gzipSync("x"), { limit: { headBytes: 1, of: refusing } })).rejects.toThrow("not this one");
  });

  it("gives the right bytes or a FormatError for files cut short or with bytes changed", async () => {
    const contents = "the same line again and again\n".repeat(20);
    const file = new Uint8Array(gzipSync(contents));
    for (let length = 0; length < file.length; length++) {
      await expect(gunzip(file.subarray(0, length), { name: "cut.gz", limit: 10_000 })).rejects.toThrow(FormatError);
    }
    await fc.assert(
      fc.asyncProperty(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = file.slice();
        changed[at]! ^= flip;
        try {
          // What changes in the header (time, operating system) leaves the contents as they are.
          expect(text(await gunzip(changed, { limit: 10_000 }))).toBe(contents);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("knows a gzip file by its first bytes", () => {
    expect(isGzip(gzipSync(""))).toBe(true);
    expect(isGzip(Uint8Array.of(0x1f))).toBe(false);
    expect(isGzip(Uint8Array.of(0, 0, 8, 3))).toBe(false);
  });
});
