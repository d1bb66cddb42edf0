/** The layer that normalizes by mean and variance of the whole data, which are given or found by `adapt`. */

import { DataError, OptionError, ShapeError, StateError } from "../../core/errors.js";
import { asNDArray, type NDArrayLike } from "../../core/ndarray.js";
import {
  boolean,
  custom,
  formatReceived,
  nullable,
  type OutputOf,
  type RequiredCheck,
  withDefault,
} from "../../core/options.js";
import { formatShape, sameShape } from "../../core/shape.js";
import type { Dimensions } from "../../graph/dimensions.js";
import { constant } from "../../graph/leaves.js";
import { add } from "../../graph/ops/add.js";
import { divide } from "../../graph/ops/divide.js";
import { maximum } from "../../graph/ops/maximum.js";
import { multiply } from "../../graph/ops/multiply.js";
import { reshape } from "../../graph/ops/reshape.js";
import { sqrt } from "../../graph/ops/sqrt.js";
import { subtract } from "../../graph/ops/subtract.js";
import type { Tensor } from "../../graph/tensor.js";
import { type Axes, axesOption } from "../axes.js";
import { commonOptions, withoutTrainable } from "../define-layer.js";
import { examplesAxes } from "../examples-axes.js";
import { type Config, defineFactory } from "../factory.js";
import { initializers } from "../initializers/index.js";
import type { Initializer } from "../initializers/initializer.js";
import { Layer } from "../layer.js";
import type { WeightSpec } from "../layer-parts.js";
import { RunningStatistics } from "../statistics.js";
import { toFloat } from "../to-float.js";

/** A number, or lists of them, within lists. */
type Nested = number | readonly Nested[];

/** The shape of lists that are all of one length on each level, or undefined. */
function shapeOf(value: unknown, accept: (one: number) => boolean): readonly number[] | undefined {
  if (typeof value === "number") return accept(value) ? [] : undefined;
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const shapes = value.map((part) => shapeOf(part, accept));
  const [first] = shapes;
  return first !== undefined && shapes.every((shape) => shape !== undefined && sameShape(shape, first))
    ? [value.length, ...first]
    : undefined;
}

function flat(value: Nested): readonly number[] {
  return typeof value === "number" ? [value] : value.flatMap(flat);
}

function nested(describe: string, accept: (one: number) => boolean): RequiredCheck<Nested, Nested> {
  return custom<Nested>(
    `${describe}, or an array of them`,
    (value) => (shapeOf(value, accept) === undefined ? undefined : (structuredClone(value) as Nested)),
    { refuses: ["1", Number.NaN, Number.POSITIVE_INFINITY, [], [[1], [2, 3]], ["1"], {}] },
  );
}

const table = {
  axis: withDefault(nullable(axesOption()), -1),
  mean: withDefault(nullable(nested("a finite number", Number.isFinite)), null),
  variance: withDefault(
    nullable(nested("a finite number, 0 or more", (one) => Number.isFinite(one) && one >= 0)),
    null,
  ),
  invert: withDefault(boolean(), false),
  ...commonOptions(),
};

type Options = OutputOf<typeof table>;

/** What adapt found. */
interface Found {
  readonly shape: readonly number[];
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}

/** The smallest standard deviation that is divided by, as in Keras. */
const SMALLEST = 1e-7;

const CALL = "normalization";

/** A `normalization` layer: as other layers, and it can be adapted to data. */
export class Normalization extends Layer {
  readonly #options: Options;
  readonly #state: { found?: Found; taken: boolean };

