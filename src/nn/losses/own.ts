/** A loss that is a function of the user's own. */

import { ShapeError } from "../../core/errors.js";
import { custom, formatReceived, oneOf, optional, optionsOf, string, withDefault } from "../../core/options.js";
import { formatShape } from "../../core/shape.js";
import { broadcastTo } from "../../graph/ops/broadcastTo.js";
import { Tensor } from "../../graph/tensor.js";
import { toFloat } from "../to-float.js";
import type { Labels, Loss } from "./loss.js";
import { type Reduction, reductionOption, rowsOf } from "./reduction.js";

/**
 * The losses of a batch, [batch, ...], of which the mean is made small; or that mean itself, a scalar. Made of tensors, by
 * functions of tensors.
 */
export type LossFunction = (yTrue: Tensor, yPred: Tensor) => Tensor;

/** A loss of one's own with more said about it. */
export interface OwnLoss {
  readonly call: LossFunction;
  /** Whether yTrue has values like the predictions, which is the default, or class numbers. */
  readonly labels?: Labels | undefined;
  /** Default "sumOverBatchSize". */
  readonly reduction?: Reduction | undefined;
  /** The name in messages. Default the function's. */
  readonly name?: string | undefined;
}

const ownOptions = optionsOf("compile: a loss of your own", {
  call: custom<LossFunction>(
    "a function of tensors, (yTrue, yPred) => Tensor",
    (value) => (typeof value === "function" ? (value as LossFunction) : undefined),
    { refuses: [null, "mse", 3, {}] },
  ),
  labels: withDefault(oneOf<Labels>(["values", "classes"]), "values"),
  reduction: reductionOption,
  name: optional(string()),
});

/**
 * The loss that a function of the user's own is.
 * @throws OptionError for bad options; when it is called, ShapeError where the function makes anything but numbers a row,
 * or a scalar.
 */
export function ownLoss(given: LossFunction | OwnLoss): Loss {
  const { call, labels, reduction, name } = ownOptions.read(typeof given === "function" ? { call: given } : given);
  const spoken = name ?? (call.name || "loss");
  return {
    className: spoken,
    name: spoken,
    labels,
    config: null,
    call(yTrue, yPred) {
      const values: unknown = call(yTrue, yPred);
      if (!(values instanceof Tensor) || (values.shape.length > 0 && values.shape[0] !== null)) {
        const made = values instanceof Tensor ? formatShape(values.shape) : formatReceived(values);
        throw new ShapeError(
          `${spoken}: a loss of your own must make a tensor of [null, ...] (numbers for each row of the batch) or [] (their mean), received ${made}.`,
        );
      }
      // A scalar is the batch's loss already: the same number in every row has it as mean.
      if (values.shape.length === 0) return broadcastTo([toFloat(values)], { shape: [null] });
      return rowsOf({ values: toFloat(values) }, reduction);
    },
  };
}
