/** Names of losses, those that are unknown, and their options. */

import { describe, expect, it } from "vitest";
import { OptionError } from "../../core/errors.js";
import { losses, resolveLoss } from "./index.js";

describe("names and options", () => {
  it.each([
    ["meanSquaredError", "MeanSquaredError", "mean_squared_error"],
    ["mean_squared_error", "MeanSquaredError", "mean_squared_error"],
    ["mse", "MeanSquaredError", "mse"],
    ["MSE", "MeanSquaredError", "MSE"],
    ["mae", "MeanAbsoluteError", "mae"],
    ["bce", "BinaryCrossentropy", "bce"],
    ["hinge", "Hinge", "hinge"],
    ["kld", "KLDivergence", "kld"],
    ["kl_divergence", "KLDivergence", "kl_divergence"],
    ["MAPE", "MeanAbsolutePercentageError", "MAPE"],
    ["msle", "MeanSquaredLogarithmicError", "msle"],
    ["log_cosh", "LogCosh", "log_cosh"],
    ["SparseCategoricalCrossentropy", "SparseCategoricalCrossentropy", "sparse_categorical_crossentropy"],
    ["sparse_categorical_crossentropy", "SparseCategoricalCrossentropy", "sparse_categorical_crossentropy"],
  ])("%s is found", (name, className, logged) => {
    const loss = resolveLoss(name);
    expect([loss.className, loss.name]).toEqual([className, logged]);
  });

  it("have Keras's names, or the user's", () => {
    expect(Object.values(losses).map((make) => make().name)).toEqual([
      "binary_crossentropy",
      "binary_focal_crossentropy",
      "categorical_crossentropy",
      "categorical_focal_crossentropy",
      "categorical_hinge",
      "cosine_similarity",
      "hinge",
      "huber_loss",
      "kl_divergence",
      "log_cosh",
      "mean_absolute_error",
      "mean_absolute_percentage_error",
      "mean_squared_error",
      "mean_squared_logarithmic_error",
      "poisson",
      "sparse_categorical_crossentropy",
      "squared_hinge",
    ]);
    expect(losses.hinge({ name: "margin" }).name).toBe("margin");
    const loss = losses.hinge();
    expect(resolveLoss(loss)).toBe(loss);
  });

  it.each(Object.entries(losses))("%s makes a config round trip and refuses bad options", (call, make) => {
    const written = JSON.parse(JSON.stringify({ className: make.className, config: make.read({ name: "l" }).config }));
    const again = resolveLoss(written);
    expect([again.className, again.name, again.config]).toEqual([make.className, "l", written.config]);
    for (const [option, check] of Object.entries(make.table)) {
      for (const value of check.refuses) {
        expect(() => make.read({ [option]: value })).toThrow(OptionError);
        expect(() => make.read({ [option]: value })).toThrow(`${call}: ${option} must be `);
      }
    }
    expect(() => make.read({ fromLogit: true })).toThrow(/unknown option "fromLogit"/);
  });

  it("one that is not called is that with its defaults", () => {
    expect(resolveLoss(losses.huber)).toMatchObject({ className: "Huber", name: "huber_loss", config: { delta: 1 } });
  });

  it("an unknown one is answered with the nearest", () => {
    expect(() => resolveLoss("sparse_categorical_crossentorpy")).toThrow(
      new OptionError(
        'compile: unknown loss "sparse_categorical_crossentorpy"; did you mean "sparseCategoricalCrossentropy"?',
      ),
    );
    expect(() => resolveLoss("xyz")).toThrow(/^compile: unknown loss "xyz"; known: binaryCrossentropy, /);
    for (const bad of [3, null, {}, [], undefined]) {
      expect(() => resolveLoss(bad as never)).toThrow(/^compile: a loss must be a name, such as "binaryCrossentropy"/);
    }
  });
});
