/** Whether a graph can run at all. What an op asks of its inputs is checked where it is called, not here. */

import { StateError } from "../core/errors.js";
import { formatShape } from "../core/shape.js";
import { sameDimensions } from "./dimensions.js";
import { isEffect, secondRound, writtenVariables } from "./effects.js";
import { type Graph, roots, topological } from "./graph.js";
import { isLeaf } from "./leaves.js";
import { isPart } from "./op.js";
import { ops } from "./ops/index.js";
import type { Tensor, Variable } from "./tensor.js";

/**
 * Refuses a graph that no backend can run.
 * @throws StateError naming the graph, if an op is unknown; an effect is used as a value or a value as an effect; a
 * variable is written twice in a round; an output depends on what the step writes; a check stands behind writes that a
 * second round may see; a table is used by anything but a gather; or one name stands for inputs of
 * different types.
 */
export function checkGraph(graph: Graph): void {
  const refuse = (problem: string): never => {
    throw new StateError(`graph "${graph.name}": ${problem}`);
  };
  const order = topological(roots(graph));
  const late = secondRound(graph);
  const leaves = new Map<string, Tensor>();
  for (const tensor of order) {
    if (isLeaf(tensor)) {
      if (tensor.op !== "input" && tensor.op !== "table") continue;
      const name = tensor.attributes.name as string;
      const other = leaves.get(name);
      leaves.set(name, tensor);
      if (other === undefined) continue;
      if (other.op !== tensor.op || other.dtype !== tensor.dtype || !sameDimensions(other.shape, tensor.shape)) {
        refuse(`"${name}" is ${describe(other)} and ${describe(tensor)}; one name needs one type.`);
      }
    } else if (!isPart(tensor) && !Object.hasOwn(ops, tensor.op)) {
      refuse(`there is no op "${tensor.op}".`);
    }
    tensor.inputs.forEach((input, i) => {
      if (isEffect(input)) refuse(`${tensor.op} takes the effect ${input.op}, which makes no value.`);
      const gathers = (tensor.op === "gatherRows" || tensor.op === "gatherScale") && i === 0;
      if (input.op === "table" && !gathers) {
        refuse(`table "${String(input.attributes.name)}" is used by ${tensor.op}; only gatherRows reads a table.`);
      }
    });
  }
  for (const [name, tensor] of Object.entries(graph.outputs)) {
    if (isEffect(tensor)) refuse(`output "${name}" is the effect ${tensor.op}, which makes no value.`);
    if (late.has(tensor)) refuse(`output "${name}" depends on what the step writes; only effects can.`);
    if (tensor.op === "table") refuse(`output "${name}" is a table; only gatherRows reads a table.`);
  }
  const [first, second] = [new Set<Variable>(), new Set<Variable>()];
  for (const effect of graph.effects) {
    if (effect.op === "checkFinite" && late.size > 0 && first.size > 0) {
      refuse("with a second round of effects, a checkFinite must stand before all that write.");
    }
    if (!isEffect(effect)) refuse(`${effect.op} stands among the effects, but writes nothing.`);
    const written = late.has(effect) ? second : first;
    for (const variable of writtenVariables(effect)) {
      if (written.has(variable)) refuse(`variable "${variable.name}" is written twice in a step.`);
      written.add(variable);
    }
  }
}

function describe(tensor: Tensor): string {
  return `${tensor.op} ${tensor.dtype} ${formatShape(tensor.shape)}`;
}
