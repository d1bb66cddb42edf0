/** What JSON gives back as it is, and how deep it may be: what is saved can be read, and no file is deeper than that. */

/** How deep lists and objects may lie within each other. */
export const MAX_JSON_DEPTH = 100;

/** Whether JSON gives a value back as it is, no deeper than MAX_JSON_DEPTH. */
export function isPlain(value: unknown, depth = 0): boolean {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || depth >= MAX_JSON_DEPTH) return false;
  if (Array.isArray(value)) return value.every((part) => isPlain(part, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  return Object.values(value).every((part) => isPlain(part, depth + 1));
}
