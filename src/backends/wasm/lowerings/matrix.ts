/** Lowerings of matrix products: both sides are packed, once for each way they are used. */

import type { Builder } from "../builder.js";
import { sizeAt } from "../kernels/kernel.js";
import { gemmBlocks, pairBytes, panelBytes, type Size } from "../kernels.js";
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

/** From so many columns on it pays to pack the left side. */
const PAIRS_FROM = 48;

function emitProduct(builder: Builder, { a, b, c, transposeA, transposeB, bias, relu = false }: Product): void {
  const m = lengthOf(c.shape, 0);
  const n = lengthOf(c.shape, 1);
  const k = lengthOf(a.shape, transposeA ? 0 : 1);
  const blocks = gemmBlocks(m, n, k, builder.capacity);
  // Columns that serve as rows lie far apart, so they are packed whatever n is.
  const worth = transposeA || sizeAt(n, builder.capacity) >= PAIRS_FROM;
  const transposed = transposeA ? 1 : 0;
  builder.emit("gemm", {
    a: a.place,
    pairs: worth ? packPairs(builder, a, m, k, transposed, blocks.kBlock) : undefined,
    b: packPanels(builder, b.place, k, n, transposeB ? 1 : 0, b.shape[1]!),
    bias: bias?.place,
    c: c.place,
    m,
    n,
    k,
    aStride: a.shape[1]!,
    cStride: c.shape[1]!,
    transposed,
    relu: relu ? 1 : 0,
    ...blocks,
  });
}

/** The left side [m, k] (or, transposed, [k, m]) as pairs of rows. */
function packPairs(builder: Builder, a: Operand, m: Size, k: Size, transposed: 0 | 1, kBlock: number): Place {
  return builder.once(a.place, `pairs ${JSON.stringify([m, k, transposed, kBlock])}`, () => {
    const y = builder.scratch(pairBytes(sizeAt(m, builder.capacity), sizeAt(k, builder.capacity), kBlock));
    builder.emit("packPairs", { a: a.place, y, m, k, aStride: a.shape[1]!, transposed, kBlock });
    return y;
  });
}

/** The right side [k, n] (or, transposed, [n, k]) as panels; a row of it is all of n, or k. */
export function packPanels(builder: Builder, b: Place, k: Size, n: Size, transposed: 0 | 1, stride: number): Place {
  return builder.once(b, `panels ${JSON.stringify([k, n, transposed])}`, () => {
    const y = builder.scratch(panelBytes(sizeAt(k, builder.capacity), sizeAt(n, builder.capacity)));
    builder.emit("packPanels", { x: b, y, k, n, stride, transposed });
    return y;
  });
}
