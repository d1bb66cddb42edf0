/** Lowerings of the ops that cut an axis or put it together: runs of bytes that go elsewhere. */

import { bytesPerElement } from "../../../core/dtype.js";
import { sizeOf } from "../../../core/shape.js";
import type { Dimensions } from "../../../graph/dimensions.js";
import type { Builder } from "../builder.js";
import type { Size } from "../kernels.js";
import { elements, type Lowering, type Operand } from "../lowering.js";
import { after, type Place } from "../place.js";

/** Bytes of what an axis and those behind it hold. */
function runBytes({ shape, dtype }: Pick<Operand, "shape" | "dtype">, axis: number): number {
  return sizeOf(shape.slice(axis) as number[]) * bytesPerElement(dtype);
}

/** How many such runs there are. */
function runsOf(shape: Dimensions, axis: number): Size {
  return axis === 0 ? 1 : elements(shape.slice(0, axis));
}

/** Runs of some bytes from one place to another, each a step further on; zeros where there is no place to take them from. */
function emitRuns(
  builder: Builder,
  n: Size,
  run: number,
  to: { readonly place: Place; readonly step: number },
  from?: { readonly place: Place; readonly step: number },
): void {
  if (run === 0) return;
  builder.emit("copyRuns", { x: from?.place, y: to.place, n, run, xStep: from?.step ?? 0, yStep: to.step });
}

const slice: Lowering<"slice"> = ({ builder, inputs: [x], output, attributes: { axis, from } }) => {
  const step = runBytes(x, axis);
  const run = runBytes(output, axis);
  const begin = after(x.place, from * runBytes(x, axis + 1));
  emitRuns(builder, runsOf(x.shape, axis), run, { place: output.place, step: run }, { place: begin, step });
};

const pad: Lowering<"pad"> = ({ builder, inputs: [x], output, attributes: { axis, before, after: behind } }) => {
  const n = runsOf(x.shape, axis);
  const [run, step, one] = [runBytes(x, axis), runBytes(output, axis), runBytes(x, axis + 1)];
  const at = (bytes: number) => ({ place: after(output.place, bytes), step });
  emitRuns(builder, n, before * one, at(0));
  emitRuns(builder, n, run, at(before * one), { place: x.place, step: run });
  emitRuns(builder, n, behind * one, at(before * one + run));
};

const concatenate: Lowering<"concatenate"> = ({ builder, inputs, output, attributes: { axis } }) => {
  const step = runBytes(output, axis);
  let offset = 0;
  for (const input of inputs) {
    const run = runBytes(input, axis);
    const to = { place: after(output.place, offset), step };
    emitRuns(builder, runsOf(input.shape, axis), run, to, { place: input.place, step: run });
    offset += run;
  }
};

export const runLowerings = { concatenate, pad, slice };
