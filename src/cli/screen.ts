/** What commands write to the standard output: lines, colors where they are wanted, tables. */

import pc from "picocolors";
import { currentPlatform } from "../platform/current.js";

/** The few colors that commands use. */
export type Styles = Pick<ReturnType<typeof pc.createColors>, "bold" | "yellow">;

/** Colors, or none where none are wanted. */
export function styles(): Styles {
  return pc.createColors(currentPlatform().terminal.color);
}

/** Writes a line. */
export function say(line: string): void {
  currentPlatform().terminal.write(`${line}\n`);
}

/** Shows `text` while `work` goes on, where the line can be taken away again; elsewhere nothing. */
export async function whileSaying<T>(text: string, work: () => Promise<T>): Promise<T> {
  const { terminal } = currentPlatform();
  if (!(terminal.isTTY && terminal.color)) return work();
  terminal.write(text);
  try {
    return await work();
  } finally {
    terminal.write("\r\x1b[K");
  }
}

/** Rows in columns as wide as they need, two spaces apart. `alignRight` names columns by their number. */
export function table(rows: readonly (readonly string[])[], { alignRight = [] as readonly number[] } = {}): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) =>
      alignRight.includes(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
    );
  return rows.map((row) => line(row).join("  ").trimEnd()).join("\n");
}
