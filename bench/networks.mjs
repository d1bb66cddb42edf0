/**
 * The networks that are measured, as data: every peer builds its own from these lists, so that all run the same one, and
 * how much arithmetic they are. Not here: a model of any library.
 */

/**
 * @typedef {{ readonly layer: "rescaling", readonly scale: number }
 *   | { readonly layer: "conv2d", readonly filters: number, readonly kernelSize: readonly [number, number],
 *       readonly strides: readonly [number, number], readonly padding: "valid" | "same",
 *       readonly activation: "relu" | "tanh" | "linear", readonly useBias?: boolean }
 *   | { readonly layer: "depthwiseConv2d", readonly kernelSize: readonly [number, number],
 *       readonly strides: readonly [number, number], readonly padding: "valid" | "same", readonly useBias: boolean }
 *   | { readonly layer: "batchNormalization" }
 *   | { readonly layer: "activation", readonly activation: "relu" | "relu6" }
 *   | { readonly layer: "residual", readonly body: readonly LayerSpec[], readonly shortcut: readonly LayerSpec[] }
 *   | { readonly layer: "maxPooling2d" | "averagePooling2d", readonly poolSize: readonly [number, number] }
 *   | { readonly layer: "globalAveragePooling2d" }
 *   | { readonly layer: "flatten" }
 *   | { readonly layer: "dropout", readonly rate: number }
 *   | { readonly layer: "dense", readonly units: number, readonly activation: "relu" | "tanh" | "softmax" }} LayerSpec
 *
 * A residual is the sum of two chains of layers on the same input; an empty one is that input.
 *
 * @typedef {object} Network
 * @property {string} title
 * @property {readonly [number, number, number]} input height, width and channels of a picture of bytes
 * @property {readonly number[]} batches pictures a step, the first the one that counts
 * @property {readonly DataName[]} data what it is measured on
 * @property {readonly LayerSpec[]} layers the last one has a unit a class
 * @property {boolean} [whole] whether its convolutions are not measured alone as well
 *
 * @typedef {"mnist" | "dense"} DataName real digits, or random bytes (nothing in them is zero more often than 1 in 256)
 */

const rescaling = /** @type {const} */ ({ layer: "rescaling", scale: 1 / 255 });
const flatten = /** @type {const} */ ({ layer: "flatten" });
const globalAverage = /** @type {const} */ ({ layer: "globalAveragePooling2d" });
const batchNormalization = /** @type {const} */ ({ layer: "batchNormalization" });
const relu = /** @type {const} */ ({ layer: "activation", activation: "relu" });
const relu6 = /** @type {const} */ ({ layer: "activation", activation: "relu6" });
const classes = /** @type {const} */ ({ layer: "dense", units: 10, activation: "softmax" });

/**
 * @param {number} filters
 * @param {number} size
 * @param {{ strides?: number, padding?: "valid" | "same", activation?: "relu" | "tanh" | "linear", useBias?: boolean }} [options]
 * @returns {LayerSpec}
 */
function conv(filters, size, { strides = 1, padding = "valid", activation = "relu", ...more } = {}) {
  return {
    layer: "conv2d",
    filters,
    kernelSize: [size, size],
    strides: [strides, strides],
    padding,
    activation,
    ...more,
  };
}

/**
 * @param {"maxPooling2d" | "averagePooling2d"} layer
 * @returns {LayerSpec}
 */
function halve(layer) {
  return { layer, poolSize: [2, 2] };
}

/**
 * @param {number} units
 * @param {"relu" | "tanh"} activation
 * @returns {LayerSpec}
 */
function dense(units, activation) {
  return { layer: "dense", units, activation };
}

/**
 * @param {number} rate
 * @returns {LayerSpec}
 */
function dropout(rate) {
  return { layer: "dropout", rate };
}

/**
 * A convolution without bias, and batch normalization.
 * @param {number} filters
 * @param {number} size
 * @param {number} [strides]
 * @returns {LayerSpec[]}
 */
function normalized(filters, size, strides = 1) {
  return [conv(filters, size, { strides, padding: "same", activation: "linear", useBias: false }), batchNormalization];
}

/**
 * Two convolutions and what goes by them, as in a ResNet.
 * @param {number} filters
 * @param {number} strides 2 where the picture is halved, and what goes by is projected
 * @returns {LayerSpec[]}
 */
