/**
 * The options that a layer has for each of its weights, from one table: `kernelInitializer`, `kernelRegularizer`,
 * `kernelConstraint`. Not here: what they mean.
 */

import { type OptionCheck, withDefault } from "../core/options.js";
import { type Constraint, type ConstraintLike, constraintOption } from "./constraints/index.js";
import { type Initializer, type InitializerLike, initializerOption } from "./initializers/index.js";
import type { WeightSpec } from "./layer-parts.js";
import { type Regularizer, type RegularizerLike, regularizerOption } from "./regularizers/index.js";

/** The options of a weight of this name, in a layer's table. */
type WeightOptions<Name extends string> = {
  readonly [Key in `${Name}Initializer`]: OptionCheck<InitializerLike, Initializer, "default">;
} & {
  readonly [Key in `${Name}Regularizer`]: OptionCheck<RegularizerLike | null, Regularizer | null, "default">;
} & {
  readonly [Key in `${Name}Constraint`]: OptionCheck<ConstraintLike | null, Constraint | null, "default">;
};

/** The same options once they are read. */
export type ReadWeightOptions<Name extends string> = { readonly [Key in `${Name}Initializer`]: Initializer } & {
  readonly [Key in `${Name}Regularizer`]: Regularizer | null;
} & { readonly [Key in `${Name}Constraint`]: Constraint | null };

/**
 * The options of a weight: how it begins (`initializer` by default), what penalty training adds to the loss for it, and
 * what it is made to be after every update (both null by default).
 */
export function weightOptions<const Name extends string>(
  name: Name,
  initializer: InitializerLike,
): WeightOptions<Name> {
  return {
    [`${name}Initializer`]: withDefault(initializerOption(), initializer),
    [`${name}Regularizer`]: withDefault(regularizerOption(), null),
    [`${name}Constraint`]: withDefault(constraintOption(), null),
  } as unknown as WeightOptions<Name>;
}

/** A weight that training changes, of this name and shape, as a layer's options say. */
export function weightOf<const Name extends string>(
  name: Name,
  shape: readonly number[],
  options: ReadWeightOptions<Name>,
): WeightSpec {
  const given = options as Readonly<Record<string, unknown>>;
  return {
    name,
    shape,
    initializer: given[`${name}Initializer`] as Initializer,
    regularizer: given[`${name}Regularizer`] as Regularizer | null,
    constraint: given[`${name}Constraint`] as Constraint | null,
    trainable: true,
  };
}
