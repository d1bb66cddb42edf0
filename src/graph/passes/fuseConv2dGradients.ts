/**
 * conv2dInputGradient, conv2dFilterGradient and the sum for the bias, all of one dy -> conv2dGradients, which reads x and
 * dy once. Where dy is what relu lets through: conv2dReluGradients. Where that is the gradient of a max pooling as well:
 * conv2dMaxPoolGradients on the route of a conv2dMaxPool, and the unpooled picture is gone from the graph.
 */

import { sameDimensions } from "../dimensions.js";
import { type Graph, roots, topological } from "../graph.js";
import type { ReduceAttributes } from "../ops/broadcastTo.js";
import { type Conv2dAttributes, convolutionOf } from "../ops/conv2d.js";
import {
  biasResult,
  conv2dGradients,
  conv2dMaxPoolGradients,
  conv2dReluGradients,
  filterResult,
} from "../ops/conv2dGradients.js";
import { type Conv2dMaxPoolAttributes, conv2dMaxPool, routeResult } from "../ops/conv2dMaxPool.js";
import type { Tensor } from "../tensor.js";
import { poolingOf } from "./fuseConv2dMaxPool.js";
import { rewrite, usersOf } from "./rewrite.js";

/** The gradients of one convolution. */
interface Group {
  readonly x: Tensor;
  readonly kernel: Tensor;
  readonly dy: Tensor;
  readonly window: Conv2dAttributes;
  /** What each tensor of the group is a result of: its number. */
  readonly results: ReadonlyMap<Tensor, number>;
  /** The relu between dy and the convolution: its output and the gradient behind it. */
  readonly relu: { readonly y: Tensor; readonly dy: Tensor } | undefined;
  readonly pool: Pool | undefined;
}

/** A pooling behind the convolution. */
interface Pool {
  readonly pooled: Tensor;
  readonly dp: Tensor;
  readonly attributes: Conv2dMaxPoolAttributes;
}

/** Fuses all gradients of each convolution. */
export function fuseConv2dGradients(graph: Graph): Graph {
  const groups = groupsOf(graph);
  const byResult = new Map<Tensor, Group>();
  const byPooled = new Map<Tensor, Pool>();
  for (const group of groups) {
    for (const tensor of group.results.keys()) byResult.set(tensor, group);
    if (group.pool !== undefined) byPooled.set(group.pool.pooled, group.pool);
  }
  const made = new Map<Group, Tensor>();
  return rewrite(graph, (tensor, now) => {
    const pool = byPooled.get(tensor);
    if (pool !== undefined) {
      const [x, kernel, bias] = tensor.inputs[0]!.inputs.map(now) as [Tensor, Tensor, Tensor];
      return conv2dMaxPool([x, kernel, bias], pool.attributes);
    }
    const group = byResult.get(tensor);
    if (group === undefined) return undefined;
    const fused = made.get(group) ?? fusedOf(group, now);
    made.set(group, fused);
    const result = group.results.get(tensor)!;
    return result === 0 ? fused : opOf(group).part(fused, result);
  });
}

function opOf({ relu, pool }: Group): Pick<typeof conv2dGradients, "part"> {
  return pool !== undefined ? conv2dMaxPoolGradients : relu !== undefined ? conv2dReluGradients : conv2dGradients;
}

function fusedOf({ x, kernel, dy, window, relu, pool }: Group, now: (tensor: Tensor) => Tensor): Tensor {
  if (pool !== undefined) {
    const route = conv2dMaxPool.part(now(pool.pooled), routeResult);
    return conv2dMaxPoolGradients([now(x), now(kernel), route, now(pool.dp)], pool.attributes);
  }
  if (relu !== undefined) return conv2dReluGradients([now(x), now(kernel), now(relu.y), now(relu.dy)], window);
  return conv2dGradients([now(x), now(kernel), now(dy)], window);
}

