/**
 * The uses of layers between a model's inputs and outputs, and in which order: that of computing, and Keras's order of
 * the layers. Not here: names, weights, graphs (network.ts).
 */

import { OptionError } from "../core/errors.js";
import { formatShape } from "../core/shape.js";
import type { Layer, LayerCall, LayerOutput } from "../nn/layer.js";

/**
 * Every call that the outputs need, each after those it needs itself.
 * @throws OptionError for an input layer that is not among the inputs, an input twice, one that is no input layer's
 * output, and one that no output needs.
 */
export function callsTo(outputs: readonly LayerOutput[], inputs: readonly LayerOutput[], what: string): LayerCall[] {
  const begins = new Set<LayerCall>();
  for (const { made } of inputs) {
    if (made.layer.className !== "InputLayer") {
      throw new OptionError(`${what}: an input must be made by layers.input, received the output of ${spoken(made)}.`);
    }
    if (begins.has(made)) throw new OptionError(`${what}: ${spoken(made)} is among the inputs twice.`);
    begins.add(made);
  }
  const calls = new Set<LayerCall>();
  // A loop, not recursion: a thousand layers are no reason to run out of stack.
  for (const { made: last } of outputs) {
    const path: { readonly call: LayerCall; next: number }[] = [{ call: last, next: 0 }];
    while (path.length > 0) {
      const top = path.at(-1)!;
      const input = calls.has(top.call) ? undefined : top.call.inputs[top.next++];
      if (input !== undefined) {
        if (!calls.has(input.made)) path.push({ call: input.made, next: 0 });
        continue;
      }
      if (top.call.inputs.length === 0 && !begins.has(top.call)) {
        const { shape } = top.call.outputs[0]!;
        throw new OptionError(
          `${what}: the outputs need ${spoken(top.call)} ${formatShape(shape)}, which is not among the inputs. Give it in inputs.`,
        );
      }
      calls.add(top.call);
      path.pop();
    }
  }
  for (const call of begins) {
    if (!calls.has(call))
      throw new OptionError(`${what}: no output needs ${spoken(call)}; leave it out of the inputs.`);
  }
  return [...calls];
}

function spoken({ layer }: LayerCall): string {
  const kind = layer.className === "InputLayer" ? "input layer" : `${layer.className} layer`;
  if (layer.name !== undefined) return `the ${kind} "${layer.name}"`;
  return `${/^[aeiou]/i.test(kind) ? "an" : "a"} ${kind}`;
}

/**
 * The layers of these calls (each after those it needs) in the order Keras keeps them, and so their weights: by the
 * longest way to an output, the longest first; among equals the one that a walk back from the outputs meets first.
 */
export function inKerasOrder(calls: readonly LayerCall[], outputs: readonly LayerOutput[]): Layer[] {
  const depths = new Map<LayerCall, number>();
  const layerDepths = new Map<Layer, number>();
  for (const call of calls.toReversed()) {
    const depth = Math.max(depths.get(call) ?? 0, layerDepths.get(call.layer) ?? 0);
    depths.set(call, depth);
    layerDepths.set(call.layer, depth);
    for (const { made } of call.inputs) depths.set(made, Math.max(depth + 1, depths.get(made) ?? 0));
  }
  const met = firstMet(outputs);
  return [...layerDepths.keys()].sort((a, b) => layerDepths.get(b)! - layerDepths.get(a)! || met.get(a)! - met.get(b)!);
}

/** The number of each layer in the order in which a walk back from the outputs, input by input, comes to it. */
function firstMet(outputs: readonly LayerOutput[]): ReadonlyMap<Layer, number> {
  const met = new Map<Layer, number>();
  const seen = new Set<LayerCall>();
  const left = outputs.map(({ made }) => made).reverse();
  for (let call = left.pop(); call !== undefined; call = left.pop()) {
    if (seen.has(call)) continue;
    seen.add(call);
    if (!met.has(call.layer)) met.set(call.layer, met.size);
    for (const { made } of call.inputs.toReversed()) left.push(made);
  }
  return met;
}
