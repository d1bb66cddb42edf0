/**
 * From a graph to a program without addresses: passes, then each op's lowering over tensors in memory, then the order
 * of calls and the plan of the arena. Pure but for what it prints.
 */

import { arrayType, bytesPerElement } from "../../core/dtype.js";
import { sizeOf } from "../../core/shape.js";
import { checkGraph } from "../../graph/check.js";
import { isBatched, sizePerRow } from "../../graph/dimensions.js";
import { isEffect, secondRound, writtenVariables } from "../../graph/effects.js";
import { type Graph, roots, topological, variablesOf } from "../../graph/graph.js";
import { isLeaf, read } from "../../graph/leaves.js";
import { isPart } from "../../graph/op.js";
import type { OpName } from "../../graph/ops/index.js";
import { fuse as fuseGraph } from "../../graph/passes/fuse.js";
import { simplify } from "../../graph/passes/simplify.js";
import { printGraph } from "../../graph/print.js";
import type { Tensor, Variable } from "../../graph/tensor.js";
import { layOut } from "./assemble.js";
import { Builder } from "./builder.js";
import { chainsOf } from "./chain.js";
import { costOf } from "./cost.js";
import { circular } from "./effect-order.js";
import { join } from "./join.js";
import { planKept } from "./kept.js";
import { byteSize, type Lowering, type Operand } from "./lowering.js";
import { lowerings } from "./lowerings/index.js";
import { type Block, startOf } from "./place.js";
import { planArena } from "./plan.js";
import type { Binding, LoweredGraph } from "./program.js";
import { schedule } from "./schedule.js";

/** How to lower. */
export interface LowerSettings {
  readonly capacity: number;
  readonly fuse: boolean;
  /** Where the graph is printed to, if anywhere. */
  readonly log: ((text: string) => void) | undefined;
  /** Variables that count as written although the graph does not write them. */
  readonly alsoWritten?: readonly Variable[] | undefined;
}

/** Lowers a graph. @throws StateError if no backend could run it, EngineError if this one has no kernel for an op. */
export function lowerGraph(given: Graph, { capacity, fuse, log, alsoWritten = [] }: LowerSettings): LoweredGraph {
  checkGraph(given);
  const simple = simplify(given);
  const graph = fuse ? fuseGraph(simple) : simple;
  log?.(printGraph(graph));
  const lowering = new GraphLowering(graph, capacity, alsoWritten);
  lowering.lower();
  const { builder, inputs, tables, outputs } = lowering;
  const calls = fuse ? join(builder.calls, capacity) : builder.calls;
  const order = schedule(calls, (call) => costOf(call, capacity), fuse ? chainsOf : undefined);
  const kept = planKept(order);
  return {
    name: graph.name,
    capacity,
    schedule: order,
    kept,
    arena: planArena(order, kept),
    layout: layOut(order, lowering.slots),
    inputs,
    tables,
    outputs,
    variables: variablesOf(graph),
  };
}

/** The state of lowering one graph. */
class GraphLowering {
  readonly builder: Builder;
  readonly inputs: Binding[] = [];
  readonly tables: Binding[] = [];
  readonly outputs: Binding[] = [];
  slots = 0;
  private readonly operands = new Map<Tensor, Operand>();
  private readonly blocks = new Map<Variable | string, Block>();
  /** The first effect that writes each variable, by its number. */
  private readonly writers = new Map<Variable, number>();
  /** The results of each op that something wants, by their number. */
  private readonly wanted = new Map<Tensor, (Tensor | undefined)[]>();

  constructor(
    private readonly graph: Graph,
    private readonly capacity: number,
    alsoWritten: readonly Variable[],
  ) {
    this.builder = new Builder(capacity, new Set([...graph.effects.flatMap(writtenVariables), ...alsoWritten]));
  }

  lower(): void {
    const { graph } = this;
    const order = topological(roots(graph)).filter((tensor) => !isEffect(tensor));
    const want = (use: Tensor, index: number, result: Tensor): void => {
      const results = this.wanted.get(use) ?? [];
      results[index] = result;
      this.wanted.set(use, results);
    };
    for (const tensor of [...order, ...graph.effects]) {
      if (isPart(tensor)) want(tensor.inputs[0]!, tensor.attributes.index as number, tensor);
      else for (const input of tensor.inputs) want(input, 0, input);
    }
    for (const output of Object.values(graph.outputs)) want(output, 0, output);
    const late = secondRound(graph);
    for (const tensor of order) if (!late.has(tensor)) this.operands.set(tensor, this.operandOf(tensor));
    for (const [name, tensor] of Object.entries(graph.outputs)) this.copyOut(name, tensor);
    const [first, second] = [false, true].map((wants) => graph.effects.filter((effect) => late.has(effect) === wants));
    const circles = circular(first!);
    [...first!, ...second!].forEach((effect, index) => {
      for (const variable of writtenVariables(effect)) {
        if (!this.writers.has(variable)) this.writers.set(variable, index);
      }
    });
    first!.forEach((effect, index) => {
      const written = writtenVariables(effect);
      const inputs = effect.inputs.map((input) => {
        const operand = this.operands.get(input)!;
        const { block } = operand.place;
        const own = block.kind === "variable" && written.includes(block.variable);
        return block.kind === "variable" && !own && circles(effect, block.variable) ? this.snapshot(operand) : operand;
      });
      this.builder.begin({ op: effect.op, effect: index });
      this.call(effect, inputs, inputs[0]!, []);
    });
    for (const tensor of order) if (late.has(tensor)) this.operands.set(tensor, this.operandOf(tensor));
    for (const effect of second!) {
      const inputs = effect.inputs.map((input) => this.operands.get(input)!);
      // As a part of the effect that wrote the variable first: such calls keep their order.
      this.builder.begin({ op: effect.op, effect: this.writers.get(writtenVariables(effect)[0]!)! });
      this.call(effect, inputs, inputs[0]!, []);
    }
    this.builder.finish();
  }

