/**
 * RandomStream: random numbers of one seed and one stream, drawn one after the other: uniform, normal, integers,
 * permutations. Not the numbers of a training step, which are addressed by element: random-counter.ts.
 *
 * Every result is a function of (seed, path, purpose, position) alone, bit for bit the same on every platform: the
 * logarithm and the sines are our own.
 */

import { cosSinOfTurns, logOfFraction } from "./elementary.js";
import { OptionError } from "./errors.js";
import type { NDArray } from "./ndarray.js";
import { fromTyped } from "./ndarray-create.js";
import {
  custom,
  finite,
  integer,
  nonNegative,
  nonNegativeInteger,
  oneOf,
  optionsOf,
  readOption,
  withDefault,
} from "./options.js";
import { philoxBlock } from "./philox.js";
import { hashStream, seedKey, wordToUniform } from "./random-counter.js";
import { formatReceived } from "./received.js";
import { type Shape, sizeOf } from "./shape.js";

const TWO_TO_32 = 4294967296;

/** Words made at a time where many are wanted, and room for them from the start of a block on. */
const MOST_WORDS = 1024;
const many = new Uint32Array(MOST_WORDS + 4);

const shape = custom<number[], Shape>(
  "a shape: an array of whole numbers, 0 or more",
  (value) => (Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0) ? [...value] : undefined),
  { refuses: [3, null, [-1], [1.5], ["2"]] },
);
const float = withDefault(oneOf(["float32", "float64"]), "float32");

const uniformOptions = optionsOf("uniform", {
  shape,
  low: withDefault(finite(), 0),
  high: withDefault(finite(), 1),
  dtype: float,
});
const normalTable = { shape, mean: withDefault(finite(), 0), stddev: withDefault(nonNegative(), 1), dtype: float };
const normalOptions = optionsOf("normal", normalTable);
const truncatedNormalOptions = optionsOf("truncatedNormal", normalTable);
const integersOptions = optionsOf("integers", {
  shape,
  low: withDefault(integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), 0),
  high: integer({ min: -(2 ** 31), max: 2 ** 31 }),
});

export type FloatName = "float32" | "float64";

export interface UniformOptions<D extends FloatName = FloatName> {
  readonly shape: Shape;
  /** Default 0. */
  readonly low?: number | undefined;
  /** Default 1. */
  readonly high?: number | undefined;
  /** Default float32. */
  readonly dtype?: D | undefined;
}

export interface NormalOptions<D extends FloatName = FloatName> {
  readonly shape: Shape;
  /** Default 0. */
  readonly mean?: number | undefined;
  /** Default 1. */
  readonly stddev?: number | undefined;
  /** Default float32. */
  readonly dtype?: D | undefined;
}

/**
 * A stream of random words, four from each Philox block, with the usual distributions over them.
 *
 * Position p is word p & 3 of the block with counter [p / 4 mod 2^32, p / 4 / 2^32, 0, hashStream(path, purpose)].
 */
export class RandomStream {
  readonly seed: number;
  readonly stream: number;
  readonly #key: readonly [number, number];
  readonly #block = new Uint32Array(4);
  readonly #pair = new Float64Array(2);
  #filled = -1;
  #position: number;

  /** Use `randomStream`. `stream` is the hash of path and purpose; `position` counts words. */
  constructor(seed: number, stream: number, position = 0) {
    this.#key = seedKey(seed, "randomStream: seed");
    this.seed = seed;
    this.stream = stream;
    this.#position = readOption("RandomStream", "position", nonNegativeInteger(), position);
  }

  /** How many words have been drawn or skipped. */
  get position(): number {
    return this.#position;
  }

  /** The same stream at another position, independent of this one. */
  at(position: number): RandomStream {
    return new RandomStream(this.seed, this.stream, position);
  }

  /** Moves on by `words` words, at no cost. @throws OptionError where it is no whole number, 0 or more. */
  skip(words: number): this {
    this.#position += readOption("skip", "words", nonNegativeInteger(), words);
    return this;
  }

