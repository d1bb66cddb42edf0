/**
 * A network of layers made concrete: unique names, the order in which layers are called and on what, and the variables
 * of their weights. Symbolic only: no numbers, no memory. Not here: how a user describes one (topology.ts walks what
 * calling layers made; sequential.ts stacks them).
 */

import type { DType } from "../core/dtype.js";
import { OptionError } from "../core/errors.js";
import { untaken } from "../core/names.js";
import { sizeOf } from "../core/shape.js";
import type { Dimensions } from "../graph/dimensions.js";
import { read } from "../graph/leaves.js";
import type { Tensor, Variable } from "../graph/tensor.js";
import { snakeCase } from "../nn/factory.js";
import type { Layer, LayerCall, LayerOutput } from "../nn/layer.js";
import type { CallContext, Weight } from "../nn/layer-parts.js";
import { callsTo, inKerasOrder } from "./topology.js";

/** A weight in its place. */
export interface PlacedWeight extends Weight {
  /** Its name in the network: `dense/kernel`, and within an inner model `functional/dense/kernel`. */
  readonly path: string;
}

/** A layer in its place. */
export interface PlacedLayer {
  readonly layer: Layer;
  /** Unique in its network: `dense`, `dense_1`. */
  readonly name: string;
  /** Those of its first call. */
  readonly inputShapes: readonly Dimensions[];
  readonly outputShape: Dimensions;
  readonly weights: readonly PlacedWeight[];
}

/** One result of a call of the network, by the call's number. */
export interface Source {
  readonly call: number;
  readonly index: number;
}

/** One use of a layer; a layer may have several. */
export interface PlacedCall {
  readonly placed: PlacedLayer;
  /** Calls of one layer count up in the order in which they were made. */
  readonly serial: number;
  readonly inputs: readonly Source[];
  readonly outputShapes: readonly Dimensions[];
}

/** Where rows come in. */
export interface NetworkInput {
  /** The name of its input layer. */
  readonly name: string;
  readonly shape: Dimensions;
  readonly dtype: DType;
}

/** What comes out. */
export interface NetworkOutput {
  /** The name of the layer that makes it; where a layer makes several, they are numbered as names of layers are. */
  readonly name: string;
  readonly shape: Dimensions;
  readonly source: Source;
}

/** Layers and how they are connected. */
export interface Network {
  /** Every layer once, in Keras's order: those furthest from the outputs first. */
  readonly layers: readonly PlacedLayer[];
  /** Every use of a layer, each after those it needs; inputs are uses of their layers on nothing. */
  readonly calls: readonly PlacedCall[];
  readonly inputs: readonly NetworkInput[];
  readonly outputs: readonly NetworkOutput[];
  /** What it was made of. */
  readonly ends: { readonly inputs: readonly LayerOutput[]; readonly outputs: readonly LayerOutput[] };
  /** Every weight, in the order of the layers. */
  readonly weights: readonly PlacedWeight[];
}

/**
 * The network between some inputs and outputs. Messages begin with `what`.
 * @throws OptionError where outputs need an input that is not given, inputs lead to no output, or two layers have one name.
 */
export function networkBetween(inputs: readonly LayerOutput[], outputs: readonly LayerOutput[], what: string): Network {
  const calls = callsTo(outputs, inputs, what);
  const names = uniqueNames(orderOfNames(calls), what);
  const placed = new Map<Layer, PlacedLayer>();
  for (const { layer, inputs: given, outputs: made } of calls) {
    if (placed.has(layer)) continue;
    const name = names.get(layer)!;
    const inputShapes = given.map(({ shape }) => shape);
    const built = given.length === 0 ? [] : layer.build(inputShapes, name);
    const weights = built.map((weight) => ({ ...weight, path: `${name}/${weight.name}` }));
    placed.set(layer, { layer, name, inputShapes, outputShape: made[0]!.shape, weights });
  }
  const numbers = new Map(calls.map((call, i) => [call, i]));
  const outputName = untaken(new Set());
  const sourceOf = ({ made, index }: LayerOutput): Source => ({ call: numbers.get(made)!, index });
  const layers = inKerasOrder(calls, outputs).map((layer) => placed.get(layer)!);
  return {
    layers,
    ends: { inputs: [...inputs], outputs: [...outputs] },
    calls: calls.map((call) => ({
      placed: placed.get(call.layer)!,
      serial: call.serial,
      inputs: call.inputs.map(sourceOf),
      outputShapes: call.outputs.map(({ shape }) => shape),
    })),
    inputs: inputs.map(({ made: { layer }, shape }) => {
      const { dtype } = layer.config as { dtype?: DType };
      return { name: names.get(layer)!, shape, dtype: dtype ?? "float32" };
    }),
    outputs: outputs.map((output) => ({
      name: outputName(names.get(output.made.layer)!),
      shape: output.shape,
      source: sourceOf(output),
    })),
    weights: withoutTwins(layers.flatMap(({ weights }) => weights)),
  };
}