function groupsOf(graph: Graph): Group[] {
  const order = topological(roots(graph));
  const place = new Map(order.map((tensor, i) => [tensor, i]));
  const users = usersOf(graph);
  const groups: Group[] = [];
  const taken = new Set<Tensor>();
  for (const filter of order) {
    if (filter.op !== "conv2dFilterGradient" || taken.has(filter)) continue;
    const [x, dy] = filter.inputs as [Tensor, Tensor];
    const window = convolutionOf(filter.attributes as Conv2dAttributes);
    const alike = (tensor: Tensor): boolean => sameWindow(tensor, window);
    const input = users(dy).find(
      (user): user is Tensor =>
        "op" in user &&
        user.op === "conv2dInputGradient" &&
        user.inputs[0] === dy &&
        alike(user) &&
        sameDimensions(user.shape, x.shape) &&
        sameDimensions(user.inputs[1]!.shape, filter.shape),
    );
    const forward = users(x).find(
      (user): user is Tensor =>
        "op" in user &&
        (user.op === "conv2d" || user.op === "conv2dBias") &&
        user.inputs[0] === x &&
        alike(user) &&
        sameDimensions(user.inputs[1]!.shape, filter.shape),
    );
    const bias = users(dy).find((user): user is Tensor => "op" in user && isBiasSum(user));
    const kernel = (input ?? forward)?.inputs[1];
    // Alone it has nothing to share.
    if (kernel === undefined || (input === undefined && bias === undefined)) continue;
    const results = new Map<Tensor, number>([[filter, filterResult]]);
    if (input !== undefined) results.set(input, 0);
    if (bias !== undefined) results.set(bias, biasResult);
    const own = (tensor: Tensor): boolean => users(tensor).every((user) => "op" in user && results.has(user));
    const relu =
      dy.op === "reluGradient" && own(dy) ? { y: dy.inputs[0] as Tensor, dy: dy.inputs[1] as Tensor } : undefined;
    const pool = poolOf(dy, relu, x, kernel, own(dy), users);
    const sources = [x, kernel, ...(pool ? [pool.dp, pool.pooled] : relu ? [relu.y, relu.dy] : [dy])];
    const first = Math.min(...[...results.keys()].map((tensor) => place.get(tensor)!));
    // Whatever the fused op needs must be there before the first of its results.
    if (sources.some((source) => place.get(source)! >= first)) continue;
    for (const tensor of results.keys()) taken.add(tensor);
    groups.push({ x, kernel, dy, window, results, relu, pool });
  }
  return groups;
}

/** The pooling between dy and the convolution of x with the kernel, where nothing but it and the gradients needs what is pooled. */
function poolOf(
  dy: Tensor,
  relu: Group["relu"],
  x: Tensor,
  kernel: Tensor,
  own: boolean,
  users: ReturnType<typeof usersOf>,
): Pool | undefined {
  const unpooling = relu?.dy ?? dy;
  if (unpooling.op !== "maxPool2dGradient" || !own) return undefined;
  const [y, pooled, dp] = unpooling.inputs as [Tensor, Tensor, Tensor];
  const attributes = poolingOf(pooled);
  if (attributes === undefined || pooled.inputs[0] !== y || y.inputs[0] !== x || y.inputs[1] !== kernel)
    return undefined;
  if (relu === undefined ? attributes.activation !== "linear" : attributes.activation !== "relu" || relu.y !== y) {
    return undefined;
  }
  if (relu !== undefined && users(unpooling).length > 1) return undefined;
  const within: readonly unknown[] = [pooled, unpooling, dy];
  return users(y).every((user) => within.includes(user)) ? { pooled, dp, attributes } : undefined;
}

function sameWindow(tensor: Tensor, window: Conv2dAttributes): boolean {
  const other = convolutionOf(tensor.attributes as Conv2dAttributes);
  return JSON.stringify(other) === JSON.stringify(window);
}

/** The sum over everything but the last axis. */
function isBiasSum(tensor: Tensor): boolean {
  if (tensor.op !== "reduceSum" || tensor.shape.length !== 1) return false;
  const { axes } = tensor.attributes as ReduceAttributes;
  return axes.length === 3 && [0, 1, 2].every((axis) => axes.includes(axis));
}
