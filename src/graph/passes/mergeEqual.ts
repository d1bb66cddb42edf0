/** One tensor for all that are equal: the same op, attributes and inputs always give the same value. */

import { isEffect } from "../effects.js";
import type { Graph } from "../graph.js";
import { type AttributeValue, type Tensor, Variable } from "../tensor.js";
import { onInputs, rewrite } from "./rewrite.js";

/** Constants of more values than this are told apart by identity: comparing them would cost more than it saves. */
const longest = 64;

/**
 * Merges equal tensors (common subexpressions). Two dropouts of one stream and input are one value; of two streams, two.
 * Effects stay as they are.
 */
export function mergeEqual(graph: Graph): Graph {
  const known = new Map<string, Tensor>();
  const numbers = new Map<object, number>();
  const identity = (thing: object): number => {
    const number = numbers.get(thing) ?? numbers.size;
    numbers.set(thing, number);
    return number;
  };
  const key = (value: AttributeValue): string => {
    if (value instanceof Variable) return `variable ${identity(value)}`;
    if (typeof value === "object" && value !== null) {
      return value.length > longest ? `list ${identity(value)}` : `[${value.map(key).join()}]`;
    }
    return Object.is(value, -0) ? "-0" : typeof value === "string" ? JSON.stringify(value) : String(value);
  };
  return rewrite(graph, (tensor, now) => {
    const here = onInputs(tensor, now);
    if (isEffect(here)) return here;
    const attributes = Object.keys(here.attributes)
      .sort()
      .map((name) => `${name}=${key(here.attributes[name]!)}`);
    const inputs = here.inputs.map(identity);
    const text = [here.op, inputs.join(), attributes.join(), here.dtype, key(here.shape)].join(" ");
    const same = known.get(text) ?? here;
    known.set(text, same);
    return same;
  });
}
