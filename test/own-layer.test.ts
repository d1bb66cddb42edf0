/** The example of a layer of one's own runs, and learns what it is about. */

import { expect, it, vi } from "vitest";
import { OptionError } from "../src/core/errors.js";
import { defineLayer, layers, modelFromKerasConfig, ops, sequential } from "../src/index.js";

it("examples/own-layer.ts finds the disc", async () => {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  try {
    const { score } = await import("../examples/own-layer.js");
    expect(score.accuracy).toBeGreaterThan(0.97);
    expect(String(log.mock.calls[0])).toContain("bells (Bells)");
    expect(log.mock.calls.at(-1)).toEqual([score]);
  } finally {
    log.mockRestore();
  }
});

it("a model of a layer of one's own is not written down, for nothing could make it again; its weights are", async () => {
  const square = defineLayer({ className: "Square", call: "square", options: {}, build: (x) => ops.square(x) });
  const made = () => sequential([layers.input({ shape: [3] }), square({ name: "mine" }), layers.dense({ units: 2 })]);
  const model = made();
  expect(() => model.toKerasConfig()).toThrow(OptionError);
  expect(() => model.toKerasConfig()).toThrow(/mine: Square is a layer of your own and cannot be written/);
  await expect(model.toBytes()).rejects.toThrow(/mine: Square is a layer of your own/);
  const known = sequential([layers.input({ shape: [3] }), layers.dense({ units: 2 })]).toKerasConfig();
  const text = JSON.stringify(known).replace('"class_name":"Dense"', '"class_name":"Square"');
  expect(() => modelFromKerasConfig(JSON.parse(text))).toThrow(/Square/);
});