  private call(
    tensor: Tensor,
    inputs: readonly Operand[],
    output: Operand,
    results: readonly (Operand | undefined)[],
  ): void {
    const lowering = lowerings[tensor.op as OpName] as unknown as Lowering<"add">;
    const { attributes } = tensor;
    lowering({ builder: this.builder, inputs: inputs as never, output, results, attributes: attributes as never });
  }

  /** Where a value is; emits what computes it. */
  private operandOf(tensor: Tensor): Operand {
    const { shape, dtype } = tensor;
    const constant = tensor.op === "constant" ? (tensor.attributes.values as readonly number[]) : undefined;
    const at = (block: Block): Operand => ({ place: startOf(block), shape, dtype, constant });
    if (tensor.op === "after") return this.written(tensor);
    if (isLeaf(tensor)) return at(this.leafBlock(tensor, constant));
    // Made with the first result.
    if (isPart(tensor)) return this.operands.get(tensor)!;
    const inputs = tensor.inputs.map((input) => this.operands.get(input)!);
    // The same bytes under another shape.
    if (tensor.op === "reshape") return { place: inputs[0]!.place, shape, dtype, constant: inputs[0]!.constant };
    const output = this.arenaOperand(tensor);
    // Holes stay: a result that nothing wants is undefined.
    const results = Array.from(this.wanted.get(tensor) ?? [], (result, i) =>
      result === undefined ? undefined : i === 0 ? output : this.arenaOperand(result),
    );
    this.wanted.get(tensor)?.forEach((result, i) => {
      if (i > 0) this.operands.set(result!, results[i]!);
    });
    this.builder.begin({ op: tensor.op });
    this.call(tensor, inputs, output, results);
    return output;
  }

  /** A copy of a variable as its effect leaves it, to be computed with as with any value. */
  private written(tensor: Tensor): Operand {
    const variable = tensor.attributes.variable as Variable;
    const output = this.arenaOperand(tensor);
    const effect = this.writers.get(variable);
    this.builder.begin({ op: "after", ...(effect === undefined ? {} : { effect }) });
    const block = this.leafBlock(read(variable), undefined);
    this.builder.emit("copy", { x: startOf(block), y: output.place, n: byteSize(tensor) });
    return output;
  }

  private arenaOperand({ shape, dtype }: Tensor): Operand {
    const bytes = (isBatched(shape) ? this.capacity : 1) * sizePerRow(shape) * bytesPerElement(dtype);
    return { place: startOf({ kind: "arena", bytes }), shape, dtype, constant: undefined };
  }

  private leafBlock(tensor: Tensor, constant: readonly number[] | undefined): Block {
    const { op, attributes, shape, dtype } = tensor;
    if (constant !== undefined) {
      const size = sizeOf(shape as number[]);
      const values = new arrayType[dtype](size);
      values.set(constant.length === 1 ? new Array<number>(size).fill(constant[0]!) : constant);
      return this.builder.constant(values).block;
    }
    const key = op === "variable" ? (attributes.variable as Variable) : (attributes.name as string);
    let block = this.blocks.get(key);
    if (block === undefined) {
      block = op === "variable" ? { kind: "variable", variable: key as Variable } : this.bound(op, tensor);
      this.blocks.set(key, block);
    }
    return block;
  }

  private bound(op: string, { attributes, shape, dtype }: Tensor): Block {
    const slot = this.slots++;
    const binding = { name: attributes.name as string, slot, shape, dtype };
    (op === "table" ? this.tables : this.inputs).push(binding);
    if (op === "table" || !isBatched(shape)) return { kind: "whole", slot };
    return { kind: "rows", slot, rowBytes: sizePerRow(shape) * bytesPerElement(dtype) };
  }

  private copyOut(name: string, tensor: Tensor): void {
    const { shape, dtype } = tensor;
    const operand = this.operands.get(tensor)!;
    const slot = this.slots++;
    this.outputs.push({ name, slot, shape, dtype });
    const rowBytes = sizePerRow(shape) * bytesPerElement(dtype);
    const block: Block = isBatched(shape) ? { kind: "rows", slot, rowBytes } : { kind: "whole", slot };
    this.builder.begin({ op: "output", output: name });
    this.builder.emit("copy", { x: operand.place, y: startOf(block), n: byteSize({ shape, dtype }) });
  }

  /** The value of a variable at the start of the step, kept where no effect overwrites it. */
  private snapshot(operand: Operand): Operand {
    const size = sizeOf(operand.shape as number[]) * bytesPerElement(operand.dtype);
    const place = this.builder.once(operand.place, "snapshot", () => {
      const copy = this.builder.scratch(size);
      this.builder.begin({ op: "snapshot" });
      this.builder.emit("copy", { x: operand.place, y: copy, n: size });
      return copy;
    });
    return { ...operand, place };
  }
}
