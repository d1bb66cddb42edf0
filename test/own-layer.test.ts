/** The example of a layer of one's own runs, and learns what it is about. */

import { expect, it, vi } from "vitest";

it("examples/own-layer.ts finds the disc", async () => {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  try {
    const { score } = await import("../examples/own-layer.js");
    expect(score.accuracy).toBeGreaterThan(0.97);
    expect(String(log.mock.calls[0])).toContain("bells (Bells)");
    expect(log.mock.calls.at(-1)).toEqual([score]);
  } finally {
    log.mockRestore();
  }
});
