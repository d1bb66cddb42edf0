/** The route of a pooled convolution as an input of a case: what conv2dMaxPool makes of the picture and the filters. */

import type { Dimensions } from "../../src/graph/dimensions.js";
import { type Conv2dMaxPoolAttributes, conv2dMaxPool, routeResult } from "../../src/graph/ops/conv2dMaxPool.js";
import type { CaseInput } from "./case.js";
import { derived } from "./fill.js";

/** An input of the pooled shape, behind the inputs picture and filters. */
export function routeInput(pooled: Dimensions, filters: number, attributes: Conv2dMaxPoolAttributes): CaseInput {
  const values = derived(([pictures, weights], shape) => {
    const bias = { shape: [filters], data: new Float64Array(filters) };
    const context = { inputs: [pictures!, weights!, bias], attributes, shape, rows: shape[0]! };
    return conv2dMaxPool.definition.others![routeResult - 1]!.reference(context as never);
  });
  return { shape: pooled, dtype: "uint8", values };
}

/** The shape of the pooled convolution. */
export function pooledShape(x: Dimensions, filter: Dimensions, attributes: Conv2dMaxPoolAttributes): Dimensions {
  const types = [x, filter, [filter[3]!]].map((shape) => ({ shape, dtype: "float32" as const }));
  return conv2dMaxPool.definition.infer(types as never, attributes).shape;
}
