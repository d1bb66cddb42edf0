/** Lowerings of sums and maxima over axes. */

import { bytesPerElement } from "../../../core/dtype.js";
import { EngineError } from "../../../core/errors.js";
import { sizeAt } from "../kernels/kernel.js";
import { reduceOps, reducePasses } from "../kernels/reduction.js";
import { byteSize, type Lowering, type LoweringContext } from "../lowering.js";

function reduction<O extends "reduceSum" | "reduceMax">(op: keyof typeof reduceOps): Lowering<O> {
  return (context) => {
    const { builder, inputs, output, attributes } = context as unknown as LoweringContext<"reduceSum">;
    const [x] = inputs;
    const passes = reducePasses(x.shape, attributes.axes);
    if (passes.length === 0) {
      builder.emit("copy", { x: x.place, y: output.place, n: byteSize(x) });
      return;
    }
    if (x.dtype !== "float32") throw new EngineError(`wasm: reduce of ${x.dtype} has no kernel. Cast it first.`);
    let from = x.place;
    passes.forEach((pass, i) => {
      const size = sizeAt(pass.outer, builder.capacity) * pass.inner * bytesPerElement(x.dtype);
      const to = i + 1 === passes.length ? output.place : builder.scratch(size);
      builder.emit("reduce", { x: from, y: to, op: reduceOps[op], ...pass });
      from = to;
    });
  };
}

const rowCount: Lowering<"rowCount"> = ({ builder, output }) => {
  builder.emit("rowCount", { y: output.place });
};

export const reduceLowerings = {
  reduceSum: reduction<"reduceSum">("sum"),
  reduceMax: reduction<"reduceMax">("max"),
  rowCount,
};
