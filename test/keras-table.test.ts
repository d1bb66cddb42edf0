/** docs/keras.md says of everything in Keras that concerns pictures whether it is here: held against Keras's names and the exports. */

import { readFileSync } from "node:fs";
import path from "node:path";
import * as fovea from "fovea";
import { describe, expect, it } from "vitest";
import { golden } from "./support/goldens.js";

const text = readFileSync(path.join(import.meta.dirname, "..", "docs", "keras.md"), "utf8");
const { versions: _, ...keras } = golden<Record<string, string[]> & { versions: object }>("keras-names");

/** The rows of a room's table: Keras's name, what is here, and a remark. */
function rowsOf(room: string): readonly (readonly [string, string, string])[] {
  const section = sectionOf(room);
  const lines = section.split("\n").filter((line) => line.startsWith("| ") && !/^\| (Keras|---)/.test(line));
  return lines.map(
    (line) =>
      line
        .split("|")
        .slice(1, 4)
        .map((cell) => cell.trim()) as [string, string, string],
  );
}

function sectionOf(room: string): string {
  const title = room[0]!.toUpperCase() + room.slice(1);
  return text.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? "";
}

function exportsOf(room: string): readonly string[] {
  return Object.keys((fovea as unknown as Record<string, object | undefined>)[room] ?? {});
}

describe.each(Object.keys(keras))("docs/keras.md, %s", (room) => {
  it("has a row for each of Keras's, and no other", () => {
    expect(rowsOf(room).map(([name]) => name)).toEqual(keras[room]);
  });

  it("names what is here, and says why where something is not meant to be", () => {
    for (const [name, here, remark] of rowsOf(room)) {
      const found = /^`(\w+)\.(\w+)`$/.exec(here);
      if (found === null) expect(`${name}: ${here}`).toMatch(/: (not yet|no)$/);
      else expect(exportsOf(found[1]!), name).toContain(found[2]);
      if (here === "no") expect(remark, name).not.toBe("");
    }
  });

  it("names every export of the room", () => {
    for (const name of exportsOf(room)) expect(sectionOf(room)).toContain(`\`${room}.${name}\``);
  });
});
