import { describe, expect, it } from "vitest";
import { handmade } from "../../../test/support/handmade-program.js";
import { races } from "../../../test/support/races.js";
import type { Builder } from "./builder.js";
import type { Place } from "./place.js";

/** Calls that need a barrier between each other, those in a row at least that share a place. */
function chain(builder: Builder): void {
  const places: Place[] = [builder.scratch(400), builder.scratch(400), builder.scratch(400)];
  builder.emit("fill", { y: places[0]!, value: 1, n: 100 });
  builder.emit("unary", { x: places[0]!, y: places[1]!, op: 0, n: 100 });
  builder.emit("unary", { x: places[0]!, y: places[2]!, op: 0, n: 100 });
  builder.emit("unary", { x: places[1]!, y: places[0]!, op: 0, n: 100 });
}

describe("the image of a program", () => {
  it("has a barrier wherever one call must be complete before another", () => {
    expect(races(handmade("chain", chain))).toEqual([]);
  });

  it("of calls all put into one stage has none, and that is found", () => {
    const made = handmade("chain", chain);
    const stages = made.schedule.stages.map(() => 0);
    expect(races({ ...made, schedule: { ...made.schedule, stages } })).toHaveLength(5);
  });
});