function residual(filters, strides) {
  const body = [...normalized(filters, 3, strides), relu, ...normalized(filters, 3)];
  return [{ layer: "residual", body, shortcut: strides === 1 ? [] : normalized(filters, 1, strides) }, relu];
}

const same = /** @type {const} */ ({ padding: "same" });
const tanh = /** @type {const} */ ({ activation: "tanh" });

/** By name. The first two are the recipes of the command line; a test compares them. */
export const networks = /** @satisfies {Record<string, Network>} */ ({
  "mnist-mlp": {
    title: "dense 512, 256, 128",
    input: [28, 28, 1],
    batches: [128],
    data: ["mnist", "dense"],
    layers: [rescaling, flatten, dense(512, "relu"), dense(256, "relu"), dense(128, "relu"), dropout(0.5), classes],
  },
  "mnist-cnn": {
    title: "3x3 convolutions 64, 64, pool, 128, 128",
    input: [28, 28, 1],
    batches: [128],
    data: ["mnist", "dense"],
    layers: [
      rescaling,
      conv(64, 3),
      conv(64, 3),
      halve("maxPooling2d"),
      conv(128, 3),
      conv(128, 3),
      globalAverage,
      dropout(0.5),
      classes,
    ],
  },
  lenet5: {
    title: "5x5 convolutions 6, 16, 120 with tanh and average pooling, dense 84",
    input: [32, 32, 1],
    batches: [128, 32],
    data: ["dense"],
    layers: [
      rescaling,
      conv(6, 5, tanh),
      halve("averagePooling2d"),
      conv(16, 5, tanh),
      halve("averagePooling2d"),
      conv(120, 5, tanh),
      flatten,
      dense(84, "tanh"),
      classes,
    ],
  },
  "cifar-vgg": {
    title: "3x3 same convolutions 32, 32, pool, 64, 64, pool, 128, 128, pool, dense 256",
    input: [32, 32, 3],
    batches: [128, 32],
    data: ["dense"],
    layers: [
      rescaling,
      conv(32, 3, same),
      conv(32, 3, same),
      halve("maxPooling2d"),
      conv(64, 3, same),
      conv(64, 3, same),
      halve("maxPooling2d"),
      conv(128, 3, same),
      conv(128, 3, same),
      halve("maxPooling2d"),
      flatten,
      dense(256, "relu"),
      dropout(0.5),
      classes,
    ],
  },
  "cifar-strided": {
    title: "convolutions 5x5 stride 2, 1x1, 3x3 stride 2, 1x1",
    input: [32, 32, 3],
    batches: [128, 32],
    data: ["dense"],
    layers: [
      rescaling,
      conv(48, 5, { strides: 2 }),
      conv(96, 1),
      conv(96, 3, { strides: 2 }),
      conv(192, 1),
      globalAverage,
      classes,
    ],
  },
  "strided-224": {
    title: "convolutions 7x7 stride 4, 3x3 stride 2, 3x3 stride 2",
    input: [224, 224, 3],
    batches: [16],
    data: ["dense"],
    layers: [
      rescaling,
      conv(32, 7, { strides: 4 }),
      conv(64, 3, { strides: 2 }),
      conv(128, 3, { strides: 2 }),
      globalAverage,
      classes,
    ],
  },
  mobilenet: {
    whole: true,
    title: "a MobileNet block on 32x32x64: 1x1, depthwise 3x3, 1x1, each with batch normalization",
    input: [32, 32, 64],
    batches: [64],
    data: ["dense"],
    layers: [
      rescaling,
      ...normalized(64, 1),
      relu6,
      { layer: "depthwiseConv2d", kernelSize: [3, 3], strides: [1, 1], padding: "same", useBias: false },
      batchNormalization,
      relu6,
      ...normalized(64, 1),
      relu6,
      globalAverage,
      classes,
    ],
  },
  resnet20: {
    whole: true,
    title: "ResNet-20: 3x3 same convolutions with batch normalization, nine residuals of 16, 32 and 64",
    input: [32, 32, 3],
    batches: [128],
    data: ["dense"],
    layers: [
      rescaling,
      ...normalized(16, 3),
      relu,
      ...[16, 32, 64].flatMap((filters) =>
        [1, 2, 3].flatMap((block) => residual(filters, filters > 16 && block === 1 ? 2 : 1)),
      ),
      globalAverage,
      classes,
    ],
  },
});

