/** Every initializer: bounds and moments, fans, seeds, names, and what is refused. */

import { describe, expect, it } from "vitest";
import { DataError, OptionError, ShapeError } from "../../core/errors.js";
import { arange } from "../../core/ndarray-create.js";
import { type RandomStream, randomStream } from "../../core/random.js";
import { sizeOf } from "../../core/shape.js";
import { layers } from "../layers/index.js";
import { type Initializer, initializerOption, initializers, resolveInitializer } from "./index.js";
import { fansOf } from "./varianceScaling.js";

const matrix = [300, 200] as const;
const kernel = [3, 5, 40, 60] as const;

function draw(initializer: Initializer, shape: readonly number[], seed = 7): Float32Array {
  return initializer.generate(shape, randomStream(seed, "dense/kernel", "initializer"));
}

function moments(values: Float32Array) {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
  const bound = values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  return { mean, deviation: Math.sqrt(variance), bound };
}

/** Standard deviation by Keras's formulas; a uniform one's bound is √3 of it, a normal one's 2 / 0.8796. */
const scaled: readonly [Initializer, (fanIn: number, fanOut: number) => number, "uniform" | "normal"][] = [
  [initializers.glorotUniform(), (a, b) => Math.sqrt(2 / (a + b)), "uniform"],
  [initializers.glorotNormal(), (a, b) => Math.sqrt(2 / (a + b)), "normal"],
  [initializers.heUniform(), (a) => Math.sqrt(2 / a), "uniform"],
  [initializers.heNormal(), (a) => Math.sqrt(2 / a), "normal"],
  [initializers.lecunUniform(), (a) => Math.sqrt(1 / a), "uniform"],
  [initializers.lecunNormal(), (a) => Math.sqrt(1 / a), "normal"],
];

describe("initializers that scale", () => {
  const cases = scaled.flatMap(([initializer, deviation, kind]) => [
    [initializer.name, initializer, matrix, deviation(300, 200), kind] as const,
    [`${initializer.name} of a convolution`, initializer, kernel, deviation(600, 900), kind] as const,
  ]);

  it.each(cases)("%s", (_, initializer, shape, expected, kind) => {
    const values = draw(initializer, shape);
    expect(values.length).toBe(shape.reduce<number>((a, b) => a * b, 1));
    const { mean, deviation, bound } = moments(values);
    // The error of a mean is deviation / √n, of a deviation at most that of a normal one; five of them.
    const error = (5 * expected) / Math.sqrt(values.length);
    expect(Math.abs(mean)).toBeLessThan(error);
    expect(Math.abs(deviation - expected)).toBeLessThan(error);
    const limit = kind === "uniform" ? Math.sqrt(3) * expected : (2 / 0.87962566103423978) * expected;
    expect(bound).toBeLessThanOrEqual(limit * (1 + 1e-7));
    expect(bound).toBeGreaterThan(0.999 * limit);
  });

  it("counts fans as Keras does", () => {
    expect(fansOf([])).toEqual({ fanIn: 1, fanOut: 1 });
    expect(fansOf([5])).toEqual({ fanIn: 5, fanOut: 5 });
    expect(fansOf([5, 7])).toEqual({ fanIn: 5, fanOut: 7 });
    expect(fansOf([3, 4, 5, 7])).toEqual({ fanIn: 60, fanOut: 84 });
    expect(fansOf([3, 4, 5, 7], { inputAxes: [0, 3], outputAxes: [-3] })).toEqual({ fanIn: 21, fanOut: 4 });
  });
});

