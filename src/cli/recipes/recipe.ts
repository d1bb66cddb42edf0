/** What a recipe is: a network, a dataset and the settings that fit them. Not the training: that is ../train.ts. */

import type { datasets, Layer, layers } from "../../index.js";

/** The layers to choose from. */
export type Layers = typeof layers;

/** A network that is trained by name. */
export interface Recipe {
  readonly name: string;
  /** What it is, in a few words without a full stop. */
  readonly title: string;
  readonly dataset: keyof typeof datasets;
  readonly epochs: number;
  readonly batchSize: number;
  /** Of Adam. */
  readonly learningRate: number;
  /** The share of the last training pictures that validate. */
  readonly validationSplit: number;
  /** The network. It takes bytes and scales them itself. The layers are handed in, so that help is there before the library is. */
  layers(layers: Layers): Layer[];
}
