import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it, vi } from "vitest";
import { handmade } from "../../../test/support/handmade-program.js";
import { doubling, workersThatDawdle, workersThatLinger } from "../../../test/support/small-programs.js";
import { engine, works } from "../../../test/support/test-engine.js";
import { longMemory, trapBesideCheck } from "../../../test/support/trap-beside-check.js";
import { watchWorkers } from "../../../test/support/watch-workers.js";
import type { Graph } from "../../graph/graph.js";
import { input, read } from "../../graph/leaves.js";
import { ops } from "../../graph/ops/index.js";
import { Variable } from "../../graph/tensor.js";
import type { Buffer } from "../backend.js";
import { configure } from "./configure.js";
import { SharedPort } from "./shared.js";
import type { WasmBackend } from "./wasm-backend.js";
import { WorkerThread } from "./worker-thread.js";

// Small programs, and what may happen between them or in one of their threads.

afterEach(() => vi.restoreAllMocks());

/** Counts how often a worker took part in a small program. */
function helpers(): () => number {
  const go = vi.spyOn(WorkerThread.prototype, "go");
  return () => go.mock.calls.length;
}

/** Counts programs that workers were sent. */
function messages(): () => number {
  const post = vi.spyOn(Worker.prototype, "postMessage");
  return () => post.mock.calls.filter(([{ kind }]) => kind === "run").length;
}

/** Has small programs count as too long for one thread, whatever they take. */
function tooLongForOne(): void {
  const dispatch = SharedPort.prototype.dispatch;
  vi.spyOn(SharedPort.prototype, "dispatch").mockImplementation(function (this: SharedPort, one) {
    return dispatch.call(this, one.small === "alone" ? { ...one, small: "together" } : one);
  });
}

/** Runs something until a count has gone up by so many; on a busy machine that may take long. */
async function until(count: () => number, more: number, run: () => Promise<unknown>): Promise<void> {
  const [start, enough] = [performance.now(), count() + more];
  while (count() < enough && performance.now() - start < 40_000) await run();
  expect(count()).toBeGreaterThanOrEqual(enough);
}

it("that trap in one thread say so, although another found a number that is not finite before", async () => {
  workersThatLinger();
  const helped = helpers();
  const backend = engine({ moment: 2_000 });
  await longMemory(backend);
  const program = await backend.load(
    handmade(
      "both",
      (builder) => {
        for (let i = 0; i < 8; i++) builder.emit("fill", { y: builder.scratch(400), value: 1, n: 100 });
        builder.begin({ op: "broken", output: "bad" });
        trapBesideCheck(builder);
      },
      { outputs: ["bad"] },
    ),
  );
  const bad = { buffer: await backend.allocate("float32", [1]) };
  for (let again = 0; again < 10; again++) {
    await until(helped, 1, () => backend.run(program, { rows: 1, batch: 1 }));
    await expect(backend.run(program, { rows: 1, batch: 1, outputs: { bad } })).rejects.toThrow(
      /a kernel trapped in kernel checkFinite \(broken\) of program "both": /,
    );
    await works(backend);
  }
});

describe.each([false, true])("when every other thread is dead, too long for one: %s", (long) => {
  it("go on alone, with the same numbers, and start workers only so often that do not start", async () => {
    workersThatLinger();
    const workers = watchWorkers();
    const said = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const [helped, sent] = [helpers(), messages()];
    const { run, check } = await doubling(engine({ threads: 3, moment: 2_000 }));
    await until(helped, 20, () => run(1));
    await check();
    if (long) tooLongForOne();
    // None can take their place.
    configure({ assets: { worker: new URL(`./nowhere${long}.js`, import.meta.url) } });
    const living = workers.splice(0);
    expect(living).toHaveLength(3);
    await Promise.all(living.map((worker) => worker.terminate()));
    const [before, asked] = [helped(), sent()];
    await until(
      () => said.mock.calls.length,
      1,
      () => run(5),
    );
    await check();
    const tried = workers.length;
    // Two helpers, three times.
    expect(tried).toBe(6);
    for (let again = 0; again < 20; again++) await run(5);
    await check();
    expect([helped(), sent(), workers.length]).toEqual([before, asked, tried]);
    expect(said.mock.calls).toEqual([
      [expect.stringMatching(/^fovea: Small programs go on with one thread: a worker did not start: .*nowhere/)],
    ]);
    // What cannot do without them says so, and where they can be started they take part again.
    await expect(run(1, true)).rejects.toThrow(/a worker did not start: .*nowhere/);
    workersThatLinger();
    await run(1, true);
    await until(helped, 20, () => run(1));
    await check();
  });
});

it("have others in place of workers that are dead, however seldom they come", async () => {
  workersThatLinger();
  tooLongForOne();
  const workers = watchWorkers();
  const [helped, sent] = [helpers(), messages()];
  const { run, check } = await doubling(engine({ threads: 3, moment: 2_000 }));
  await until(sent, 3 * 3, () => run(1));
  await Promise.all(workers.splice(0).map((worker) => worker.terminate()));
  const seldom = async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    await run(1);
  };
  await until(() => workers.length, 2, seldom);
  await check();
  await until(helped, 2, seldom);
  await check();
});

it("that are too long for one thread and were sent to the workers have them stand by for the next", async () => {
  workersThatLinger();
  tooLongForOne();
  const [helped, sent] = [helpers(), messages()];
  const { run, check } = await doubling(engine({ threads: 3, moment: 2_000 }));
  await until(sent, 3 * 3, () => run(1));
  await until(helped, 20, () => run(1));
  await check();
});