describe("the others", () => {
  it("constant ones", () => {
    expect([...draw(initializers.zeros(), [2, 2])]).toEqual([0, 0, 0, 0]);
    expect([...draw(initializers.ones(), [3])]).toEqual([1, 1, 1]);
    expect([...draw(initializers.constant({ value: 0.5 }), [])]).toEqual([0.5]);
    expect([...draw(initializers.constant(), [2])]).toEqual([0, 0]);
  });

  it("randomNormal", () => {
    const { mean, deviation, bound } = moments(draw(initializers.randomNormal({ mean: 2, stddev: 0.5 }), matrix));
    expect(Math.abs(mean - 2)).toBeLessThan(0.01);
    expect(Math.abs(deviation - 0.5)).toBeLessThan(0.01);
    // Not truncated: of 60,000 numbers some lie beyond three standard deviations.
    expect(bound).toBeGreaterThan(3.5);
    expect(moments(draw(initializers.randomNormal(), matrix)).deviation).toBeCloseTo(0.05, 2);
    expect(moments(draw(initializers.randomNormal({ stddev: 0 }), [9])).bound).toBe(0);
  });

  it("randomUniform", () => {
    const values = draw(initializers.randomUniform({ minval: 1, maxval: 3 }), matrix);
    expect(values.every((v) => v >= 1 && v <= 3)).toBe(true);
    expect(moments(values).mean).toBeCloseTo(2, 1);
    expect(moments(values).deviation).toBeCloseTo(2 / Math.sqrt(12), 2);
    const { bound } = moments(draw(initializers.randomUniform(), matrix));
    expect(bound).toBeGreaterThan(0.0499);
    expect(bound).toBeLessThanOrEqual(Math.fround(0.05));
  });
});

describe("seeds", () => {
  it.each(Object.entries(initializers).filter(([, make]) => "seed" in make.table))(
    "%s follows the model's stream, or its own seed",
    (_, make) => {
      const free = make.read({});
      expect(draw(free, [5, 4], 1)).toEqual(draw(free, [5, 4], 1));
      expect(draw(free, [5, 4], 1)).not.toEqual(draw(free, [5, 4], 2));
      const seeded = make.read({ seed: 3 });
      expect(draw(seeded, [5, 4], 1)).toEqual(draw(seeded, [5, 4], 2));
      expect(draw(seeded, [5, 4], 1)).not.toEqual(draw(make.read({ seed: 4 }), [5, 4], 1));
    },
  );
});

