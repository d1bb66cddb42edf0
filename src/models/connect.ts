/** Calls layers on each other as a configuration says, however it orders them. Not the reading of it: from-config.ts. */

import { OptionError } from "../core/errors.js";
import { unknownName } from "../core/names.js";
import { type Layer, type LayerOutput, outputOf } from "../nn/layer.js";
import type { Place } from "./model-config.js";

/** A layer and what its calls are of. */
export interface Connected {
  readonly layer: Layer;
  /** How places name it. */
  readonly name: string | undefined;
  readonly calls: readonly (readonly Place[])[];
}

/** A use of a layer that may still have to be made. */
interface Use {
  readonly connected: Connected;
  readonly call: number;
  /** Those that have to be made before: the layer's own use before this one, and those it is called on. */
  readonly needs: readonly Place[];
  next: number;
}

/**
 * The inputs and outputs of the network that the calls make.
 * @throws OptionError for two layers of one name, a place that is not there, and calls that need each other; ShapeError
 * where a layer does not fit what it is called on.
 */
export function connect(
  layers: readonly Connected[],
  inputs: Place | readonly Place[],
  outputs: Place | readonly Place[],
): { readonly inputs: LayerOutput | LayerOutput[]; readonly outputs: LayerOutput | LayerOutput[] } {
  const byName = new Map<string, Connected>();
  for (const connected of layers) {
    const { name } = connected;
    if (name === undefined) throw new OptionError("model: a layer has no name, which its calls go by.");
    if (byName.has(name)) throw new OptionError(`model: two layers have the name "${name}".`);
    byName.set(name, connected);
  }
  const made = new Map<Connected, (readonly LayerOutput[])[]>(
    layers.map((connected) => [
      connected,
      connected.layer.className === "InputLayer" ? [[outputOf(connected.layer, "model")]] : [],
    ]),
  );
  // `where` is what needs it, for messages.
  const resultsOf = (name: string, where: string) => {
    const connected = byName.get(name);
    if (connected === undefined) throw unknownName("layer", name, byName.keys(), where);
    return made.get(connected)!;
  };
  const outputAt = ([name, call, output]: Place, where: string): LayerOutput => {
    const found = resultsOf(name, where)[call]?.[output];
    if (found !== undefined) return found;
    throw new OptionError(`${where}: layer "${name}" has no output ${output} of call ${call}.`);
  };
  const makeUse = (use: Use): void => {
    const { connected, call } = use;
    const given = connected.calls[call]!.map((place) => outputAt(place, spoken(use)));
    const results = connected.layer(given) as LayerOutput | readonly LayerOutput[];
    made.get(connected)!.push(Array.isArray(results) ? results : [results]);
  };

  // A walk with a stack of its own: a thousand layers are no reason to run out of JavaScript's.
  const begun = new Map<Connected, Set<number>>();
  const path: Use[] = [];
  const begin = (connected: Connected, call: number): void => {
    const calls = begun.get(connected) ?? new Set();
    begun.set(connected, calls);
    if (calls.has(call)) {
      throw new OptionError(`${spoken({ connected, call })} needs itself, by way of others.`);
    }
    calls.add(call);
    const before: readonly Place[] = call === 0 ? [] : [[connected.name!, call - 1, 0]];
    path.push({ connected, call, needs: [...before, ...connected.calls[call]!], next: 0 });
  };
  for (const connected of layers) {
    connected.calls.forEach((_, first) => {
      if (made.get(connected)!.length > first) return;
      begin(connected, first);
      while (path.length > 0) {
        const top = path.at(-1)!;
        const needed = top.needs[top.next++];
        if (needed === undefined) {
          makeUse(top);
          path.pop();
          continue;
        }
        const [name, call] = needed;
        if (resultsOf(name, spoken(top)).length > call) continue;
        const other = byName.get(name)!;
        if (call >= other.calls.length) outputAt(needed, spoken(top));
        begin(other, call);
      }
    });
  }
  const at = (ends: Place | readonly Place[], where: string) =>
    isPlace(ends) ? outputAt(ends, where) : ends.map((place) => outputAt(place, where));
  return { inputs: at(inputs, "model: inputs"), outputs: at(outputs, "model: outputs") };
}

function spoken({ connected, call }: Pick<Use, "connected" | "call">): string {
  return `model: call ${call} of layer "${connected.name}"`;
}

function isPlace(ends: Place | readonly Place[]): ends is Place {
  return typeof ends[0] === "string";
}
