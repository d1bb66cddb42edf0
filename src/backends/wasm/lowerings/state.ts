/** Lowerings of effects: updates, counters, sums, the check that ends a step. */

import { elementTypes } from "../kernels/elementwise.js";
import { byteSize, elements, type Lowering } from "../lowering.js";
import { after } from "../place.js";

const assign: Lowering<"assign"> = ({ builder, inputs: [variable, value] }) => {
  builder.emit("copy", { x: value.place, y: variable.place, n: byteSize(variable) });
};

const assignFinite: Lowering<"assignFinite"> = ({ builder, inputs: [variable, value] }) => {
  builder.emit("assignFinite", {
    x: value.place,
    y: variable.place,
    flag: builder.flag(),
    n: elements(variable.shape),
  });
};

const accumulate: Lowering<"accumulate"> = ({ builder, inputs: [variable, value] }) => {
  builder.emit("accumulate", {
    x: value.place,
    accumulator: variable.place,
    type: elementTypes[value.dtype],
    n: elements(value.shape),
    integer: variable.dtype === "int32" ? 1 : 0,
  });
};

const increment: Lowering<"increment"> = ({ builder, inputs: [counter], attributes: { index, by } }) => {
  builder.emit("increment", { x: after(counter.place, 4 * index), by });
};

const checkFinite: Lowering<"checkFinite"> = ({ builder, inputs: [x] }) => {
  builder.emit("checkFinite", { x: x.place, n: elements(x.shape) }, { check: true });
};

const sgdUpdate: Lowering<"sgdUpdate"> = ({ builder, inputs: [w, g, learningRate] }) => {
  builder.emit("sgdUpdate", {
    weights: w.place,
    gradient: g.place,
    learningRate: learningRate.place,
    flag: builder.flag(),
    n: elements(w.shape),
  });
};

const momentumUpdate: Lowering<"momentumUpdate"> = ({
  builder,
  inputs: [w, velocity, g, learningRate],
  attributes: { momentum, nesterov },
}) => {
  builder.emit("sgdUpdate", {
    weights: w.place,
    gradient: g.place,
    velocity: velocity.place,
    learningRate: learningRate.place,
    flag: builder.flag(),
    n: elements(w.shape),
    momentum,
    nesterov: nesterov ? 1 : 0,
  });
};

const adamUpdate: Lowering<"adamUpdate"> = ({
  builder,
  inputs: [w, m, v, g, learningRate, iterations],
  attributes: { beta1, beta2, epsilon },
}) => {
  builder.emit("adamUpdate", {
    weights: w.place,
    gradient: g.place,
    first: m.place,
    second: v.place,
    learningRate: learningRate.place,
    iterations: iterations.place,
    flag: builder.flag(),
    n: elements(w.shape),
    oneMinusBeta1: 1 - beta1,
    oneMinusBeta2: 1 - beta2,
    epsilon,
  });
};

export const stateLowerings = {
  assign,
  assignFinite,
  accumulate,
  increment,
  checkFinite,
  sgdUpdate,
  momentumUpdate,
  adamUpdate,
};
