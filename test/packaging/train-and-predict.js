/**
 * What every packaging test does with the installed package, in Node and in a page: a small network learns which
 * quarter of a picture is bright. Returns plain numbers, which have to be the same everywhere.
 */

const size = 12;
const count = 320;

/** @param {typeof import("fovea")} fovea */
export async function trainAndPredict({ layers, sequential }) {
  const { images, labels } = brightQuarters();
  const model = sequential(
    [
      layers.input({ shape: [size, size, 1] }),
      layers.rescaling({ scale: 1 / 255 }),
      layers.conv2d({ filters: 4, kernelSize: [3, 3], activation: "relu" }),
      layers.maxPooling2d({ poolSize: [2, 2] }),
      layers.flatten(),
      layers.dense({ units: 16, activation: "relu" }),
      layers.dropout({ rate: 0.2 }),
      layers.dense({ units: 4, activation: "softmax" }),
    ],
    { seed: 7 },
  );
  model.compile({ loss: "sparse_categorical_crossentropy", optimizer: "adam", metrics: ["accuracy"] });
  const history = await model.fit(images, labels, { batchSize: 32, epochs: 10, verbose: 0 });
  const predictions = await model.predict(images);
  const guesses = predictions.argmax(1);
  let correct = 0;
  for (let i = 0; i < count; i++) if (Number(guesses.at(i)) === labels.data[i]) correct++;
  return {
    losses: history.history.loss,
    shape: [...predictions.shape],
    first: [...predictions.data.slice(0, 4)],
    accuracy: correct / count,
  };
}

/** uint8 pictures with noise, one quarter brighter; the same on every machine. */
function brightQuarters() {
  let state = 12345;
  const next = (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const images = { data: new Uint8Array(count * size * size), shape: [count, size, size, 1] };
  const labels = { data: new Uint8Array(count), shape: [count] };
  for (let i = 0; i < count; i++) {
    const quarter = next(4);
    labels.data[i] = quarter;
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const bright = (y < size / 2 ? 0 : 2) + (x < size / 2 ? 0 : 1) === quarter;
        images.data[(i * size + y) * size + x] = (bright ? 120 : 20) + next(80);
      }
    }
  }
  return { images, labels };
}
