/** Pictures and filters folded for a convolution with strides, and their gradients unfolded. Not here: which convolutions. */

import type { Builder } from "../builder.js";
import { sizeAt } from "../kernels/kernel.js";
import { filterFoldingWords, foldedWindow, foldingWords, type Window } from "../kernels.js";
import type { Place } from "../place.js";

/** Room for the folded pictures of a window, or for their gradient. */
export function roomForPictures(builder: Builder, window: Window): Place {
  const { n, height, width, channels } = foldedWindow(window);
  return builder.scratch(sizeAt(n, builder.capacity) * height * width * channels * 4);
}

/** Room for the folded filter of a window, or for its gradient. */
export function roomForFilter(builder: Builder, window: Window, filters: number): Place {
  const { kernelHeight, kernelWidth, channels } = foldedWindow(window);
  return builder.scratch(kernelHeight * kernelWidth * channels * filters * 4);
}

/** The folded pictures x, made once for all that look at them in the same way. */
export function foldPictures(builder: Builder, window: Window, x: Place): Place {
  const { n, ...words } = foldingWords(window);
  return builder.once(x, `folded pictures ${Object.values(words)}`, () => {
    const y = roomForPictures(builder, window);
    builder.emit("foldPictures", { x, y, n, ...words });
    return y;
  });
}

/** The folded filter, made once. */
export function foldFilter(builder: Builder, window: Window, filters: number, w: Place): Place {
  const words = filterFoldingWords(window, filters);
  return builder.once(w, `folded filter ${Object.values(words)}`, () => {
    const y = roomForFilter(builder, window, filters);
    builder.emit("foldFilter", { w, y, ...words });
    return y;
  });
}

/** dx from the gradient of the folded pictures. */
export function emitUnfoldPictures(builder: Builder, window: Window, dy: Place, dx: Place): void {
  builder.emit("unfoldPictures", { dy, dx, ...foldingWords(window) });
}

/** dw from the gradient of the folded filter. */
export function emitUnfoldFilter(builder: Builder, window: Window, filters: number, dy: Place, dw: Place): void {
  builder.emit("unfoldFilter", { dy, dw, ...filterFoldingWords(window, filters) });
}
