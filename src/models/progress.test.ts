import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatMetric,
  formatPlainLine,
  formatProgressLine,
  formatStepTime,
  formatTimeLeft,
  ProgressBar,
  type ProgressOutput,
  type ProgressState,
} from "./progress.js";

const finished: ProgressState = {
  current: 399,
  steps: 399,
  finished: true,
  seconds: 1.7,
  secondsPerStep: 0.0042,
  metrics: [
    ["acc", 0.90263],
    ["loss", 0.33071],
    ["val_acc", 0.9676],
    ["val_loss", 0.1083],
  ],
};
const running: ProgressState = { ...finished, current: 120, finished: false, metrics: finished.metrics };

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is taken out.
const visible = (text: string) => text.replace(/\x1b\[\d*[mK]/g, "");

describe("the parts, as Keras 3.15 prints them", () => {
  test.each([
    [0.90263, "0.9026"],
    [12.5, "12.5000"],
    [0.03125, "0.0312"],
    [0.00100001, "0.0010"],
    [0.001, "1.0000e-03"],
    [1e-4, "1.0000e-04"],
    [-2.5e-12, "-2.5000e-12"],
    [1.5e-120, "1.5000e-120"],
    [0, "0.0000e+00"],
    [Number.NaN, "nan"],
    [Number.POSITIVE_INFINITY, "inf"],
  ])("metric %d is %s", (value, text) => {
    expect(formatMetric(value)).toBe(text);
  });

  test.each([
    [0, "0s/step"],
    [2.5, "2s/step"],
    [1, "1s/step"],
    [0.9996, "1000ms/step"],
    [0.0042, "4ms/step"],
    [0.001, "1ms/step"],
    [0.0009, "900us/step"],
    [1e-9, "0us/step"],
  ])("%d s a step is %s", (value, text) => {
    expect(formatStepTime(value)).toBe(text);
  });

  test.each([
    [0.9, "0s"],
    [60, "60s"],
    [65.7, "1:05"],
    [3600, "60:00"],
    [3723.4, "1:02:03"],
  ])("%d s left is %s", (value, text) => {
    expect(formatTimeLeft(value)).toBe(text);
  });
});

describe("formatProgressLine", () => {
  test("at the end, and while running with the time left", () => {
    const wide = { columns: 200, color: false };
    expect(formatProgressLine(finished, wide)).toBe(
      "399/399 ━━━━━━━━━━━━━━━━━━━━ 2s 4ms/step - acc: 0.9026 - loss: 0.3307 - val_acc: 0.9676 - val_loss: 0.1083",
    );
    expect(formatProgressLine({ ...running, secondsPerStep: 0.5 }, wide)).toBe(
      "120/399 ━━━━━━────────────── 2:19 500ms/step - acc: 0.9026 - loss: 0.3307 - val_acc: 0.9676 - val_loss: 0.1083",
    );
    expect(formatProgressLine({ ...running, current: 7 }, wide)).toMatch(/^ {2}7\/399 ─{20} 1s 4ms/);
  });

  test("in color: bold count, green for what is done, white for the rest, bold time", () => {
    const line = formatProgressLine({ ...running, metrics: [["loss", 2]] }, { columns: 80, color: true });
    expect(line).toBe(
      `\x1b[1m120/399\x1b[0m \x1b[32m${"━".repeat(6)}\x1b[0m\x1b[37m${"━".repeat(14)}\x1b[0m \x1b[1m1s\x1b[0m 4ms/step - loss: 2.0000`,
    );
  });

  test("an unknown number of steps has no bar and tells the time taken", () => {
    expect(formatProgressLine({ ...running, steps: null }, { columns: 60, color: false })).toBe(
      "    120/Unknown 2s 4ms/step - acc: 0.9026 - loss: 0.3307",
    );
  });

  test("never reaches the last column, and leaves off whole parts from the right", () => {
    const whole = formatProgressLine(running, { columns: 1000, color: false });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 130 }), fc.boolean(), (columns, color) => {
        const line = visible(formatProgressLine(running, { columns, color })).replace(/━/g, "─");
        expect(line.length).toBeLessThan(columns);
        expect(whole.replace(/━/g, "─").startsWith(line)).toBe(true);
        expect(line === "" || [" ", undefined].includes(whole[line.length])).toBe(true);
      }),
    );
    expect(formatProgressLine(running, { columns: 55, color: false })).toMatch(/step - acc: 0.9026$/);
    expect(formatProgressLine(running, { columns: 54, color: false })).toMatch(/4ms\/step$/);
  });

  test("the metrics of a finished run go on in a next line, and nothing is lost", () => {
    expect(formatProgressLine(finished, { columns: 80, color: false }).split("\n")).toEqual([
      "399/399 ━━━━━━━━━━━━━━━━━━━━ 2s 4ms/step - acc: 0.9026 - loss: 0.3307",
      "        val_acc: 0.9676 - val_loss: 0.1083",
    ]);
    fc.assert(
      fc.property(fc.integer({ min: 42, max: 130 }), (columns) => {
        const lines = formatProgressLine(finished, { columns, color: true }).split("\n").map(visible);
        for (const line of lines) expect(line.length).toBeLessThan(columns);
        expect(lines.map((line) => line.trim()).join(" - ")).toBe(
          formatProgressLine(finished, { columns: 1000, color: false }),
        );
      }),
    );
  });

  test("an unknown width counts as 80", () => {
    for (const columns of [0, Number.NaN]) {
      expect(formatProgressLine(running, { columns, color: false })).toMatch(/loss: 0.3307$/);
    }
  });
});

