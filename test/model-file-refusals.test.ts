/** What is no whole model file, as it was written, is refused. */

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createBackend } from "../src/backends/registry.js";
import { readSafetensors, type SafeTensor, writeSafetensors } from "../src/formats/safetensors.js";
import { FormatError, type LayerOutput, layers, loadModel, model, NumericError } from "../src/index.js";
import { writeSealed } from "../src/models/checksum.js";
import { goldenOf, small } from "./support/saved-models.js";

const backend = createBackend({ backend: "wasm", threads: 1 });
afterAll(() => backend.close());

describe("what is no model file is refused", () => {
  let good: Uint8Array;
  let tensors: Record<string, SafeTensor>;
  let metadata: Record<string, string>;
  beforeAll(async () => {
    good = await small(backend).toBytes({ includeOptimizer: true });
    const read = readSafetensors(good);
    tensors = Object.fromEntries(read.tensors);
    const { sha256: _, ...rest } = read.metadata;
    metadata = rest;
  });

  const refused = async (bytes: Uint8Array, message: string | RegExp) => {
    await expect(loadModel(bytes, { backend })).rejects.toThrow(FormatError);
    await expect(loadModel(bytes, { backend })).rejects.toThrow(message);
  };
  const withMetadata = (changes: Readonly<Record<string, string | undefined>>) =>
    writeSealed(
      tensors,
      Object.fromEntries(
        Object.entries({ ...metadata, ...changes }).filter(
          (entry): entry is [string, string] => entry[1] !== undefined,
        ),
      ),
    );

  it("of weights alone, of something else, of a later fovea", async () => {
    await refused(await small(backend).encodeWeights(), "It holds weights alone");
    await refused(withMetadata({ format: "pt" }), 'expected the format "fovea-model", found "pt"');
    await refused(withMetadata({ format: undefined }), "found undefined");
    await refused(
      withMetadata({ format_version: "2" }),
      'expected "1" (this is a file of fovea 0.1.0) as format_version',
    );
    await refused(new Uint8Array(100), "safetensors");
  });

  it.each([
    ["config", undefined, "expected a configuration as config"],
    ["config", "{", "its layers cannot be made: modelFromKerasConfig: the configuration: JSON expected"],
    ["config", `${"[".repeat(1e6)}${"]".repeat(1e6)}`, "its layers cannot be made"],
    ["config", `${'{"config":'.repeat(1e5)}1${"}".repeat(1e5)}`, "its layers cannot be made"],
    ["seed", "-1", "expected a whole number as seed"],
    ["seed", "9007199254740993", "expected a whole number as seed"],
    ["class_names", "[1]", "expected a list of texts as class_names"],
    ["class_names", "[", "expected JSON as class_names"],
    ["preprocessing", "[]", "expected an object as preprocessing"],
    ["preprocessing", `{"a":${deep(100)}}`, "at most 100 lists and objects within each other, as preprocessing"],
    ["preprocessing", '{"scale":1e999}', "expected JSON of finite numbers"],
    ["class_names", deep(1e5), "at most 100 lists and objects within each other, as class_names"],
    ["compile", `{"loss":${deep(1e5)}}`, "at most 100 lists and objects within each other, as compile"],
    ["golden", `{"inputs":${deep(1e5)}}`, "at most 100 lists and objects within each other, as golden"],
    ["golden", undefined, "expected 3 golden inputs for each of [null, 4], found undefined"],
    ["golden", "{}", "expected 3 golden inputs for each of [null, 4]"],
    ["golden", '{"inputs":[[[1,2,3,4],[1,2,3,4],[1,2,3]]]}', "expected 3 golden inputs for each of [null, 4]"],
    ["golden", '{"inputs":[[[1,2,3,4],[1,2,3,4],[1,2,3,4]]]}', "expected 3 golden outputs for each of [null, 3]"],
    ["compile", "3", "it cannot be compiled"],
    ["compile", '{"loss":"msee","optimizer":"sgd"}', 'it cannot be compiled: compile: unknown loss "msee"'],
    ["compile", compiledWith("(?<=(a+)+)b"), '(?<=(a+)+)b" looks ahead or behind ((?<=), which can take very long'],
    ["compile", compiledWith("(a+)\\1"), "refers to a group"],
    ["compile", compiledWith("a{1000}".repeat(9)), "repeats too much"],
    ["compile", undefined, "the state of its optimizer cannot be read"],
  ])("by its metadata: %s %.60s", async (key, value, message) => {
    await refused(withMetadata({ [key]: value }), message);
  });

  it("of another model's tensors", async () => {
    const kernel = tensors["dense/kernel"]!;
    const { "dense/kernel": _, ...less } = tensors;
    await refused(writeSealed(less, metadata), 'no tensor "dense/kernel"');
    await refused(writeSealed({ ...tensors, more: kernel }, metadata), 'the model has no weight "more"');
    const turned = { ...tensors, "dense/kernel": { ...kernel, shape: [5, 4] } as SafeTensor };
    await refused(writeSealed(turned, metadata), '"dense/kernel" should be float32 [4, 5], found float32 [5, 4]');
    const named = { ...tensors, "/optimizer/more": kernel };
    await refused(
      writeSealed(named, metadata),
      'the state of its optimizer cannot be read: setOptimizerState: unknown state "more"',
    );
  });

  it("that predicts otherwise: a weight or a golden pair that was altered, and the file sealed again", async () => {
    const kernel = tensors["dense_1/kernel"]!;
    const data = Float32Array.from(kernel.data as Float32Array, (value, i) => (i === 4 ? value + 0.1 : value));
    const altered = { ...tensors, "dense_1/kernel": { ...kernel, data } as SafeTensor };
    await refused(
      writeSealed(altered, metadata),
      /predicts otherwise here than where it was saved: golden pair 1, output "dense_1": expected 0\.\d+, found 0\.\d+/,
    );
    const golden = goldenOf(good);
    golden.outputs[0]![2]![1]! += 0.01;
    await refused(withMetadata({ golden: JSON.stringify(golden) }), "golden pair 3");
    golden.outputs[0]![2]![1] = "NaN" as never;
    await refused(withMetadata({ golden: JSON.stringify(golden) }), "expected NaN, found 0.");
  });

  it("whose numbers would not fit into memory", async () => {
    const config = JSON.parse(metadata.config!) as { config: { layers: { config: Record<string, unknown> }[] } };
    const [first] = config.config.layers;
    const flat = { module: "keras.layers", class_name: "Flatten", config: { name: "flat" }, registered_name: null };
    for (const length of [2 ** 30, 2 ** 53 - 1]) {
      first!.config.batch_shape = [null, length];
      const text = JSON.stringify({
        ...config,
        config: { ...config.config, layers: [first, flat], build_input_shape: null },
      });
      const bytes = writeSealed({}, { ...metadata, config: text, compile: "null" });
      await refused(bytes, /its layers would make \d|cannot be compiled/);
      const { compile: _, ...rest } = metadata;
      await refused(
        writeSealed({}, { ...rest, config: text }),
        "numbers of one example, of which 134217728 can be tried",
      );
      config.config.layers[1]!.config.units = length;
      first!.config.batch_shape = [null, 4];
      await refused(
        withMetadata({ config: JSON.stringify(config) }),
        /numbers of one example|"dense\/kernel" should be float32 \[4, /,
      );
    }
  });

  const picture = layers.input({ shape: [512, 512, 4], name: "x" });
  /** A model that has within it two uses of a model that has within it two uses, and so on. */
  const nested = (levels: number) => {
    const start = layers.input({ shape: [2] });
    let made = model({ inputs: start, outputs: layers.reLU()(start), name: "level", backend });
    for (let level = 0; level < levels; level++) {
      const from = layers.input({ shape: [2] });
      const to = made(made(from) as LayerOutput) as LayerOutput;
      made = model({ inputs: from, outputs: to, name: `level${level}`, backend });
    }
    return made;
  };
  it.each([
    ["a pool", () => layers.maxPooling2d({ poolSize: 511, strides: 1, padding: "same", name: "wide" })(picture)],
    [
      "an average",
      () => layers.averagePooling2d({ poolSize: 1e9, strides: 1, padding: "same", name: "wide" })(picture),
    ],
    [
      "an average within",
      () => {
        const inner = layers.averagePooling2d({ poolSize: 1e9, strides: 1, padding: "same" })(picture);
        return model({ inputs: picture, outputs: inner, name: "wide", backend })(picture) as LayerOutput;
      },
    ],
    ["a kernel", () => layers.conv2d({ filters: 1, kernelSize: 300, padding: "same", name: "wide" })(picture)],
    [
      "a transposed kernel",
      () => layers.conv2dTranspose({ filters: 1, kernelSize: 300, padding: "same", name: "wide" })(picture),
    ],
  ])("whose layers would compute too long: %s", async (_, make) => {
    const from = model({ inputs: picture, outputs: make(), backend });
    await refused(
      unloadable(from),
      /layer "wide(\/average_pooling2d)?" would take [\d.]+(e\+\d+)? multiply-adds for one example, of 68719476736/,
    );
  });

  it("whose layers would be called too often, or make too long tables", async () => {
    await refused(unloadable(nested(60)), /its layers are called \d.* times, of which 65536 can be tried/);
    const from = layers.input({ shape: [2, 2, 1] });
    const long = layers.resizing({ height: 1e7, width: 1, name: "tall" })(from);
    const tall = model({ inputs: from, outputs: long, backend });
    await refused(unloadable(tall), 'layer "tall" would resize 10000000 rows or columns, of which 65536 can be tried');
  });

  /** A file as somebody may make it who has no model of it: nothing was computed for it. */
  function unloadable(of: ReturnType<typeof model>): Uint8Array {
    const { compile: _, ...rest } = metadata;
    return writeSealed({}, { ...rest, config: JSON.stringify(of.toKerasConfig()) });
  }

  it("cut at any byte", async () => {
    const places = [...Array(20).keys(), ...Array.from({ length: 60 }, (_, i) => Math.floor((i * good.length) / 60))];
    for (const length of places) {
      await expect(loadModel(good.subarray(0, length), { backend })).rejects.toThrow(FormatError);
    }
  });

  it("with any one byte changed", async () => {
    for (let at = 0; at < good.length; at++) {
      for (const flipped of [1, 0x20, 0x80]) {
        const changed = good.slice();
        changed[at]! ^= flipped;
        await expect(loadModel(changed, { backend }), `byte ${at}, bits ${flipped}`).rejects.toThrow(FormatError);
      }
    }
  });

  it("with some bytes changed to whatever", async () => {
    const edits = fc.array(fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 })), {
      minLength: 1,
      maxLength: 3,
    });
    await fc.assert(
      fc.asyncProperty(edits, async (places) => {
        const changed = good.slice();
        for (const [at, by] of new Map(places)) changed[at]! ^= by;
        await expect(loadModel(changed, { backend })).rejects.toThrow(FormatError);
      }),
      { numRuns: 400 },
    );
  });

  it("without its checksum, with another's, or with what is none", async () => {
    const file = (changes: Record<string, string>) => writeSafetensors(tensors, { ...metadata, ...changes });
    await refused(file({}), "expected a checksum as sha256, found none: the file was altered");
    for (const sha256 of ["0".repeat(64), "A".repeat(64), "", '"'.repeat(64)]) {
      await refused(file({ sha256 }), "its checksum is not that of its content: the file was altered or damaged");
    }
    await expect(small(backend).loadWeights(file({}))).rejects.toThrow("expected a checksum as sha256, found none");
    const changed = good.slice();
    changed[good.length - 1]! ^= 1;
    await expect(small(backend).loadWeights(changed)).rejects.toThrow("the file was altered or damaged");
  });

  it("or whose texts were changed and sealed again: a model, or an error that says so", async () => {
    const texts = fc
      .tuple(fc.constantFrom(...Object.keys(metadata)), fc.nat(), fc.jsonValue({ maxDepth: 2 }))
      .map(([key, at, value]) => withMetadata({ [key]: altered(metadata[key]!, at, value) }));
    await fc.assert(
      fc.asyncProperty(texts, async (changed) => {
        try {
          (await loadModel(changed, { backend })).free();
        } catch (error) {
          // Numbers that stopped being ones are the weights' own; everything else is the file's.
          if (!(error instanceof NumericError)) expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 400 },
    );
  });
});

/** Options of compile with an expression that names of weights are searched for. */
function compiledWith(expression: string): string {
  const optimizer = { className: "AdamW", config: { excludeFromWeightDecay: [expression] } };
  return JSON.stringify({ loss: "mse", optimizer });
}

/** Lists within each other. */
function deep(levels: number): string {
  return "[".repeat(levels) + "]".repeat(levels);
}

/** JSON with one of its values replaced; text that is none, as it is. */
function altered(text: string, at: number, value: unknown): string {
  try {
    let left = at % (text.match(/[,:[]/g)?.length ?? 1);
    return JSON.stringify(JSON.parse(text, (_, old: unknown) => (left-- === 0 ? value : old))) ?? "null";
  } catch {
    return JSON.stringify(value);
  }
}
