/** What a loss is, how one is defined, and what the losses share. The losses are beside, their names in index.ts. */

import { ShapeError } from "../../core/errors.js";
import {
  integer,
  type OptionCheck,
  type OptionTable,
  type OutputOf,
  optional,
  string,
  withDefault,
} from "../../core/options.js";
import { formatShape, normalizeAxis } from "../../core/shape.js";
import { mean } from "../../graph/compose.js";
import { type Dimensions, sameDimensions } from "../../graph/dimensions.js";
import { reshape } from "../../graph/ops/reshape.js";
import { Tensor } from "../../graph/tensor.js";
import { type Config, defineFactory, type Factory, snakeCase } from "../factory.js";
import { toFloat } from "../to-float.js";
import { type Reduction, reductionOption, rowsOf, type Values } from "./reduction.js";

/**
 * What the labels of a loss or metric are: the number of the class (int32 or uint8, [batch]), or values like the
 * predictions (float32).
 */
export type Labels = "classes" | "values";

/** What training makes small. */
export interface Loss {
  /** Keras's name of the class: "MeanSquaredError". */
  readonly className: string;
  /** The name in logs: "mean_squared_error". */
  readonly name: string;
  readonly labels: Labels;
  /** A class number that may stand among the labels without being one of the classes; its rows do not count. */
  readonly ignoreClass?: number | undefined;
  /** Its options as plain values; null for a function of the user's own. */
  readonly config: Config | null;
  /**
   * One number a row, [batch] in float32, whose mean over the batch is the batch's loss: with the default reduction the
   * mean over the row's elements.
   * @throws ShapeError where labels and predictions do not go together.
   */
  call(yTrue: Tensor, yPred: Tensor): Tensor;
}

/** Options every loss and metric has. */
export type NameOption = { readonly name: OptionCheck<string, string, "optional"> };

/** `name`: what logs call it instead of its own name. */
export const nameOption: NameOption = { name: optional(string()) };

/** Options every loss has: those, and how one loss is made of those of a batch, "sumOverBatchSize" by default. */
type LossOptions = NameOption & { readonly reduction: OptionCheck<Reduction, Reduction, "default"> };

/** Defines a loss. `values` is the formula: the losses of a batch, [batch, ...], before reduction. */
export function defineLoss<const T extends OptionTable>(definition: {
  readonly className: string;
  readonly call: string;
  /** The name in logs where it is not that of the class. */
  readonly name?: string;
  readonly options: T;
  readonly labels: Labels;
  values(yTrue: Tensor, yPred: Tensor, options: OutputOf<T>, name: string): Tensor | Values;
}): Factory<T & LossOptions, Loss> {
  const { className, call, labels } = definition;
  return defineFactory<T & LossOptions, Loss>({
    className,
    call,
    options: { ...definition.options, reduction: reductionOption, ...nameOption },
    build: (all, config) => {
      const { name = definition.name ?? snakeCase(className), reduction } = all as unknown as {
        name?: string;
        reduction: Reduction;
      };
      const { ignoreClass } = all as { ignoreClass?: number | null };
      return {
        className,
        name,
        labels,
        ignoreClass: ignoreClass ?? undefined,
        config: config(),
        call(yTrue, yPred) {
          const values = definition.values(yTrue, yPred, all as OutputOf<T>, name);
          return rowsOf(values instanceof Tensor ? { values } : values, reduction);
        },
      };
    },
  });
}

/**
 * Labels and predictions as float32 of one shape. Where one has a last axis of length 1 that the other lacks, it gets
 * it too, as in Keras.
 * @throws ShapeError naming both.
 */
export function alike(yTrue: Tensor, yPred: Tensor, name: string): readonly [Tensor, Tensor] {
  const [labels, predictions] = [withColumn(toFloat(yTrue), yPred), withColumn(toFloat(yPred), yTrue)];
  if (!sameDimensions(labels.shape, predictions.shape)) {
    throw new ShapeError(
      `${name}: labels and predictions must have one shape, received labels ${formatShape(yTrue.shape)} and predictions ${formatShape(yPred.shape)}.`,
    );
  }
  return [labels, predictions];
}

function withColumn(x: Tensor, other: Tensor): Tensor {
  const lacks = other.shape.length === x.shape.length + 1 && other.shape.at(-1) === 1;
  return lacks ? reshape([x], { shape: [...x.shape, 1] }) : x;
}

/**
 * Class numbers as [batch], and the predictions they belong to, [batch, classes].
 * @throws ShapeError naming both.
 */
export function classesOf(yTrue: Tensor, yPred: Tensor, name: string): readonly [Tensor, Tensor] {
  const { shape } = yTrue;
  const flat = shape.length === 1 || (shape.length === 2 && shape[1] === 1);
  if (!flat || yPred.shape.length !== 2) {
    const oneHot = sameDimensions(yTrue.shape, yPred.shape);
    throw new ShapeError(
      `${name}: labels [batch] (class numbers) and predictions [batch, classes] expected, received labels ${formatShape(shape)} and predictions ${formatShape(yPred.shape)}.${oneHot ? ` For one-hot labels use ${name.replace("sparse_", "")}.` : ""}`,
    );
  }
  if (yPred.shape[1]! < 2) {
    throw new ShapeError(
      `${name}: at least 2 classes expected, received predictions ${formatShape(yPred.shape)}. For one output use ${name.replace("sparse_categorical", "binary")}.`,
    );
  }
  return [shape.length === 1 ? yTrue : reshape([yTrue], { shape: shape.slice(0, 1) }), toFloat(yPred)];
}

/** The axis a loss works along: an option of some, the last one by default. */
export const axisOption = { axis: withDefault(integer(), -1) };

/**
 * The axis counted from the front.
 * @throws ShapeError for the batch, and for an axis that is not there.
 */
export function axisOf(axis: number, shape: Dimensions, name: string): number {
  const found = normalizeAxis(axis, shape.length, name);
  if (shape[found] !== null) return found;
  throw new ShapeError(`${name}: axis ${axis} of ${formatShape(shape)} is the batch; a loss works along another axis.`);
}

/** The mean over an axis, the last one by default; of one number a row, that number. */
export function meanAlong(x: Tensor, name: string, axis = -1): Tensor {
  return x.shape.length === 1 ? x : mean(x, { axes: [axisOf(axis, x.shape, name)] });
}

/**
 * Keras's small number: the least probability a crossentropy takes the logarithm of (the greatest is 1 - epsilon), and what
 * keeps denominators of metrics from 0.
 */
export const epsilon = 1e-7;
