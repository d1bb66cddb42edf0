/**
 * `npm start` trains the notebook's MLP on MNIST; `npm start -- mnist-cnn [options]` another recipe. Everything after
 * the recipe goes to `fovea train`. The command line runs in this process: a second one would cost its start-up time,
 * and a signal would have to be passed on.
 */
import { main } from "../dist/cli/main.js";
import { exitWith } from "./exit.mjs";

const given = process.argv.slice(2);
const recipeIsNamed = given[0] !== undefined && !given[0].startsWith("-");
exitWith(await main(["train", ...(recipeIsNamed ? [] : ["mnist-mlp"]), ...given]));