/** Each variable once: a layer may be within an inner model and beside it. */
function withoutTwins(weights: readonly PlacedWeight[]): readonly PlacedWeight[] {
  return [...new Map(weights.toReversed().map((weight) => [weight.variable, weight])).values()].reverse();
}

/** The weights that training changes, as the layers say now. */
export function trainableWeights({ layers, weights }: Network): readonly PlacedWeight[] {
  const frozen = new Set<Variable>();
  for (const { layer, weights: own } of layers) {
    const changed = new Set(layer.learnedWeights.map(({ variable }) => variable));
    for (const { variable } of own) if (!changed.has(variable)) frozen.add(variable);
  }
  return weights.filter(({ variable }) => !frozen.has(variable));
}

/** The layers that training leaves as they are, as they say now; those within inner models too. */
export function frozenLayers({ layers }: Network): ReadonlySet<object> {
  return new Set(layers.flatMap(({ layer }) => layer.frozenLayers));
}

/** Layers in the order in which Keras numbers their names: that in which they were made. */
function orderOfNames(calls: readonly LayerCall[]): readonly Layer[] {
  return [...new Set(calls.map(({ layer }) => layer))].sort((a, b) => a.serial - b.serial);
}

/** The number of a layer's weights, each element counted. */
export function parameters(layer: PlacedLayer): number {
  return layer.weights.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/** What a pass through a network gives. */
export interface Pass {
  readonly outputs: readonly Tensor[];
  /** What every call but the inputs made, with a name of its own; of an inner model first what its layers made. */
  readonly made: readonly { readonly name: string; readonly tensor: Tensor }[];
  /** The tensor that each weight's variable was read as. */
  readonly weights: ReadonlyMap<Variable, Tensor>;
  /** What weights become at the end of the step: those that layers said themselves, not those of gradients. */
  readonly updates: readonly { readonly weight: PlacedWeight; readonly value: Tensor }[];
}

/** The outer network's part in the pass of an inner one. */
interface Outer {
  /** The tensors that weights were read as there. */
  readonly weights: ReadonlyMap<Variable, Tensor>;
  /** What goes in front of the layers' names. */
  readonly within: string;
}

/** Calls every layer in turn, on `xs` in the order of the network's inputs. */
export function forward(network: Network, xs: readonly Tensor[], context: CallContext, outer?: Outer): Pass {
  const weights = outer?.weights ?? new Map(network.weights.map(({ variable }) => [variable, read(variable)]));
  const within = outer?.within ?? "";
  const results: (readonly Tensor[])[] = [];
  const made: { name: string; tensor: Tensor }[] = [];
  const uses = new Map<PlacedLayer, number>();
  const updated = new Map<Variable, Tensor>();
  const given = new Map(network.inputs.map(({ name }, i) => [name, xs[i]!]));
  for (const { placed, inputs } of network.calls) {
    if (inputs.length === 0) {
      results.push([given.get(placed.name)!]);
      continue;
    }
    const own = Object.fromEntries(
      placed.weights.map(({ name, variable }) => [name, updated.get(variable) ?? weights.get(variable)!]),
    );
    const update = (name: string, value: Tensor): void => {
      updated.set(placed.weights.find((weight) => weight.name === name)!.variable, value);
    };
    const use = (uses.get(placed) ?? 0) + 1;
    uses.set(placed, use);
    const tell = (name: string, tensor: Tensor): void => {
      made.push({ name: `${placed.name}/${name}${use === 1 ? "" : `, in call ${use} of ${placed.name}`}`, tensor });
    };
    const tensors = placed.layer.callAll(
      inputs.map(({ call, index }) => results[call]![index]!),
      own,
      { ...context, update, made: tell },
      `${within}${placed.name}`,
    );
    results.push(tensors);
    tensors.forEach((tensor, i) => {
      const which = `${use === 1 ? "" : `, call ${use}`}${tensors.length === 1 ? "" : `, output ${i + 1}`}`;
      made.push({ name: `${placed.name}${which}`, tensor });
    });
  }
  const updates = network.weights.flatMap((weight) => {
    const value = updated.get(weight.variable);
    return value === undefined ? [] : [{ weight, value }];
  });
  return { outputs: network.outputs.map(({ source }) => results[source.call]![source.index]!), made, weights, updates };
}

/** Names as Keras makes them: the class in snake case, then `_1`, `_2`; given names are kept and must be unique. */
export function uniqueNames(layers: readonly Layer[], what: string): ReadonlyMap<Layer, string> {
  const given = new Set<string>();
  for (const { name } of layers) {
    if (name === undefined) continue;
    if (given.has(name)) throw new OptionError(`${what}: two layers have the name "${name}".`);
    given.add(name);
  }
  const unique = untaken(given);
  const nameOf = ({ name, className }: Layer): string => name ?? unique(snakeCase(className));
  return new Map(layers.map((layer) => [layer, nameOf(layer)]));
}
