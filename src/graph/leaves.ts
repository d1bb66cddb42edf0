/**
 * The leaves of a graph: where values come from. `input` rows advance with the steps of a job, a `table` is bound whole
 * (a data set that rows are gathered from), a `variable` is the state at the start of the step, `after` the state as the
 * step's effects leave it, a `constant` is fixed.
 */

import type { DType } from "../core/dtype.js";
import { OptionError } from "../core/errors.js";
import { sizeOf } from "../core/shape.js";
import { checkDimensions, type Dimensions } from "./dimensions.js";
import { Tensor, type Variable } from "./tensor.js";

/** Names of the leaves; all other tensors are made by ops. */
const leafNames: readonly string[] = ["input", "table", "variable", "after", "constant"];

/** Whether a tensor is a leaf. */
export function isLeaf(tensor: Tensor): boolean {
  return leafNames.includes(tensor.op);
}

/** A batch: `[null, ...]`; each step reads the next rows of the bound buffer. */
export function input(name: string, shape: Dimensions, dtype: DType): Tensor {
  checkDimensions(shape, `input "${name}"`);
  return new Tensor("input", [], { name }, shape, dtype);
}

/** A whole array of rows of shape `rowShape`, however many: `[null, ...rowShape]`, for `gatherRows` alone. */
export function table(name: string, rowShape: readonly number[], dtype: DType): Tensor {
  checkDimensions(rowShape, `table "${name}"`);
  return new Tensor("table", [], { name }, [null, ...rowShape], dtype);
}

/** The value of a variable at the start of the step; what the step writes is seen by the next one. */
export function read(variable: Variable): Tensor {
  return new Tensor("variable", [], { variable }, variable.shape, variable.dtype);
}

/**
 * The value of a variable as this step's effects leave it, for effects of a second round, such as an `assign` of the
 * variable itself. Nothing else can depend on it.
 */
export function readAfter(variable: Variable): Tensor {
  return new Tensor("after", [], { variable }, variable.shape, variable.dtype);
}

/**
 * A fixed array (row-major `values`), or one value for every element.
 * @throws OptionError where the number of values is neither 1 nor the shape's size.
 */
export function constant(
  values: number | readonly number[],
  shape: readonly number[] = [],
  dtype: DType = "float32",
): Tensor {
  const list = typeof values === "number" ? [values] : values;
  if (list.length !== 1 && list.length !== sizeOf(shape)) {
    throw new OptionError(
      `constant: ${sizeOf(shape)} values expected for shape [${shape.join(", ")}], received ${list.length}.`,
    );
  }
  return new Tensor("constant", [], { values: list }, shape, dtype);
}
