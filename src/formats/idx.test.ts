import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FormatError, ShapeError } from "../core/errors.js";
import { type IdxDType, parseIdx, readIdxHeader, writeIdx } from "./idx.js";

const labels = () => writeIdx({ dtype: "uint8", shape: [3], data: Uint8Array.of(5, 0, 4) });

/** A header followed by nothing. */
function header(type: number, ...lengths: number[]): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * lengths.length);
  bytes.set([0, 0, type, lengths.length]);
  const view = new DataView(bytes.buffer);
  lengths.forEach((length, axis) => {
    view.setUint32(4 + 4 * axis, length);
  });
  return bytes;
}

describe("parseIdx", () => {
  it("reads the bytes that the MNIST page describes", () => {
    const bytes = Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6);
    expect(parseIdx(bytes)).toEqual({ dtype: "uint8", shape: [2, 3], data: Uint8Array.of(1, 2, 3, 4, 5, 6) });
  });

  it("reads every element type big-endian, and int8 and int16 as int32", () => {
    expect(parseIdx(Uint8Array.of(0, 0, 9, 1, 0, 0, 0, 2, 0xff, 7))).toEqual({
      dtype: "int32",
      shape: [2],
      data: Int32Array.of(-1, 7),
    });
    expect(parseIdx(Uint8Array.of(0, 0, 0xb, 1, 0, 0, 0, 2, 0xff, 0xfe, 1, 0)).data).toEqual(Int32Array.of(-2, 256));
    expect(parseIdx(Uint8Array.of(0, 0, 0xc, 1, 0, 0, 0, 1, 1, 0, 0, 2)).data).toEqual(Int32Array.of(16777218));
    expect(parseIdx(Uint8Array.of(0, 0, 0xd, 1, 0, 0, 0, 1, 0x3f, 0x80, 0, 0)).data).toEqual(Float32Array.of(1));
    expect(parseIdx(Uint8Array.of(0, 0, 0xe, 1, 0, 0, 0, 1, 0xc0, 0, 0, 0, 0, 0, 0, 0)).data).toEqual(
      Float64Array.of(-2),
    );
  });

  it("reads from the middle of a buffer and shares uint8 memory with it", () => {
    const whole = new Uint8Array(64);
    whole.set(labels(), 5);
    const bytes = whole.subarray(5, 5 + labels().length);
    const { data } = parseIdx(bytes);
    expect([...data]).toEqual([5, 0, 4]);
    expect(data.buffer).toBe(whole.buffer);
  });

  it("gives back what writeIdx wrote, for every dtype", () => {
    const shape = fc.array(fc.nat(4), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        shape,
        fc.constantFrom<IdxDType>("uint8", "int32", "float32", "float64"),
        fc.nat(),
        (s, dtype, seed) => {
          const size = s.reduce((a, b) => a * b, 1);
          const values = Array.from({ length: size }, (_, i) => (seed + i * 31) % 256);
          const type = { uint8: Uint8Array, int32: Int32Array, float32: Float32Array, float64: Float64Array }[dtype];
          const data = type.from(values);
          expect(parseIdx(writeIdx({ dtype, shape: s, data }))).toEqual({ dtype, shape: s, data });
        },
      ),
    );
  });

  it("names the file, what it expected and what it found", () => {
    const cut = labels().subarray(0, 9);
    expect(() => parseIdx(cut, "train-labels")).toThrow(
      new FormatError("train-labels: expected 11 bytes for the IDX shape [3], found 9 bytes: the file is cut short."),
    );
    const long = new Uint8Array([...labels(), 1]);
    expect(() => parseIdx(long, "x")).toThrow(
      "x: expected 11 bytes for the IDX shape [3], found 12 bytes: 1 too many.",
    );
    expect(() => parseIdx(new TextEncoder().encode("<!DOCTYPE html>"), "x")).toThrow('found 3c 21 44 4f ("<!DO").');
    expect(() => parseIdx(Uint8Array.of(0x1f, 0x8b, 8, 0, 0), "x")).toThrow("gzip: decompress it first");
  });

  it.each([
    ["nothing", new Uint8Array(0), "found 0 bytes"],
    ["3 bytes", Uint8Array.of(0, 0, 8), "found 3 bytes"],
    ["an unknown element type", header(0x0a, 0), "found 00 00 0a 01"],
    ["no dimension", Uint8Array.of(0, 0, 8, 0, 1), "found 00 00 08 00"],
    ["a header cut short", header(8, 1, 1).subarray(0, 11), "header of 12 bytes for 2 dimensions, found 11 bytes"],
    ["more elements than can be", header(8, 65536, 65536), "at most 2147483647 elements"],
    ["lengths whose product overflows", header(14, ...new Array<number>(255).fill(2 ** 32 - 1)), "at most 2147483647"],
    ["absurd lengths beside a zero", header(8, 2 ** 32 - 1, 2 ** 32 - 1, 0), "at most 2147483647"],
    ["2 GiB that are not there", header(8, 2 ** 31 - 1), "cut short"],
  ])("refuses %s", (_, bytes, message) => {
    expect(() => parseIdx(bytes, "f")).toThrow(FormatError);
    expect(() => parseIdx(bytes, "f")).toThrow(message);
  });

  it("reads an empty array", () => {
    expect(parseIdx(header(8, 0, 28, 28))).toEqual({ dtype: "uint8", shape: [0, 28, 28], data: new Uint8Array(0) });
  });

  it("gives a consistent array or a FormatError for any bytes", () => {
    const start = fc
      .tuple(fc.constant([0, 0]), fc.constantFrom(8, 9, 11, 12, 13, 14), fc.nat(3))
      .map((parts) => parts.flat());
    const plausible = fc.tuple(start, fc.array(fc.constantFrom(0, 0, 0, 1, 2, 255), { maxLength: 40 }));
    const any = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      plausible.map((parts) => Uint8Array.from(parts.flat())),
    );
    fc.assert(fc.property(any, consistentOrFormatError), { numRuns: 2000 });
  });

  it("gives a consistent array or a FormatError for files cut short or with bytes changed", () => {
    const file = writeIdx({ dtype: "int32", shape: [2, 3], data: Int32Array.of(1, 2, 3, 4, 5, 6) });
    for (let length = 0; length < file.length; length++) {
      expect(() => parseIdx(file.subarray(0, length))).toThrow(FormatError);
    }
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = file.slice();
        changed[at]! ^= flip;
        consistentOrFormatError(changed);
      }),
      { numRuns: 2000 },
    );
  });
});

/** Memory is bounded because the data is never larger than four times the bytes that are there. */
function consistentOrFormatError(bytes: Uint8Array): void {
  try {
    const { shape, data } = parseIdx(bytes, "f");
    expect(data.length).toBe(shape.reduce((a, b) => a * b, 1));
    expect(data.byteLength).toBeLessThanOrEqual(4 * bytes.length);
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toMatch(/^f: /);
  }
}

describe("readIdxHeader", () => {
  it("says how long the whole file has to be from its beginning", () => {
    expect(readIdxHeader(header(12, 5, 2))).toMatchObject({ shape: [5, 2], headerBytes: 12, totalBytes: 52 });
  });
});

describe("writeIdx", () => {
  it("refuses shapes that do not fit", () => {
    const data = new Uint8Array(3);
    for (const shape of [[2], [], [-3], [Number.NaN], new Array<number>(256).fill(1)]) {
      expect(() => writeIdx({ dtype: "uint8", shape, data })).toThrow(ShapeError);
    }
  });
});
