/**
 * How much a network makes of one example and computes for it, so that a small file cannot ask for more than anybody waits
 * for. Not the trying of a model: golden-pairs.ts.
 */

import { FormatError } from "../core/errors.js";
import { sizeOf } from "../core/shape.js";
import { sizePerRow } from "../graph/dimensions.js";
import { input } from "../graph/leaves.js";
import type { Attributes, Tensor } from "../graph/tensor.js";
import { ModelLayer } from "./model-layer.js";
import { forward, type Network } from "./network.js";

/** What all layers together may make of one example: 512 MB of float32. */
const MAX_ELEMENTS = 2 ** 27;
/** Multiply-adds for one example, twice those of the largest classifiers of pictures that are in use: minutes. */
const MAX_WORK = 2 ** 36;
/** Uses of layers, those within models within models each time. */
const MAX_CALLS = 2 ** 16;
/** Rows of a resized axis, for which a table is made. */
const MAX_RESIZED = 2 ** 16;

/** @throws FormatError, after `source`, for a network of more than that. Nothing is computed, and no memory taken. */
export function checkWork(network: Network, source: string): void {
  const { calls, elements } = countIn(network, source, new Map());
  if (!(calls <= MAX_CALLS)) {
    throw new FormatError(`${source}: its layers are called ${calls} times, of which ${MAX_CALLS} can be tried.`);
  }
  if (!(elements <= MAX_ELEMENTS)) {
    throw new FormatError(
      `${source}: its layers would make ${elements} numbers of one example, of which ${MAX_ELEMENTS} can be tried.`,
    );
  }
  const xs = network.inputs.map(({ name, shape, dtype }) => input(name, shape, dtype));
  const seen = new Set<Tensor>(xs);
  let work = 0;
  for (const { name, tensor } of forward(network, xs, { training: false, randomState: null }).made) {
    const own = workOf(tensor, seen);
    work += own;
    if (work <= MAX_WORK) continue;
    throw new FormatError(
      `${source}: layer "${name}" would take ${own} multiply-adds for one example, of ${MAX_WORK} that can be tried for all layers.`,
    );
  }
}

interface Count {
  readonly calls: number;
  readonly elements: number;
}

/** Uses of layers and what they make; a model within is counted once, however often it is used. */
function countIn(network: Network, source: string, known: Map<Network, Count>): Count {
  const before = known.get(network);
  if (before !== undefined) return before;
  let [calls, elements] = [0, 0];
  for (const { placed, outputShapes, inputs } of network.calls) {
    const { layer, name } = placed;
    const inner = layer instanceof ModelLayer ? countIn(layer.model.network, source, known) : { calls: 1, elements: 0 };
    calls += inner.calls;
    elements += Math.max(inner.elements, ...outputShapes.map(sizePerRow));
    if (layer.className !== "Resizing" && layer.className !== "UpSampling2D") continue;
    const from = inputs.map(({ call, index }) => network.calls[call]!.outputShapes[index]!);
    const longest = Math.max(...[...from, ...outputShapes].flatMap((shape) => shape.slice(1, 3) as number[]));
    if (longest <= MAX_RESIZED) continue;
    throw new FormatError(
      `${source}: layer "${name}" would resize ${longest} rows or columns, of which ${MAX_RESIZED} can be tried.`,
    );
  }
  const count = { calls, elements };
  known.set(network, count);
  return count;
}

/** Multiply-adds of a tensor and of what it is made of, but for what was seen before. */
function workOf(tensor: Tensor, seen: Set<Tensor>): number {
  let work = 0;
  const path = [tensor];
  while (path.length > 0) {
    const next = path.pop()!;
    if (seen.has(next)) continue;
    seen.add(next);
    path.push(...next.inputs);
    work += next.inputs.length === 0 ? 0 : workOfOp(next);
  }
  return work;
}

/** Multiply-adds of one op: what it makes, times how much goes into each number of it. */
function workOfOp({ op, shape, inputs, attributes }: Tensor): number {
  const made = sizePerRow(shape);
  const [x, y] = inputs.map((one) => one.shape);
  switch (op) {
    case "conv2d":
      return made * window(y as readonly number[]);
    case "conv2dInputGradient":
      return sizePerRow(x!) * window(y as readonly number[]);
    case "matmul":
      return made * (x![attributes.transposeA ? 0 : 1] ?? 1);
    case "maxPool2d":
    case "averagePool2d":
      return made * sizeOf(list(attributes, "poolSize"));
    case "resample":
      return (made / (list(attributes, "starts").length - 1)) * Math.max(list(attributes, "sources").length, 1);
    default:
      return inputs.reduce((sum, one) => sum + sizePerRow(one.shape), made);
  }
}

/** What of a kernel [height, width, channels, filters] one filter is. */
function window(kernel: readonly number[]): number {
  return sizeOf(kernel.slice(0, 3));
}

function list(attributes: Attributes, name: string): readonly number[] {
  return attributes[name] as readonly number[];
}
