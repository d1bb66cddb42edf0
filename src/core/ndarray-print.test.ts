import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { leastTime } from "../../test/support/least-time.js";
import { arrayType, type DType, isFloat } from "./dtype.js";
import { arange, array, fromTyped, zeros } from "./ndarray-create.js";

interface Printed {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** null: 60,000 elements by the formula below. */
  readonly elements: readonly (number | string)[] | null;
  readonly str: string;
  readonly repr: string;
}

// What numpy 2.4 printed for these arrays.
const file = new URL("./ndarray-print.numpy.json", import.meta.url);
const printed = JSON.parse(readFileSync(file, "utf8")) as Printed[];

function elementsOf({ dtype, elements }: Printed): number[] {
  if (elements !== null) return elements.map(Number);
  const count = dtype === "uint8" ? 256 : dtype === "bool" ? 2 : 1009;
  return Array.from({ length: 60_000 }, (_, i) => (((i * 7919) % 1009) % count) / (isFloat(dtype) ? 64 : 1));
}

describe("printing", () => {
  it("has cases", () => {
    expect(printed.length).toBeGreaterThan(60);
  });

  it.each(printed.map((row, i) => [i, row.dtype, row.shape, row] as const))(
    "case %d: %s %j is as numpy's",
    (...row) => {
      const [, dtype, shape, expected] = row;
      const data = new arrayType[dtype](elementsOf(expected).length);
      data.set(elementsOf(expected));
      const made = fromTyped(data, shape, dtype);
      expect(String(made)).toBe(expected.str);
      expect(inspect(made)).toBe(expected.repr);
    },
  );

  it("prints views by their own elements", () => {
    const a = arange(0, 12, 1, "int32").reshape(3, 4);
    expect(String(a.transpose())).toBe("[[ 0  4  8]\n [ 1  5  9]\n [ 2  6 10]\n [ 3  7 11]]");
    expect(String(a.slice([null, null, -2], 1))).toBe("[9 1]");
    expect(
      String(
        array([
          [1, 2],
          [3, 4],
        ]),
      ),
    ).toBe("[[1. 2.]\n [3. 4.]]");
  });

  it("prints an array inside an object, as the console does", () => {
    expect(inspect({ labels: array([1, 2], { dtype: "uint8" }) })).toBe("{ labels: array([1, 2], dtype=uint8) }");
  });

  it("stays short for a large array, and does not take long", async () => {
    const large = zeros([60_000, 28, 28], "uint8");
    expect(String(large).length).toBeLessThan(3000);
    expect(await leastTime(100, () => String(large))).toBeLessThan(100);
  });
});
