/** A value as a message shows it: short, and with its type visible. Not a printer of arrays: that is ndarray-print.ts. */

/** `"3"`, `NaN`, `[1, 2, 3]`, `null`, `a function`, `an object {rate}`: at most some 60 characters. */
export function formatReceived(value: unknown): string {
  const text = format(value, 0);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function format(value: unknown, depth: number): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return "a function";
  if (typeof value === "symbol") return "a symbol";
  if (typeof value === "bigint") return `${value}n`;
  if (Object.is(value, -0)) return "-0";
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) {
    if (depth > 2) return "[...]";
    const shown = value.slice(0, 8).map((part) => format(part, depth + 1));
    return `[${shown.join(", ")}${value.length > 8 ? ", ..." : ""}]`;
  }
  const kind = Object.getPrototypeOf(value)?.constructor?.name;
  if (typeof kind === "string" && kind !== "" && kind !== "Object")
    return `${/^[AEIOU]/.test(kind) ? "an" : "a"} ${kind}`;
  return `an object {${Object.keys(value).slice(0, 4).join(", ")}}`;
}
