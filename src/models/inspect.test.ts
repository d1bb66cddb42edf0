/** The first layer whose output is not finite is named: in branches, in models within models, in layers that hand on what they get. */

import { afterAll, describe, expect, it } from "vitest";
import { allBackends, closeBackends } from "../../test/support/run-graph.js";
import type { Backend } from "../backends/backend.js";
import { layers, type Model, model, type NDArray, ones, ops, sequential, zeros } from "../index.js";
import type { Symbolic } from "../nn/layer.js";

const backends = allBackends();
afterAll(() => closeBackends(backends));

const { dense, input } = layers;
/** A layer that makes NaN of what it gets: 0 divided by 0. */
const spoiling = (name: string) =>
  layers.lambda({ name, function: (x) => ops.divide(ops.subtract(x, x), ops.subtract(x, x)) });

/** What fit says of a model with one output of one number. */
async function failure(made: Model, x: NDArray = ones([3, 4])): Promise<string> {
  made.compile({ loss: "mse", optimizer: "sgd" });
  const error = await made.fit(x, ones([3, 1]), { verbose: 0 }).then(
    () => new Error("none"),
    (reason: Error) => reason,
  );
  made.free();
  return /^fit: (.*) is not finite in epoch 1, step 1/.exec(error.message)?.[1] ?? error.message;
}

describe.each(backends)("on $name", ({ backend }) => {
  it("the layer of the branch in which it was made, not one where branches meet", async () => {
    for (const place of ["left_3", "right_1", "right_2", "shortcut"]) {
      const x = input({ shape: [4] });
      const layer = (name: string) => (place === name ? spoiling(name) : dense({ units: 4, name, activation: "tanh" }));
      const chain = (side: string) => ["1", "2", "3"].reduce<Symbolic>((h, i) => layer(`${side}_${i}`)(h), x);
      const joined = layers.add({ name: "joined" })([chain("left"), chain("right"), layer("shortcut")(x)]);
      const y = dense({ units: 1, name: "head" })(dense({ units: 4, name: "behind" })(joined));
      expect(await failure(model({ inputs: x, outputs: y, seed: 1, backend }))).toBe(`the output of ${place}`);
    }
  });

  it("the first of several in the order in which they run", async () => {
    const x = input({ shape: [4] });
    const first = spoiling("first")(dense({ units: 4 })(x));
    const second = spoiling("second")(first);
    const y = dense({ units: 1 })(layers.add()([second, first]));
    expect(await failure(model({ inputs: x, outputs: y, seed: 1, backend }))).toBe("the output of first");
  });

  it("the layer within a model within a model, and in which use of it", async () => {
    expect(await failure(nested(backend, false))).toBe("the output of outer/inner/bad");
    expect(await failure(nested(backend, true))).toBe("the output of outer/inner/good, in call 2 of inner");
  });

  it("not a layer that hands on what it gets, be it the input or another layer's output", async () => {
    const stack = (...between: Parameters<typeof sequential>[0][number][]) =>
      sequential(
        [input({ shape: [4] }), layers.identity(), layers.dropout({ rate: 0 }), layers.flatten(), ...between],
        {
          seed: 1,
          backend,
        },
      );
    const head = () => dense({ units: 1, name: "head" });
    const bad = stack(spoiling("bad"), layers.identity(), layers.activation({ activation: "linear" }), head());
    expect(await failure(bad)).toBe("the output of bad");
    const x = zeros([3, 4]);
    x.data[5] = Number.NaN;
    expect(await failure(stack(head()), x)).toBe("the input x");
  });
});

/** A layer `bad` two models deep; or one that makes NaN only of what its second use gets. */
function nested(backend: Backend, onSecond: boolean) {
  const a = input({ shape: [4] });
  const good = layers.lambda({
    name: "good",
    function: (x) => ops.log(ops.subtract(ops.add(x, 1), ops.multiply(x, x))),
  });
  const inner = model({
    inputs: a,
    outputs: dense({ units: 4, name: "after" })(
      onSecond ? good(a) : spoiling("bad")(dense({ units: 4, name: "before" })(a)),
    ),
    name: "inner",
  });
  const b = input({ shape: [4] });
  const far = layers.lambda({ name: "far", function: (x) => ops.add(ops.multiply(x, 0), 9) });
  const outer = model({ inputs: b, outputs: inner(far(inner(b))), name: "outer" });
  const c = input({ shape: [4] });
  return model({ inputs: c, outputs: dense({ units: 1, name: "head" })(outer(c)), seed: 1, backend });
}
