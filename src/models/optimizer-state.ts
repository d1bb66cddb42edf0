/** The state of training as arrays by name: what an optimizer keeps, the learning rate, how many steps were made. */

import type { TypedArray } from "../core/dtype.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { unknownName } from "../core/names.js";
import { asNDArray, type NDArray, type NDArrayLike } from "../core/ndarray.js";
import { fromTyped } from "../core/ndarray-create.js";
import { formatReceived } from "../core/received.js";
import { formatShape, sameShape } from "../core/shape.js";
import type { Variable } from "../graph/tensor.js";
import { stateVariables, type TrainingState } from "./graphs.js";
import type { VariableStore } from "./variable-store.js";

/** The variables that training goes on with; its random numbers begin anew with every fit. */
function lasting(state: TrainingState): readonly Variable[] {
  return stateVariables(state).filter((variable) => variable !== state.random);
}

/** Copies of the state by the variables' names. */
export async function readState(state: TrainingState, store: VariableStore): Promise<Record<string, NDArray>> {
  const variables = lasting(state);
  // All reads are queued at once, so that no step of a fit comes between them.
  const values = await Promise.all(variables.map((variable) => store.read(variable)));
  return Object.fromEntries(
    variables.map(({ name, shape, dtype }, i) => [name, fromTyped(values[i]!, shape, dtype)] as const),
  );
}

/**
 * The values of each variable.
 * @throws OptionError for a name that is missing or not known; ShapeError for another shape.
 */
export function stateValues(
  state: TrainingState,
  given: Readonly<Record<string, NDArrayLike>>,
  call: string,
): ReadonlyMap<Variable, TypedArray> {
  if (typeof given !== "object" || given === null) {
    throw new OptionError(`${call}: arrays by name expected, received ${formatReceived(given)}.`);
  }
  const variables = lasting(state);
  const names = variables.map(({ name }) => name);
  for (const name of Object.keys(given)) {
    if (!names.includes(name)) throw unknownName("state", name, names, call);
  }
  return new Map(
    variables.map((variable) => {
      const { name, shape, dtype } = variable;
      const value = Object.hasOwn(given, name) ? given[name] : undefined;
      if (value === undefined) throw new OptionError(`${call}: "${name}" is missing.`);
      const array = asNDArray(value, `${call}: ${name}`);
      if (sameShape(array.shape, shape)) return [variable, array.astype(dtype).data as TypedArray];
      throw new ShapeError(
        `${call}: ${name} should have shape ${formatShape(shape)}, received ${formatShape(array.shape)}.`,
      );
    }),
  );
}
