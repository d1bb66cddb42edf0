/** All constraints by name, and the check of an option that takes one. */

import { ShapeError } from "../../core/errors.js";
import { nullable, type RequiredCheck } from "../../core/options.js";
import { formatReceived } from "../../core/received.js";
import { formatShape } from "../../core/shape.js";
import { sameDimensions } from "../../graph/dimensions.js";
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
import type { Constraint } from "./constraint.js";
import { nonNeg } from "./nonNeg.js";
import { maxNorm, minMaxNorm, unitNorm } from "./norms.js";

export type { Constraint } from "./constraint.js";

/** Makes constraints. */
export const constraints = { maxNorm, minMaxNorm, nonNeg, unitNorm } as const;

/** The name of a constraint. */
type ConstraintName = keyof typeof constraints | SnakeCase<keyof typeof constraints>;

/** What a weight is made to be after every update, as a function of it: a tensor of its shape. */
export type ConstraintFunction = (weight: Tensor) => Tensor;

/** What a layer takes as a constraint. */
export type ConstraintLike = ConstraintName | Constraint | AnyFactory<Constraint> | ConstraintFunction | Description;

const room: Room<Constraint> = {
  what: "constraint",
  factories: constraints,
  is: isApplied,
};

/**
 * An option that is a constraint or null: a name, `{ className, config }`, one made by
 * `constraints`, or a function of a weight.
 */
export function constraintOption(): RequiredCheck<ConstraintLike | null, Constraint | null> {
  return nullable(
    productOrFunctionOption<Constraint, ConstraintLike, ConstraintFunction>(
      room,
      'a constraint: one made by constraints, a name such as "nonNeg", or a function of a weight',
      ["nonNegative", "", 3, {}, ["nonNeg"], { className: "MaxNorm", config: { maxValue: -1 } }],
      ownConstraint,
    ),
  );
}

function ownConstraint(make: ConstraintFunction): Constraint {
  const name = nameOf(make);
  return {
    name,
    config: null,
    call(weight, where) {
      const made: unknown = make(weight);
      if (made instanceof Tensor && made.dtype === weight.dtype && sameDimensions(made.shape, weight.shape))
        return made;
      const found = made instanceof Tensor ? `${made.dtype} ${formatShape(made.shape)}` : formatReceived(made);
      throw new ShapeError(
        `${where}: a constraint of your own must make a tensor like the weight, ${weight.dtype} ${formatShape(weight.shape)}; ${name} made ${found}.`,
      );
    },
  };
}
