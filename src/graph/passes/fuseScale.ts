/**
 * cast(bytes) * scale + offset -> castScale(bytes), and gatherScale(table, indices) where the bytes are gathered rows:
 * pictures stay bytes until a network needs them, and no copy of them in bytes or unscaled floats is made.
 */

import { sameDimensions } from "../dimensions.js";
import type { Graph } from "../graph.js";
import { castScale } from "../ops/castScale.js";
import { gatherScale } from "../ops/gatherScale.js";
import { reshape } from "../ops/reshape.js";
import type { Tensor } from "../tensor.js";
import { rewrite, usedOnce } from "./rewrite.js";

interface Scaled {
  readonly bytes: Tensor;
  readonly scale: number;
  readonly offset: number;
}

/** Fuses casts of bytes with the scaling after them and the gathering before them; reshapes between move behind. */
export function fuseScale(graph: Graph): Graph {
  const once = usedOnce(graph);

  /** The tensor under reshapes that nothing else needs. */
  const under = (tensor: Tensor): Tensor =>
    tensor.op === "reshape" && once(tensor.inputs[0]!) ? under(tensor.inputs[0]!) : tensor;

  /** The other side of an op with a constant scalar, where nothing else needs that side. */
  const withScalar = (tensor: Tensor, op: "add" | "multiply"): { x: Tensor; scalar: number } | undefined => {
    if (tensor.op !== op) return undefined;
    const scalar = tensor.inputs.find(isScalar);
    const x = tensor.inputs.find((input) => input !== scalar);
    if (scalar === undefined || x === undefined || !once(x)) return undefined;
    return { x, scalar: (scalar.attributes.values as readonly number[])[0]! };
  };

  const multiplied = (tensor: Tensor): Scaled | undefined => {
    const found = withScalar(tensor, "multiply");
    const cast = found === undefined ? undefined : under(found.x);
    if (cast?.op !== "cast" || cast.dtype !== "float32" || cast.inputs[0]!.dtype !== "uint8") return undefined;
    return { bytes: cast.inputs[0]!, scale: found!.scalar, offset: 0 };
  };

  const scaled = (tensor: Tensor): Scaled | undefined => {
    const found = withScalar(tensor, "add");
    const inner = found === undefined ? undefined : multiplied(under(found.x));
    return inner === undefined ? multiplied(tensor) : { ...inner, offset: found!.scalar };
  };

  return rewrite(graph, (tensor, now) => {
    const found = scaled(tensor);
    if (found === undefined) return undefined;
    const { bytes, scale, offset } = found;
    const gather = once(bytes) ? under(bytes) : bytes;
    const result =
      gather.op === "gatherRows" && once(gather)
        ? gatherScale([now(gather.inputs[0]!), now(gather.inputs[1]!)], { scale, offset })
        : castScale([now(bytes)], { scale, offset });
    return sameDimensions(result.shape, tensor.shape) ? result : reshape([result], { shape: tensor.shape });
  });
}

function isScalar(tensor: Tensor): boolean {
  return tensor.op === "constant" && tensor.shape.every((length) => length === 1);
}
