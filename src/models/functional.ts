/** The functional model: what calling layers on each other made, between some inputs and outputs. */

import type { Backend } from "../backends/backend.js";
import type { NDArray } from "../core/ndarray.js";
import { custom, optionsOf } from "../core/options.js";
import { type LayerOutput, outputOf, type Symbolic } from "../nn/layer.js";
import { type ModelOptions, modelOptions } from "./described-model.js";
import { Model } from "./model.js";
import type { ModelParts } from "./model-layer.js";
import { networkBetween } from "./network.js";

const something = custom<Symbolic | readonly Symbolic[]>("the output of a layer, or a list of them", (value) =>
  value === null || (Array.isArray(value) && value.length === 0) ? undefined : (value as Symbolic),
);

const functionalOptions = optionsOf("model", { inputs: something, outputs: something, ...modelOptions });

/** What `model` is given. */
export interface FunctionalOptions extends ModelOptions {
  /** An input layer, or a list of them. */
  readonly inputs: Symbolic | readonly Symbolic[];
  /** What the model computes: the output of a layer, or a list of outputs. */
  readonly outputs: Symbolic | readonly Symbolic[];
}

/** A network of layers. Made by `model({ inputs, outputs })`. */
export class Functional<
  Prediction extends NDArray | Readonly<Record<string, NDArray>> = NDArray | Readonly<Record<string, NDArray>>,
> extends Model<Prediction> {
  /** @throws OptionError, ShapeError: see `model`. */
  constructor(options: FunctionalOptions, backend: () => Backend) {
    const { inputs, outputs, ...rest } = functionalOptions(options);
    const network = networkBetween(listOf(inputs, "inputs"), listOf(outputs, "outputs"), "model");
    super("Functional", network, rest, backend);
    this.listed = { inputs: Array.isArray(inputs), outputs: Array.isArray(outputs) };
  }

  override readonly listed: ModelParts["listed"];
}

function listOf(given: unknown, what: string): LayerOutput[] {
  return (Array.isArray(given) ? (given as unknown[]) : [given]).map((value) => outputOf(value, `model: ${what}`));
}
