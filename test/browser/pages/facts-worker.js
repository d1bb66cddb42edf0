postMessage({ isolated: crossOriginIsolated, sharedMemory: typeof SharedArrayBuffer === "function" });
