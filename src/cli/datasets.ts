/** `fovea datasets`: the datasets that recipes can use. */

import { type Styles, say, table } from "./screen.js";

/** Prints a table of the datasets. */
export async function showDatasets(styles: Styles): Promise<number> {
  const { listDatasets } = await import("../index.js");
  const rows = listDatasets().map(({ name, title, trainCount, testCount, imageShape, classNames }) => [
    name,
    String(trainCount),
    String(testCount),
    imageShape.join(" x "),
    String(classNames.length),
    title,
  ]);
  const [head, ...lines] = table([["NAME", "TRAIN", "TEST", "PICTURE", "CLASSES", ""], ...rows], {
    alignRight: [1, 2, 4],
  }).split("\n");
  say([styles.bold(head!), ...lines].join("\n"));
  return 0;
}
