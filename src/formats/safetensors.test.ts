import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arrayType, type DType, dtypes } from "../core/dtype.js";
import { DataError, FormatError, OptionError, ShapeError } from "../core/errors.js";
import { readSafetensors, writeSafetensors } from "./safetensors.js";

/** A file with any header, to say what no writer would. */
function fileWith(header: unknown, dataBytes = 0): Uint8Array {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

const sample = {
  "dense/kernel": { dtype: "float32", shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
  a64: { dtype: "float64", shape: [], data: Float64Array.of(0.5) },
  count: { dtype: "int32", shape: [1], data: Int32Array.of(-7) },
  bytes: { dtype: "uint8", shape: [3], data: Uint8Array.of(0, 255, 7) },
  mask: { dtype: "bool", shape: [2], data: Uint8Array.of(1, 0) },
  empty: { dtype: "float32", shape: [0, 4], data: new Float32Array(0) },
} as const;

/** What the Python package safetensors 0.8.0 writes for the same tensors and the metadata { format: "fovea" }. */
const golden =
  '{"__metadata__":{"format":"fovea"},"a64":{"dtype":"F64","shape":[],"data_offsets":[0,8]},' +
  '"dense/kernel":{"dtype":"F32","shape":[2,3],"data_offsets":[8,32]},' +
  '"empty":{"dtype":"F32","shape":[0,4],"data_offsets":[32,32]},"count":{"dtype":"I32","shape":[1],"data_offsets":[32,36]},' +
  '"bytes":{"dtype":"U8","shape":[3],"data_offsets":[36,39]},"mask":{"dtype":"BOOL","shape":[2],"data_offsets":[39,41]}}       ';
const goldenData = "000000000000e03f0000803f0000004000004040000080400000a0400000c040f9ffffff00ff070100";

describe("writeSafetensors", () => {
  it("writes the bytes that the format's own writer writes", () => {
    const bytes = Buffer.from(writeSafetensors(sample, { format: "fovea" }));
    expect(bytes.readBigUInt64LE(0)).toBe(400n);
    expect(bytes.toString("utf8", 8, 408)).toBe(golden);
    expect(bytes.toString("hex", 408)).toBe(goldenData);
  });

  it("writes the same bytes whatever the order of the tensors, and names like numbers in order", () => {
    const one = (value: number) => ({ dtype: "float32", shape: [1], data: Float32Array.of(value) }) as const;
    const a = writeSafetensors({ "10": one(1), "9": one(2), b: one(3) });
    const b = writeSafetensors({ b: one(3), "9": one(2), "10": one(1) });
    expect(a).toEqual(b);
    expect([...readSafetensors(a).tensors.keys()]).toEqual(["10", "9", "b"]);
  });

  it("writes a view into a larger buffer, not the buffer", () => {
    const data = Float32Array.of(9, 1, 2, 9).subarray(1, 3);
    const { tensors } = readSafetensors(writeSafetensors({ x: { dtype: "float32", shape: [2], data } }));
    expect(tensors.get("x")!.data).toEqual(Float32Array.of(1, 2));
  });

  it("refuses what the format or the dtype cannot hold", () => {
    const data = Float32Array.of(1, 2);
    const write = (name: string, tensor: unknown, metadata?: unknown) => () =>
      writeSafetensors({ [name]: tensor } as never, metadata as never);
    const good = { dtype: "float32", shape: [2], data };
    expect(write("x", { ...good, shape: [3] })).toThrow(ShapeError);
    expect(write("x", { ...good, shape: [-1, -2] })).toThrow(ShapeError);
    expect(write("x", { ...good, dtype: "float64" })).toThrow(
      "float64 is held by Float64Array, received a Float32Array",
    );
    expect(write("x", { ...good, dtype: "int64" })).toThrow(DataError);
    expect(write("x", { dtype: "bool", shape: [1], data: Uint8Array.of(2) })).toThrow("expected 0 or 1 for bool");
    expect(write("__metadata__", good)).toThrow(OptionError);
    expect(write("\ud800", good)).toThrow(OptionError);
    expect(write("x", good, { a: 1 })).toThrow(OptionError);
  });
});

describe("readSafetensors", () => {
  it("gives back what was written, as copies", () => {
    const bytes = writeSafetensors(sample, { format: "fovea" });
    const { tensors, metadata } = readSafetensors(bytes);
    expect(Object.fromEntries(tensors)).toEqual(sample);
    expect(metadata).toEqual({ format: "fovea" });
    bytes.fill(0);
    expect(tensors.get("count")!.data).toEqual(Int32Array.of(-7));
  });

  it("gives back any tensors", () => {
    const tensor = fc
      .tuple(fc.constantFrom(...dtypes), fc.array(fc.nat(3), { maxLength: 3 }), fc.nat(200))
      .map(([dtype, shape, seed]: [DType, number[], number]) => {
        const size = shape.reduce((a, b) => a * b, 1);
        const values = Array.from({ length: size }, (_, i) => (dtype === "bool" ? (seed + i) % 2 : (seed + i) % 256));
        const data = new arrayType[dtype](size);
        data.set(values);
        return { dtype, shape, data };
      });
    const name = fc.string({ unit: "grapheme" }).filter((text) => text !== "__metadata__");
    const text = fc.dictionary(fc.string(), fc.string());
    fc.assert(
      fc.property(fc.dictionary(name, tensor), text, (given, metadata) => {
        const read = readSafetensors(writeSafetensors(given, metadata));
        expect(new Map(Object.entries(given))).toEqual(new Map([...read.tensors]));
        expect(Object.entries(read.metadata).sort()).toEqual(Object.entries(metadata).sort());
      }),
    );
  });

  it("reads a file of no tensors, a header without padding, and data that is not aligned", () => {
    expect(readSafetensors(fileWith({}))).toEqual({ tensors: new Map(), metadata: {} });
    const odd = fileWith({ x: { dtype: "F64", shape: [1], data_offsets: [0, 8] } }, 8);
    expect((odd.length - 8) % 8).not.toBe(0);
    expect(readSafetensors(odd).tensors.get("x")!.data).toEqual(Float64Array.of(0));
  });

  it("keeps a tensor named __proto__ as a tensor", () => {
    const file = fileWith('{"__proto__":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', 1);
    expect([...readSafetensors(file).tensors.keys()]).toEqual(["__proto__"]);
  });

  const f32 = (begin: number, end: number) => ({
    dtype: "F32",
    shape: [(end - begin) / 4],
    data_offsets: [begin, end],
  });
  const cases: [string, Uint8Array, string][] = [
    ["nothing", new Uint8Array(0), "found 0 bytes"],
    ["a header length of 2^63", Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 128, 123), "found a length of 9223372036854775808"],
    ["a header length of 100 MB and 1", Uint8Array.of(1, 225, 245, 5, 0, 0, 0, 0, 123), "at most 100000000 bytes"],
    ["a header longer than the file", Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0, 123, 125), "header of 9 bytes, found 2"],
    ["a header of no bytes", new Uint8Array(8), 'begins with "{"'],
    ["a header of spaces", fileWith("   {}"), 'begins with "{"'],
    ["a list as header", fileWith("[]"), 'begins with "{"'],
    ["broken JSON", fileWith("{,}"), "header of JSON in UTF-8"],
    ["two JSON values", fileWith("{}{}"), "header of JSON in UTF-8"],
    ["a byte order mark", fileWith("\ufeff{}"), 'begins with "{"'],
    ["bytes that are not UTF-8", Uint8Array.of(5, 0, 0, 0, 0, 0, 0, 0, 123, 34, 255, 34, 125), "UTF-8"],
    [
      "a name given twice",
      fileWith(
        '{"x":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"x":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}',
      ),
      "one twice",
    ],
    [
      "a field given twice",
      fileWith('{"x":{"dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0]}}'),
      "one twice",
    ],
    ["an escaped name given twice", fileWith('{"__metadata__":{"a":"1","\\u0061":"1"}}'), "one twice"],
    ["a dtype fovea has not", fileWith({ x: { dtype: "BF16", shape: [1], data_offsets: [0, 2] } }, 2), 'found "BF16"'],
    ["no dtype", fileWith({ x: { shape: [1], data_offsets: [0, 2] } }, 2), "found undefined"],
    ["a number as dtype", fileWith({ x: { dtype: 7, shape: [1], data_offsets: [0, 2] } }, 2), "found 7"],
    ["a field too many", fileWith({ x: { ...f32(0, 4), strides: [1] } }, 4), 'found "strides"'],
    ["a tensor that is text", fileWith({ x: "F32" }), 'found "F32"'],
    ["a tensor that is null", fileWith({ x: null }), "found null"],
    ["a negative length", fileWith({ x: { dtype: "U8", shape: [-1, -1], data_offsets: [0, 1] } }, 1), "shape of whole"],
    ["a length of 1.5", fileWith({ x: { dtype: "U8", shape: [1.5], data_offsets: [0, 1] } }, 1), "shape of whole"],
    ["a length of 2^53", fileWith({ x: { dtype: "U8", shape: [2 ** 53], data_offsets: [0, 1] } }, 1), "shape of whole"],
    ["a length of -0", fileWith('{"x":{"dtype":"U8","shape":[-0],"data_offsets":[0,0]}}'), "shape of whole"],
    ["a shape that is text", fileWith({ x: { dtype: "U8", shape: "11", data_offsets: [0, 1] } }, 1), "shape of whole"],
    [
      "a shape whose product overflows",
      fileWith({ x: { dtype: "F64", shape: new Array(99).fill(2 ** 52), data_offsets: [0, 8] } }, 8),
      "expected Infinity bytes",
    ],
    [
      "offsets of three numbers",
      fileWith({ x: { dtype: "U8", shape: [1], data_offsets: [0, 1, 2] } }, 1),
      "[begin, end]",
    ],
    ["offsets backwards", fileWith({ x: { dtype: "U8", shape: [1], data_offsets: [1, 0] } }, 1), "[begin, end]"],
    ["negative offsets", fileWith({ x: { dtype: "U8", shape: [1], data_offsets: [-1, 0] } }, 1), "[begin, end]"],
    [
      "offsets that do not fit the shape",
      fileWith({ x: { dtype: "F32", shape: [2], data_offsets: [0, 4] } }, 4),
      "expected 8 bytes for F32 of shape [2], found 4",
    ],
    ["an overlap", fileWith({ a: f32(0, 8), b: f32(4, 12) }, 12), 'tensor "b" overlaps'],
    ["two tensors on the same bytes", fileWith({ a: f32(0, 8), b: f32(0, 8) }, 8), "overlaps"],
    [
      "a gap",
      fileWith({ a: f32(0, 4), b: f32(8, 12) }, 12),
      "leaves a gap before it: expected it to begin at 4, found 8",
    ],
    ["a gap at the beginning", fileWith({ a: f32(4, 8) }, 8), "leaves a gap"],
    [
      "bytes after the last tensor",
      fileWith({ a: f32(0, 4) }, 5),
      "expected 4 bytes of tensors after the header, found 5: 1 too many",
    ],
    ["less data than promised", fileWith({ a: f32(0, 8) }, 7), "found 7: the file is cut short"],
    ["a terabyte that is not there", fileWith({ a: f32(0, 2 ** 40) }, 8), "cut short"],
    ["metadata that is not text", fileWith({ __metadata__: { a: 1 } }), '__metadata__ "a": expected text, found 1'],
    ["metadata that is a list", fileWith({ __metadata__: [] }), "object of texts"],
    ["objects within objects", fileWith(`{"x":${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}}`), "nested too deep"],
    ["lists within lists", fileWith(`{"x":${"[".repeat(200_000)}${"]".repeat(200_000)}}`), "expected dtype, shape"],
    [
      "lists within lists as shape",
      fileWith(`{"x":{"dtype":"U8","shape":${"[".repeat(99_999)}${"]".repeat(99_999)}}}`),
      "shape of whole",
    ],
    [
      "a bool of 2",
      (() => {
        const b = fileWith({ m: { dtype: "BOOL", shape: [2], data_offsets: [0, 2] } }, 2);
        b[b.length - 1] = 2;
        return b;
      })(),
      "found 2 at 1",
    ],
    [
      "half a character as name",
      fileWith('{"\\ud800":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}'),
      "not Unicode",
    ],
  ];
  it.each(cases)("refuses %s", (_, bytes, message) => {
    expect(() => readSafetensors(bytes, "weights.safetensors")).toThrow(FormatError);
    expect(() => readSafetensors(bytes, "weights.safetensors")).toThrow(message);
    expect(() => readSafetensors(bytes, "weights.safetensors")).toThrow(/^weights\.safetensors: /);
  });

  const file = writeSafetensors(sample, { format: "fovea" });

  it("refuses every file cut short", () => {
    for (let length = 0; length < file.length; length++) {
      expect(() => readSafetensors(file.subarray(0, length))).toThrow(FormatError);
    }
  });

  it("gives tensors no larger than the file or a FormatError, whatever the bytes", () => {
    const changed = fc
      .array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 })
      .map((edits) => {
        const bytes = file.slice();
        for (const [at, value] of edits) bytes[at] = value;
        return bytes;
      });
    const tensor = fc.record({
      dtype: fc.constantFrom("F32", "U8", "BOOL", "F16"),
      shape: fc.array(fc.oneof(fc.nat(3), fc.constant(2 ** 31)), { maxLength: 3 }),
      data_offsets: fc.tuple(fc.nat(8), fc.nat(8)),
    });
    const header = fc.dictionary(fc.string({ maxLength: 3 }), fc.oneof(tensor, fc.jsonValue()));
    const plausible = fc.tuple(header, fc.nat(16)).map(([value, length]) => fileWith(value, length));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 64 }), changed, plausible), (bytes) => {
        try {
          let total = 0;
          for (const { shape, data } of readSafetensors(bytes).tensors.values()) {
            expect(data.length).toBe(shape.reduce((a, b) => a * b, 1));
            total += data.byteLength;
          }
          expect(total).toBeLessThan(bytes.length);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
