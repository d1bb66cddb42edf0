import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CONTROL, FAILED, STANDBY, STATE } from "./layout.js";

describe("worker.js", () => {
  it("holds the layout's numbers", () => {
    const source = readFileSync(new URL("./worker.js", import.meta.url), "utf8");
    const numbers = Object.fromEntries(
      [...source.matchAll(/^const ([A-Z]+) = (\d+);$/gm)].map(([, name, value]) => [name, Number(value)]),
    );
    expect(numbers).toEqual({
      GENERATION: CONTROL.generation,
      FAILED: CONTROL.failed,
      TRAPPED: FAILED.trapped,
      AWAY: STATE.away,
      INVITED: STATE.invited,
      WAITING: STATE.waiting,
      CALLED: STATE.called,
      COME: STATE.come,
      GO: STATE.go,
    });
    // The words in the order in which they are taken apart.
    const { state, control, program, thread, scratch } = STANDBY;
    expect([state, control, program, thread, scratch]).toEqual([0, 1, 2, 3, 4]);
    expect(source).toContain("const [, control = 0, program = 0, thread = 0, scratch = 0] = standby;");
  });

  it("imports nothing, so that any bundler and any server can hand it out", () => {
    const source = readFileSync(new URL("./worker.js", import.meta.url), "utf8");
    expect(source).not.toMatch(/^import |^export /m);
  });
});
