/** The bench's protocol, with a peer that does what a test wants; and what becomes of a peer that is not there. */

import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Crew } from "../bench/contenders.mjs";
import { Peer, PeerFailed, Unsupported } from "../bench/protocol.mjs";
import { measureSubject } from "../bench/rounds.mjs";
import { NotInstalled } from "../scripts/python.mjs";

const serve = pathToFileURL(path.join(import.meta.dirname, "..", "bench", "peers", "serve.mjs")).href;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "fovea-bench-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let count = 0;

/** The command that runs a program as a peer. */
function command(program: string) {
  const file = path.join(folder, `peer-${count++}.mjs`);
  writeFileSync(file, program);
  return { file: process.execPath, args: [file] };
}

/** A peer whose sample of anything takes `each` milliseconds times the count. */
function fake({ each = 2, parameters = 10, make = "", sample = "" } = {}) {
  return command(`
    import { serve, Unsupported } from ${JSON.stringify(serve)};
    console.log("a library that talks");
    await serve({
      hello: () => ({ versions: { fake: "1.0" }, threads: 1 }),
      make: async (what) => {
        ${make}
        return {
          facts: { parameters: ${parameters}, batch: what.batch },
          sample: async (measure, count) => { ${sample} return ${each} * count; },
          drop: () => undefined,
        };
      },
    });
  `);
}

describe("a peer", () => {
  it("makes, samples and drops, whatever its libraries print, and ends with its input", async () => {
    const peer = new Peer("fake", fake());
    expect(await peer.request({ do: "hello" })).toEqual({ versions: { fake: "1.0" }, threads: 1 });
    const { id, parameters } = await peer.make({ kind: "network", batch: 8 });
    expect(parameters).toBe(10);
    expect(await peer.sample(id, "step", 5)).toBe(10);
    await peer.request({ do: "drop", id });
    await expect(peer.sample(id, "step", 1)).rejects.toThrow(/nothing was made as 1/);
    await peer.close();
    await expect(peer.request({ do: "hello" })).rejects.toThrow(/fake ended \(exit code 0\)/);
  });

  it("that cannot do something says why, and goes on", async () => {
    const peer = new Peer("fake", fake({ sample: `if (measure === "fit") throw new Unsupported("no fit here");` }));
    const { id } = await peer.make({ kind: "network" });
    await expect(peer.sample(id, "fit", 1)).rejects.toThrow(new Unsupported("no fit here"));
    expect(await peer.sample(id, "step", 1)).toBe(2);
    await peer.close();
  });

  it("that dies is named with what it printed", async () => {
    const peer = new Peer("fake", fake({ make: `console.error("out of luck"); process.exit(3);` }));
    const failure = await peer.make({ kind: "network" }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PeerFailed);
    expect((failure as Error).message).toMatch(/fake ended \(exit code 3\)\. It printed:\n.*\n?out of luck/);
    await peer.close();
  });

  it("that does not answer is ended", async () => {
    const peer = new Peer("fake", command("process.stdin.resume();"));
    await expect(peer.request({ do: "hello" }, 0.2)).rejects.toThrow(/did not answer "hello" in 0.2 s/);
    await peer.close();
  });

  it("that says something else than JSON, or cannot be started, is refused", async () => {
    const talker = new Peer("fake", command(`process.stdin.once("data", () => console.log("hello yourself"));`));
    await expect(talker.request({ do: "hello" })).rejects.toThrow(/no answer but hello yourself/);
    await talker.close();
    const absent = new Peer("absent", { file: path.join(folder, "nothing"), args: [] });
    await expect(absent.request({ do: "hello" })).rejects.toThrow(/absent cannot be started/);
    await absent.close();
  });
});

describe("a round of contenders", () => {
  const silent = { quick: true, limit: { sample: async () => undefined } };
  const entry = (contender: string) => ({ contender, threads: 1, measures: ["step", "fit"] });
  const subject = {
    title: "a network",
    key: { net: "a" },
    request: { kind: "network" },
    parameters: 10,
    most: () => 100,
    rounds: 4,
    seconds: 60,
  };

  it("has one sample of each measure a round; who is missing, fails or cannot is said and left out", async () => {
    const said: string[] = [];
    const crew = new Crew((text) => said.push(text), {
      quick: { title: "quick", command: async () => fake({ each: 2 }) },
      slow: {
        title: "slow",
        command: async () => fake({ each: 3, sample: `if (measure === "fit") throw new Unsupported("no fit");` }),
      },
      absent: { title: "absent", command: () => Promise.reject(new NotInstalled("it needs luck; install some")) },
      frail: { title: "frail", command: async () => fake({ sample: "if (count > 1) process.exit(1);" }) },
    });
    const entries = ["quick", "absent", "slow", "frail"].map(entry);
    const cells = await measureSubject(crew, { ...subject, entries }, { ...silent, say: (text) => said.push(text) });
    await crew.close();
    expect(cells.map(({ contender, measure, samples }) => [contender, measure, samples])).toEqual([
      ["quick", "step", [2, 2, 2, 2]],
      ["quick", "fit", [2, 2, 2, 2]],
      ["slow", "step", [3, 3, 3, 3]],
    ]);
    expect([...crew.missing]).toEqual([["absent", "not installed: it needs luck; install some"]]);
    expect(said.join("\n")).toMatch(/absent is left out: not installed: it needs luck/);
    expect(said.join("\n")).toMatch(/fit: slow does not do it: no fit/);
    expect(said.join("\n")).toMatch(/frail failed: frail ended \(exit code 1\)/);
  });

  it("ends where two do not have the same network", async () => {
    const crew = new Crew(() => undefined, {
      right: { title: "right", command: async () => fake() },
      wrong: { title: "wrong", command: async () => fake({ parameters: 11 }) },
    });
    const entries = [entry("right"), entry("wrong")];
    const measured = measureSubject(crew, { ...subject, entries }, { ...silent, say: () => undefined });
    await expect(measured).rejects.toThrow("a network: wrong has 11 parameters and not 10");
    await crew.close();
  });
});
