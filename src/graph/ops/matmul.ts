/** The product of two matrices, either of them transposed. */

import { ShapeError } from "../../core/errors.js";
import { formatShape } from "../../core/shape.js";
import { defineOp, type Op } from "../op.js";
import { floatType } from "./unary.js";

/** Attributes of matmul. */
export type MatmulAttributes = { readonly transposeA: boolean; readonly transposeB: boolean };

/** y[i, j] = sum over k of a[i, k] b[k, j]; with transposeA a is [k, i], with transposeB b is [j, k]. */
export const matmul: Op<"matmul", 2, MatmulAttributes> = defineOp({
  name: "matmul",
  inputs: 2,
  infer: ([a, b], { transposeA, transposeB }) => {
    floatType("matmul", a);
    floatType("matmul", b);
    const [m, k] = transposeA ? [a.shape[1], a.shape[0]] : [a.shape[0], a.shape[1]];
    const [l, n] = transposeB ? [b.shape[1], b.shape[0]] : [b.shape[0], b.shape[1]];
    if (a.shape.length !== 2 || b.shape.length !== 2 || k !== l || n === null) {
      throw new ShapeError(
        `matmul: ${formatShape(a.shape)}${transposeA ? " transposed" : ""} does not multiply ${formatShape(b.shape)}${transposeB ? " transposed" : ""}.`,
      );
    }
    return { shape: [m!, n!], dtype: a.dtype };
  },
  gradient: ({ inputs: [a, b], gradient: g, attributes: { transposeA, transposeB } }) => [
    transposeA
      ? matmul([b, g], { transposeA: transposeB, transposeB: true })
      : matmul([g, b], { transposeA: false, transposeB: !transposeB }),
    transposeB
      ? matmul([g, a], { transposeA: true, transposeB: transposeA })
      : matmul([a, g], { transposeA: !transposeA, transposeB: false }),
  ],
  reference: ({ inputs: [a, b], attributes: { transposeA, transposeB }, shape: [m, n] }) => {
    const k = transposeA ? a.shape[0]! : a.shape[1]!;
    const result = new Float64Array(m! * n!);
    for (let i = 0; i < m!; i++) {
      for (let j = 0; j < n!; j++) {
        let sum = 0;
        for (let p = 0; p < k; p++) {
          sum += a.data[transposeA ? p * m! + i : i * k + p]! * b.data[transposeB ? j * k + p : p * n! + j]!;
        }
        result[i * n! + j] = sum;
      }
    }
    return result;
  },
});
