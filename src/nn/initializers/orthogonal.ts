/** The initializer of orthogonal matrices, and how such a matrix is made of a random one. */

import { ShapeError } from "../../core/errors.js";
import { finite, withDefault } from "../../core/options.js";
import { formatShape, sizeOf } from "../../core/shape.js";
import { defineFactory } from "../factory.js";
import type { Initializer } from "./initializer.js";
import { seedOption, streamOf } from "./random.js";

/**
 * `gain` (1 by default) times a random matrix with orthonormal columns, or rows where these are fewer, every such matrix
 * equally likely. A kernel of more axes [height, width, in, out] is the matrix [height width in, out].
 *
 * The matrix is the Q of the decomposition QR of a normal one, R with a positive diagonal. Of a weight [m, n], m >= n,
 * that takes 2 m n² operations: the more for each weight, the more columns there are; of [1024, 1024] about half a second.
 *
 * Saxe et al., Exact solutions to the nonlinear dynamics of learning in deep linear neural networks, ICLR 2014.
 * @throws ShapeError (when a model makes its weights) for a weight of fewer than two axes.
 * @example initializers.orthogonal({ gain: 2 })
 */
export const orthogonal = defineFactory({
  className: "Orthogonal",
  call: "orthogonal",
  options: { gain: withDefault(finite(), 1), ...seedOption },
  build: ({ gain, seed }, config): Initializer => ({
    name: "orthogonal",
    config: config(),
    generate(shape, stream) {
      if (shape.length < 2) {
        throw new ShapeError(`orthogonal: at least two axes expected, received a weight of ${formatShape(shape)}.`);
      }
      const columns = shape.at(-1)!;
      const rows = sizeOf(shape.slice(0, -1));
      const [long, short] = [Math.max(rows, columns), Math.min(rows, columns)];
      // [short, long]: the columns of the matrix one after the other.
      const normal = streamOf("orthogonal", seed, stream).normal({ shape: [short, long], dtype: "float64" });
      const vectors = orthonormal(normal.data, short, long);
      const values = new Float32Array(rows * columns);
      for (let i = 0; i < short; i++) {
        const vector = vectors[i]!;
        for (let j = 0; j < long; j++) values[rows < columns ? i * long + j : j * short + i] = gain * vector[j]!;
      }
      return values;
    },
  }),
});

/** A vector that loses all but this part of its square when it is made orthogonal has lost digits, and goes through again. */
const LOST = 1e-6;

/** Numbers between vectors: a power of two apart, a store into one looks to a processor like one into the next. */
const APART = 40;

/** Vectors of `length` numbers, one after the other in `data`, made orthonormal by Gram and Schmidt. */
function orthonormal(data: Float64Array, count: number, length: number): readonly Float64Array[] {
  const stride = length + APART;
  const memory = new Float64Array(count * stride);
  const vectors = Array.from({ length: count }, (_, i) => memory.subarray(i * stride, i * stride + length));
  // A function a vector: within one long loop V8 optimizes it for where it happens to be, and is half as fast.
  vectors.forEach((vector, i) => {
    vector.set(data.subarray(i * length, (i + 1) * length));
    const before = dot(vector, vector);
    makeOrthogonal(vector, vectors, i);
    if (dot(vector, vector) < LOST * before) makeOrthogonal(vector, vectors, i);
    const norm = Math.sqrt(dot(vector, vector));
    for (let j = 0; j < length; j++) vector[j]! /= norm;
  });
  return vectors;
}

/** Takes the parts along the first `count` vectors, which are orthonormal, out of x. */
function makeOrthogonal(x: Float64Array, vectors: readonly Float64Array[], count: number): void {
  let k = 0;
  for (; k + 4 <= count; k += 4) removeFour(x, vectors[k]!, vectors[k + 1]!, vectors[k + 2]!, vectors[k + 3]!);
  for (; k < count; k++) remove(x, vectors[k]!);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j]! * b[j]!;
  return sum;
}

/** Takes the part along a unit vector out of x. */
function remove(x: Float64Array, unit: Float64Array): void {
  const part = dot(x, unit);
  for (let j = 0; j < x.length; j++) x[j]! -= part * unit[j]!;
}

/** The same for four unit vectors that are orthogonal to each other, with one walk over x for all. */
function removeFour(x: Float64Array, a: Float64Array, b: Float64Array, c: Float64Array, d: Float64Array): void {
  let [alongA, alongB, alongC, alongD] = [0, 0, 0, 0];
  for (let j = 0; j < x.length; j++) {
    const value = x[j]!;
    alongA += value * a[j]!;
    alongB += value * b[j]!;
    alongC += value * c[j]!;
    alongD += value * d[j]!;
  }
  for (let j = 0; j < x.length; j++) x[j]! -= alongA * a[j]! + alongB * b[j]! + alongC * c[j]! + alongD * d[j]!;
}
