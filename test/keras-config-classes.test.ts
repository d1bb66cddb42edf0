/** Every class of layers, initializers, regularizers and constraints in Keras's words, as Keras wrote it and as it is read. */

import { describe, expect, it } from "vitest";
import type { OptionTable } from "../src/core/options.js";
import { constraints, initializers, layers, modelFromKerasConfig, regularizers } from "../src/index.js";
import { readLayer, writeLayer } from "../src/models/keras-config/layer.js";
import { kerasLayers } from "../src/models/keras-config/layer-table.js";
import type { Json } from "../src/models/keras-config/path.js";
import { snakeCase } from "../src/nn/factory.js";
import { layerFromConfig } from "../src/nn/layers/index.js";
import { golden } from "./support/goldens.js";
import { backend, changeable } from "./support/keras-configs.js";

interface Class {
  readonly class_name: string;
  readonly config: Json;
}

const classes =
  golden<Readonly<Record<"layers" | "initializers" | "regularizers" | "constraints", readonly Class[]>>>(
    "keras-classes",
  );

/** A dense layer in Keras's words, whose initializer has the class and options of `value`. */
function denseWith(option: string, value: unknown): Json {
  const config = changeable("dense");
  const layer = config.config.layers[1]!;
  layer.config = { ...layer.config, [option]: value };
  return config as unknown as Json;
}

describe("every class of fovea", () => {
  // All but lambda: what it does is a function, which Keras writes as Python's bytecode.
  const writable = (Object.keys(layers) as (keyof typeof layers)[]).filter((name) => name !== "lambda");
  it.each(writable)("layers.%s reads and writes all that Keras writes", (name) => {
    const { className } = layers[name];
    const entry = `layers.${name} needs an entry in src/models/keras-config/layer-table.ts`;
    expect(kerasLayers[name], entry).toBeDefined();
    const keras = classes.layers.find(({ class_name }) => class_name === className);
    expect(keras, `${className} is not in test/goldens/make/keras-config.py`).toBeDefined();
    const read = readLayer(className, keras!.config, "");
    const layer = layerFromConfig({ className, config: { ...read.config, name: read.name } });
    expect(writeLayer({ ...read, config: layer.config }), entry).toEqual(keras!.config);
  });

  it.each(Object.keys(layers) as (keyof typeof layers)[])("layers.%s has no entry for what it has itself", (name) => {
    const table: OptionTable = layers[name].table;
    const options = Object.keys(table);
    const { further = {}, options: own = {} } = kerasLayers[name];
    const always = options.filter((option) => table[option]!.presence !== "optional");
    const names = always.map((option) => own[option]?.name ?? snakeCase(option));
    expect(Object.keys(further).filter((option) => names.includes(option))).toEqual([]);
    expect(Object.keys(own).filter((option) => !options.includes(option))).toEqual([]);
  });

  it.each([
    ...Object.values(initializers).map(({ className }) => ["initializers", className] as const),
    ...Object.values(regularizers).map(({ className }) => ["regularizers", className] as const),
    ...Object.values(constraints).map(({ className }) => ["constraints", className] as const),
  ])("%s: %s likewise", (kind, className) => {
    const keras = classes[kind].find(({ class_name }) => class_name === className);
    expect(keras, `${className} is not in test/goldens/keras-classes.json`).toBeDefined();
    const config = denseWith(`kernel_${kind.slice(0, -1)}`, keras);
    expect(modelFromKerasConfig(config, { backend }).toKerasConfig()).toEqual(config);
  });

  it("of Keras that fovea has not is refused by its name", () => {
    const known = Object.values(layers).map(({ className }) => className as string);
    const others = classes.layers.filter(({ class_name }) => !known.includes(class_name));
    expect(others.length).toBeGreaterThan(0);
    for (const layer of others) {
      const config = changeable("dense");
      Object.assign(config.config, { layers: [config.config.layers[0], layer] });
      expect(() => modelFromKerasConfig(config)).toThrow(`config.layers[1]: unknown layer "${layer.class_name}"`);
    }
  });
});
