/** An activation as a layer of its own. */

import { activationOption } from "../activations/index.js";
import { defineLayer } from "../define-layer.js";
import { toFloat } from "../to-float.js";

/**
 * y = activation(x).
 * @example layers.activation({ activation: "relu" })
 */
export const activation = defineLayer({
  className: "Activation",
  call: "activation",
  options: { activation: activationOption() },
  build: (x, { options }) => options.activation.call(toFloat(x)),
});
