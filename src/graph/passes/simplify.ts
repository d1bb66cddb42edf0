/**
 * The graph without what does nothing: constants computed, equal tensors merged, ops that change nothing left out, dead
 * code dropped. Values stay the same but for float rounding and the sign of zeros. Not here: fusion (fuse.ts).
 */

import { type Shape, sizeOf } from "../../core/shape.js";
import { broadcastDimensions, type Dimensions, isBatched, sameDimensions, sizePerRow } from "../dimensions.js";
import { isEffect } from "../effects.js";
import type { Graph } from "../graph.js";
import { constant, isLeaf } from "../leaves.js";
import type { OpDefinition, Value } from "../op.js";
import { broadcastTo, type ReduceAttributes, reducedShape } from "../ops/broadcastTo.js";
import { type OpName, ops } from "../ops/index.js";
import { reshape } from "../ops/reshape.js";
import { transpose } from "../ops/transpose.js";
import { type Attributes, Tensor } from "../tensor.js";
import { mergeEqual } from "./mergeEqual.js";
import { onInputs, rewrite } from "./rewrite.js";

/** Constants of more elements are not computed ahead: they would lie in memory for nothing. */
const largest = 4096;

/** Simplifies a graph. A pure function; the result has the same outputs and effects. */
export function simplify(graph: Graph): Graph {
  return mergeEqual(
    rewrite(mergeEqual(graph), (tensor, now) => {
      let here = onInputs(tensor, now);
      // What one rule made may be what another one waits for. Each leaves fewer ops, so this ends.
      for (let next: Tensor | undefined = here; next !== undefined; ) {
        here = next;
        next = isLeaf(here) || isEffect(here) ? undefined : (folded(here) ?? withoutBroadcast(here) ?? shorter(here));
      }
      return here;
    }),
  );
}

/** The value of an op on constants alone. */
function folded(tensor: Tensor): Tensor | undefined {
  const { shape, inputs, attributes } = tensor;
  if (isBatched(shape) || inputs.length === 0 || !inputs.every(({ op }) => op === "constant")) return undefined;
  if ([tensor, ...inputs].some((one) => sizeOf(one.shape as Shape) > largest)) return undefined;
  const definition = ops[tensor.op as OpName].definition as unknown as OpDefinition<string, number, Attributes>;
  // Its other results are taken from the op itself.
  if (definition.others !== undefined) return undefined;
  const values = inputs.map(listed);
  const data = definition.reference({ inputs: values, attributes, shape, rows: 0 } as never)!;
  if (tensor.dtype === "int32" && !data.every((v) => v === (v | 0))) return undefined;
  return constant(
    data.every((v) => Object.is(v, data[0])) && data.length > 0 ? data[0]! : [...data],
    shape as Shape,
    tensor.dtype,
  );
}

function listed(tensor: Tensor): Value {
  const list = tensor.attributes.values as readonly number[];
  const shape = tensor.shape as Shape;
  return { shape, data: list.length === 1 ? new Float64Array(sizeOf(shape)).fill(list[0]!) : Float64Array.from(list) };
}

const broadcasting: ReadonlySet<string> = new Set<OpName>([
  "add",
  "divide",
  "equal",
  "greater",
  "greaterEqual",
  "maximum",
  "minimum",
  "multiply",
  "select",
  "subtract",
]);

/** An op that broadcasts by itself needs nobody to do it before. */
function withoutBroadcast(tensor: Tensor): Tensor | undefined {
  if (!broadcasting.has(tensor.op)) return undefined;
  const inputs = [...tensor.inputs];
  const together = (): Dimensions =>
    inputs.map(({ shape }) => shape).reduce((a, b) => broadcastDimensions(a, b, tensor.op));
  let changed = false;
  inputs.forEach((input, i) => {
    if (input.op !== "broadcastTo") return;
    inputs[i] = input.inputs[0]!;
    if (sameDimensions(together(), tensor.shape)) changed = true;
    else inputs[i] = input;
  });
  if (!changed) return undefined;
  return new Tensor(tensor.op, inputs, tensor.attributes, tensor.shape, tensor.dtype);
}

