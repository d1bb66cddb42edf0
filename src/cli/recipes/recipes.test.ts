import { expect, it } from "vitest";
import { datasets, layers, sequential } from "../../index.js";
import { recipes } from "./index.js";

it.each(Object.entries(recipes))("%s goes by its name, and its network fits its dataset", (name, recipe) => {
  expect(recipe.name).toBe(name);
  expect(recipe.title).toMatch(/^[a-z].*[^.]$/);
  const { imageShape, classNames } = datasets[recipe.dataset].info;
  const model = sequential(recipe.layers(layers), { seed: 1 });
  expect(model.network.inputs[0]!.shape).toEqual([null, ...imageShape, 1]);
  expect(model.network.outputs[0]!.shape).toEqual([null, classNames.length]);
});

it("the networks and settings are the lecture's", () => {
  const settings = { batchSize: 128, learningRate: 1e-3, validationSplit: 0.15, dataset: "mnist" };
  expect(recipes["mnist-mlp"]).toMatchObject({ ...settings, epochs: 5 });
  expect(recipes["mnist-cnn"]).toMatchObject({ ...settings, epochs: 1 });
  const parametersOf = (name: keyof typeof recipes) =>
    sequential(recipes[name].layers(layers), { seed: 1 }).countParams();
  // 784·512 + 512, 512·256 + 256, 256·128 + 128, 128·10 + 10.
  expect(parametersOf("mnist-mlp")).toBe(401_920 + 131_328 + 32_896 + 1_290);
  // 3·3·1·64 + 64, 3·3·64·64 + 64, 3·3·64·128 + 128, 3·3·128·128 + 128, 128·10 + 10.
  expect(parametersOf("mnist-cnn")).toBe(640 + 36_928 + 73_856 + 147_584 + 1_290);
});
