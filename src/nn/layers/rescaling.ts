/** The layer that brings pixels into the range a network learns well in. */

import { finite, withDefault } from "../../core/options.js";
import { constant } from "../../graph/leaves.js";
import { add } from "../../graph/ops/add.js";
import { multiply } from "../../graph/ops/multiply.js";
import { defineLayer } from "../define-layer.js";
import { toFloat } from "../to-float.js";

/**
 * y = x * scale + offset, in float32; `offset` is 0 by default. Takes bytes as they are: pictures can stay uint8 up to
 * here.
 * @example layers.rescaling({ scale: 1 / 255 })
 */
export const rescaling = defineLayer({
  className: "Rescaling",
  call: "rescaling",
  options: { scale: finite(), offset: withDefault(finite(), 0) },
  build(x, { options: { scale, offset } }) {
    const scaled = multiply([toFloat(x), constant(scale)]);
    return offset === 0 ? scaled : add([scaled, constant(offset)]);
  },
});