/**
 * A layer in its place: the shape of a picture before and behind it, its parameters, and the multiplications and
 * additions of its products for one picture. A convolution counts as the direct algorithm.
 * @typedef {{ readonly spec: LayerSpec, readonly from: readonly number[], readonly to: readonly number[],
 *   readonly parameters: number, readonly flops: number }} PlacedLayer
 */

/**
 * @param {{ readonly input: readonly number[], readonly layers: readonly LayerSpec[] }} network
 * @returns {PlacedLayer[]}
 */
export function placed({ input, layers }) {
  /** @type {readonly number[]} */
  let from = input;
  return layers.map((spec) => {
    const layer = spec.layer === "residual" ? placedResidual(spec, from) : placedLayer(spec, from);
    from = layer.to;
    return layer;
  });
}

/**
 * @param {LayerSpec} spec
 * @param {readonly number[]} from
 * @returns {PlacedLayer}
 */
function placedLayer(spec, from) {
  const { to, kernel = 0, units = 0 } = outcome(spec, from);
  const places = to.length === 3 ? (to[0] ?? 0) * (to[1] ?? 0) : 1;
  return { spec, from, to, parameters: kernel + units, flops: 2 * places * kernel };
}

/**
 * All layers within as one.
 * @param {Extract<LayerSpec, { layer: "residual" }>} spec
 * @param {readonly number[]} from
 * @returns {PlacedLayer}
 */
function placedResidual(spec, from) {
  const body = placed({ input: from, layers: spec.body });
  const all = [...body, ...placed({ input: from, layers: spec.shortcut })];
  const sum = (/** @type {"parameters" | "flops"} */ what) => all.reduce((total, layer) => total + layer[what], 0);
  return { spec, from, to: body.at(-1)?.to ?? from, parameters: sum("parameters"), flops: sum("flops") };
}

/**
 * @param {LayerSpec} spec
 * @param {readonly number[]} from
 * @returns {{ to: readonly number[], kernel?: number, units?: number }}
 */
function outcome(spec, from) {
  const [height = 0, width = 0, channels = 0] = from;
  switch (spec.layer) {
    case "rescaling":
    case "dropout":
    case "activation":
      return { to: from };
    case "batchNormalization":
      return { to: from, units: 4 * channels };
    case "flatten":
      return { to: [height * width * channels] };
    case "globalAveragePooling2d":
      return { to: [channels] };
    case "maxPooling2d":
    case "averagePooling2d":
      return { to: [Math.floor(height / spec.poolSize[0]), Math.floor(width / spec.poolSize[1]), channels] };
    case "dense":
      return { to: [spec.units], kernel: (from[0] ?? 0) * spec.units, units: spec.units };
    case "conv2d":
    case "depthwiseConv2d": {
      const [kernelHeight, kernelWidth] = spec.kernelSize;
      const along = (/** @type {number} */ size, /** @type {number} */ kernel, /** @type {number} */ stride) =>
        spec.padding === "same" ? Math.ceil(size / stride) : Math.floor((size - kernel) / stride) + 1;
      const [filters, each] = spec.layer === "conv2d" ? [spec.filters, channels] : [channels, 1];
      return {
        to: [along(height, kernelHeight, spec.strides[0]), along(width, kernelWidth, spec.strides[1]), filters],
        kernel: kernelHeight * kernelWidth * each * filters,
        units: spec.useBias === false ? 0 : filters,
      };
    }
    case "residual":
      throw new RangeError("a residual is several layers");
  }
}

/**
 * Weights of a network, each number counted.
 * @param {Network} network
 */
export function parametersOf(network) {
  return placed(network).reduce((sum, { parameters }) => sum + parameters, 0);
}

/**
 * Multiplications and additions of the products of one picture: forward, and backward by the weights and, for all but
 * the first layer with weights, by the input.
 * @param {Network} network
 * @returns {{ forward: number, step: number }}
 */
export function flopsOf(network) {
  const products = placed(network).flatMap(({ flops }) => (flops === 0 ? [] : [flops]));
  const forward = products.reduce((sum, flops) => sum + flops, 0);
  return { forward, step: 3 * forward - (products[0] ?? 0) };
}
