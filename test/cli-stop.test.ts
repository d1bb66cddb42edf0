/** How `fovea train` is stopped: by Ctrl-C at any moment, by a reader that goes away; and how soon it gets going. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { npmCommand } from "../scripts/npm.mjs";
import { cleanEnvironment } from "./packaging/command.js";
import { startFovea } from "./support/fovea-command.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "fovea-stop-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const lastLine = (text: string) => text.trimEnd().split("\n").at(-1)!;

/** Longer than any test waits, on any machine. */
const full = () => ["train", "mnist-mlp", "--epochs", "1000", "--out", path.join(folder, "run")];

// Windows has no signals: there the whole process would end.
if (process.platform !== "win32") {
  describe("a signal", () => {
    const stopped = /^Stopped (before the first step|at epoch \d+, step \d+ of 399); nothing was written\.$/;

    it.each([1, 2, 3, 4, 5, 6])("Ctrl-C at a random moment stops after a step: %i", async () => {
      const running = startFovea(full());
      await running.printed("mnist-mlp");
      const delay = Math.random() * 2_500;
      await pause(delay);
      running.child.kill("SIGINT");
      const { code, out, err } = await running.ended;
      expect([code, err], `after ${delay} ms`).toEqual([130, ""]);
      expect(lastLine(out), `after ${delay} ms`).toMatch(stopped);
      expect(readdirSync(folder), `after ${delay} ms`).toEqual([]);
    });

    it("SIGTERM stops in the same way, and an earlier run stays as it was", async () => {
      const run = path.join(folder, "run");
      mkdirSync(run);
      writeFileSync(path.join(run, "report.json"), "earlier");
      const running = startFovea(full());
      await running.printed("Non-trainable");
      await pause(300);
      running.child.kill("SIGTERM");
      const { code, out } = await running.ended;
      expect(code).toBe(143);
      expect(lastLine(out)).toMatch(stopped);
      expect(readdirSync(run)).toEqual(["report.json"]);
      expect(readFileSync(path.join(run, "report.json"), "utf8")).toBe("earlier");
      rmSync(run, { recursive: true });
    });

    it("on a terminal the last line stands alone, below the progress line", async () => {
      const running = startFovea(full(), { terminal: true });
      await running.printed(/\d\/399/);
      await pause(200);
      running.child.kill("SIGINT");
      const { code, out } = await running.ended;
      expect(code).toBe(130);
      const [progress, last, end] = out.split("\n").slice(-3);
      expect(stripVTControlCharacters(progress!.split("\r").at(-1)!)).toMatch(/^ *\d+\/399 ━{20} .* - loss: \d/);
      expect(stripVTControlCharacters(last!)).toMatch(stopped);
      expect(end).toBe("");
    });

    /** A training whose steps take about two seconds each. */
    const slow = () => {
      const settings = ["--limit", "2000", "--batch-size", "512", "--threads", "1"];
      return startFovea(["train", "mnist-cnn", ...settings, "--out", path.join(folder, "run")]);
    };

    it("a second Ctrl-C ends at once", async () => {
      const running = slow();
      await running.printed("Non-trainable");
      await pause(100);
      running.child.kill("SIGINT");
      await pause(350);
      running.child.kill("SIGINT");
      const { code, out, err } = await running.ended;
      expect([code, err]).toEqual([130, ""]);
      expect(out).not.toContain("Stopped");
      expect(readdirSync(folder)).toEqual([]);
    });

    it("the same Ctrl-C twice, as npm passes it on, is one", async () => {
      const running = slow();
      await running.printed("Non-trainable");
      await pause(100);
      running.child.kill("SIGINT");
      await pause(20);
      running.child.kill("SIGINT");
      const { code, out } = await running.ended;
      expect(code).toBe(130);
      expect(lastLine(out)).toMatch(/^Stopped (before the first step|at epoch 1, step 1 of 4); nothing was written\.$/);
    });
  });
}

it.each([["train", "mnist-mlp"], ["datasets"], ["--help"]])(
  "a reader that goes away ends it quietly: %j",
  async (...args) => {
    const running = startFovea(args, { cwd: folder });
    running.child.stdout.destroy();
    const { code, signal, err } = await running.ended;
    expect({ code, signal, err }).toEqual({ code: 0, signal: null, err: "" });
    expect(readdirSync(folder)).toEqual([]);
  },
);

it("npm start takes the first step within 1.5 s", async () => {
  const root = path.join(import.meta.dirname, "..");
  const asTerminal = `data:text/javascript,${encodeURIComponent("Object.assign(process.stdout, { isTTY: true, columns: 120 });")}`;
  const { NO_COLOR: _, ...inherited } = cleanEnvironment();
  const env = { ...inherited, TERM: "xterm-256color", NODE_OPTIONS: `--import=${asTerminal}` };
  const npm = npmCommand();
  const times: number[] = [];
  // The machine may have other things to do: the best of three is what fovea takes.
  for (let attempt = 0; attempt < 3 && !times.some((time) => time < 1500); attempt++) {
    const from = performance.now();
    const child = spawn(npm.file, [...npm.leading, "start", "--", "mnist-mlp", "--out", path.join(folder, "start")], {
      cwd: root,
      env,
      shell: npm.shell ?? false,
      stdio: ["ignore", "pipe", "ignore"],
      // A group of its own, so that the whole of it can be ended.
      detached: process.platform !== "win32",
    });
    await new Promise<void>((resolve, reject) => {
      let out = "";
      child.stdout.on("data", (chunk) => {
        out += chunk;
        if (/\d\/399/.test(out)) resolve();
      });
      child.once("close", () => reject(new Error(`npm start ended before its first step:\n${out}`)));
    });
    times.push(performance.now() - from);
    const ended = new Promise((resolve) => child.once("close", resolve));
    if (process.platform === "win32") child.kill();
    else process.kill(-child.pid!, "SIGINT");
    await ended;
  }
  expect(Math.min(...times)).toBeLessThan(1500);
  expect(readdirSync(folder)).toEqual([]);
});
