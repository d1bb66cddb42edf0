/** A choice between two, elementwise with broadcasting. */

import { sizeOf } from "../../core/shape.js";
import { broadcastDimensions } from "../dimensions.js";
import { constant } from "../leaves.js";
import { defineOp, type NoAttributes, type Op } from "../op.js";
import { binaryType, broadcastIndices, numeric } from "./broadcast.js";
import { sumTo } from "./broadcastTo.js";
import { checkDType } from "./unary.js";

/** y = a where the condition (bool) is true, else b; dy goes where y came from. */
export const select: Op<"select", 3, NoAttributes> = defineOp({
  name: "select",
  inputs: 3,
  infer: ([condition, a, b]) => {
    checkDType("select", condition, ["bool"], "the condition");
    const { shape, dtype } = binaryType("select", a, b, numeric);
    return { shape: broadcastDimensions(condition.shape, shape, "select"), dtype };
  },
  gradient: ({ inputs: [condition, a, b], gradient: g }) => [
    null,
    sumTo(select([condition, g, constant(0)]), a.shape),
    sumTo(select([condition, constant(0), g]), b.shape),
  ],
  reference: ({ inputs: [condition, a, b], shape }) => {
    const result = new Float64Array(sizeOf(shape));
    const [c, p, q] = [condition, a, b].map((value) => broadcastIndices(value.shape, shape)) as [
      Int32Array,
      Int32Array,
      Int32Array,
    ];
    for (let i = 0; i < result.length; i++) {
      result[i] = condition.data[c[i]!] !== 0 ? a.data[p[i]!]! : b.data[q[i]!]!;
    }
    return result;
  },
});
