/** All kernels, by family. Each is exported from the module, so that none is folded into the interpreter. */
export { crash, gemm, packB, probe, tile4x8 } from "./matrix";
