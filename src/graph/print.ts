/** A graph as text, one line a tensor: what `FOVEA_DEBUG=graph` shows. */

import { formatShape } from "../core/shape.js";
import { isEffect } from "./effects.js";
import { type Graph, roots, topological } from "./graph.js";
import { type AttributeValue, type Tensor, Variable } from "./tensor.js";

/** Values of a list that are shown. */
const shown = 4;

/**
 * One line for each tensor, inputs before what uses them, then the effects in order and the outputs. Attributes follow
 * the inputs; those that are false are left out.
 * @example
 * printGraph(graph);
 * // graph "predict"
 * //   %0 = input "x"  float32 [null, 784]
 * //   %1 = variable "dense/kernel"  float32 [784, 10]
 * //   %2 = matmul(%0, %1)  float32 [null, 10]
 * //   output = %2
 */
export function printGraph(graph: Graph): string {
  const names = new Map<Tensor, string>();
  const call = ({ op, inputs, attributes }: Tensor): string => {
    const list = inputs.length > 0 ? `(${inputs.map((input) => names.get(input)).join(", ")})` : "";
    return `${op}${list}${printAttributes(attributes)}`;
  };
  const lines = [`graph "${graph.name}"`];
  for (const tensor of topological(roots(graph))) {
    if (isEffect(tensor)) continue;
    const name = `%${names.size}`;
    names.set(tensor, name);
    lines.push(`  ${name} = ${call(tensor)}  ${tensor.dtype} ${formatShape(tensor.shape)}`);
  }
  for (const effect of graph.effects) lines.push(`  ${call(effect)}`);
  for (const [name, tensor] of Object.entries(graph.outputs)) lines.push(`  ${name} = ${names.get(tensor)}`);
  return lines.join("\n");
}

function printAttributes(attributes: Tensor["attributes"]): string {
  let text = "";
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false) continue;
    const nameless = name === "name" || name === "variable" || name === "values";
    text += value === true ? ` ${name}` : ` ${nameless ? "" : `${name} `}${printValue(name, value)}`;
  }
  return text;
}

function printValue(name: string, value: AttributeValue): string {
  if (value instanceof Variable) return `"${value.name}"`;
  if (typeof value === "object" && value !== null) {
    if (name !== "values") return formatShape(value);
    if (value.length === 1) return String(value[0]);
    return value.length > shown ? `[${value.slice(0, shown).join(", ")}, ...]` : formatShape(value);
  }
  return typeof value === "string" && (name === "name" || name === "what") ? `"${value}"` : String(value);
}