describe("names and options", () => {
  it("are found by both spellings", () => {
    expect(resolveInitializer("glorotUniform").name).toBe("glorotUniform");
    expect(resolveInitializer("glorot_uniform").name).toBe("glorotUniform");
    expect(resolveInitializer("HeNormal").name).toBe("heNormal");
    for (const [short, name] of [
      ["normal", "randomNormal"],
      ["uniform", "randomUniform"],
      ["one", "ones"],
      ["zero", "zeros"],
      ["OrthogonalInitializer", "orthogonal"],
      ["IdentityInitializer", "identity"],
    ] as const) {
      expect(resolveInitializer(short).name).toBe(name);
    }
    expect(() => resolveInitializer("glorot", "dense")).toThrow(/^dense: unknown initializer "glorot"; /);
  });

  it.each(Object.entries(initializers))("%s makes a config round trip and refuses bad options", (call, make) => {
    const options = Object.hasOwn(make.table, "seed") ? { seed: 5 } : {};
    const initializer = make.read(options);
    const again = resolveInitializer(
      JSON.parse(JSON.stringify({ className: make.className, config: initializer.config })),
    );
    expect([again.name, again.config]).toEqual([call, initializer.config]);
    expect(draw(again, [4, 4])).toEqual(draw(initializer, [4, 4]));
    for (const [option, check] of Object.entries(make.table) as [string, { refuses: readonly unknown[] }][]) {
      for (const value of check.refuses) {
        expect(() => make.read({ [option]: value })).toThrow(OptionError);
        expect(() => make.read({ [option]: value })).toThrow(`${call}: ${option} must be `);
      }
    }
  });

  it("a range must not be empty", () => {
    expect(() => initializers.randomUniform({ minval: 1, maxval: 1 })).toThrow(
      new OptionError("randomUniform: minval must be less than maxval, received minval 1, maxval 1."),
    );
  });

  it("of axes, both lists are given or none, and each axis is there", () => {
    expect(() => initializers.varianceScaling({ inputAxes: [0] })).toThrow(
      new OptionError("varianceScaling: give both inputAxes and outputAxes, or neither."),
    );
    const wanted = { inputAxes: [0], outputAxes: [3] };
    expect(initializers.varianceScaling({ inputAxes: 0, outputAxes: [3] }).config).toMatchObject(wanted);
    const wide = initializers.varianceScaling(wanted);
    expect(() => draw(wide, [2, 2])).toThrow(/^varianceScaling: axis 3 does not exist in 2 dimensions/);
    expect(initializers.varianceScaling({ distribution: "normal" }).config!.distribution).toBe("truncatedNormal");
    // @ts-expect-error Keras's spelling
    expect(() => initializers.varianceScaling({ mode: "fan_in" })).toThrow(/did you mean "fanIn"\?$/);
    // @ts-expect-error no such distribution
    expect(() => initializers.varianceScaling({ distribution: "gaussian" })).toThrow(OptionError);
  });

  it("a weight must have axes enough", () => {
    expect(() => draw(initializers.identity(), [2, 2, 2])).toThrow(
      new ShapeError("identity: a matrix expected, received a weight of [2, 2, 2]."),
    );
    expect(() => draw(initializers.orthogonal(), [3])).toThrow(
      new ShapeError("orthogonal: at least two axes expected, received a weight of [3]."),
    );
  });

  it("an option says why it refuses a description", () => {
    const hint = initializerOption().hint!;
    expect(hint({ className: "RandomNormal", config: { stddev: -1 } })).toBe(
      "randomNormal: stddev must be a finite number, 0 or more, received -1",
    );
    expect(hint({ className: "RandomNormal", config: {} })).toBeUndefined();
    expect(hint(3)).toBeUndefined();
    expect(hint(null)).toBeUndefined();
  });

  it("accepts an initializer of the user's own", () => {
    const { read } = initializerOption();
    const own: Initializer = { name: "own", config: {}, generate: () => new Float32Array(1) };
    expect(read(own)).toBe(own);
    expect(read(initializers.heNormal)!.name).toBe("heNormal");
    const halves = read(function halves(shape: readonly number[]) {
      return new Array<number>(sizeOf(shape)).fill(0.5);
    })!;
    expect([halves.name, halves.config, ...draw(halves, [2])]).toEqual(["halves", null, 0.5, 0.5]);
    const array = read(() => arange(6).reshape([2, 3]))!;
    expect([array.name, ...draw(array, [2, 3])]).toEqual(["unnamed", 0, 1, 2, 3, 4, 5]);
    const random = read((shape: readonly number[], numbers: RandomStream) => numbers.normal({ shape }))!;
    expect(draw(random, [4], 1)).toEqual(draw(random, [4], 1));
    expect(draw(random, [4], 1)).not.toEqual(draw(random, [4], 2));
  });

  it("an initializer of the user's own must make what the weight needs", () => {
    const { read } = initializerOption();
    const message = "an initializer of your own must make an array of [3, 2], or its 6 numbers; it made";
    for (const [make, made] of [
      [() => arange(6), "an array of [6]"],
      [() => [1, 2], "an array of [2]"],
      [() => Float32Array.of(1, 2), "2 numbers"],
      [() => [[1, 2, 3]], "an array of [1, 3]"],
      [() => 3, "3"],
      [() => null, "null"],
    ] as const) {
      expect(() => draw(read(make)!, [3, 2])).toThrow(
        new ShapeError(`make: ${message} ${made}.`.replace(/^make/, read(make)!.name)),
      );
    }
  });

  it("an initializer of the user's own may make nested lists, but nothing that is no number", () => {
    const { read } = initializerOption();
    const rows = [
      [1, 2],
      [3, 4],
      [5, 6],
    ];
    expect([...draw(read(() => rows)!, [3, 2])]).toEqual([1, 2, 3, 4, 5, 6]);
    expect([...draw(read(() => Int16Array.of(1, 2))!, [2])]).toEqual([1, 2]);
    expect(() => draw(read(() => ["a", "b"] as never)!, [2])).toThrow(DataError);
    expect(() => draw(read(() => [1, Number.NaN])!, [2])).toThrow(
      new DataError("unnamed: an initializer of your own must make numbers, it made NaN at element 1."),
    );
  });

  it("types follow", () => {
    layers.dense({ units: 1, kernelInitializer: "he_normal", biasInitializer: "zero" });
    layers.dense({ units: 1, kernelInitializer: initializers.orthogonal });
    layers.dense({ units: 1, kernelInitializer: (shape, random) => random.uniform({ shape }) });
    // @ts-expect-error makes no numbers
    layers.dense({ units: 1, kernelInitializer: () => "zeros" });
    // @ts-expect-error not an option of orthogonal
    expect(() => initializers.orthogonal({ scale: 2 })).toThrow('orthogonal: unknown option "scale"');
  });
});
