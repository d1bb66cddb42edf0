import { describe, expect, it } from "vitest";
import { StateError } from "../core/errors.js";
import { checkGraph } from "./check.js";
import type { Graph } from "./graph.js";
import { input, read, readAfter, table } from "./leaves.js";
import { add } from "./ops/add.js";
import { assign } from "./ops/assign.js";
import { checkFinite } from "./ops/checkFinite.js";
import { exp } from "./ops/exp.js";
import { gatherRows } from "./ops/gatherRows.js";
import { increment } from "./ops/increment.js";
import { Tensor, Variable } from "./tensor.js";

const v = new Variable("v", [], "float32");
const count = new Variable("count", [2], "int32");
const x = input("x", [null, 3], "float32");
const pictures = table("pictures", [3], "float32");

function check(outputs: Graph["outputs"], effects: readonly Tensor[] = []): void {
  checkGraph({ name: "g", outputs, effects });
}

describe("checkGraph", () => {
  it("takes a graph that can run, even one that computes nothing", () => {
    check({});
    const other = input("x", [null, 3], "float32");
    check({ y: add([x, other]), rows: gatherRows([pictures, input("order", [null], "int32")]) }, [
      assign([read(v), exp([read(v)])]),
      increment([read(count)], { index: 0, by: 1 }),
      assign([read(v), exp([readAfter(v)])]),
    ]);
  });

  const write = assign([read(v), read(v)]);
  const refused: [string, Graph["outputs"], Tensor[], string][] = [
    ["an unknown op", { y: new Tensor("rleu", [x], {}, x.shape, x.dtype) }, [], 'there is no op "rleu"'],
    ["what every object has as an op", { y: new Tensor("toString", [x], {}, x.shape, x.dtype) }, [], '"toString"'],
    ["an effect as a value", { y: exp([write]) }, [], "exp takes the effect assign"],
    ["an effect as an output", { y: write }, [], 'output "y" is the effect assign'],
    ["a value as an effect", {}, [exp([x])], "exp stands among the effects"],
    ["two writes to a variable", {}, [write, assign([read(v), exp([read(v)])])], 'variable "v" is written twice'],
    [
      "two writes in the second round",
      {},
      [write, assign([read(v), readAfter(v)]), assign([read(v), exp([readAfter(v)])])],
      'variable "v" is written twice',
    ],
    [
      "a check between two rounds",
      {},
      [write, checkFinite([read(v)], { what: "v" }), assign([read(v), readAfter(v)])],
      "a checkFinite must stand before all that write",
    ],
    ["what is written as an output", { y: exp([readAfter(v)]) }, [write], 'output "y" depends on what the step writes'],
    ["a table as a batch", { y: exp([pictures]) }, [], 'table "pictures" is used by exp'],
    ["a table as an output", { y: pictures }, [], 'output "y" is a table'],
    ["a name with two types", { x, y: input("x", [null, 4], "float32") }, [], '"x" is input float32 [null, 3] and'],
  ];
  it.each(refused)("refuses %s", (_what, outputs, effects, message) => {
    expect(() => check(outputs, effects)).toThrow(StateError);
    expect(() => check(outputs, effects)).toThrow(message);
  });
});
