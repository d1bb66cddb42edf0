/** What optimizers keep for each weight, and the effects that they change it by. */

import { describe, expect, it } from "vitest";
import { input, read } from "../../graph/leaves.js";
import { Variable } from "../../graph/tensor.js";
import { type Optimizer, optimizers } from "./index.js";

/** What an optimizer keeps for a weight, by name. */
const slotsOf = (optimizer: Optimizer, name = "dense/kernel", shape = [2, 3]) =>
  optimizer.slots({ name, shape }).map((slot) => slot.name);

/** The ops of an update's effects on two weights. */
function effectsOf(optimizer: Optimizer): string[] {
  const state = (name: string, shape: readonly number[]) => read(new Variable(name, shape, "float32"));
  const weights = [
    { name: "dense/kernel", shape: [2, 3] },
    { name: "dense/bias", shape: [3] },
  ].map(({ name, shape }) => ({
    name,
    weight: state(name, shape),
    gradient: input(`gradient of ${name}`, shape, "float32"),
    slots: optimizer.slots({ name, shape }).map((slot) => state(slot.name, slot.shape)),
  }));
  const effects = optimizer.update({
    weights,
    shared: optimizer.shared.map((slot) => state(slot.name, slot.shape)),
    learningRate: state("rate", []),
    iterations: read(new Variable("iterations", [], "int32")),
  });
  return effects.map(({ op }) => op);
}

describe("state and effects", () => {
  it("are those of Keras, in its order", () => {
    expect(slotsOf(optimizers.rmsprop({ momentum: 0.5, centered: true }))).toEqual([
      "velocity",
      "momentum",
      "average_gradient",
    ]);
    expect(slotsOf(optimizers.adam({ amsgrad: true }))).toEqual(["momentum", "velocity", "velocity_hat"]);
    expect(slotsOf(optimizers.sgd({ useEma: true, gradientAccumulationSteps: 2 }))).toEqual([
      "average",
      "gradient_accumulator",
    ]);
    expect(optimizers.nadam().shared).toEqual([{ name: "u_product", shape: [], initial: 1 }]);
    expect(optimizers.adagrad({ initialAccumulatorValue: 3 }).slots({ name: "w", shape: [2] })).toEqual([
      { name: "accumulator", shape: [2], initial: 3 },
    ]);
  });

  it("are of one fused op where nothing but the gradient is changed", () => {
    const fused = { sgd: "sgdUpdate", adam: "adamUpdate", adamW: "adamUpdate" };
    for (const [call, op] of Object.entries(fused)) {
      const make = optimizers[call as keyof typeof fused];
      const free = { ...(call === "adamW" && { weightDecay: 0 }) };
      for (const options of [{}, { clipnorm: 1 }, { clipvalue: 1 }, { globalClipnorm: 1 }, { lossScaleFactor: 8 }]) {
        expect(effectsOf(make.read({ ...free, ...options }))).toEqual([op, op]);
      }
      const [first, ...others] = effectsOf(make.read({ weightDecay: 0.1, excludeFromWeightDecay: ["l$", "nothing"] }));
      expect(first).toBe(op);
      expect(new Set(others)).toEqual(new Set(["assignFinite"]));
      for (const options of [{ weightDecay: 0.1 }, { useEma: true }, { gradientAccumulationSteps: 2 }]) {
        expect(new Set(effectsOf(make.read({ ...free, ...options })))).toEqual(new Set(["assignFinite"]));
      }
    }
    expect(effectsOf(optimizers.sgd({ momentum: 0.9 }))).toEqual(["momentumUpdate", "momentumUpdate"]);
  });

  it("of Muon are Adam's for what is no matrix, and for what is excluded", () => {
    const muon = ["momentum"];
    const adam = ["momentum", "velocity"];
    const plain = optimizers.muon();
    expect(slotsOf(plain)).toEqual(muon);
    expect(slotsOf(plain, "dense/bias", [3])).toEqual(adam);
    expect(slotsOf(plain, "conv2d/kernel", [3, 3, 2, 4])).toEqual(adam);
    expect(slotsOf(plain, "Embedding/matrix")).toEqual(adam);
    expect(slotsOf(optimizers.muon({ excludeEmbeddings: false }), "Embedding/matrix")).toEqual(muon);
    const last = optimizers.muon({ excludeLayers: ["^classes/", "dense_[12]/"] });
    expect(["classes/kernel", "dense/kernel", "dense_2/kernel"].map((name) => slotsOf(last, name))).toEqual([
      adam,
      muon,
      adam,
    ]);
  });
});
