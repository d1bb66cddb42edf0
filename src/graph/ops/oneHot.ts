/** Labels as rows of zeros with a single one. */

import { OptionError } from "../../core/errors.js";
import { defineOp, type Op } from "../op.js";
import { checkDType } from "./unary.js";

/** y[..., j] = 1 where j is the label, else 0 (float32); a label outside 0 .. classes - 1 gives a row of zeros. */
export const oneHot: Op<"oneHot", 1, { readonly classes: number }> = defineOp({
  name: "oneHot",
  inputs: 1,
  infer: ([labels], { classes }) => {
    checkDType("oneHot", labels, ["int32", "uint8"], "labels");
    if (!Number.isSafeInteger(classes) || classes < 1) {
      throw new OptionError(`oneHot: classes must be a whole number of at least 1, received ${classes}.`);
    }
    return { shape: [...labels.shape, classes], dtype: "float32" };
  },
  gradient: () => [null],
  reference: ({ inputs: [labels], attributes: { classes } }) => {
    const result = new Float64Array(labels.data.length * classes);
    labels.data.forEach((label, i) => {
      if (label >= 0 && label < classes) result[i * classes + label] = 1;
    });
    return result;
  },
});
