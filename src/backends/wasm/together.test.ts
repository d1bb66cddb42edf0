import { Worker } from "node:worker_threads";
import { expect, it, vi } from "vitest";
import { handmade } from "../../../test/support/handmade-program.js";
import { doubling, workersThat } from "../../../test/support/small-programs.js";
import { engine, works } from "../../../test/support/test-engine.js";
import { configure } from "./configure.js";

// Small programs, which the calling thread runs with the workers that stand by.

/** On a busy machine it may be long until a program is quick, or a worker comes. */
async function forLong(run: () => Promise<void>): Promise<void> {
  for (const start = performance.now(); performance.now() - start < 40_000; ) await run();
}

it("go by no message once they were seen to be quick", async () => {
  const { run, check } = await doubling(engine());
  const post = vi.spyOn(Worker.prototype, "postMessage");
  const asked = () => post.mock.calls.filter(([request]) => request.kind === "run").length;
  await run(3);
  expect(asked()).toBe(2 * 3);
  // On a busy machine it may be long until one run is quick.
  const start = performance.now();
  let before = -1;
  while (asked() !== before && performance.now() - start < 40_000) {
    before = asked();
    await run(20);
  }
  expect(asked()).toBe(before);
  post.mockRestore();
  await check();
});

it("are shared with workers that stand by", async () => {
  // A worker is thread 1 in the three runs before kernels are compiled; the one that was thread 0 helps.
  workersThat(`if (thread === 0) globalThis.first = true;
    if (thread === 1 && globalThis.first) throw new Error("I help"); $&`);
  const backend = engine({ moment: 2_000 });
  const { run } = await doubling(backend);
  await expect(forLong(() => run(100))).rejects.toThrow(/a kernel trapped.* of program "double": I help/);
  configure({ assets: {} });
  await works(backend);
});

it.each([2, 3])("come out right whoever takes part, of %d threads", async (threads) => {
  const { run, check } = await doubling(engine({ threads }));
  for (let round = 0; round < 20; round++) {
    await run(1 + 3 * round);
    await check();
    // Long enough for workers to go away.
    await new Promise((resolve) => setTimeout(resolve, round % 3));
  }
});

it("let timers have their turn", async () => {
  const { run } = await doubling(engine());
  await run(10);
  let ticks = 0;
  // One in 20 ms is due; on a busy machine some come late.
  for (let again = 0; again < 20 && ticks <= 5; again++) {
    ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    const start = performance.now();
    while (performance.now() - start < 300) await run(1);
    clearInterval(timer);
  }
  expect(ticks).toBeGreaterThan(5);
});

it("that trap say so, whichever thread it is in, and the next call works", async () => {
  const backend = engine();
  const made = handmade(
    "sometimes",
    (builder) => {
      for (let i = 0; i < 8; i++) builder.emit("fill", { y: builder.scratch(400), value: 1, n: 100 });
      builder.begin({ op: "broken", output: "crash" });
      builder.emit("crash", {});
    },
    { outputs: ["crash"] },
  );
  const crash = { buffer: await backend.allocate("float32", [1]) };
  for (let again = 0; again < 20; again++) {
    const program = await backend.load(made);
    for (let i = 0; i < 10; i++) await backend.run(program, { rows: 1, batch: 1 });
    await expect(backend.run(program, { rows: 1, batch: 1, outputs: { crash } })).rejects.toThrow(
      /a kernel trapped in kernel crash \(broken\) of program "sometimes": unreachable/,
    );
    await backend.run(program, { rows: 1, batch: 1 });
    await works(backend);
  }
});

it("do not wait without end for a worker that came and never works", async () => {
  // The worker that is thread 0 of programs by messages is thread 1 where it helps.
  workersThat(`if (thread === 0) globalThis.first = true;
    if (thread === 1 && globalThis.first && (globalThis.calls = (globalThis.calls ?? 0) + 1) > 3) for (;;); $&`);
  const backend = engine({ patience: 300, moment: 2_000 });
  const { run } = await doubling(backend);
  await expect(forLong(() => run(100))).rejects.toThrow(
    /a worker died.* of program "double": it did not come to a barrier/,
  );
  configure({ assets: {} });
  const { run: anew, check } = await doubling(backend);
  await anew(20);
  await check();
});