  /** The next word: a whole number in [0, 2^32), all equally likely. */
  uint32(): number {
    const block = Math.floor(this.#position / 4);
    if (block !== this.#filled) {
      const [key0, key1] = this.#key;
      philoxBlock(block >>> 0, Math.floor(block / TWO_TO_32), 0, this.stream, key0, key1, this.#block);
      this.#filled = block;
    }
    return this.#block[this.#position++ % 4]!;
  }

  /** The next `count` words, or as many as are made at a time; gone with the next call. They are not drawn yet. */
  #next(count: number): Uint32Array {
    const [key0, key1] = this.#key;
    const from = this.#position % 4;
    const to = from + Math.min(count, MOST_WORDS);
    let block = Math.floor(this.#position / 4);
    for (let at = 0; at < to; at += 4, block++) {
      philoxBlock(block >>> 0, Math.floor(block / TWO_TO_32), 0, this.stream, key0, key1, many, at);
    }
    return many.subarray(from, to);
  }

  /**
   * Numbers low + u (high - low), u uniform in [0, 1): for float32 u = (word >>> 8) 2^-24 of one word each, for float64
   * 53 bits of two. Rounding to the dtype may give `high` itself where `low` is not 0.
   * @throws OptionError where low >= high, or an option is not a finite number.
   */
  uniform<D extends FloatName = "float32">(options: UniformOptions<D>): NDArray<D> {
    const { shape, low, high, dtype } = uniformOptions(options);
    if (low >= high) throw new OptionError(`uniform: low must be less than high, received low ${low}, high ${high}.`);
    const span = high - low;
    if (!Number.isFinite(span))
      throw new OptionError(`uniform: high - low must be finite, received low ${low}, high ${high}.`);
    const data = emptyOf(dtype, shape);
    const single = dtype === "float32";
    for (let i = 0; i < data.length; ) {
      const words = this.#next((data.length - i) * (single ? 1 : 2));
      this.#position += words.length;
      // Not by `for of`, which is half as fast.
      for (let w = 0; w < words.length; w += single ? 1 : 2) {
        data[i++] = low + span * (single ? wordToUniform(words[w]!) : fractionOf(words[w]!, words[w + 1]!));
      }
    }
    return arrayOf(data, shape);
  }

  /** Normally distributed numbers. Two words make two of them; of an odd count the last one's sister is dropped. */
  normal<D extends FloatName = "float32">(options: NormalOptions<D>): NDArray<D> {
    return this.#normal(normalOptions(options), Number.POSITIVE_INFINITY);
  }

  /**
   * Normally distributed numbers of which those beyond two standard deviations from the mean are drawn again, as
   * Keras's `TruncatedNormal`. Their standard deviation is 0.87962566 `stddev`.
   */
  truncatedNormal<D extends FloatName = "float32">(options: NormalOptions<D>): NDArray<D> {
    return this.#normal(truncatedNormalOptions(options), 2);
  }

  /**
   * Two normal numbers from two words a, b (Box-Muller): r = sqrt(-2 ln((a + 1) 2^-32)), t = b 2^-32 of a full turn;
   * r cos t and r sin t. None is beyond 6.67. Those beyond `bound` are left out.
   */
  #normal<D extends FloatName>(
    { shape, mean, stddev, dtype }: ReturnType<typeof normalOptions>,
    bound: number,
  ): NDArray<D> {
    const data = emptyOf(dtype, shape);
    const pair = this.#pair;
    for (let i = 0; i < data.length; ) {
      const left = data.length - i;
      const words = this.#next(left + (left % 2));
      this.#position += words.length;
      for (let w = 0; w < words.length; w += 2) {
        const radius = Math.sqrt(-2 * logOfFraction((words[w]! + 1) / TWO_TO_32));
        cosSinOfTurns(words[w + 1]! / TWO_TO_32, pair);
        for (let side = 0; side < 2 && i < data.length; side++) {
          const z = radius * pair[side]!;
          if (Math.abs(z) <= bound) data[i++] = mean + stddev * z;
        }
      }
    }
    return arrayOf(data, shape);
  }

  /** A whole number in [0, bound), bound <= 2^32: a word, drawn again where it would favour the small ones. */
  #below(bound: number): number {
    const fair = TWO_TO_32 - (TWO_TO_32 % bound);
    for (;;) {
      const word = this.uint32();
      if (word < fair) return word % bound;
    }
  }

