/** Initializers without chance: every element the same value, or the identity. */

import { ShapeError } from "../../core/errors.js";
import { finite, withDefault } from "../../core/options.js";
import { formatShape, sizeOf } from "../../core/shape.js";
import { defineFactory } from "../factory.js";
import type { Initializer } from "./initializer.js";

/**
 * All 0: what biases begin with.
 * @example initializers.zeros()
 */
export const zeros = defineFactory({
  className: "Zeros",
  call: "zeros",
  options: {},
  build: (): Initializer => ({ name: "zeros", config: {}, generate: (shape) => new Float32Array(sizeOf(shape)) }),
});

/**
 * All 1.
 * @example initializers.ones()
 */
export const ones = defineFactory({
  className: "Ones",
  call: "ones",
  options: {},
  build: (): Initializer => ({
    name: "ones",
    config: {},
    generate: (shape) => new Float32Array(sizeOf(shape)).fill(1),
  }),
});

/**
 * All `value`, 0 by default as in Keras.
 * @example initializers.constant({ value: 0.1 })
 */
export const constant = defineFactory({
  className: "Constant",
  call: "constant",
  options: { value: withDefault(finite(), 0) },
  build: ({ value }, config): Initializer => ({
    name: "constant",
    config: config(),
    generate: (shape) => new Float32Array(sizeOf(shape)).fill(value),
  }),
});

/**
 * A matrix with `gain` (1 by default) on the diagonal and 0 elsewhere: a dense layer then begins as its input times it.
 * @throws ShapeError (when a model makes its weights) for a weight that is not a matrix.
 * @example initializers.identity({ gain: 0.5 })
 */
export const identity = defineFactory({
  className: "Identity",
  call: "identity",
  options: { gain: withDefault(finite(), 1) },
  build: ({ gain }, config): Initializer => ({
    name: "identity",
    config: config(),
    generate(shape) {
      const [rows, columns] = shape;
      if (shape.length !== 2)
        throw new ShapeError(`identity: a matrix expected, received a weight of ${formatShape(shape)}.`);
      const values = new Float32Array(rows! * columns!);
      for (let i = 0; i < rows! && i < columns!; i++) values[i * columns! + i] = gain;
      return values;
    },
  }),
});
