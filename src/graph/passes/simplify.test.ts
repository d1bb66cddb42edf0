import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectSameValues, opsOf } from "../../../test/support/graph-values.js";
import type { Dimensions } from "../dimensions.js";
import { gradient } from "../gradient.js";
import type { Graph } from "../graph.js";
import { constant, input, read } from "../leaves.js";
import { add } from "../ops/add.js";
import { batchNormalize, meanResult } from "../ops/batchNormalize.js";
import { broadcastTo, reduceSum } from "../ops/broadcastTo.js";
import { cast } from "../ops/cast.js";
import { checkFinite } from "../ops/checkFinite.js";
import { divide } from "../ops/divide.js";
import { exp } from "../ops/exp.js";
import { greater } from "../ops/greater.js";
import { multiply } from "../ops/multiply.js";
import { negate } from "../ops/negate.js";
import { reduceMax } from "../ops/reduceMax.js";
import { reshape } from "../ops/reshape.js";
import { rowCount } from "../ops/rowCount.js";
import { select } from "../ops/select.js";
import { sgdUpdate } from "../ops/sgdUpdate.js";
import { square } from "../ops/square.js";
import { subtract } from "../ops/subtract.js";
import { transpose } from "../ops/transpose.js";
import { type Tensor, Variable } from "../tensor.js";
import { simplify } from "./simplify.js";

const x = input("x", [null, 3], "float32");
const image = input("image", [null, 2, 3, 4], "float32");
const v = read(new Variable("v", [2, 3], "float32"));
const graphOf = (y: Tensor): Graph => ({ name: "g", outputs: { y }, effects: [] });
const zero = constant(0);
const one = constant(1);
const leaves = ["input", "variable", "constant"];

/** The ops that are left of y, leaves apart; and proves that its value is the same. */
function left(y: Tensor): string[] {
  const graph = graphOf(y);
  const simple = simplify(graph);
  expectSameValues(simple, graph);
  expect(simple.outputs.y).toMatchObject({ shape: y.shape, dtype: y.dtype });
  return Object.keys(opsOf(simple)).filter((op) => !leaves.includes(op));
}

