/** All regularizers by name, and the check of an option that takes one. */

import { ShapeError } from "../../core/errors.js";
import { nullable, type RequiredCheck } from "../../core/options.js";
import { formatReceived } from "../../core/received.js";
import { Tensor } from "../../graph/tensor.js";
import {
  type AnyFactory,
  type Description,
  isApplied,
  nameOf,
  productOrFunctionOption,
  type Room,
  type SnakeCase,
} from "../factory.js";
import { orthogonalRegularizer } from "./orthogonal.js";
import { l1, l1l2, l2 } from "./powers.js";
import type { Regularizer } from "./regularizer.js";

export { activityPenalty, type Regularizer, weightPenalty } from "./regularizer.js";

/** Makes regularizers. */
export const regularizers = { l1, l1l2, l2, orthogonalRegularizer } as const;

/** Other names of regularizers that Keras knows. */
const aliases = { l1_l2: "l1l2" } as const;

/** The name of a regularizer. */
type RegularizerName = keyof typeof regularizers | SnakeCase<"orthogonalRegularizer"> | keyof typeof aliases;

/** A penalty for a tensor, as a function of it: a scalar, or numbers that add up to it. */
export type RegularizerFunction = (x: Tensor) => Tensor;

/** What a layer takes as a regularizer. */
export type RegularizerLike =
  | RegularizerName
  | Regularizer
  | AnyFactory<Regularizer>
  | RegularizerFunction
  | Description;

const room: Room<Regularizer> = {
  what: "regularizer",
  factories: regularizers,
  aliases,
  is: isApplied,
};

/**
 * An option that is a regularizer or null: a name ("l2": with its default factor), `{ className,
 * config }`, one made by `regularizers`, or a function of a tensor.
 */
export function regularizerOption(): RequiredCheck<RegularizerLike | null, Regularizer | null> {
  return nullable(
    productOrFunctionOption<Regularizer, RegularizerLike, RegularizerFunction>(
      room,
      'a regularizer: one made by regularizers, a name such as "l2", or a function of a tensor',
      ["l3", "", 3, {}, ["l2"], { className: "L2", config: { l2: -1 } }],
      ownRegularizer,
    ),
  );
}

function ownRegularizer(make: RegularizerFunction): Regularizer {
  const name = nameOf(make);
  return {
    name,
    config: null,
    call(x, where) {
      const penalty: unknown = make(x);
      if (penalty instanceof Tensor) return penalty;
      throw new ShapeError(
        `${where}: a regularizer of your own must make a tensor, ${name} made ${formatReceived(penalty)}.`,
      );
    },
  };
}
