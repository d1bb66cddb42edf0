import { describe, expect, it } from "vitest";
import { expectSameValues, opsOf } from "../../../test/support/graph-values.js";
import type { Graph } from "../graph.js";
import { constant, input, table } from "../leaves.js";
import { add } from "../ops/add.js";
import { cast } from "../ops/cast.js";
import { gatherRows } from "../ops/gatherRows.js";
import { multiply } from "../ops/multiply.js";
import { reshape } from "../ops/reshape.js";
import type { Tensor } from "../tensor.js";
import { fuseScale } from "./fuseScale.js";

const bytes = input("bytes", [null, 2, 3], "uint8");
const rows = gatherRows([table("pictures", [2, 3], "uint8"), input("indices", [null], "int32")]);
const toFloat = (x: Tensor): Tensor => cast([x], { dtype: "float32" });
const half = constant(0.5);
const flat = (x: Tensor): Tensor => reshape([x], { shape: [null, 6] });

function fused(outputs: Record<string, Tensor>): Graph {
  const graph = { name: "g", outputs, effects: [] };
  const result = fuseScale(graph);
  expectSameValues(result, graph);
  return result;
}

describe("fuseScale", () => {
  it("fuses cast and scale", () => {
    const graph = fused({ y: multiply([toFloat(bytes), half]) });
    expect(graph.outputs.y).toMatchObject({ op: "castScale", attributes: { scale: 0.5, offset: 0 } });
    expect(fused({ y: multiply([half, toFloat(bytes)]) }).outputs.y!.op).toBe("castScale");
  });

  it("fuses the offset as well, and the gathering", () => {
    const y = add([multiply([toFloat(rows), half]), constant(-1)]);
    const graph = fused({ y });
    expect(graph.outputs.y).toMatchObject({ op: "gatherScale", attributes: { scale: 0.5, offset: -1 } });
    expect(Object.keys(opsOf(graph)).sort()).toEqual(["gatherScale", "input", "table"]);
  });

  it("moves reshapes between behind", () => {
    const inner = add([constant(3), multiply([toFloat(flat(rows)), half])]);
    expect(fused({ y: inner }).outputs.y).toMatchObject({ op: "reshape", inputs: [{ op: "gatherScale" }] });
    const outer = multiply([flat(toFloat(bytes)), half]);
    expect(fused({ y: outer }).outputs.y).toMatchObject({ op: "reshape", inputs: [{ op: "castScale" }] });
  });

  it("keeps what something else needs as well", () => {
    const floats = toFloat(bytes);
    expect(fused({ y: multiply([floats, half]), floats }).outputs.y!.op).toBe("multiply");
    const scaled = multiply([floats, half]);
    expect(opsOf(fused({ y: add([scaled, half]), scaled }))).toMatchObject({ castScale: 1, add: 1 });
    const both = fused({ y: multiply([toFloat(rows), half]), rows });
    expect(opsOf(both)).toMatchObject({ gatherRows: 1, castScale: 1 });
  });

  it("leaves other types and other factors", () => {
    const whole = input("whole", [null, 3], "int32");
    expect(fused({ y: multiply([toFloat(whole), half]) }).outputs.y!.op).toBe("multiply");
    expect(fused({ y: multiply([toFloat(bytes), constant([1, 2, 3], [3])]) }).outputs.y!.op).toBe("multiply");
    expect(fused({ y: multiply([toFloat(bytes), toFloat(bytes)]) }).outputs.y!.op).toBe("multiply");
    expect(fused({ y: add([toFloat(bytes), half]) }).outputs.y!.op).toBe("add");
  });
});