describe("simplify", () => {
  const vanishing: [string, Tensor][] = [
    ["x + 0", add([x, zero])],
    ["0 + x", add([zero, x])],
    ["x - 0", subtract([x, zero])],
    ["x * 1", multiply([x, one])],
    ["1 * x", multiply([one, x])],
    ["x * ones", multiply([x, constant([1, 1, 1], [3])])],
    ["x / 1", divide([x, one])],
    ["-(-x)", negate([negate([x])])],
    ["a cast to its own dtype", cast([x], { dtype: "float32" })],
    ["a broadcast to its own shape", broadcastTo([x], { shape: [null, 3] })],
    ["a sum over nothing", reduceSum([x], { axes: [], keepDims: false })],
    [
      "a sum over an axis of 1 that stays",
      reduceSum([input("z", [null, 1], "float32")], { axes: [1], keepDims: true }),
    ],
    ["a reshape to its own shape", reshape([x], { shape: [null, 3] })],
    ["a reshape there and back", reshape([reshape([image], { shape: [null, 24] })], { shape: [null, 2, 3, 4] })],
    ["a transpose that moves nothing", transpose([v], { permutation: [0, 1] })],
    ["a transpose there and back", transpose([transpose([v], { permutation: [1, 0] })], { permutation: [1, 0] })],
    ["constants", exp([add([multiply([constant(2), constant([1, 2, 3], [3])]), one])])],
    ["sums of constants", reduceSum([constant(0.5, [4, 4])], { axes: [0], keepDims: false })],
    ["one after the other", divide([multiply([add([x, zero]), one]), exp([zero])])],
  ];
  it.each(vanishing)("leaves nothing of %s", (_name, y) => {
    expect(left(y)).toEqual([]);
  });

  const staying: [string, Tensor, string[]][] = [
    ["x + 0 where that broadcasts", add([x, constant(0, [5, 1, 3].slice(2))]), []],
    ["v + 0 where that makes it larger", add([v, constant(0, [4, 2, 3])]), ["add"]],
    ["0 - x", subtract([zero, x]), ["subtract"]],
    ["1 / x", divide([one, x]), ["divide"]],
    ["x * 0, which may be NaN", multiply([x, zero]), ["multiply"]],
    [
      "a reshape of a reshape",
      reshape([reshape([image], { shape: [null, 24] })], { shape: [null, 6, 4] }),
      ["reshape"],
    ],
    [
      "a sum whose axes stay, and then go",
      reshape([reduceSum([x], { axes: [0], keepDims: true })], { shape: [3] }),
      ["reduceSum"],
    ],
    [
      "a number in another shape, repeated",
      broadcastTo([reshape([rowCount([x])], { shape: [1, 1] })], { shape: [null, 3] }),
      ["rowCount", "broadcastTo"],
    ],
    [
      "two transposes",
      transpose([transpose([image], { permutation: [0, 2, 3, 1] })], { permutation: [0, 2, 1, 3] }),
      ["transpose"],
    ],
    [
      "a maximum over axes of 1",
      reduceMax([input("z", [null, 3, 1], "float32")], { axes: [2], keepDims: false }),
      ["reshape"],
    ],
    ["a sum over rows", reduceSum([x], { axes: [0], keepDims: true }), ["reduceSum"]],
    [
      "a broadcast before an op that broadcasts",
      multiply([x, broadcastTo([reduceSum([x], { axes: [0], keepDims: true })], { shape: [null, 3] })]),
      ["reduceSum", "multiply"],
    ],
    ["a broadcast before one that does not", exp([broadcastTo([v], { shape: [4, 2, 3] })]), ["broadcastTo", "exp"]],
    [
      "of two broadcasts, the one that gives the shape",
      add([broadcastTo([rowCount([x])], { shape: [null, 3] }), broadcastTo([constant(3)], { shape: [null, 3] })]),
      ["rowCount", "broadcastTo", "add"],
    ],
    [
      "a choice between broadcasts",
      select([greater([x, zero]), broadcastTo([one], { shape: [null, 3] }), x]),
      ["greater", "select"],
    ],
    ["large constants", exp([constant(1, [100, 100])]), ["exp"]],
    ["whole numbers that would overflow", add([constant(2 ** 31 - 1, [], "int32"), constant(1, [], "int32")]), ["add"]],
  ];
  it.each(staying)("keeps what is needed of %s", (_name, y, expected) => {
    expect(left(y)).toEqual(expected);
  });

  it("merges equal tensors, and those that become equal", () => {
    const y = add([exp([multiply([x, one])]), exp([add([x, zero])])]);
    expect(opsOf(simplify(graphOf(y)))).toEqual({ input: 1, exp: 1, add: 1 });
  });

  it("leaves an op of several results, of constants too", () => {
    const ones = constant(1, [3]);
    const y = batchNormalize([constant([1, 2, 3, 4, 5, 9], [2, 3]), ones, ones], { epsilon: 1, activation: "linear" });
    const graph: Graph = { name: "g", outputs: { y, mean: batchNormalize.part(y, meanResult) }, effects: [] };
    expectSameValues(simplify(graph), graph);
  });

  it("keeps name, outputs and effects, in order", () => {
    const w = read(new Variable("w", [3], "float32"));
    const loss = reduceSum([square([multiply([x, w])])], { axes: [0, 1], keepDims: false });
    const [g] = gradient(loss, [w]);
    const graph: Graph = {
      name: "train",
      outputs: { loss, same: multiply([loss, one]) },
      effects: [checkFinite([loss], { what: "loss" }), sgdUpdate([w, g!, constant(0.1)])],
    };
    const simple = simplify(graph);
    expectSameValues(simple, graph);
    expect(simple.name).toBe("train");
    expect(simple.outputs.same).toBe(simple.outputs.loss);
    expect(simple.effects.map(({ op }) => op)).toEqual(["checkFinite", "sgdUpdate"]);
    // The gradient's broadcast of 1 over the batch is gone.
    expect(opsOf(simple).broadcastTo).toBeUndefined();
  });

  it("does not change the graph it is given", () => {
    const y = add([multiply([x, one]), zero]);
    simplify(graphOf(y));
    expect(y.inputs[0]!.op).toBe("multiply");
  });

  it("keeps the value of any graph, and is done after one go", () => {
    const shapes: Dimensions[] = [[], [3], [null, 3], [null, 1], [2, 3], [1, 3]];
    const steps = fc.array(fc.tuple(fc.nat(11), fc.nat(30), fc.nat(30)), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(steps, (list) => {
        const made: Tensor[] = [x, v, zero, one, constant([1, 1, 1], [3]), constant(2), rowCount([x])];
        for (const [kind, i, j] of list) {
          const [a, b] = [made[i % made.length]!, made[j % made.length]!];
          try {
            const options: (() => Tensor)[] = [
              () => add([a, b]),
              () => multiply([a, b]),
              () => subtract([a, b]),
              () => divide([a, b]),
              () => negate([a]),
              () => reshape([a], { shape: [...a.shape, 1] }),
              () => reshape([a], { shape: a.shape.slice(0, -1) }),
              () => broadcastTo([a], { shape: shapes[j % shapes.length]! }),
              () =>
                reduceSum([a], {
                  axes: a.shape.map((_, axis) => axis).filter((axis) => axis !== j % 3),
                  keepDims: j % 2 === 0,
                }),
              () => reduceMax([a], { axes: [j % 3], keepDims: j % 2 === 0 }),
              () => transpose([a], { permutation: a.shape[0] === null ? [0, 2, 1] : [1, 0] }),
              () => select([greater([a, b]), a, b]),
            ];
            made.push(options[kind]!());
          } catch {
            // Shapes that do not fit make no tensor.
          }
        }
        const outputs = Object.fromEntries(made.slice(-4).map((tensor, i) => [`y${i}`, tensor]));
        const graph = { name: "g", outputs, effects: [] };
        const simple = simplify(graph);
        expectSameValues(simple, graph);
        expect(opsOf(simplify(simple))).toEqual(opsOf(simple));
      }),
      { numRuns: 300 },
    );
  });
});
