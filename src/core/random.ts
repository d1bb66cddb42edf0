/** Random numbers: the names other rooms import. */

export { philox4x32 } from "./philox.js";
export { dropoutKeeps, fillUniformAt, hashStream, seedKey, uniformAt } from "./random-counter.js";
