/** Names as Keras spells them, and products found by them. */

import { describe, expect, it } from "vitest";
import { OptionError } from "../core/errors.js";
import { positiveInteger } from "../core/options.js";
import { defineFactory, find, knows, type Room, snakeCase } from "./factory.js";
import { layers } from "./layers/index.js";

describe("snakeCase", () => {
  it.each([
    ["Dense", "dense"],
    ["Conv2D", "conv2d"],
    ["conv2d", "conv2d"],
    ["MaxPooling2D", "max_pooling2d"],
    ["GlobalAveragePooling2D", "global_average_pooling2d"],
    ["InputLayer", "input_layer"],
    ["SparseCategoricalCrossentropy", "sparse_categorical_crossentropy"],
    ["sparseCategoricalCrossentropy", "sparse_categorical_crossentropy"],
    ["sparse_categorical_crossentropy", "sparse_categorical_crossentropy"],
    ["SGD", "sgd"],
  ])("%s is %s", (name, expected) => {
    expect(snakeCase(name)).toBe(expected);
  });

  it("a function's name and its class's give one name, but for InputLayer and ELU", () => {
    for (const [name, { className }] of Object.entries(layers)) {
      if (name !== "input" && name !== "eLU") expect(snakeCase(name)).toBe(snakeCase(className));
    }
  });
});

interface Cup {
  readonly cup: true;
  readonly size: number;
}

const teaCup = defineFactory({
  className: "TeaCup",
  call: "teaCup",
  options: { size: positiveInteger() },
  build: ({ size }): Cup => ({ cup: true, size }),
});

const mug = defineFactory({ className: "Mug", call: "mug", options: {}, build: (): Cup => ({ cup: true, size: 1 }) });

const room: Room<Cup> = {
  what: "cup",
  factories: { mug, teaCup },
  aliases: { m: "mug" },
  is: (value): value is Cup => typeof value === "object" && value !== null && "cup" in value,
};

describe("find", () => {
  it("takes a product, a name, a short name or a description", () => {
    const cup = mug();
    expect(find(room, cup)).toBe(cup);
    expect(find(room, "mug").size).toBe(1);
    expect(find(room, "m").size).toBe(1);
    expect(find(room, { className: "TeaCup", config: { size: 3 } }).size).toBe(3);
    expect(find(room, { className: "tea_cup", config: { size: 3 } }).size).toBe(3);
    expect(knows(room, "tea_cup")).toBe(true);
  });

  it("says what a name alone lacks", () => {
    expect(() => find(room, "teaCup")).toThrow("teaCup: size is missing; it must be a whole number, 1 or more.");
  });

  it("knows no names that every object has", () => {
    for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty"]) {
      expect(knows(room, name)).toBe(false);
      expect(() => find(room, name)).toThrow(OptionError);
    }
  });

  it("refuses everything else", () => {
    expect(() => find(room, "mgu", "kitchen")).toThrow('kitchen: unknown cup "mgu"; did you mean "mug"?');
    expect(() => find(room, "plate")).toThrow('unknown cup "plate"; known: mug, teaCup.');
    for (const value of [3, null, undefined, {}, [], { className: "Mug" }, { className: 3, config: {} }, mug]) {
      expect(() => find(room, value)).toThrow(/^a cup must be a name, such as "mug", or made by one of its functions/);
    }
  });
});
