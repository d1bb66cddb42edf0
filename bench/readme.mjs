/** README's table of speed, made of the recorded run, so that the two never differ. */

import { barsOf } from "./bars.mjs";

const native = "PyTorch, Keras on TensorFlow and on JAX";
const compiled = "PyTorch, Keras on TensorFlow";
const step = (/** @type {string} */ net, /** @type {number} */ batch) =>
  `${net} step of ${batch} against the fastest of PyTorch and Keras on TensorFlow`;

/** What a row says, against whom, and the bars whose values it shows. */
const rows = /** @type {const} */ ([
  ["convolutional network, a step of 128", native, ["CNN step against the fastest native"]],
  ["the same, predicting 128", native, ["CNN inference of 128 against the fastest native"]],
  ["the same, one picture", "PyTorch", ["CNN, one picture, against PyTorch"]],
  [
    "dense network, a step on MNIST, and on dense pictures",
    "PyTorch",
    ["MLP step, real digits, against PyTorch", "MLP step, dense pictures, against PyTorch"],
  ],
  [
    "the same, `fit`",
    "Keras on JAX; on TensorFlow",
    ["MLP fit against Keras on JAX", "MLP fit against Keras on TensorFlow"],
  ],
  [
    "the same, five epochs as a whole process, and its memory",
    "Keras on JAX or TensorFlow",
    ["5 MLP epochs, whole process, time", "5 MLP epochs, whole process, peak memory"],
  ],
  ["the same, one picture", "PyTorch", ["MLP, one picture, against PyTorch"]],
  ["LeNet-5, a step of 128 and of 32", compiled, [step("lenet5", 128), step("lenet5", 32)]],
  ["VGG-like on 32x32x3, a step of 128 and of 32", compiled, [step("cifar-vgg", 128), step("cifar-vgg", 32)]],
  [
    "strided and 1 by 1 convolutions, a step of 128 and of 32",
    compiled,
    [step("cifar-strided", 128), step("cifar-strided", 32)],
  ],
  ["strided convolutions on 224x224x3, a step of 16", compiled, [step("strided-224", 16)]],
  ["a MobileNet block on 32x32x64, a step of 64", compiled, [step("mobilenet", 64)]],
  ["ResNet-20 on 32x32x3, a step of 128", compiled, [step("resnet20", 128)]],
]);

/**
 * @param {import("./report.mjs").Run} run
 * @returns {string} Markdown
 */
export function speedTable(run) {
  const bars = new Map(barsOf(run).map(({ title, value }) => [title, value]));
  const lines = rows.map(([what, against, titles]) => {
    const values = titles.map((title) => bars.get(title)?.toFixed(2) ?? "not measured");
    return `| ${what} | ${against} | ${values.join(", ")} |`;
  });
  return ["| | fovea / the fastest of | |", "| --- | --- | ---: |", ...lines].join("\n");
}

/**
 * README with the table of this run, and its date, in place of the last one's.
 * @param {string} readme
 * @param {import("./report.mjs").Run} run
 */
export function withSpeeds(readme, run) {
  const table = /\| \| fovea \/ the fastest of \| \|\n(?:\|.*\n)+/;
  const machine = /\((.*), Node [\d.]+,\n\d{4}-\d{2}-\d{2}, \[bench\/results\/latest\.md\]/;
  if (!table.test(readme) || !machine.test(readme)) throw new Error("bench: README.md has no table of speed");
  const { processor, architecture, node } = run.machine;
  const where = `(${processor}${architecture === null ? "" : `, ${architecture}`}, Node ${node.slice(1)},\n${run.date.slice(0, 10)}, [bench/results/latest.md]`;
  return readme.replace(table, () => `${speedTable(run)}\n`).replace(machine, () => where);
}
