import { describe, expect, expectTypeOf, it } from "vitest";
import { leastTime } from "../../test/support/least-time.js";
import { DataError, type FoveaError, OptionError, ShapeError } from "./errors.js";
import { asNDArray, type NDArray } from "./ndarray.js";
import { arange, array, concatenate, eye, fromTyped, full, linspace, ones, stack, zeros } from "./ndarray-create.js";

const a = () => arange(0, 24, 1, "int32").reshape(2, 3, 4);

describe("making arrays", () => {
  it("from nested arrays", () => {
    expect(
      array([
        [1, 2, 3],
        [4, 5, 6],
      ]).shape,
    ).toEqual([2, 3]);
    expect(
      array([
        [1, 2, 3],
        [4, 5, 6],
      ]).dtype,
    ).toBe("float32");
    expect(array([true, false]).dtype).toBe("bool");
    expect(array(3).shape).toEqual([]);
    expect(array([]).shape).toEqual([0]);
    expect(array([[], []]).shape).toEqual([2, 0]);
    expect(array([1, 2, 3, 4], { shape: [2, -1] }).toArray()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(array([new Float32Array([1, 2]), [3, 4]]).toArray()).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it("refuses options that there are not, with the nearest name", () => {
    const make = array as unknown as (...values: unknown[]) => unknown;
    expect(() => make([1], { dtpye: "uint8" })).toThrow(
      new OptionError('array: unknown option "dtpye"; did you mean "dtype"?'),
    );
    expect(() => make([1], "uint8")).toThrow(
      new OptionError('array: write { dtype: "uint8" } for a dtype, received "uint8".'),
    );
    expect(() => make([1], [2, 2])).toThrow("array: options must be an object, received");
  });

  it("from and to JSON, as nested arrays", () => {
    const x = array([[1, 2.5], [3, 4]]); // biome-ignore format: as it reads
    expect(JSON.stringify({ x })).toBe('{"x":[[1,2.5],[3,4]]}');
    expect(array(JSON.parse(JSON.stringify(x)))).toEqual(x);
    expect(JSON.stringify(array(true))).toBe("1");
    expect(JSON.stringify(array([Number.NaN]))).toBe("[null]");
  });

  it("from typed arrays: array copies, fromTyped shares", () => {
    const data = new Int32Array([1, 2, 3, 4]);
    const copied = array(data, { shape: [2, 2] });
    const shared = fromTyped(data, [2, 2]);
    data[0] = 9;
    expect(copied.get(0, 0)).toBe(1);
    expect(shared.get(0, 0)).toBe(9);
    expect(shared.data).toBe(data);
    expect(array(new Uint16Array([1, 2]), { dtype: "int32" } as never).toArray()).toEqual([1, 2]);
    expect(fromTyped(Buffer.from([1, 2])).storage.constructor).toBe(Uint8Array);
    expect(fromTyped(new Uint8ClampedArray(2)).add(1).toArray()).toEqual([1, 1]);
  });

  it("filled, in ranges, and the identity", () => {
    expect(zeros([2, 2]).toArray()).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(ones(3, "uint8").toArray()).toEqual([1, 1, 1]);
    expect(full([2], 0.5, "float64").toArray()).toEqual([0.5, 0.5]);
    expect(arange(3).toArray()).toEqual([0, 1, 2]);
    expect(arange(3).dtype).toBe("int32");
    expect(arange(0, 1, 0.25).dtype).toBe("float32");
    expect(arange(0, 1, 0.25).toArray()).toEqual([0, 0.25, 0.5, 0.75]);
    expect(arange(5, 0, -2).toArray()).toEqual([5, 3, 1]);
    expect(arange(5, 0).toArray()).toEqual([]);
    expect(linspace(0, 1, 5).toArray()).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(linspace(0, 0.1, 4, "float64").get(3)).toBe(0.1);
    expect(linspace(2, 3, 1).toArray()).toEqual([2]);
    expect(eye(2, 3).toArray()).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ]);
  });

  it("has types that follow the dtype", () => {
    expectTypeOf(array([1])).toEqualTypeOf<NDArray<"float32">>();
    expectTypeOf(array([[1]], { dtype: "uint8" })).toEqualTypeOf<NDArray<"uint8">>();
    expectTypeOf(fromTyped(new Float64Array(1)).data).toEqualTypeOf<Float64Array>();
    expectTypeOf(array([1]).astype("float32").divide(255)).toEqualTypeOf<NDArray<"float32">>();
    expectTypeOf(array([1]).argmax(0)).toEqualTypeOf<NDArray<"int32">>();
    expectTypeOf(array([1]).mean()).toEqualTypeOf<number>();
    expectTypeOf(zeros([1])).toExtend<NDArray>();
  });
});

describe("views", () => {
  it("share memory, and data tells whether it copied", () => {
    const whole = a();
    expect(whole.data).toBe(whole.storage);
    const row = whole.slice(1);
    expect(row.data.buffer).toBe(whole.storage.buffer);
    expect([...row.data]).toEqual([12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]);
    const column = whole.slice(null, null, 0);
    expect(column.isContiguous).toBe(false);
    expect([...column.data]).toEqual([0, 4, 8, 12, 16, 20]);
    column.set([1, 2], 99);
    expect(whole.get(1, 2, 0)).toBe(99);
    whole.transpose().expandDims(0).squeeze().slice([null, null, -1]).set([0, 0, 0], -7);
    expect(whole.get(0, 0, 3)).toBe(-7);
    expect(whole.copy().data.buffer).not.toBe(whole.storage.buffer);
  });

  it("slice as numpy does", () => {
    const x = arange(10);
    expect(x.slice([2, 5]).toArray()).toEqual([2, 3, 4]);
    expect(x.slice([-3]).toArray()).toEqual([7, 8, 9]);
    expect(x.slice([null, -7]).toArray()).toEqual([0, 1, 2]);
    expect(x.slice([null, null, -3]).toArray()).toEqual([9, 6, 3, 0]);
    expect(x.slice([8, 2, -2]).toArray()).toEqual([8, 6, 4]);
    expect(x.slice([5, 100]).toArray()).toEqual([5, 6, 7, 8, 9]);
    expect(x.slice([100]).toArray()).toEqual([]);
    expect(x.slice([5, 2]).toArray()).toEqual([]);
    expect(x.slice(3).item()).toBe(3);
    expect(a().slice(1, [0, 2], -1).toArray()).toEqual([15, 19]);
    expect(a().slice().equals(a())).toBe(true);
  });

  it("at gives a sub-array or an element", () => {
    expect((a().at(-1) as NDArray).shape).toEqual([3, 4]);
    expect((a().at(1, 2) as NDArray).toArray()).toEqual([20, 21, 22, 23]);
    expect(a().at(1, 2, -1)).toBe(23);
    expect(arange(5).at(2)).toBe(2);
    expect([...arange(3)]).toEqual([0, 1, 2]);
    expect([...a()].map((part) => (part as NDArray).sum())).toEqual([66, 210]);
  });

  it("reshape keeps a view where it can", () => {
    const x = a();
    expect(x.reshape(-1, 4).storage).toBe(x.storage);
    expect(x.reshape([4, 6]).shape).toEqual([4, 6]);
    const t = x.transpose([0, 2, 1]);
    expect(t.reshape(2, 4, 3, 1).storage).toBe(x.storage);
    expect(t.reshape(2, 2, 2, 3).storage).toBe(x.storage);
    expect(t.reshape(8, 3).storage).not.toBe(x.storage);
    expect(t.reshape(2, 12).storage).not.toBe(x.storage);
    expect(t.reshape(2, 12).slice(0).toArray()).toEqual([0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]);
    expect(zeros([0, 3]).reshape(3, 0).shape).toEqual([3, 0]);
    expect(array([5]).reshape([]).item()).toBe(5);
  });

  it("expandDims and squeeze", () => {
    expect(a().expandDims(-1).shape).toEqual([2, 3, 4, 1]);
    expect(a().expandDims(0).shape).toEqual([1, 2, 3, 4]);
    expect(zeros([1, 3, 1]).squeeze().shape).toEqual([3]);
    expect(zeros([1, 3, 1]).squeeze(-1).shape).toEqual([1, 3]);
    expect(zeros([1, 3, 1]).squeeze([0, 2]).shape).toEqual([3]);
  });

  it("set broadcasts, and is safe where source and target overlap", () => {
    const x = a();
    x.set([null, 1], array([1, 2, 3, 4], { dtype: "uint8" }));
    expect(x.slice(1, 1).toArray()).toEqual([1, 2, 3, 4]);
    x.set([], 5);
    expect(x.min()).toBe(5);
    const y = arange(5);
    y.set([[1]], y.slice([0, -1]));
    expect(y.toArray()).toEqual([0, 0, 1, 2, 3]);
  });
});

describe("astype", () => {
  it("truncates toward zero, wraps, and makes bools", () => {
    expect(
      array([1.9, -1.9, 2 ** 31, Number.NaN])
        .astype("int32")
        .toArray(),
    ).toEqual([1, -1, -(2 ** 31), 0]);
    expect(array([255.9, 256, -1, Number.POSITIVE_INFINITY]).astype("uint8").toArray()).toEqual([255, 0, 255, 0]);
    expect(array([0, -0, 0.1, Number.NaN]).astype("bool").toArray()).toEqual([0, 0, 1, 1]);
    expect(array([true, false]).astype("float64").toArray()).toEqual([1, 0]);
    expect(
      array([
        [1, 2],
        [3, 4],
      ])
        .transpose()
        .astype("uint8")
        .toArray(),
    ).toEqual([
      [1, 3],
      [2, 4],
    ]);
  });
});

describe("arithmetic", () => {
  it("chooses the dtype as documented", () => {
    const u = array([1, 2], { dtype: "uint8" });
    const i = array([1, 2], { dtype: "int32" });
    const f = array([1, 2]);
    const d = array([1, 2], { dtype: "float64" });
    const b = array([true, false]);
    expect(u.add(1).dtype).toBe("uint8");
    expect(u.add(0.5).dtype).toBe("float32");
    expect(u.divide(1).dtype).toBe("float32");
    expect(i.divide(i).dtype).toBe("float32");
    expect(d.divide(2).dtype).toBe("float64");
    expect(f.add(1e-9).dtype).toBe("float32");
    expect(u.add(i).dtype).toBe("int32");
    expect(i.add(f).dtype).toBe("float32");
    expect(f.add(d).dtype).toBe("float64");
    expect(b.add(b).dtype).toBe("int32");
    expect(b.multiply(3).toArray()).toEqual([3, 0]);
  });

  it("wraps integers exactly", () => {
    expect(array([200], { dtype: "uint8" }).add(100).toArray()).toEqual([44]);
    expect(array([0], { dtype: "uint8" }).subtract(1).toArray()).toEqual([255]);
    const big = array([123456789], { dtype: "int32" });
    expect(big.multiply(987654321).item()).toBe(Number(BigInt.asIntN(32, 123456789n * 987654321n)));
    expect(big.multiply(big).item()).toBe(Number(BigInt.asIntN(32, 123456789n * 123456789n)));
  });

  it("follows the array's precision with a plain number", () => {
    expect(array([0.1]).equal(0.1).toArray()).toEqual([1]);
    expect(array([0.1], { dtype: "float64" }).equal(0.1).toArray()).toEqual([1]);
    expect(array([1]).divide(0).toArray()).toEqual([Number.POSITIVE_INFINITY]);
  });

  it("writes into out, which may be an operand seen otherwise", () => {
    const x = array([
      [1, 2],
      [3, 4],
    ]);
    const out = zeros([2, 2]);
    expect(x.multiply(2, { out })).toBe(out);
    expect(out.toArray()).toEqual([
      [2, 4],
      [6, 8],
    ]);
    x.add(x, { out: x });
    expect(x.toArray()).toEqual([
      [2, 4],
      [6, 8],
    ]);
    x.add(x.transpose(), { out: x });
    expect(x.toArray()).toEqual([
      [4, 10],
      [10, 16],
    ]);
  });

  it("takes anything with data and shape", () => {
    expect(
      array([1, 2])
        .add({ data: new Float32Array([10, 20]), shape: [2] })
        .toArray(),
    ).toEqual([11, 22]);
    expect(array([1, 2]).equals({ data: new Uint8Array([1, 2]), shape: [2] })).toBe(true);
  });

  it("compares", () => {
    const x = array([1, 2, Number.NaN]);
    expect(x.less(2).toArray()).toEqual([1, 0, 0]);
    expect(x.lessEqual(2).toArray()).toEqual([1, 1, 0]);
    expect(x.greater(1).toArray()).toEqual([0, 1, 0]);
    expect(x.greaterEqual(1).toArray()).toEqual([1, 1, 0]);
    expect(x.equal(x).toArray()).toEqual([1, 1, 0]);
    expect(x.notEqual(x).toArray()).toEqual([0, 0, 1]);
    expect(x.equal(x).dtype).toBe("bool");
    expect(x.equals(x)).toBe(false);
    expect(x.allClose(x)).toBe(false);
    expect(x.allClose(x, { equalNan: true })).toBe(true);
    expect(array([1]).allClose(array([1 + 1e-6]))).toBe(true);
    expect(array([1]).allClose(array([1.001]))).toBe(false);
    expect(array([Number.POSITIVE_INFINITY]).allClose(array([1]))).toBe(false);
    expect(array([1]).equals(array([1, 1]))).toBe(false);
  });
});

describe("speed", () => {
  it("scales 10,000 pictures as the notebook does, in far less than a second", async () => {
    const images = zeros([10_000, 28, 28], "uint8");
    images.set([], 51);
    const scale = () => images.expandDims(-1).astype("float32").divide(255);
    expect(await leastTime(500, scale)).toBeLessThan(500);
    const scaled = scale();
    expect(scaled.shape).toEqual([10_000, 28, 28, 1]);
    expect(scaled.get(9_999, 27, 27, 0)).toBe(Math.fround(0.2));
  });
});

describe("reductions", () => {
  it("without an axis give numbers, exactly for integers", () => {
    expect(full([1000], 2 ** 31 - 1, "int32").sum()).toBe(1000 * (2 ** 31 - 1));
    expect(full([1000], 255, "uint8").sum(0).item()).toBe(255_000);
    expect(a().mean()).toBe(11.5);
    expect(array([1, 2, 3, 4]).std()).toBeCloseTo(1.118033988749895, 14);
    expect(array([1, 2, 3, 4]).std(null, { ddof: 1 })).toBeCloseTo(1.2909944487358056, 14);
    expect(zeros([0]).sum()).toBe(0);
    expect(a().argmax()).toBe(23);
  });

  it("keep float32, and give float64 for sums of integers", () => {
    expect(ones([2, 2]).sum(0).dtype).toBe("float32");
    expect(a().sum(0).dtype).toBe("float64");
    expect(a().mean([0, 1]).toArray()).toEqual([10, 11, 12, 13]);
    expect(a().max(-1).dtype).toBe("int32");
    expect(array([true, true]).sum()).toBe(2);
    expect(a().sum([0, 2], { keepDims: true }).shape).toEqual([1, 3, 1]);
    expect(a().argmin(1, { keepDims: true }).shape).toEqual([2, 1, 4]);
  });

  it("let NaN through, as numpy does", () => {
    const x = array([3, Number.NaN, 5]);
    expect(x.min()).toBeNaN();
    expect(x.max()).toBeNaN();
    expect(x.argmax()).toBe(1);
    expect(x.argmin()).toBe(1);
    expect(array([2, 7, 7]).argmax()).toBe(1);
  });

  it("are accurate where float32 adding would not be", () => {
    expect(Math.abs(full([1_000_000], 0.1).mean() - 0.1)).toBeLessThan(1e-8);
    expect(full([1000], 1e8).std()).toBe(0);
  });
});

describe("taking and joining", () => {
  it("take", () => {
    expect(arange(5).take([4, 0, -1]).toArray()).toEqual([4, 0, 4]);
    expect(a().take([0], 1).shape).toEqual([2, 1, 4]);
    expect(a().take([23, 0]).toArray()).toEqual([23, 0]);
    expect(
      a().take(
        array(
          [
            [0, 1],
            [1, 0],
          ],
          { dtype: "int32" },
        ),
        2,
      ).shape,
    ).toEqual([2, 3, 2, 2]);
    expect(
      a()
        .take(Int32Array.of(1), 0)
        .equals(a().slice([1])),
    ).toBe(true);
    expect(a().take([]).shape).toEqual([0]);
  });

  it("concatenate and stack", () => {
    const x = array([[1, 2]]);
    expect(concatenate([x, x]).toArray()).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(concatenate([x, x.transpose().transpose()], -1).toArray()).toEqual([[1, 2, 1, 2]]);
    expect(concatenate([x, x.astype("int32")]).dtype).toBe("float32");
    expect(stack([x, x]).shape).toEqual([2, 1, 2]);
    expect(stack([x, x], -1).shape).toEqual([1, 2, 2]);
    expect(stack([array([1, 2]), array([3, 4])], 1).toArray()).toEqual([
      [1, 3],
      [2, 4],
    ]);
  });
});

describe("bad input throws typed errors", () => {
  const cases: readonly (readonly [string, () => unknown, new (message: string) => FoveaError, RegExp])[] = [
    ["uneven nesting", () => array([[1, 2], [3]]), ShapeError, /2 elements expected at \[1\].*received 1 elements/],
    ["a number among arrays", () => array([[1], 2] as never), ShapeError, /at \[1\].*received 2/],
    ["an array among numbers", () => array([1, [2]] as never), ShapeError, /a number expected at \[1\]/],
    ["a string", () => array(["1"] as never), DataError, /received "1"/],
    ["undefined", () => array(undefined as never), DataError, /received undefined/],
    ["256 in uint8", () => array([256], { dtype: "uint8" }), DataError, /0 to 255, received 256/],
    ["1.5 in int32", () => array([1.5], { dtype: "int32" }), DataError, /whole number.*astype/],
    ["1.5 in int32, typed", () => array(new Float32Array([1.5]), { dtype: "int32" }), DataError, /astype/],
    ["NaN filled into uint8", () => full([1], Number.NaN, "uint8"), DataError, /received NaN/],
    ["an unknown dtype", () => zeros([1], "float16" as never), OptionError, /dtype must be one of.*"float16"/],
    ["an unknown dtype to cast to", () => zeros([1]).astype("int64" as never), OptionError, /astype/],
    ["a negative shape", () => zeros([-1]), OptionError, /received \[-1\]/],
    ["too large a shape", () => zeros([2 ** 20, 2 ** 20]), ShapeError, /more than 2\^32/],
    ["arange with step 0", () => arange(0, 1, 0), OptionError, /step not 0/],
    ["arange beyond uint8", () => arange(0, 300, 1, "uint8"), DataError, /received 299/],
    ["a shape that does not fit", () => fromTyped(new Float32Array(5), [2, 3]), ShapeError, /5 elements.*\[2, 3\]/],
    ["an unknown typed array", () => fromTyped(new Int8Array(1) as never), DataError, /received an Int8Array/],
    ["a bool of 2", () => fromTyped(new Uint8Array([2]), [1], "bool"), DataError, /0 or 1/],
    [
      "a dtype of another width",
      () => fromTyped(new Uint8Array(4) as never, [1], "int32"),
      DataError,
      /does not match a Uint8Array/,
    ],
    [
      "no array at all",
      () => asNDArray([1, 2] as never, "fit: x"),
      DataError,
      /^fit: x: expected an NDArray or.*\[1, 2\]/,
    ],
    ["null", () => asNDArray(null as never, "x"), DataError, /received null/],
    [
      "a shape that is no list",
      () => asNDArray({ data: new Float32Array(1), shape: 1 } as never, "x"),
      DataError,
      /shape/,
    ],
    ["reshape to another size", () => a().reshape(5, -1), ShapeError, /24 elements do not fit shape \[5, -1\]/],
    ["reshape with two -1", () => a().reshape(-1, -1), OptionError, /one may be -1/],
    ["an index outside", () => a().get(0, 3, 0), OptionError, /index 3 is outside axis 1 of length 3; use .*-3 to 2/],
    ["an index that is not whole", () => a().at(0.5), OptionError, /index 0.5/],
    ["too many indices", () => a().slice(0, 0, 0, 0), ShapeError, /4 indices for an array of 3 dimensions/],
    ["too few indices", () => a().get(0), ShapeError, /3 indices expected.*received 1/],
    ["a step of 0", () => a().slice([0, 1, 0]), OptionError, /step must not be 0/],
    ["a range that is a string", () => a().slice("0:1" as never), OptionError, /slice: each index/],
    ["an axis outside", () => a().sum(3), ShapeError, /sum: axis 3/],
    ["an axis twice", () => a().sum([0, -3]), DataError, /twice/],
    ["transpose with an axis missing", () => a().transpose([0, 1]), ShapeError, /each of 3 dimensions once/],
    ["squeeze of a longer axis", () => a().squeeze(0), ShapeError, /length 2, not 1/],
    ["item of many", () => a().item(), ShapeError, /one element expected/],
    ["shapes that do not broadcast", () => a().add(zeros([5])), ShapeError, /add.*\[2, 3, 4\].*\[5\]/],
    ["out of another shape", () => a().add(1, { out: zeros([2], "int32") }), ShapeError, /out must have/],
    ["out of another dtype", () => a().add(1, { out: zeros([2, 3, 4]) }), DataError, /dtype int32, received float32/],
    ["a number that does not fit uint8", () => zeros([1], "uint8").add(300), DataError, /300 is no uint8 \(0 to 255\)/],
    ["set beyond uint8", () => zeros([1], "uint8").set([0], -1), DataError, /received -1/],
    ["set of floats in integers", () => a().set([], zeros([4])), DataError, /float32 elements do not fit int32/],
    ["set of a larger shape", () => a().set([0], zeros([2, 3, 4], "int32")), ShapeError, /does not broadcast/],
    ["max of nothing", () => zeros([0]).max(), DataError, /nothing to reduce/],
    ["mean along an empty axis", () => zeros([2, 0]).mean(1), DataError, /nothing to reduce/],
    ["argmax of nothing", () => zeros([0]).argmax(), DataError, /empty/],
    ["take outside", () => arange(3).take([3]), OptionError, /index 3/],
    ["take by floats", () => arange(3).take(array([0]) as never), DataError, /int32 or uint8/],
    ["concatenate nothing", () => concatenate([]), DataError, /at least one/],
    ["concatenate other shapes", () => concatenate([zeros([2, 3]), zeros([2, 4])]), ShapeError, /\[2, 3\].*\[2, 4\]/],
    ["stack of other shapes", () => stack([zeros([2]), zeros([3])]), ShapeError, /one shape/],
    ["stack of nothing", () => stack([]), DataError, /at least one/],
    ["iterating a scalar", () => [...array(1)], ShapeError, /item\(\)/],
  ];

  it.each(cases)("%s", (_name, act, kind, message) => {
    expect(act).toThrow(kind);
    expect(act).toThrow(message);
  });
});
