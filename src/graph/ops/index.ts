/** The table of all ops. An op has the same word here, in its file and in every backend. */

import { add } from "./add.js";
import { broadcastTo, reduceSum } from "./broadcastTo.js";
import { increment } from "./increment.js";
import { matmul } from "./matmul.js";
import { relu, reluGradient } from "./relu.js";
import { reshape } from "./reshape.js";

export const ops = { add, broadcastTo, increment, matmul, reduceSum, relu, reluGradient, reshape };

/** The name of an op. */
export type OpName = keyof typeof ops;

/** The attributes of an op. */
export type AttributesOf<O extends OpName> = Parameters<(typeof ops)[O]["definition"]["infer"]>[1];
