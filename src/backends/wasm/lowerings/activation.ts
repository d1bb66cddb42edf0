/** Lowerings of activations by formula, and of their gradient. */

import type { AttributesOf } from "../../../graph/ops/index.js";
import { activationFormulas } from "../kernels/activation.js";
import { elements, type Lowering, type Operand } from "../lowering.js";

/** The words that attributes and length decide; a formula's missing parameters are 0. */
function formulaWords({ formula, parameters }: AttributesOf<"activation">, { shape }: Operand) {
  const [p0 = 0, p1 = 0, p2 = 0] = parameters;
  return { formula: activationFormulas[formula], p0, p1, p2, n: elements(shape) };
}

const activation: Lowering<"activation"> = ({ builder, inputs: [x], output, attributes }) => {
  builder.emit("activation", { x: x.place, y: output.place, ...formulaWords(attributes, output) });
};

const activationGradient: Lowering<"activationGradient"> = ({ builder, inputs: [x, dy], output, attributes }) => {
  builder.emit("activationGradient", {
    x: x.place,
    dy: dy.place,
    dx: output.place,
    ...formulaWords(attributes, output),
  });
};

export const activationLowerings = { activation, activationGradient };
