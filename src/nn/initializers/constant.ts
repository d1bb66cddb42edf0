/** Initializers that give every element the same value. */

import { finite, withDefault } from "../../core/options.js";
import { sizeOf } from "../../core/shape.js";
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
