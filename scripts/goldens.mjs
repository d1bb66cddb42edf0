/**
 * `npm run goldens`: what Keras, scikit-learn and numpy compute, into test/goldens/*.json, by the programs in
 * test/goldens/make/; their packages go into a virtual environment in .cache/goldens/. `npm run goldens -- format` runs
 * make/format.py alone. Not the tests, which read the files that are committed and need no Python.
 */
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { exitWith } from "./exit.mjs";
import { NotInstalled, pythonEnvironment, pythonWith } from "./python.mjs";
import { root } from "./stamp.mjs";

const make = path.join(root, "test", "goldens", "make");
/** What the programs share, and no program. */
const shared = ["golden"];

exitWith(await goldens(process.argv.slice(2)));

/** @param {readonly string[]} wanted names of programs; all without any */
async function goldens(wanted) {
  const programs = fs
    .readdirSync(make)
    .filter((file) => file.endsWith(".py"))
    .map((file) => path.basename(file, ".py"))
    .filter((name) => !shared.includes(name))
    .sort();
  const unknown = wanted.find((name) => !programs.includes(name));
  if (unknown !== undefined) {
    console.error(`goldens: "${unknown}" is not one of ${programs.join(", ")}`);
    return 2;
  }
  try {
    const python = await pythonWith({
      folder: path.join(root, ".cache", "goldens"),
      requirements: path.join(make, "requirements.txt"),
      shown: "test/goldens/make/requirements.txt",
      onInstall: () => console.log("Installing Keras, TensorFlow and scikit-learn (once; it may take minutes)…"),
    });
    for (const name of wanted.length > 0 ? wanted : programs) {
      const code = await runProgram(python, path.join(make, `${name}.py`));
      if (code !== 0) {
        console.error(`goldens: make/${name}.py failed (exit code ${code})`);
        return 1;
      }
    }
    return 0;
  } catch (error) {
    if (!(error instanceof NotInstalled)) throw error;
    console.error(`goldens: ${error.message}. The tests do not need it: they read the files that are committed.`);
    return 1;
  }
}

/**
 * @param {string} python
 * @param {string} file
 * @returns {Promise<number>}
 */
function runProgram(python, file) {
  // TensorFlow's oneDNN adds in an order that depends on the processor; without it, and on one thread, the same numbers
  // come out more often elsewhere.
  const env = pythonEnvironment({
    KERAS_BACKEND: "tensorflow",
    TF_CPP_MIN_LOG_LEVEL: "3",
    TF_ENABLE_ONEDNN_OPTS: "0",
    CUDA_VISIBLE_DEVICES: "",
    OMP_NUM_THREADS: "1",
    PYTHONHASHSEED: "0",
  });
  const child = spawn(python, [file], { cwd: root, stdio: "inherit", env });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
}
