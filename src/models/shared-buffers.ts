/**
 * The memory of variables that several models may share: one buffer a variable and backend, given back when the last
 * model that holds it lets go. Not here: what is in it (variable-store.ts).
 */

import type { Backend, Buffer } from "../backends/backend.js";
import type { Variable } from "../graph/tensor.js";

interface Shared {
  readonly buffer: Buffer;
  holders: number;
}

// By weak keys: a backend that is gone, and a variable that no layer knows any more, take nothing.
const homes = new WeakMap<Backend, WeakMap<Variable, Shared>>();

function homeOf(backend: Backend): WeakMap<Variable, Shared> {
  let home = homes.get(backend);
  if (home === undefined) {
    home = new WeakMap();
    homes.set(backend, home);
  }
  return home;
}

/** The buffer of a variable that some model holds already, which has one more holder now; undefined where there is none. */
export function hold(backend: Backend, variable: Variable): Buffer | undefined {
  const shared = homeOf(backend).get(variable);
  if (shared === undefined || shared.buffer.lost === true) return undefined;
  shared.holders++;
  return shared.buffer;
}

/** The buffer of a variable that nobody held, for its first holder. */
export function share(backend: Backend, variable: Variable, buffer: Buffer): void {
  homeOf(backend).set(variable, { buffer, holders: 1 });
}

/** A holder of buffers lets go of them; those that nobody holds are freed. */
export function letGo(backend: Backend, held: Iterable<readonly [Variable, Buffer]>): void {
  const home = homeOf(backend);
  const free: Buffer[] = [];
  for (const [variable, buffer] of held) {
    const shared = home.get(variable);
    // Another one in its place: this one was lost, and made anew.
    if (shared !== undefined && shared.buffer === buffer) {
      shared.holders--;
      if (shared.holders > 0) continue;
      home.delete(variable);
    }
    free.push(buffer);
  }
  backend.free(...free);
}
