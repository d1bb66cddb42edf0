import { afterEach, describe, expect, it } from "vitest";
import { EngineError } from "../../core/errors.js";
import { configure } from "./configure.js";
import { loadModule } from "./module.js";

describe("loadModule", () => {
  afterEach(() => configure({ assets: {} }));

  it("takes the relaxed module where it can, says how it rounds, and compiles once", async () => {
    const auto = await loadModule("auto");
    expect(auto.name).toBe("relaxed");
    expect(["relaxed-fused", "relaxed-unfused"]).toContain(auto.simd);
    expect(await loadModule("auto")).toBe(auto);
    const baseline = await loadModule("baseline");
    expect(baseline.simd).toBe("baseline");
  });

  it("takes bytes or another place", async () => {
    const auto = await loadModule("auto");
    configure({ assets: new URL(".", import.meta.url) });
    const again = await loadModule("auto");
    expect(again.name).toBe(auto.name);
    configure({ assets: { relaxed: new Uint8Array([1, 2, 3]) } });
    // What does not validate is not taken; the other module is.
    expect((await loadModule("auto")).name).toBe("baseline");
    await expect(loadModule("relaxed")).rejects.toThrow(EngineError);
  });

  it("names a file that is not there", async () => {
    configure({ assets: "file:///nowhere/fovea" });
    await expect(loadModule("auto")).rejects.toThrow(
      /wasm: cannot load file:\/\/\/nowhere\/fovea\/modules\/relaxed.wasm/,
    );
  });

  it("names an address where something else lies, as a server's own page", async () => {
    configure({ assets: { relaxed: "data:text/html,<!doctype html>" } });
    await expect(loadModule("auto")).rejects.toThrow(
      /cannot load data:text\/html.*no WebAssembly module.*Vite.*optimizeDeps/,
    );
  });
});