test("formatPlainLine", () => {
  expect(formatPlainLine(finished, "Epoch 1/5")).toBe(
    "Epoch 1/5 - 399/399 - 2s - 4ms/step - acc: 0.9026 - loss: 0.3307 - val_acc: 0.9676 - val_loss: 0.1083",
  );
  expect(formatPlainLine({ ...finished, metrics: [] })).toBe("399/399 - 2s - 4ms/step");
});

describe("ProgressBar", () => {
  function record(overrides: Partial<ProgressOutput> = {}) {
    const written: string[] = [];
    const clock = { now: 5000 };
    const output = {
      write: (text: string) => written.push(text),
      isTTY: true,
      columns: 120,
      color: true,
      ...overrides,
    };
    return { written, clock, output, now: () => clock.now };
  }

  test("redraws one line in place and ends it", () => {
    const { written, clock, output, now } = record();
    const bar = new ProgressBar(output, { now });
    bar.begin({ steps: 4, heading: "Epoch 1/2" });
    clock.now += 1000;
    bar.update(1, { acc: 0.5, loss: 2 });
    clock.now += 200;
    bar.update(2, { acc: 0.6, loss: 1 });
    clock.now += 300;
    bar.update(4, { acc: 0.7, loss: 0.6 });
    clock.now += 500;
    bar.end({ acc: 0.7, loss: 0.5, val_acc: 0.8 });
    expect(written.map(visible)).toEqual([
      "Epoch 1/2\n",
      `\r1/4 ${"━".repeat(20)} 3s 1s/step - acc: 0.5000 - loss: 2.0000`,
      // The first second was the first step's: one step since then took 0.2 s.
      `\r2/4 ${"━".repeat(20)} 0s 200ms/step - acc: 0.6000 - loss: 1.0000`,
      `\r4/4 ${"━".repeat(20)} 0s 167ms/step - acc: 0.7000 - loss: 0.6000`,
      // Validation counts towards the time, as in Keras.
      `\r4/4 ${"━".repeat(20)} 2s 333ms/step - acc: 0.7000 - loss: 0.5000 - val_acc: 0.8000`,
      "\n",
    ]);
    for (const text of written.slice(1, 5)) expect(text.endsWith("\x1b[K")).toBe(true);
  });

  test("a run that is ended early says how far it came", () => {
    const { written, output, now } = record({ isTTY: false });
    const bar = new ProgressBar(output, { now });
    bar.begin({ steps: 10, heading: "Epoch 1/2" });
    bar.update(7, { loss: 1 });
    bar.end();
    expect(written).toEqual([expect.stringMatching(/^Epoch 1\/2 - {2}7\/10 - 0s/)]);
  });

  test("redraws at most ten times a second", () => {
    const { written, clock, output, now } = record();
    const bar = new ProgressBar(output, { now });
    bar.begin({ steps: 1000 });
    for (let step = 1; step <= 1000; step++) {
      clock.now += 1;
      bar.update(step, { loss: 1 });
    }
    expect(written.length).toBeGreaterThanOrEqual(9);
    expect(written.length).toBeLessThanOrEqual(11);
  });

  test.each([
    ["a pipe", { isTTY: false, color: false }, 1],
    ["a pipe with forced color", { isTTY: false }, 1],
    ["NO_COLOR", { color: false }, 1],
    ["verbose: 2", {}, 2],
  ] as const)("one plain line a run in %s", (_, overrides, verbose) => {
    const { written, clock, output, now } = record(overrides);
    const bar = new ProgressBar(output, { now, verbose });
    for (const heading of ["Epoch 1/2", "Epoch 2/2"]) {
      bar.begin({ steps: 10, heading });
      for (let step = 1; step <= 10; step++) {
        clock.now += 200;
        bar.update(step, { loss: 1 / step });
      }
      bar.end({ loss: 0.1 });
    }
    expect(written).toEqual([
      "Epoch 1/2 - 10/10 - 2s - 200ms/step - loss: 0.1000\n",
      "Epoch 2/2 - 10/10 - 2s - 200ms/step - loss: 0.1000\n",
    ]);
  });

  test("steps reported several at a time, and an unknown number of them", () => {
    const { written, clock, output, now } = record({ isTTY: false });
    const bar = new ProgressBar(output, { now });
    bar.begin({ steps: null });
    clock.now += 600;
    bar.update(12, { loss: 1 });
    bar.end();
    expect(written).toEqual(["12/12 - 1s - 50ms/step - loss: 1.0000\n"]);
  });

  test("every line that ends a run in a narrow window erases what stood right of it", () => {
    const { written, output, now } = record({ columns: 60 });
    const bar = new ProgressBar(output, { now });
    bar.begin({ steps: 1 });
    bar.end({ acc: 0.5, loss: 1, val_loss: 2 });
    const lines = written[0]!.split("\n");
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line.endsWith("\x1b[K")).toBe(true);
  });

  test("breakLine ends an open live line once, and writes nothing otherwise", () => {
    const { written, output, now } = record();
    const bar = new ProgressBar(output, { now });
    bar.breakLine();
    bar.begin({ steps: 3 });
    bar.breakLine();
    expect(written).toEqual([]);
    bar.update(1);
    bar.breakLine();
    bar.breakLine();
    expect(written.slice(1)).toEqual(["\n"]);
  });

  test("no write is wider than the window, which may change", () => {
    const output = { write: (text: string) => written.push(text), isTTY: true, columns: 100, color: true };
    const written: string[] = [];
    let time = 0;
    const bar = new ProgressBar(output, { now: () => (time += 500) });
    bar.begin({ steps: 100 });
    for (let step = 1; step <= 60; step++) {
      output.columns = 100 - step;
      bar.update(step, { acc: 0.5, loss: 0.25, val_acc: 0.1, val_loss: 0.2 });
      expect(visible(written.at(-1)!).length - 1).toBeLessThan(output.columns);
    }
    expect(written).toHaveLength(60);
  });
});
