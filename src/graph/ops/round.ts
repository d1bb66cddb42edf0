/** Rounding to whole numbers. */

import { defineOp } from "../op.js";
import { floatType } from "./unary.js";

/** y = the whole number next to x, halves to the even one, as numpy; the slope is 0. */
export const round = defineOp({
  name: "round",
  inputs: 1,
  infer: ([x]) => floatType("round", x),
  gradient: () => [null],
  reference: ({ inputs: [x] }) => x.data.map(nearestEven),
});

function nearestEven(x: number): number {
  const down = Math.floor(x);
  const rest = x - down;
  return rest < 0.5 || (rest === 0.5 && down % 2 === 0) ? down : down + 1;
}
