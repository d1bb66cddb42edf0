/** The program that names the value in which a step failed computes as the step did. */

import { expect, it, vi } from "vitest";
import { type Call, isPlace } from "../src/backends/wasm/call.js";
import type { WasmProgram } from "../src/backends/wasm/program.js";
import { layers, losses, sequential, zeros } from "../src/index.js";
import { engine } from "./support/test-engine.js";

/** The kernels of convolutions and their gradients with all that decides how they round: tiles, blocks, chunks. */
function convolutions({ lowered }: WasmProgram): Set<string> {
  const words = ({ values }: Call) =>
    Object.entries(values).filter(([word, value]) => word !== "relu" && value !== undefined && !isPlace(value));
  const calls = lowered.schedule.calls.filter(({ kernel }) => /^(winograd|conv2d)/.test(kernel));
  return new Set(calls.map((call) => `${call.kernel} ${JSON.stringify(Object.fromEntries(words(call)))}`));
}

// Of so few pictures, filters that are kept go by other tiles than those that are made anew in each step.
it.each([
  ["a whole step", 2, 1],
  ["a last step of fewer rows", 4, 2],
])("has the kernels and tiles of the training program, for %s", async (_, row, step) => {
  const backend = engine();
  const lower = vi.spyOn(backend, "lower");
  const model = sequential(
    [
      layers.input({ shape: [14, 14, 16] }),
      layers.conv2d({ filters: 16, kernelSize: 3, activation: "relu" }),
      layers.conv2d({ filters: 8, kernelSize: 3 }),
      layers.flatten(),
      layers.dense({ units: 2 }),
    ],
    { seed: 1, backend },
  );
  model.compile({ loss: losses.sparseCategoricalCrossentropy({ fromLogits: true }), optimizer: "sgd" });
  const x = zeros([5, 14, 14, 16]);
  x.set([row, 0, 0, 0], Number.NaN);
  const fit = model.fit(x, zeros([5], "uint8"), { batchSize: 4, shuffle: false, verbose: 0 });
  await expect(fit).rejects.toThrow(`the input x is not finite in epoch 1, step ${step} (of 2)`);
  const [trained, inspected] = (await Promise.all(lower.mock.results.map(({ value }) => value))) as WasmProgram[];
  expect([trained!.name, inspected!.name]).toEqual(["train", "inspect"]);
  expect([...convolutions(trained!)].filter((call) => call.startsWith("winogradProducts"))).toHaveLength(2);
  expect(convolutions(inspected!)).toEqual(convolutions(trained!));
});