it("keep no worker that has left one and is slow to come back from a large one that follows", async () => {
  workersThatDawdle(50);
  const helped = helpers();
  const { run, check } = await doubling(engine({ moment: 2_000 }));
  for (let again = 0; again < 5; again++) {
    await until(helped, 1, () => run(1));
    const start = performance.now();
    await run(1, true);
    expect(performance.now() - start).toBeLessThan(10_000);
    await check();
  }
});

it("see memory that grew while a worker stands by", async () => {
  workersThatLinger();
  const [helped, sent] = [helpers(), messages()];
  const backend = engine({ moment: 2_000 });
  const { run, check, move } = await doubling(backend);
  await until(helped, 20, () => run(1));
  const asked = sent();
  for (let again = 0; again < 6; again++) {
    const { reserved } = (await backend.describe()).memory;
    await backend.allocate("uint8", [reserved]);
    await move();
    expect((await backend.describe()).memory.reserved).toBeGreaterThan(reserved);
    await until(helped, 5, () => run(1));
    await check();
  }
  // It has stood by all the time.
  expect(sent()).toBe(asked);
});

it("keep no worker from a large one that follows at once", async () => {
  workersThatLinger();
  const [helped, sent] = [helpers(), messages()];
  const { run, check } = await doubling(engine({ moment: 2_000 }));
  await until(helped, 5, () => run(1));
  for (let again = 0; again < 20; again++) {
    // Workers are sent for to stand by, and cannot have come.
    await run(3);
    const [asked, start] = [sent(), performance.now()];
    await run(1, true);
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(sent()).toBe(asked + 2);
    await check();
  }
});

it("go on as before beside larger programs, whose arena lies elsewhere", async () => {
  workersThatLinger();
  const [helped, sent] = [helpers(), messages()];
  const backend = engine({ moment: 2_000 });
  const { run, check } = await doubling(backend);
  const strangers: Buffer[] = [];
  for (const megabytes of [1, 2, 4, 8, 16]) {
    await until(helped, 5, () => run(1));
    await check();
    const asked = sent();
    const n = megabytes * 2 ** 18;
    const large = handmade("large", (builder) => builder.emit("fill", { y: builder.scratch(4 * n), value: 7, n }));
    await backend.run(await backend.load(large), { rows: 1, batch: 1 });
    expect(sent()).toBe(asked + 2);
    // It takes the place of what has moved.
    strangers.push(await backend.allocate("uint8", [2 ** 18]));
  }
  await until(helped, 5, () => run(1));
  await check();
  for (const stranger of strangers) expect((await backend.read(stranger)).every((value) => value === 0)).toBe(true);
});

/** Steps of gradient descent with products that round: everything that is left after jobs of so many steps each. */
async function descent(backend: WasmBackend, timed: boolean) {
  const [batch, steps, k] = [32, 400, 64];
  const [w, rate] = [new Variable("w", [k, k], "float32"), new Variable("rate", [], "float32")];
  const x = input("x", [null, k], "float32");
  const y = ops.matmul([x, read(w)], { transposeA: false, transposeB: false });
  const slope = ops.matmul([x, y], { transposeA: true, transposeB: false });
  const graph: Graph = {
    name: "descent",
    outputs: { y },
    effects: [ops.sgdUpdate([read(w), slope, read(rate)])],
  };
  const variables = new Map();
  for (const variable of [w, rate]) variables.set(variable, await backend.allocate("float32", variable.shape));
  const numbers = (count: number) => Float32Array.from({ length: count }, (_, i) => ((i * 7919) % 1009) / 1009 - 0.5);
  await backend.write(variables.get(w), numbers(k * k));
  await backend.write(variables.get(rate), Float32Array.of(1e-4));
  const rows = await backend.allocate("float32", [batch * steps, k]);
  await backend.write(rows, numbers(batch * steps * k));
  const to = await backend.allocate("float32", [batch * steps, k]);
  const program = await backend.lower(graph, { capacity: batch, variables });
  const all: number[][] = [];
  return {
    /** Everything that was left after each job. */
    all,
    async job(count: number) {
      const first = count === 1 ? batch * (all.length % steps) : 0;
      const bound = { inputs: { x: { buffer: rows, firstRow: first } }, outputs: { y: { buffer: to } } };
      await backend.run(program, { ...bound, rows: batch * count, batch, timed });
      all.push([...(await backend.read(variables.get(w))), ...(await backend.read(to, 0, batch * k))]);
    },
  };
}

it.each([2, 3])("give the same bits by turns with large ones as if all were large, of %d threads", async (threads) => {
  const sent = messages();
  const byTurns = await descent(engine({ threads }), false);
  let [small, large] = [0, 0];
  await until(
    () => Math.min(small, large),
    20,
    async () => {
      for (const count of [1, 400, 1]) {
        const asked = sent();
        await byTurns.job(count);
        if (count === 1) small += Number(sent() === asked);
        else large += Number(sent() > asked);
      }
    },
  );
  // Programs whose kernels are timed all go by messages.
  const [asked, always] = [sent(), await descent(engine({ threads }), true)];
  for (let i = 0; i < byTurns.all.length; i++) await always.job(i % 3 === 1 ? 400 : 1);
  expect(sent() - asked).toBeGreaterThanOrEqual(threads * always.all.length);
  expect(always.all).toEqual(byTurns.all);
});
