/**
 * Where each random number lies: which Philox counter and key belong to a seed, a stream, an epoch, a step and an
 * element. One text defines it for the reference, the kernels and the host. Not the distributions of a stream:
 * random-stream.ts.
 *
 * key     = [lower 32 bits of the seed, upper 21 bits of the seed]
 * stream  = hashStream(path, purpose): one word for, say, ("dropout_1", "dropout")
 * in a training step: counter = [element >>> 2, step, epoch, stream]; the element's word is word `element & 3` of it,
 *                     and a pair of them makes two normal numbers
 * in a RandomStream:  counter = [block mod 2^32, block / 2^32, 0, stream]; words are taken one after the other
 */

import { cosSinOfTurns, logOfFraction } from "./elementary.js";
import { OptionError } from "./errors.js";
import { philoxBlock } from "./philox.js";
import { formatReceived } from "./received.js";

const STEP_OF_24_BITS = 1 / 16777216;

/**
 * The two words of a seed's Philox key.
 * @throws OptionError where the seed is no whole number in [0, 2^53); `what` names the option.
 */
export function seedKey(seed: number, what = "seed"): readonly [low: number, high: number] {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new OptionError(`${what} must be a whole number from 0 to 2^53 - 1, received ${formatReceived(seed)}.`);
  }
  return [seed >>> 0, Math.floor(seed / 4294967296)];
}

/**
 * The word that names a stream: FNV-1a over the UTF-8 bytes of path, a zero byte and purpose, with MurmurHash3's
 * finish, so that near names lie far apart. Never changes between versions of fovea: results depend on it.
 */
export function hashStream(path: string, purpose: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(`${path}\0${purpose}`)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A random word as a number in [0, 1): its upper 24 bits, so that a float32 holds it exactly. */
export function wordToUniform(word: number): number {
  return (word >>> 8) * STEP_OF_24_BITS;
}

const block = new Uint32Array(4);

/**
 * The uniform number in [0, 1) of one element of a training step: `(word >>> 8) * 2^-24`, exact in float32.
 * @param step counted from 0 within the epoch.
 */
export function uniformAt(
  key0: number,
  key1: number,
  stream: number,
  epoch: number,
  step: number,
  element: number,
): number {
  philoxBlock(element >>> 2, step, epoch, stream, key0, key1, block);
  return wordToUniform(block[element & 3]!);
}

const turned = new Float64Array(2);

/**
 * The standard normal number of one element of a training step (Box-Muller): of the uniform numbers a of the even element
 * and b of the odd one behind it, r cos t for the even element and r sin t for the odd one, with
 * r = sqrt(-2 ln(a + 2^-24)) and t = b of a full turn. None is beyond 5.77.
 * @param step counted from 0 within the epoch.
 */
export function normalAt(
  key0: number,
  key1: number,
  stream: number,
  epoch: number,
  step: number,
  element: number,
): number {
  philoxBlock(element >>> 2, step, epoch, stream, key0, key1, block);
  const radius = Math.sqrt(-2 * logOfFraction(wordToUniform(block[element & 2]!) + STEP_OF_24_BITS));
  cosSinOfTurns(wordToUniform(block[(element & 2) + 1]!), turned);
  return radius * turned[element & 1]!;
}

/** `uniformAt` for the elements 0, 1, 2, ... of `out`: one block for four of them. */
export function fillUniformAt(
  out: Float32Array | Float64Array,
  key0: number,
  key1: number,
  stream: number,
  epoch: number,
  step: number,
): void {
  for (let element = 0; element < out.length; element++) {
    if ((element & 3) === 0) philoxBlock(element >>> 2, step, epoch, stream, key0, key1, block);
    out[element] = wordToUniform(block[element & 3]!);
  }
}

/** Whether dropout keeps an element: where its uniform number is at least `rate`. */
export function dropoutKeeps(
  rate: number,
  key0: number,
  key1: number,
  stream: number,
  epoch: number,
  step: number,
  element: number,
): boolean {
  return uniformAt(key0, key1, stream, epoch, step, element) >= rate;
}