  /** Use `layers.normalization`. */
  constructor(options: Options, config: () => Config) {
    const state: { found?: Found; taken: boolean } = { taken: false };
    super("Normalization", options, CALL, () => withoutTrainable(config()), {
      inputs: "one",
      activityRegularizer: options.activityRegularizer ?? null,
      outputShapes([inputShape], name) {
        const kept = keptAxes(options.axis, inputShape!, name);
        if (options.mean !== null) givenShape(options.mean, kept, inputShape!, name);
        return [inputShape!];
      },
      weights: ([inputShape], name) =>
        options.mean === null ? weightsOf(state, keptAxes(options.axis, inputShape!, name), inputShape!, name) : [],
      call([input], weights, _, name) {
        const x = toFloat(input!);
        const kept = keptAxes(options.axis, x.shape, name);
        const [mean, variance] = (["mean", "variance"] as const).map((which): Tensor => {
          const given = options[which];
          if (given === null) return reshape([weights[which]!], { shape: keptShape(kept, x.shape) });
          return constant(flat(given), givenShape(given, kept, x.shape, name));
        }) as [Tensor, Tensor];
        const deviation = maximum([sqrt([variance]), constant(SMALLEST)]);
        return [options.invert ? add([mean, multiply([x, deviation])]) : divide([subtract([x, mean]), deviation])];
      },
    });
    this.#options = options;
    this.#state = state;
  }

