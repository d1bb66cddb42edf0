/** The layer that is a function of the user's own. Layers of one's own with options or weights: define-layer.ts. */

import { ShapeError } from "../../core/errors.js";
import { custom, formatReceived, optional, type RequiredCheck, shapeOption } from "../../core/options.js";
import { formatShape } from "../../core/shape.js";
import { sameDimensions } from "../../graph/dimensions.js";
import { input } from "../../graph/leaves.js";
import { Tensor } from "../../graph/tensor.js";
import { defineMerge } from "../define-layer.js";
import { toFloat } from "../to-float.js";

/** Makes a tensor of one, or of several. */
export type LambdaFunction = (...xs: Tensor[]) => Tensor;

/** A function in the form of an option that cannot be written down. */
export interface OwnFunction {
  readonly name: string;
  readonly config: null;
  readonly call: LambdaFunction;
}

function functionOption(): RequiredCheck<LambdaFunction, OwnFunction> {
  return custom<OwnFunction, LambdaFunction>(
    "a function of tensors, (x) => Tensor",
    (value) =>
      typeof value === "function"
        ? { name: value.name || "anonymous", config: null, call: value as LambdaFunction }
        : undefined,
    { refuses: [null, "relu", 3, {}, []] },
  );
}

/**
 * y = function(x), made of `ops`; of several inputs, function(a, b, ...). Which shape that is follows from the function,
 * and is held against `outputShape` (without the batch) where that is given. Functions cannot be written into a config.
 * @throws ShapeError where the function makes anything but a tensor of [batch, ...], or of another shape than promised.
 * @example layers.lambda({ function: (x) => ops.subtract(x, ops.mean(x, { axis: -1, keepdims: true })) })
 */
export const lambda = defineMerge({
  className: "Lambda",
  call: "lambda",
  options: { function: functionOption(), outputShape: optional(shapeOption()) },
  outputShape(options, shapes, name) {
    const symbols = shapes.map((shape, i) => input(`x${i}`, shape, "float32"));
    return made(options, symbols, name).shape;
  },
  build: (xs, { options, name }) => made(options, xs.map(toFloat), name),
});

/** What the function makes. @throws ShapeError where that is not what it must be. */
function made(
  { function: own, outputShape }: { readonly function: OwnFunction; readonly outputShape?: readonly number[] },
  xs: readonly Tensor[],
  name: string,
): Tensor {
  const y: unknown = own.call(...xs);
  const expected = outputShape === undefined ? undefined : [null, ...outputShape];
  const shape = y instanceof Tensor ? y.shape : undefined;
  if (shape?.[0] === null && (expected === undefined || sameDimensions(shape, expected))) return y as Tensor;
  const found = shape === undefined ? formatReceived(y) : formatShape(shape);
  throw new ShapeError(
    `${name}: its function must make a tensor of ${expected === undefined ? "[null, ...]" : formatShape(expected)}, made ${found} of ${xs.map((x) => formatShape(x.shape)).join(", ")}.`,
  );
}
