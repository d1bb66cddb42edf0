/** The goldens as files: what Python wrote is what is read here, made with the pinned versions, and small. */

import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { NDArray } from "../src/core/ndarray.js";
import { golden, goldensFolder, parseGolden, type Versions } from "./support/goldens.js";

const root = path.join(goldensFolder, "..", "..");
const names = readdirSync(goldensFolder)
  .filter((file) => file.endsWith(".json"))
  .map((file) => path.basename(file, ".json"));

describe("the form", () => {
  type ByDtype = Record<"float32" | "float64" | "int32" | "uint8" | "bool", NDArray>;
  const format = golden<{
    few: ByDtype;
    many: ByDtype;
    int64: NDArray;
    strided: NDArray;
    scalar: NDArray;
    empty: NDArray;
    tenths: { float32: NDArray; float64: NDArray };
    notFinite: NDArray;
    numbers: number[];
    others: object;
  }>("format");
  const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

  it.each(["float32", "float64", "int32", "uint8"] as const)("%s, as numbers and as bytes", (dtype) => {
    for (const [array, shape] of [
      [format.few[dtype], [2, 3]],
      [format.many[dtype], [2, 4, 5]],
    ] as const) {
      expect(array.dtype).toBe(dtype);
      expect(array.shape).toEqual(shape);
      expect([...array.data]).toEqual(upTo(array.size));
    }
  });

  it("bool, and int64 as int32", () => {
    expect(format.few.bool.dtype).toBe("bool");
    expect([...format.few.bool.data]).toEqual([0, 0, 0, 1, 1, 1]);
    expect([...format.many.bool.data]).toEqual(upTo(40).map((i) => i % 2));
    expect(format.int64.dtype).toBe("int32");
    expect([...format.int64.data]).toEqual(upTo(40));
  });

  it("a view in its own order, a scalar, nothing", () => {
    expect(format.strided.shape).toEqual([3, 2, 4]);
    expect([...format.strided.data]).toEqual([0, 2, 4].flatMap((last) => upTo(8).map((row) => row * 5 + last)));
    expect(format.scalar.shape).toEqual([]);
    expect(format.scalar.item()).toBe(0.1);
    expect(format.empty.shape).toEqual([0, 3]);
  });

  it("numbers to the last bit", () => {
    expect([...format.tenths.float32.data]).toEqual([0.1, -0.3, 1e-45, 3.4028235e38].map(Math.fround));
    expect([...format.tenths.float64.data]).toEqual([0.1, 5e-324]);
    expect([...format.notFinite.data]).toEqual([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0]);
    expect(format.numbers).toEqual([0.1, 1e300, 7, -3, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    expect(format.others).toEqual({ text: "é😀", none: null, yes: true, no: false, list: [[], {}] });
  });

  it("an array of another size than its shape's, and a golden that is not there, are refused", () => {
    expect(() => parseGolden('{"x": {"shape": [2, 2], "dtype": "float32", "data": [1, 2, 3]}}')).toThrow(
      "x has shape [2, 2] but 3 elements",
    );
    expect(() => parseGolden('{"x": {"shape": [1], "dtype": "float64", "data": "AAAA"}}')).toThrow();
    expect(() => golden("nothing")).toThrow("there is no test/goldens/nothing.json; npm run goldens makes it");
  });
});

describe("the files", () => {
  const pins = new Map(
    readFileSync(path.join(goldensFolder, "make", "requirements.txt"), "utf8")
      .split("\n")
      .flatMap((line) => {
        const [, name, version] = /^([\w-]+)==([\d.]+)/.exec(line) ?? [];
        return name === undefined ? [] : [[name, version] as const];
      }),
  );

  it.each(names)("%s was made with the pinned versions", (name) => {
    const { versions } = golden<Versions>(name);
    expect(versions.numpy).toBe(pins.get("numpy"));
    for (const [library, version] of Object.entries(versions))
      expect([library, version]).toEqual([library, pins.get(library)]);
  });

  it("are under 10 MB in all", () => {
    const bytes = names.reduce((sum, name) => sum + statSync(path.join(goldensFolder, `${name}.json`)).size, 0);
    expect(bytes).toBeLessThan(10_000_000);
  });
});

describe("npm run goldens", () => {
  const run = (args: readonly string[], cwd = root, env: NodeJS.ProcessEnv = process.env) =>
    spawnSync(process.execPath, [path.join("scripts", "goldens.mjs"), ...args], { cwd, encoding: "utf8", env });

  it("names the programs there are where one is not", () => {
    const { status, stderr } = run(["lozzes"]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^goldens: "lozzes" is not one of .*\bformat\b/);
  });

  it("says what is missing where there is no Python", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "fovea-goldens-"));
    try {
      for (const script of ["goldens", "python", "exit", "stamp"]) {
        cpSync(path.join(root, "scripts", `${script}.mjs`), path.join(folder, "scripts", `${script}.mjs`));
      }
      cpSync(path.join(goldensFolder, "make"), path.join(folder, "test", "goldens", "make"), { recursive: true });
      const { status, stdout, stderr } = run(["format"], folder, { ...process.env, PATH: folder, Path: folder });
      expect(stdout).toBe("");
      expect(stderr).toMatch(
        /^goldens: it needs Python 3\.11 or newer \(there is none on the path\); install one .*committed/,
      );
      expect(status).toBe(1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