  /**
   * Whole numbers from low (default 0) to, not including, high, all equally likely, as int32.
   * @throws OptionError where low >= high, or one is outside int32.
   */
  integers(options: {
    readonly shape: Shape;
    readonly high: number;
    readonly low?: number | undefined;
  }): NDArray<"int32"> {
    const { shape, low, high } = integersOptions(options);
    if (low >= high) throw new OptionError(`integers: low must be less than high, received low ${low}, high ${high}.`);
    const data = new Int32Array(sizeOf(shape));
    for (let i = 0; i < data.length; i++) data[i] = low + this.#below(high - low);
    return fromTyped(data, shape);
  }

  /** The numbers 0 to n - 1 in random order, every order equally likely (Fisher-Yates). */
  permutation(n: number): Int32Array {
    const order = Int32Array.from({ length: readOption("permutation", "n", countCheck, n) }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.#below(i + 1);
      const moved = order[i]!;
      order[i] = order[j]!;
      order[j] = moved;
    }
    return order;
  }

  /**
   * `size` picks from 0 to n - 1, or from an array's elements; each at most once unless `replace`.
   * @throws OptionError where there is nothing to pick from, or `size` exceeds it without `replace`.
   */
  choice(from: number, size: number, options?: { readonly replace?: boolean | undefined }): Int32Array;
  choice<T>(from: readonly T[], size: number, options?: { readonly replace?: boolean | undefined }): T[];
  choice<T>(
    from: number | readonly T[],
    size: number,
    { replace = false }: { readonly replace?: boolean | undefined } = {},
  ): Int32Array | T[] {
    const n = readOption(
      "choice",
      "the count to choose from",
      countCheck,
      typeof from === "number" ? from : from?.length,
    );
    readOption("choice", "size", countCheck, size);
    if (size > 0 && (n === 0 || (!replace && size > n))) {
      throw new OptionError(
        `choice: ${size} of ${n} cannot be chosen${n > 0 ? " without repeating; set replace: true" : ""}, received ${formatReceived(from)}.`,
      );
    }
    const picks = replace ? Int32Array.from({ length: size }, () => this.#below(n)) : this.#distinct(n, size);
    return typeof from === "number" ? picks : Array.from(picks, (i) => from[i]!);
  }

  /** The first `size` steps of a Fisher-Yates shuffle from the front. */
  #distinct(n: number, size: number): Int32Array {
    const order = Int32Array.from({ length: n }, (_, i) => i);
    for (let i = 0; i < size; i++) {
      const j = i + this.#below(n - i);
      const moved = order[i]!;
      order[i] = order[j]!;
      order[j] = moved;
    }
    return order.slice(0, size);
  }
}

/** Room for random numbers of a shape. */
function emptyOf(dtype: FloatName, shape: Shape): Float32Array | Float64Array {
  return dtype === "float64" ? new Float64Array(sizeOf(shape)) : new Float32Array(sizeOf(shape));
}

function arrayOf<D extends FloatName>(data: Float32Array | Float64Array, shape: Shape): NDArray<D> {
  return fromTyped(data as Float32Array, shape) as NDArray as NDArray<D>;
}

/** A number in [0, 1) with 53 random bits, of two words. */
function fractionOf(high: number, low: number): number {
  return ((high >>> 5) * 67108864 + (low >>> 6)) / 9007199254740992;
}

const countCheck = integer({ min: 0, max: 2 ** 31 - 1 });

/**
 * The random stream of a seed (a whole number in [0, 2^53)), a path such as a layer's, and a purpose.
 *
 * @example
 * randomStream(7, "dense_1/kernel", "initializer").uniform({ low: -0.1, high: 0.1, shape: [784, 512] });
 */
export function randomStream(seed: number, path: string, purpose = ""): RandomStream {
  return new RandomStream(seed, hashStream(path, purpose));
}
