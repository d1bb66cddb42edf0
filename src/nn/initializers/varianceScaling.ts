/** Initializers that keep the variance of signals from layer to layer: their width follows from the weight's shape. */

import { sizeOf } from "../../core/shape.js";
import { defineFactory } from "../factory.js";
import type { Initializer } from "./initializer.js";
import { seedOption, streamOf } from "./random.js";

/** How many inputs each output adds up, and how many outputs each input reaches. */
export interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

/**
 * The fans of a weight's shape, as Keras counts them: of a matrix its lengths, of a convolution kernel [height, width,
 * in, out] the channels times height times width.
 */
export function fansOf(shape: readonly number[]): Fans {
  if (shape.length < 2) return { fanIn: shape[0] ?? 1, fanOut: shape[0] ?? 1 };
  const field = sizeOf(shape.slice(0, -2));
  return { fanIn: shape.at(-2)! * field, fanOut: shape.at(-1)! * field };
}

/** The standard deviation of a standard normal cut off at ±2. */
const truncatedDeviation = 0.87962566103423978;

function define<const Name extends string>(
  call: Name,
  className: string,
  distribution: "uniform" | "normal",
  scale: number,
  fan: (fans: Fans) => number,
) {
  return defineFactory({
    className,
    call,
    options: seedOption,
    build: ({ seed }, config): Initializer => ({
      name: call,
      config: config(),
      generate(shape, stream) {
        const variance = scale / Math.max(1, fan(fansOf(shape)));
        const numbers = streamOf(call, seed, stream);
        if (distribution === "uniform") {
          const limit = Math.sqrt(3 * variance);
          return numbers.uniform({ shape, low: -limit, high: limit }).data;
        }
        return numbers.truncatedNormal({ shape, stddev: Math.sqrt(variance) / truncatedDeviation }).data;
      },
    }),
  });
}

const average = ({ fanIn, fanOut }: Fans): number => (fanIn + fanOut) / 2;
const inputs = ({ fanIn }: Fans): number => fanIn;

/**
 * Uniform within ±√(6 / (fanIn + fanOut)): Keras's default for kernels.
 *
 * Glorot & Bengio, Understanding the difficulty of training deep feedforward neural networks, AISTATS 2010.
 * @example initializers.glorotUniform()
 */
export const glorotUniform = define("glorotUniform", "GlorotUniform", "uniform", 1, average);

/**
 * Normal with variance 2 / (fanIn + fanOut), cut off at two standard deviations of the uncut. Glorot & Bengio 2010.
 * @example initializers.glorotNormal()
 */
export const glorotNormal = define("glorotNormal", "GlorotNormal", "normal", 1, average);

/**
 * Uniform within ±√(6 / fanIn): for relu. He et al., Delving deep into rectifiers, arXiv:1502.01852.
 * @example initializers.heUniform()
 */
export const heUniform = define("heUniform", "HeUniform", "uniform", 2, inputs);

/**
 * Normal with variance 2 / fanIn, cut off at two standard deviations of the uncut: for relu. He et al. 2015.
 * @example initializers.heNormal()
 */
export const heNormal = define("heNormal", "HeNormal", "normal", 2, inputs);

/**
 * Uniform within ±√(3 / fanIn). LeCun et al., Efficient BackProp, 1998.
 * @example initializers.lecunUniform()
 */
export const lecunUniform = define("lecunUniform", "LecunUniform", "uniform", 1, inputs);

/**
 * Normal with variance 1 / fanIn, cut off at two standard deviations of the uncut. LeCun et al. 1998.
 * @example initializers.lecunNormal()
 */
export const lecunNormal = define("lecunNormal", "LecunNormal", "normal", 1, inputs);
