/** What the engine says to whoever has the console open: each thing once, however many engines there are. */

const said = new Set<string>();

/** Says it, if it was not said before. */
export function sayOnce(note: string): void {
  if (said.has(note)) return;
  said.add(note);
  console.warn(`fovea: ${note}`);
}
