/** The compute module: the interpreter and every kernel. */
export { execute } from "./interpreter";
export * from "./kernels";
