/**
 * All gradients of a convolution with a bias at once: dx, and beside it dw and db. A backend reads x and dy once for the
 * three. Three forms, by where dy comes from. Made by fusion only.
 */

import { ShapeError } from "../../core/errors.js";
import { formatShape, sizeOf } from "../../core/shape.js";
import { sameDimensions } from "../dimensions.js";
import { defineOp, type Op, type ReferenceContext, type ResultDefinition, type Tuple, type Value } from "../op.js";
import type { Attributes, TensorType } from "../tensor.js";
import { type Conv2dAttributes, conv2d, conv2dFilterGradient, conv2dInputGradient, convolutionOf } from "./conv2d.js";
import { type Conv2dMaxPoolAttributes, pooledConvolution, unpooled } from "./conv2dMaxPool.js";
import { reluGradient } from "./relu.js";

/** Number of dw among the results. */
export const filterResult = 1;
/** Number of db among the results. */
export const biasResult = 2;

/** How a form comes to the gradient of the convolution's own output, of type `y`, and refuses what does not fit. */
interface Form<N extends number, A extends Attributes> {
  check(inputs: Tuple<TensorType, N>, y: TensorType, attributes: A): void;
  dy(inputs: Tuple<Value, N>, attributes: A): Value;
}

/** The op of a form; its first two inputs are x and the kernel. */
function gradientsOf<const Name extends string, const N extends 3 | 4, A extends Conv2dAttributes & Attributes>(
  name: Name,
  inputs: N,
  form: Form<N, A>,
): Op<Name, N, A> {
  const check = (given: Tuple<TensorType, N>, attributes: A): readonly TensorType[] => {
    const [x, kernel] = given as readonly TensorType[];
    form.check(given, conv2d.definition.infer([x!, kernel!], convolutionOf(attributes)), attributes);
    return [x!, kernel!];
  };
  const context = ({ inputs: given, attributes, rows }: ReferenceContext<N, A>) => {
    const [x, kernel] = given as readonly Value[];
    return { x: x!, kernel: kernel!, dy: form.dy(given, attributes), window: convolutionOf(attributes), rows };
  };
  const filter: ResultDefinition<N, A> = {
    infer: (given, attributes) => check(given, attributes)[1]!,
    reference: (given) => {
      const { x, kernel, dy, window, rows } = context(given);
      const attributes = { ...window, kernelSize: [kernel.shape[0]!, kernel.shape[1]!] as const };
      return conv2dFilterGradient.definition.reference({ inputs: [x, dy], attributes, shape: given.shape, rows })!;
    },
  };
  const bias: ResultDefinition<N, A> = {
    infer: (given, attributes) => ({ shape: [check(given, attributes)[1]!.shape[3]!], dtype: "float32" }),
    reference: (given) => {
      const result = new Float64Array(sizeOf(given.shape));
      context(given).dy.data.forEach((v, i) => {
        result[i % result.length]! += v;
      });
      return result;
    },
  };
  return defineOp<Name, N, A>({
    name,
    inputs,
    others: [filter, bias],
    infer: (given, attributes) => check(given, attributes)[0]!,
    reference: (given) => {
      const { x, kernel, dy, window, rows } = context(given);
      const attributes = { ...window, height: x.shape[1]!, width: x.shape[2]! };
      return conv2dInputGradient.definition.reference({ inputs: [dy, kernel], attributes, shape: given.shape, rows })!;
    },
  });
}

function expectShape(name: string, what: string, given: TensorType, expected: TensorType): void {
  if (sameDimensions(given.shape, expected.shape)) return;
  throw new ShapeError(
    `${name}: ${what} of shape ${formatShape(expected.shape)} expected, received ${formatShape(given.shape)}.`,
  );
}

/** dx, dw and db of y = conv2d(x, kernel) + bias. Inputs x, kernel, dy. */
export const conv2dGradients: Op<"conv2dGradients", 3, Conv2dAttributes> = gradientsOf("conv2dGradients", 3, {
  check: ([, , dy], y) => expectShape("conv2dGradients", "dy", dy, y),
  dy: ([, , dy]) => dy,
});

/** dx, dw and db of y = relu(conv2d(x, kernel) + bias). Inputs x, kernel, y, dy; dy counts where y > 0. */
export const conv2dReluGradients: Op<"conv2dReluGradients", 4, Conv2dAttributes> = gradientsOf(
  "conv2dReluGradients",
  4,
  {
    check: ([, , y, dy], expected) => {
      expectShape("conv2dReluGradients", "y", y, expected);
      expectShape("conv2dReluGradients", "dy", dy, expected);
    },
    dy: ([, , y, dy]) => {
      const { shape } = dy;
      const rows = shape[0]!;
      return { shape, data: reluGradient.definition.reference({ inputs: [y, dy], attributes: {}, shape, rows })! };
    },
  },
);

/** dx, dw and db of conv2dMaxPool. Inputs x, kernel, the route of the forward, and dp of the pooled shape. */
export const conv2dMaxPoolGradients: Op<"conv2dMaxPoolGradients", 4, Conv2dMaxPoolAttributes> = gradientsOf(
  "conv2dMaxPoolGradients",
  4,
  {
    check: ([, , route, dp], y, attributes) => {
      const pooled = pooledConvolution("conv2dMaxPoolGradients", y, attributes);
      expectShape("conv2dMaxPoolGradients", "the route", route, pooled);
      expectShape("conv2dMaxPoolGradients", "dp", dp, pooled);
    },
    dy: ([x, kernel, route, dp], attributes) => unpooled(x.shape, kernel.shape, route, dp, attributes),
  },
);
