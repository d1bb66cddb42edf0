/** Lowerings of matrix products: the right side is packed, once for each way it is used. */

import type { Builder } from "../builder.js";
import { sizeAt } from "../kernels/kernel.js";
import { gemmBlocks, packedBytes, type Size } from "../kernels.js";
import { type Lowering, lengthOf, type Operand } from "../lowering.js";
import type { Place } from "../place.js";

/** A product: c = a b, with bias and relu where they are given. */
interface Product {
  readonly a: Operand;
  readonly b: Operand;
  readonly c: Operand;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly bias?: Operand;
  readonly relu?: boolean;
}

const matmul: Lowering<"matmul"> = ({ builder, inputs: [a, b], output, attributes }) => {
  emitProduct(builder, { a, b, c: output, ...attributes });
};

const dense: Lowering<"dense"> = ({ builder, inputs: [a, b, bias], output, attributes }) => {
  const { transposeA, transposeB, activation } = attributes;
  emitProduct(builder, { a, b, c: output, transposeA, transposeB, bias, relu: activation === "relu" });
};

export const matrixLowerings = { matmul, dense };

function emitProduct(builder: Builder, { a, b, c, transposeA, transposeB, bias, relu = false }: Product): void {
  const m = lengthOf(c.shape, 0);
  const n = lengthOf(c.shape, 1);
  const k = lengthOf(a.shape, transposeA ? 0 : 1);
  const packed = pack(builder, b, k, n, transposeB);
  builder.emit("gemm", {
    a: a.place,
    b: packed,
    bias: bias?.place,
    c: c.place,
    m,
    n,
    k,
    aStride: a.shape[1]!,
    cStride: c.shape[1]!,
    transposed: transposeA ? 1 : 0,
    relu: relu ? 1 : 0,
    ...gemmBlocks(m, n, k, builder.capacity, transposeA),
  });
}

/** The right side [k, n] (or, transposed, [n, k]) as panels. */
export function pack(builder: Builder, b: Operand, k: Size, n: Size, transposed: boolean): Place {
  return builder.once(b.place, `packed ${JSON.stringify([k, n, transposed])}`, () => {
    const y = builder.scratch(packedBytes(sizeAt(k, builder.capacity), sizeAt(n, builder.capacity)));
    builder.emit("packB", {
      x: b.place,
      y,
      k,
      n,
      stride: b.shape[1]!,
      transposed: transposed ? 1 : 0,
      count: 1,
    });
    return y;
  });
}
