/**
 * The datasets by name. Not what a dataset is: ../dataset.ts.
 */

import type { DatasetInfo } from "../dataset.js";
import { loadMnist, type MnistOptions, mnistInfo } from "./mnist.js";

/** The datasets that can be loaded by name. */
export const datasets = {
  /** MNIST, 70,000 handwritten digits: `await datasets.mnist.load()`. */
  mnist: { info: mnistInfo, load: (options?: MnistOptions) => loadMnist(options) },
} as const;

/** What is known of every dataset, in the order of their names: what `fovea datasets` prints. */
export function listDatasets(): DatasetInfo[] {
  return Object.values(datasets)
    .map(({ info }) => info)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
