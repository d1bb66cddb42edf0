/** Random numbers: the table of contents that other rooms import from. */

export { philox4x32 } from "./philox.js";
export { dropoutKeeps, fillUniformAt, hashStream, normalAt, seedKey, uniformAt } from "./random-counter.js";
export {
  type FloatName,
  type NormalOptions,
  RandomStream,
  randomStream,
  type UniformOptions,
} from "./random-stream.js";
