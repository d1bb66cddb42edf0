/** Initializers that keep the variance of signals from layer to layer: their width follows from the weight's shape. */

import { OptionError } from "../../core/errors.js";
import { nullable, oneOf, positiveNumber, withDefault } from "../../core/options.js";
import type { RandomStream } from "../../core/random.js";
import { normalizeAxis, sizeOf } from "../../core/shape.js";
import { axesOption } from "../axes.js";
import { defineFactory } from "../factory.js";
import type { Initializer } from "./initializer.js";
import { seedOption, streamOf } from "./random.js";

/** How many inputs each output adds up, and how many outputs each input reaches. */
interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

/** The axes of a weight that count as inputs and as outputs. */
interface FanAxes {
  readonly inputAxes: readonly number[];
  readonly outputAxes: readonly number[];
}

/**
 * The fans of a weight's shape, as Keras counts them: of a matrix its lengths, of a convolution kernel [height, width,
 * in, out] the channels times height times width; or the products of the lengths of given axes.
 * @throws ShapeError for axes that the weight does not have.
 */
export function fansOf(shape: readonly number[], axes?: FanAxes): Fans {
  if (axes !== undefined) {
    const product = (list: readonly number[]): number =>
      sizeOf(list.map((axis) => shape[normalizeAxis(axis, shape.length, "varianceScaling")]!));
    return { fanIn: product(axes.inputAxes), fanOut: product(axes.outputAxes) };
  }
  if (shape.length < 2) return { fanIn: shape[0] ?? 1, fanOut: shape[0] ?? 1 };
  const field = sizeOf(shape.slice(0, -2));
  return { fanIn: shape.at(-2)! * field, fanOut: shape.at(-1)! * field };
}

/** The standard deviation of a standard normal cut off at ±2. */
const truncatedDeviation = 0.87962566103423978;

/** Which fan a variance is divided by. */
const fanOf = {
  fanIn: ({ fanIn }: Fans): number => fanIn,
  fanOut: ({ fanOut }: Fans): number => fanOut,
  fanAvg: ({ fanIn, fanOut }: Fans): number => (fanIn + fanOut) / 2,
};

/** The shape of the distribution, by its variance. */
const draws = {
  uniform: (numbers: RandomStream, shape: readonly number[], variance: number) =>
    numbers.uniform({ shape, low: -Math.sqrt(3 * variance), high: Math.sqrt(3 * variance) }),
  truncatedNormal: (numbers: RandomStream, shape: readonly number[], variance: number) =>
    numbers.truncatedNormal({ shape, stddev: Math.sqrt(variance) / truncatedDeviation }),
  untruncatedNormal: (numbers: RandomStream, shape: readonly number[], variance: number) =>
    numbers.normal({ shape, stddev: Math.sqrt(variance) }),
};

/** What all initializers of this file do. */
function scaled(
  call: string,
  scale: number,
  mode: keyof typeof fanOf,
  distribution: keyof typeof draws,
  { seed, axes }: { readonly seed?: number; readonly axes?: FanAxes | undefined },
): Initializer["generate"] {
  return (shape, stream) => {
    const variance = scale / Math.max(1, fanOf[mode](fansOf(shape, axes)));
    return draws[distribution](streamOf(call, seed, stream), shape, variance).data;
  };
}

/** Axes of a weight, or null. */
const axesOrNone = withDefault(nullable(axesOption()), null);

/**
 * Numbers of variance `scale` (1 by default, above 0) / n, so that signals keep their size from layer to layer. n is by
 * `mode` the number of inputs that an output adds up ("fanIn", the default), of outputs that an input reaches ("fanOut"),
 * or the mean of both ("fanAvg"). By `distribution` they are normal and cut off at two standard deviations of the uncut
 * ("truncatedNormal", the default, also "normal"), normal ("untruncatedNormal"), or uniform within ±√(3 scale / n)
 * ("uniform"). `inputAxes` and `outputAxes` (null by default; both or none) say which axes, one or a list, are inputs and
 * which are outputs, where it is neither a matrix nor a kernel of a convolution.
 * @throws OptionError for one list of axes without the other; ShapeError (when a model makes its weights) for axes that
 * the weight does not have.
 * @example initializers.varianceScaling({ scale: 2, mode: "fanOut", distribution: "untruncatedNormal" })
 */
