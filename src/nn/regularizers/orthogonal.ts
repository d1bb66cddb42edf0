/** The regularizer that turns vectors away from each other. */

import { ShapeError } from "../../core/errors.js";
import { nonNegative, oneOf, withDefault } from "../../core/options.js";
import { formatShape } from "../../core/shape.js";
import { sum } from "../../graph/compose.js";
import { constant } from "../../graph/leaves.js";
import { absolute } from "../../graph/ops/absolute.js";
import { divide } from "../../graph/ops/divide.js";
import { matmul } from "../../graph/ops/matmul.js";
import { maximum } from "../../graph/ops/maximum.js";
import { multiply } from "../../graph/ops/multiply.js";
import { oneHot } from "../../graph/ops/oneHot.js";
import { sqrt } from "../../graph/ops/sqrt.js";
import { square } from "../../graph/ops/square.js";
import { subtract } from "../../graph/ops/subtract.js";
import { defineFactory } from "../factory.js";
import type { Regularizer } from "./regularizer.js";

/** A shorter vector is not made longer than 1 / 1e-7 times itself; Keras's. */
const smallestSquare = 1e-14;

/**
 * The penalty `factor` (0.01 by default) times the mean of |a · b| over all pairs of different vectors a, b of length 1:
 * the rows of a matrix, or its columns, by `mode` ("rows" by default, or "columns"), each divided by its length.
 * @throws ShapeError (at compile) for a weight that is not a matrix of at least two such vectors.
 * @example layers.dense({ units: 3, kernelRegularizer: regularizers.orthogonalRegularizer({ mode: "columns" }) })
 */
export const orthogonalRegularizer = defineFactory({
  className: "OrthogonalRegularizer",
  call: "orthogonalRegularizer",
  options: {
    factor: withDefault(nonNegative(), 0.01),
    mode: withDefault(oneOf(["rows", "columns"]), "rows"),
  },
  build: ({ factor, mode }, config): Regularizer => ({
    name: "orthogonalRegularizer",
    config: config(),
    call(x, where) {
      const rows = mode === "rows";
      const count = x.shape.length === 2 ? x.shape[rows ? 0 : 1]! : 0;
      if (count === null || count < 2) {
        throw new ShapeError(
          `${where}: orthogonalRegularizer expects a matrix of at least two ${mode}, received ${formatShape(x.shape)}.`,
        );
      }
      const squares = sum(square([x]), { axes: [rows ? 1 : 0], keepDims: true });
      const unit = divide([x, sqrt([maximum([squares, constant(smallestSquare)])])]);
      const products = matmul([unit, unit], { transposeA: !rows, transposeB: rows });
      const numbers = constant(
        Array.from({ length: count }, (_, i) => i),
        [count],
        "int32",
      );
      const others = subtract([constant(1), oneHot([numbers], { classes: count })]);
      const pairs = (count * (count - 1)) / 2;
      return multiply([constant((factor * 0.5) / pairs), sum(absolute([multiply([products, others])]))]);
    },
  }),
});