/** Whether every element of a tensor is this constant. */
function is(tensor: Tensor, value: number): boolean {
  return tensor.op === "constant" && (tensor.attributes.values as readonly number[]).every((v) => v === value);
}

/** What an op that changes nothing, or undoes what came before it, can be replaced with. */
function shorter(tensor: Tensor): Tensor | undefined {
  const [a, b] = tensor.inputs as [Tensor, Tensor];
  const unchanged = (side: Tensor): Tensor | undefined => (sameDimensions(side.shape, tensor.shape) ? side : undefined);
  switch (tensor.op as OpName) {
    case "add":
      return is(b, 0) ? unchanged(a) : is(a, 0) ? unchanged(b) : undefined;
    case "subtract":
      return is(b, 0) ? unchanged(a) : undefined;
    case "multiply":
      return is(b, 1) ? unchanged(a) : is(a, 1) ? unchanged(b) : undefined;
    case "divide":
      return is(b, 1) ? unchanged(a) : undefined;
    case "negate":
      return a.op === "negate" ? a.inputs[0]! : undefined;
    case "cast":
      return a.dtype === tensor.dtype ? a : undefined;
    case "broadcastTo":
      // A single number needs no other shape first.
      if (a.op === "reshape" && !isBatched(a.shape) && sizeOf(a.shape as Shape) === 1) {
        const from = a.inputs[0]!;
        if (from.shape.length <= tensor.shape.length) return broadcastTo([from], { shape: tensor.shape });
      }
      return onlyOnes(tensor, a);
    case "reduceSum":
    case "reduceMax":
      // Nothing to repeat, or no axis (but those of length 1 that stay) to reduce over.
      return onlyOnes(tensor, a);
    case "reshape":
      if (sameDimensions(a.shape, tensor.shape)) return a;
      return a.op === "reshape" ? shorterReshape(a.inputs[0]!, tensor.shape) : otherReduction(a, tensor.shape);
    case "transpose":
      return shorterTranspose(a, tensor.attributes.permutation as readonly number[]);
    default:
      return undefined;
  }
}

/** A reduction over axes of length 1, or a broadcast to them, only changes the shape. */
function onlyOnes(tensor: Tensor, x: Tensor): Tensor | undefined {
  if (sameDimensions(x.shape, tensor.shape)) {
    const axes = tensor.attributes.axes as readonly number[] | undefined;
    return axes === undefined || axes.every((axis) => x.shape[axis] === 1) ? x : undefined;
  }
  if (isBatched(x.shape) !== isBatched(tensor.shape)) return undefined;
  return sizePerRow(x.shape) === sizePerRow(tensor.shape) ? shorterReshape(x, tensor.shape) : undefined;
}

/** A reduction can leave its axes out, or with length 1, by itself. */
function otherReduction(tensor: Tensor, shape: Dimensions): Tensor | undefined {
  if (tensor.op !== "reduceSum" && tensor.op !== "reduceMax") return undefined;
  const { axes, keepDims } = tensor.attributes as ReduceAttributes;
  const [x] = tensor.inputs as [Tensor];
  if (!sameDimensions(reducedShape(x.shape, axes, !keepDims, tensor.op), shape)) return undefined;
  return new Tensor(tensor.op, [x], { axes, keepDims: !keepDims }, shape, tensor.dtype);
}

function shorterReshape(x: Tensor, shape: Dimensions): Tensor {
  return sameDimensions(x.shape, shape) ? x : reshape([x], { shape });
}

function shorterTranspose(x: Tensor, permutation: readonly number[]): Tensor | undefined {
  if (permutation.every((axis, i) => axis === i)) return x;
  if (x.op !== "transpose") return undefined;
  const first = x.attributes.permutation as readonly number[];
  const both = permutation.map((axis) => first[axis]!);
  const from = x.inputs[0]!;
  return both.every((axis, i) => axis === i) ? from : transpose([from], { permutation: both });
}
