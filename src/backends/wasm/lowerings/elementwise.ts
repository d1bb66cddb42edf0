/** Lowerings of ops that make one element from one element of each input, with broadcasting. */

import type { DType } from "../../../core/dtype.js";
import { bytesPerElement } from "../../../core/dtype.js";
import { EngineError } from "../../../core/errors.js";
import type { Dimensions } from "../../../graph/dimensions.js";
import type { OpName } from "../../../graph/ops/index.js";
import {
  binaryOps,
  binaryWords,
  broadcastWords,
  elementTypes,
  selectWords,
  transposeWords,
  unaryOps,
} from "../kernels/elementwise.js";
import { byteSize, elements, type Lowering, type Operand } from "../lowering.js";

type UnaryOp = Extract<OpName, keyof typeof unaryOps>;
type BinaryOp = Extract<OpName, keyof typeof binaryOps>;

function unary<O extends UnaryOp>(op: O): Lowering<O> {
  return ({ builder, inputs, output }) => {
    const [x] = inputs as readonly [Operand];
    builder.emit("unary", { x: x.place, y: output.place, op: unaryOps[op], n: elements(output.shape) });
  };
}

function binary<O extends BinaryOp>(op: O): Lowering<O> {
  return ({ builder, inputs, output }) => {
    const [a, b] = inputs as readonly [Operand, Operand];
    builder.emit("binary", {
      a: a.place,
      b: b.place,
      y: output.place,
      op: binaryOps[numbered(op, a.dtype)],
      ...binaryWords(output.shape, walked(a), walked(b)),
    });
  };
}

/** The kernel's name of an op on a dtype. */
function numbered(op: BinaryOp, dtype: DType): keyof typeof binaryOps {
  const name = dtype === "float32" ? op : dtype === "int32" ? `${op}Int32` : "";
  if (!Object.hasOwn(binaryOps, name)) throw new EngineError(`wasm: ${op} of ${dtype} has no kernel. Cast it first.`);
  return name as keyof typeof binaryOps;
}

/** The shape an operand is walked by: one number for all elements need not be repeated. */
function walked({ shape, constant }: Operand): Dimensions {
  return constant?.length === 1 ? [] : shape;
}

const select: Lowering<"select"> = ({ builder, inputs: [condition, a, b], output }) => {
  builder.emit("select", {
    condition: condition.place,
    a: a.place,
    b: b.place,
    y: output.place,
    bytes: bytesPerElement(output.dtype),
    ...selectWords(output.shape, walked(condition), walked(a), walked(b)),
  });
};

const clip: Lowering<"clip"> = ({ builder, inputs: [x], output, attributes: { minimum, maximum } }) => {
  builder.emit("clip", { x: x.place, y: output.place, low: minimum, high: maximum, n: elements(output.shape) });
};

const cast: Lowering<"cast"> = ({ builder, inputs: [x], output }) => {
  if (x.dtype === output.dtype) {
    builder.emit("copy", { x: x.place, y: output.place, n: byteSize(output) });
    return;
  }
  builder.emit("cast", {
    x: x.place,
    y: output.place,
    from: elementTypes[x.dtype],
    to: elementTypes[output.dtype],
    n: elements(output.shape),
  });
};

const castScale: Lowering<"castScale"> = ({ builder, inputs: [x], output, attributes: { scale, offset } }) => {
  builder.emit("castScale", { x: x.place, y: output.place, scale, offset, n: elements(output.shape) });
};

const broadcastTo: Lowering<"broadcastTo"> = ({ builder, inputs: [x], output }) => {
  if (x.constant?.length === 1 && output.dtype === "float32") {
    builder.emit("fill", { y: output.place, value: x.constant[0]!, n: elements(output.shape) });
    return;
  }
  const bytes = bytesPerElement(output.dtype);
  builder.emit("copyStrided", { x: x.place, y: output.place, bytes, ...broadcastWords(output.shape, walked(x)) });
};

const transpose: Lowering<"transpose"> = ({ builder, inputs: [x], output, attributes: { permutation } }) => {
  const bytes = bytesPerElement(output.dtype);
  builder.emit("copyStrided", { x: x.place, y: output.place, bytes, ...transposeWords(x.shape, permutation) });
};

/** An alias: lower.ts never comes here. */
const reshape: Lowering<"reshape"> = ({ builder, inputs: [x], output }) => {
  builder.emit("copy", { x: x.place, y: output.place, n: byteSize(output) });
};

export const elementwiseLowerings = {
  negate: unary("negate"),
  exp: unary("exp"),
  log: unary("log"),
  sqrt: unary("sqrt"),
  square: unary("square"),
  absolute: unary("absolute"),
  sign: unary("sign"),
  relu: unary("relu"),
  tanh: unary("tanh"),
  sigmoid: unary("sigmoid"),
  reciprocal: unary("reciprocal"),
  round: unary("round"),
  add: binary("add"),
  subtract: binary("subtract"),
  multiply: binary("multiply"),
  divide: binary("divide"),
  maximum: binary("maximum"),
  minimum: binary("minimum"),
  reluGradient: binary("reluGradient"),
  sigmoidGradient: binary("sigmoidGradient"),
  tanhGradient: binary("tanhGradient"),
  equal: binary("equal"),
  greater: binary("greater"),
  greaterEqual: binary("greaterEqual"),
  select,
  clip,
  cast,
  castScale,
  broadcastTo,
  transpose,
  reshape,
};
