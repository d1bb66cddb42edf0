/** Lowerings of ops on whole rows: gathers, labels, softmax and the losses on it, dropout and noise. */

import { bytesPerElement } from "../../../core/dtype.js";
import { type Dimensions, isBatched, sizePerRow } from "../../../graph/dimensions.js";
import { dropoutWords } from "../kernels/rows.js";
import type { Size } from "../kernels.js";
import { elements, type Lowering, type Operand } from "../lowering.js";

/** What probabilities are clipped by, as in Keras. */
const EPSILON = 1e-7;

/** How many vectors along the last axis there are. */
function vectors(shape: Dimensions): Size {
  return elements(shape.slice(0, -1));
}

function labelWords(labels: Operand, scores: Operand) {
  return {
    labels: labels.place,
    labelBytes: bytesPerElement(labels.dtype),
    n: vectors(scores.shape),
    classes: scores.shape.at(-1)!,
  };
}

const gatherRows: Lowering<"gatherRows"> = ({ builder, inputs: [table, indices], output }) => {
  builder.emit("gatherRows", {
    table: table.place,
    indices: indices.place,
    y: output.place,
    n: elements(indices.shape),
    rowBytes: rowSize(table) * bytesPerElement(table.dtype),
  });
};

const gatherScale: Lowering<"gatherScale"> = ({ builder, inputs: [table, indices], output, attributes }) => {
  builder.emit("gatherScale", {
    table: table.place,
    indices: indices.place,
    y: output.place,
    n: elements(indices.shape),
    rowLength: rowSize(table),
    ...attributes,
  });
};

/** Elements of a row; a table may be a leaf of open length or a value of fixed length. */
function rowSize({ shape }: Operand): number {
  return isBatched(shape) ? sizePerRow(shape) : sizePerRow(shape.slice(1));
}

const oneHot: Lowering<"oneHot"> = ({ builder, inputs: [labels], output }) => {
  builder.emit("oneHot", { y: output.place, ...labelWords(labels, output) });
};

const softmax: Lowering<"softmax"> = ({ builder, inputs: [x], output }) => {
  builder.emit("softmax", { x: x.place, y: output.place, n: vectors(x.shape), length: x.shape.at(-1)! });
};

const logSoftmax: Lowering<"logSoftmax"> = ({ builder, inputs: [x], output }) => {
  builder.emit("softmax", { x: x.place, y: output.place, n: vectors(x.shape), length: x.shape.at(-1)!, log: 1 });
};

const softmaxGradient: Lowering<"softmaxGradient"> = ({ builder, inputs: [y, dy], output }) => {
  const length = y.shape.at(-1)!;
  builder.emit("softmaxGradient", { y: y.place, dy: dy.place, dx: output.place, n: vectors(y.shape), length });
};

const sparseCategoricalCrossentropy: Lowering<"sparseCategoricalCrossentropy"> = ({
  builder,
  inputs: [p, labels],
  output,
}) => {
  builder.emit("sparseCategoricalCrossentropy", {
    p: p.place,
    loss: output.place,
    ...labelWords(labels, p),
    epsilon: EPSILON,
  });
};

const sparseCategoricalCrossentropyGradient: Lowering<"sparseCategoricalCrossentropyGradient"> = ({
  builder,
  inputs: [p, labels, g],
  output,
}) => {
  builder.emit("sparseCategoricalCrossentropyGradient", {
    p: p.place,
    dp: output.place,
    upstream: g.place,
    upstreamStride: 1,
    ...labelWords(labels, p),
    epsilon: EPSILON,
  });
};

const softmaxCrossentropyGradient: Lowering<"softmaxCrossentropyGradient"> = ({
  builder,
  inputs: [p, labels, g],
  output,
}) => {
  builder.emit("softmaxCrossentropyGradient", {
    p: p.place,
    dz: output.place,
    upstream: g.place,
    upstreamStride: 1,
    ...labelWords(labels, p),
    epsilon: EPSILON,
  });
};

const sparseSoftmaxCrossentropy: Lowering<"sparseSoftmaxCrossentropy"> = ({ builder, inputs: [z, labels], output }) => {
  builder.emit("sparseSoftmaxCrossentropy", { z: z.place, loss: output.place, ...labelWords(labels, z) });
};

const sparseSoftmaxCrossentropyGradient: Lowering<"sparseSoftmaxCrossentropyGradient"> = ({
  builder,
  inputs: [z, labels, g],
  output,
}) => {
  builder.emit("sparseSoftmaxCrossentropyGradient", {
    z: z.place,
    dz: output.place,
    upstream: g.place,
    upstreamStride: 1,
    ...labelWords(labels, z),
  });
};

const argmax: Lowering<"argmax"> = ({ builder, inputs: [x], output }) => {
  builder.emit("argmax", { x: x.place, y: output.place, n: vectors(x.shape), length: x.shape.at(-1)! });
};

const dropout: Lowering<"dropout"> = ({ builder, inputs: [x, state], output, attributes: { rate, stream } }) => {
  builder.emit("dropout", {
    x: x.place,
    y: output.place,
    state: state.place,
    stream,
    ...dropoutWords(rate),
    n: elements(output.shape),
  });
};

const randomNormal: Lowering<"randomNormal"> = ({ builder, inputs: [state], output, attributes }) => {
  const { mean, stddev, stream } = attributes;
  builder.emit("randomNormal", {
    y: output.place,
    state: state.place,
    stream,
    mean,
    stddev,
    n: elements(output.shape),
  });
};

export const rowLowerings = {
  gatherRows,
  gatherScale,
  oneHot,
  softmax,
  logSoftmax,
  softmaxGradient,
  sparseCategoricalCrossentropy,
  sparseCategoricalCrossentropyGradient,
  softmaxCrossentropyGradient,
  sparseSoftmaxCrossentropy,
  sparseSoftmaxCrossentropyGradient,
  argmax,
  dropout,
  randomNormal,
};