  /**
   * Finds mean and variance of data, [rows, ...], or of batches of it one after the other, for each place on `axis`, over
   * everything else. Computed in float64. What an earlier call found is forgotten.
   *
   * A model that uses the layer takes the numbers as weights when it first computes: adapt before that.
   * @throws StateError where mean and variance were given, or a model has taken them; ShapeError where the data lacks an
   * axis, has other lengths on the layer's axes than the layer was built for, or batches differ; DataError for no data, or numbers that are not finite.
   * @example
   * const layer = layers.normalization();
   * layer.adapt(array([[0, 7], [2, 9]]));
   */
  adapt(data: NDArrayLike | Iterable<NDArrayLike>): void {
    const what = `${this.name ?? CALL}: adapt`;
    if (this.#options.mean !== null) throw new StateError(`${what}: mean and variance were given as options.`);
    if (this.#state.taken) {
      throw new StateError(
        `${what}: a model has taken this layer's mean and variance as weights. Adapt before the model is first used, or set its weights.`,
      );
    }
    const built = this.weights.find(({ name }) => name === "mean")?.shape;
    let statistics: RunningStatistics | undefined;
    let kept: readonly number[] = [];
    for (const batch of batchesOf(data)) {
      const rows = asNDArray(batch, what);
      if (statistics === undefined) {
        kept = keptAxes(this.#options.axis, rows.shape, what);
        const shape = kept.map((axis) => rows.shape[axis]!);
        if (built !== undefined && !sameShape(shape, built)) {
          throw new ShapeError(
            `${what}: data of ${formatShape(rows.shape)} has ${formatShape(shape)} on the layer's axes, but the layer was built for ${formatShape(built)}.`,
          );
        }
        statistics = new RunningStatistics(rows.shape.slice(1), kept, what);
      }
      statistics.add(rows);
    }
    if (statistics === undefined) throw new DataError(`${what}: there is no data.`);
    this.#state.found = {
      shape: kept.map((axis) => statistics.rowShape[axis - 1]!),
      mean: statistics.mean,
      variance: statistics.variance(),
    };
  }
}

function batchesOf(data: unknown): Iterable<NDArrayLike> {
  const isArray = typeof data === "object" && data !== null && "data" in data && "shape" in data;
  if (isArray) return [data as unknown as NDArrayLike];
  if (typeof data === "object" && data !== null && Symbol.iterator in data) return data as Iterable<NDArrayLike>;
  throw new DataError(
    `${CALL}: adapt: an array, or an iterable of arrays one batch each, expected, received ${formatReceived(data)}.`,
  );
}

function keptAxes(axis: Axes | null, shape: Dimensions, name: string): readonly number[] {
  if (shape.length === 0) throw new ShapeError(`${name}: an input with a batch axis expected, received [].`);
  return axis === null ? [] : examplesAxes(axis, shape, name);
}

/** The lengths of the kept axes in their places, 1 in all others. */
function keptShape(kept: readonly number[], shape: Dimensions): readonly number[] {
  return shape.map((length, axis) => (kept.includes(axis) ? length! : 1));
}

/** The shape in which given numbers go with the input: their axes are the last of the kept ones. */
function givenShape(given: Nested, kept: readonly number[], inputShape: Dimensions, name: string): readonly number[] {
  const own = shapeOf(given, () => true)!;
  const shape = inputShape.map(() => 1);
  const wrong = own.some((length, i) => {
    const axis = kept[kept.length - own.length + i]!;
    shape[axis] = length;
    return length !== 1 && length !== inputShape[axis];
  });
  if (!wrong) return shape;
  throw new ShapeError(
    `${name}: mean and variance of ${formatShape(own)} do not fit an input of ${formatShape(inputShape)}, whose axes ${formatShape(kept)} have ${formatShape(kept.map((axis) => inputShape[axis]!))}.`,
  );
}

function weightsOf(
  state: { found?: Found; taken: boolean },
  kept: readonly number[],
  inputShape: Dimensions,
  name: string,
): readonly WeightSpec[] {
  const shape = kept.map((axis) => inputShape[axis]!);
  const { found } = state;
  if (found !== undefined && !sameShape(found.shape, shape)) {
    throw new ShapeError(
      `${name}: it was adapted to data with ${formatShape(found.shape)} on its axes, but an input of ${formatShape(inputShape)} has ${formatShape(shape)}.`,
    );
  }
  /** What adapt found by the time a model asks, or what the weight is without it. */
  const adapted = (which: "mean" | "variance", otherwise: Initializer): Initializer => ({
    name: otherwise.name,
    config: {},
    generate(size, stream) {
      state.taken = true;
      const now = state.found;
      return now === undefined ? otherwise.generate(size, stream) : Float32Array.from(now[which]);
    },
  });
  return [
    { name: "mean", shape, initializer: adapted("mean", initializers.zeros()), trainable: false },
    { name: "variance", shape, initializer: adapted("variance", initializers.ones()), trainable: false },
    { name: "count", shape: [], initializer: initializers.zeros(), trainable: false },
  ];
}

/**
 * y = (x - mean) / sqrt(variance), or back with `invert` (false by default): y = x sqrt(variance) + mean.
 *
 * `axis` (-1 by default, or several, or null for none) are the axes each of whose places has its own mean and variance, the
 * channels for example. `mean` and `variance` are numbers or arrays that go with these axes; or neither is given and
 * `adapt(data)` finds them, before a model first uses the layer. Weights, unless given: mean, variance, and count, which
 * is there because Keras has it; none of them is trained.
 * @throws OptionError where only one of mean and variance is given, or their shapes differ; ShapeError where they do not
 * fit the input, for the batch axis, and for one that x does not have.
 * @example layers.normalization({ mean: [0.49, 0.48, 0.45], variance: [0.06, 0.06, 0.07] })
 */
export const normalization = defineFactory({
  className: "Normalization",
  call: CALL,
  options: table,
  build(options, config) {
    checkGiven(options);
    return new Normalization(options, config);
  },
});

function checkGiven({ mean, variance, axis }: Options): void {
  if ((mean === null) !== (variance === null)) {
    throw new OptionError(
      `${CALL}: mean and variance must be given together, received only ${mean === null ? "variance" : "mean"}.`,
    );
  }
  if (mean === null || variance === null) return;
  const [one, other] = [mean, variance].map((given) => shapeOf(given, () => true)!) as [number[], number[]];
  if (!sameShape(one, other)) {
    throw new OptionError(
      `${CALL}: mean and variance must have one shape, received ${formatShape(one)} and ${formatShape(other)}.`,
    );
  }
  const axes = axis === null ? 0 : [axis].flat().length;
  if (one.length > axes) {
    throw new OptionError(
      `${CALL}: mean and variance must have no more axes than \`axis\`, ${axes}, received ${formatShape(one)}.`,
    );
  }
}
