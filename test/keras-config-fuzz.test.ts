/**
 * Whatever stands in a configuration of Keras, wherever: it is read, or refused by an error that says where, in little
 * time. What the messages say of which mistake: keras-config-refusals.test.ts.
 */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FormatError, modelFromConfig, modelFromKerasConfig, OptionError, ShapeError } from "../src/index.js";
import { backend, goldens } from "./support/keras-configs.js";

type Path = readonly (string | number)[];
type Parts = Record<string | number, unknown>;

/** The way to every value within one. A loop, not recursion: some are deep. */
function pathsOf(whole: unknown): Path[] {
  const paths: Path[] = [];
  const left: [value: unknown, path: Path][] = [[whole, []]];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [value, path] = next;
    paths.push(path);
    if (typeof value !== "object" || value === null || path.length > 100) continue;
    const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
    for (const key of keys) left.push([(value as Parts)[key], [...path, key]]);
  }
  return paths;
}

const at = (value: unknown, path: Path): unknown => path.reduce((part, key) => (part as Parts)[key], value);

/** A copy of a configuration, changed at a place: `change` is given what is around it, and its key there. */
function changed(config: unknown, path: Path, change: (around: Parts, key: string | number) => void): unknown {
  const whole = { config: structuredClone(config) };
  const way = ["config", ...path];
  change(at(whole, way.slice(0, -1)) as Parts, way.at(-1)!);
  return whole.config;
}

/** Makes an own property of any name, as JSON.parse does. */
function define(object: Parts, key: string | number, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

const nested = (levels: number, around: (inner: unknown) => unknown): unknown => {
  let value: unknown = around(null);
  for (let level = 1; level < levels; level++) value = around(value);
  return value;
};

/** By what a report of the test calls them: they are too large, or too deep, to be printed. */
const hostile: Readonly<Record<string, unknown>> = {
  "a long text": "x".repeat(1e5),
  "a long list": Array(1e5).fill(0),
  "a deep list": nested(5000, (inner) => [inner]),
  "a deep object": nested(3000, (config) => ({ class_name: "Sequential", config })),
  "an object with a __proto__": JSON.parse('{"__proto__": {"name": "a"}}'),
};
const numbers = [0, -0, -1, 1, 2, 0.5, 1e9, 2 ** 31, 2 ** 53, 1e15, 1e308, Number.POSITIVE_INFINITY];
const names = ["", "__proto__", "constructor", "toString", "hasOwnProperty", "a/b", "Dense", "same"];
const others: unknown[] = [[], [null], [[]], [1e9, 1e9], [null, 1e15, 1e15, 4], [4, 4], {}, { constructor: 1 }];
const values = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }).map((value) => ({ value })),
  fc.constantFrom<unknown>(null, true, false, ...numbers, ...names, ...others).map((value) => ({ value })),
  fc.constantFrom(...Object.keys(hostile)).map((name) => ({ name })),
);

const configs = Object.entries(goldens.examples).map(([name, { config }]) => ({ name, paths: pathsOf(config) }));
const place = fc.tuple(fc.constantFrom(...configs), fc.nat(), fc.nat()).map(([{ name, paths }, one, other]) => ({
  name,
  path: paths[one % paths.length]!,
  other: paths[other % paths.length]!,
}));
const configOf = (name: string): unknown => goldens.examples[name]!.config;

/** Names of layers in a configuration, or that they may be given where it says none. */
function namesIn(config: unknown): string[] {
  return pathsOf(config)
    .filter((path) => path.at(-1) === "name")
    .map((path) => at(config, path))
    .filter((name): name is string => typeof name === "string" && name !== "")
    .concat(classes);
}
const classes = ["input", "dense", "conv2d", "sequential", "functional"];

/** Reads it and writes it in both ways. @throws what is wrong with the configuration, if it is that. */
function read(config: unknown): "read" | "refused" {
  const begin = performance.now();
  try {
    const model = modelFromKerasConfig(config, { backend });
    modelFromKerasConfig(JSON.stringify(model.toKerasConfig()), { backend });
    modelFromConfig(model.toConfig(), { backend });
    return "read";
  } catch (error) {
    if (![OptionError, ShapeError, FormatError].some((kind) => error instanceof kind)) throw error;
    const { message } = error as Error;
    const path = /^modelFromKerasConfig: (the configuration|(module|class_name|config|registered_name)[^ ]*): /.test(
      message,
    );
    const layer = /^(layers\[\d+\]|model: |sequential: |modelFromConfig: no output needs layer)/.test(message);
    const named = namesIn(config).some((name) => message.startsWith(name));
    if (!path && !layer && !named) throw new Error(`It is not said where: ${message}`);
    return "refused";
  } finally {
    // A machine that is busy with other things takes long too; what never ends, or takes seconds, is meant.
    expect(performance.now() - begin).toBeLessThan(5000);
  }
}

describe("a configuration is read, or refused by an error that says where,", () => {
  const tally = () => ({ read: 0, refused: 0 });
  const bothHappen = (found: ReturnType<typeof tally>) => {
    expect(found.read).toBeGreaterThan(10);
    expect(found.refused).toBeGreaterThan(10);
  };

  it("with any value in any place", () => {
    const found = tally();
    const property = fc.property(place, values, ({ name, path }, chosen) => {
      const value = "name" in chosen ? hostile[chosen.name] : chosen.value;
      found[read(changed(configOf(name), path, (around, key) => define(around, key, value)))]++;
    });
    fc.assert(property, { numRuns: 1000 });
    bothHappen(found);
  });

  it("with any of its values in the place of any other", () => {
    const found = tally();
    const property = fc.property(place, ({ name, path, other }) => {
      const config = configOf(name);
      found[read(changed(config, path, (around, key) => define(around, key, structuredClone(at(config, other)))))]++;
    });
    fc.assert(property, { numRuns: 500 });
    bothHappen(found);
  });

  it("with any of its values taken away, or one that nobody knows put beside it", () => {
    const found = tally();
    const key = fc.constantFrom("__proto__", "constructor", "zzz", undefined);
    const property = fc.property(place, key, ({ name, path }, added) => {
      const change = (around: Parts, own: string | number) => {
        if (added !== undefined) define(around, added, { a: 1 });
        else if (Array.isArray(around)) around.splice(own as number, 1);
        else delete around[own];
      };
      found[read(changed(configOf(name), path, change))]++;
    });
    fc.assert(property, { numRuns: 500 });
    bothHappen(found);
  });
});