export const varianceScaling = defineFactory({
  className: "VarianceScaling",
  call: "varianceScaling",
  options: {
    scale: withDefault(positiveNumber(), 1),
    mode: withDefault(oneOf(["fanIn", "fanOut", "fanAvg"]), "fanIn"),
    distribution: withDefault(oneOf(["truncatedNormal", "normal", "untruncatedNormal", "uniform"]), "truncatedNormal"),
    inputAxes: axesOrNone,
    outputAxes: axesOrNone,
    ...seedOption,
  },
  build({ scale, mode, distribution, inputAxes, outputAxes, seed }, config): Initializer {
    if ((inputAxes === null) !== (outputAxes === null)) {
      throw new OptionError("varianceScaling: give both inputAxes and outputAxes, or neither.");
    }
    const axes =
      inputAxes === null || outputAxes === null
        ? undefined
        : { inputAxes: [inputAxes].flat() as number[], outputAxes: [outputAxes].flat() as number[] };
    const shape = distribution === "normal" ? "truncatedNormal" : distribution;
    return {
      name: "varianceScaling",
      config: { ...config(), distribution: shape, ...axes },
      generate: scaled("varianceScaling", scale, mode, shape, { ...(seed === undefined ? {} : { seed }), axes }),
    };
  },
});

function define<const Name extends string>(
  call: Name,
  className: string,
  distribution: "uniform" | "truncatedNormal",
  scale: number,
  mode: keyof typeof fanOf,
) {
  return defineFactory({
    className,
    call,
    options: seedOption,
    build: (options, config): Initializer => ({
      name: call,
      config: config(),
      generate: scaled(call, scale, mode, distribution, options),
    }),
  });
}

/**
 * Uniform within ±√(6 / (fanIn + fanOut)): Keras's default for kernels.
 *
 * Glorot & Bengio, Understanding the difficulty of training deep feedforward neural networks, AISTATS 2010.
 * @example initializers.glorotUniform()
 */
export const glorotUniform = define("glorotUniform", "GlorotUniform", "uniform", 1, "fanAvg");

/**
 * Normal with variance 2 / (fanIn + fanOut), cut off at two standard deviations of the uncut. Glorot & Bengio 2010.
 * @example initializers.glorotNormal()
 */
export const glorotNormal = define("glorotNormal", "GlorotNormal", "truncatedNormal", 1, "fanAvg");

/**
 * Uniform within ±√(6 / fanIn): for relu. He et al., Delving deep into rectifiers, arXiv:1502.01852.
 * @example initializers.heUniform()
 */
export const heUniform = define("heUniform", "HeUniform", "uniform", 2, "fanIn");

/**
 * Normal with variance 2 / fanIn, cut off at two standard deviations of the uncut: for relu. He et al. 2015.
 * @example initializers.heNormal()
 */
export const heNormal = define("heNormal", "HeNormal", "truncatedNormal", 2, "fanIn");

/**
 * Uniform within ±√(3 / fanIn). LeCun et al., Efficient BackProp, 1998.
 * @example initializers.lecunUniform()
 */
export const lecunUniform = define("lecunUniform", "LecunUniform", "uniform", 1, "fanIn");

/**
 * Normal with variance 1 / fanIn, cut off at two standard deviations of the uncut. LeCun et al. 1998.
 * @example initializers.lecunNormal()
 */
export const lecunNormal = define("lecunNormal", "LecunNormal", "truncatedNormal", 1, "fanIn");
