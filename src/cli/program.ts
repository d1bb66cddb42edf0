/** The commands, their options and their help. Not what they do: train.ts, datasets.ts, info.ts. */

import { Command, CommanderError } from "commander";
import { interruptible } from "./interruption.js";
import { recipes } from "./recipes/index.js";
import type { Recipe } from "./recipes/recipe.js";
import { styles } from "./screen.js";
import type { TrainOptions } from "./train.js";
import { folderOption, numberOption, positive, share, UsageError, unknown, whole } from "./usage-error.js";
import { version } from "./version.js";

const backends = ["wasm", "reference"] as const;
/** As many as the engine takes. */
const maxThreads = 16;

/** How an invocation ended. */
export interface Ending {
  /** The command, as an error's line begins: `fovea train`. */
  readonly command: string;
  readonly code: number;
  /** What went wrong, if anything did. */
  readonly error?: unknown;
}

/** Runs the command that `argv` names. Does not throw. */
export async function invoke(argv: readonly string[]): Promise<Ending> {
  let code = 0;
  const program = new Command("fovea");
  let current = program;
  // Before the commands are added: they take these settings over.
  program
    .description("Trains and judges image classifiers.")
    .version(version(), "-v, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .addHelpText(
      "after",
      "\nFor example:\n  fovea train mnist-mlp\n  fovea train mnist-cnn --epochs 2 --seed 7 --out cnn",
    )
    .configureOutput({ writeErr: () => {} })
    .exitOverride()
    .hook("preSubcommand", (_, command) => {
      current = command;
    });
  const command = (name: string, description: string): Command => program.command(name).description(description);

  withEngineOptions(
    command("train", "train a network, test it and write a report")
      .argument("<recipe>", "what to train, see below")
      .option("--epochs <n>", "times through the training pictures", numberOption("--epochs", whole(1)))
      .option("--batch-size <n>", "pictures a step", numberOption("--batch-size", whole(1)))
      .option("--learning-rate <x>", "of the optimizer, Adam", numberOption("--learning-rate", positive))
      .option(
        "--validation-split <x>",
        "share of the training pictures, from the end, to validate on",
        numberOption("--validation-split", share),
      )
      .option("--seed <n>", "all chance follows from it (default: random)", numberOption("--seed", whole(0)))
      .option(
        "--limit <n>",
        "take the first n training and the first n test pictures",
        numberOption("--limit", whole(1)),
      )
      .option("--out <dir>", "where report and model go (default: runs/RECIPE)", folderOption),
  )
    .addHelpText("after", recipeHelp)
    .action(async (name: string, options: TrainOptions) => {
      if (!Object.hasOwn(recipes, name)) throw await unknown("recipe", name, Object.keys(recipes));
      const recipe: Recipe = recipes[name as keyof typeof recipes];
      await checkEngineOptions(options);
      const { train } = await import("./train.js");
      code = await interruptible((signal) => train(recipe, options, signal, styles()));
    });

  command("datasets", "list the datasets").action(async () => {
    const { showDatasets } = await import("./datasets.js");
    code = await showDatasets(styles());
  });

  withEngineOptions(command("info", "what computes here, and why it is slower than it could be")).action(
    async (options) => {
      await checkEngineOptions(options);
      const { showInfo } = await import("./info.js");
      code = await showInfo(options, styles());
    },
  );

  const ending = (error?: unknown): Ending => {
    const name = current === program ? "fovea" : `fovea ${current.name()}`;
    return { command: name, code, ...(error === undefined ? {} : { error }) };
  };
  try {
    // Without a command: its help, and that is no error.
    if (argv.length === 0) program.outputHelp();
    else await program.parseAsync(argv, { from: "user" });
    return ending();
  } catch (error) {
    if (!(error instanceof CommanderError)) return ending(error);
    return error.exitCode === 0 ? ending() : ending(await usageError(error, current, argv));
  }
}

type EngineOptions = Pick<TrainOptions, "backend" | "threads">;

function withEngineOptions(command: Command): Command {
  return command
    .option(
      "--threads <n>",
      "threads that compute (default: one a core)",
      numberOption("--threads", whole(1, maxThreads)),
    )
    .option("--backend <name>", "wasm, or reference: plain loops, slow (default: wasm)");
}

/** @throws UsageError for what the engine does not have. */
async function checkEngineOptions({ backend = "wasm", threads = 1 }: EngineOptions): Promise<void> {
  if (!backends.includes(backend)) throw await unknown("backend", backend, backends);
  if (backend === "reference" && threads !== 1) {
    throw new UsageError(`--threads ${threads} needs --backend wasm: reference computes on one thread.`);
  }
}

function recipeHelp(): string {
  const width = Math.max(...Object.keys(recipes).map((name) => name.length));
  const lines = Object.values(recipes).map(({ name, title, epochs, batchSize, learningRate, validationSplit }) => {
    const settings = `${epochs} ${epochs === 1 ? "epoch" : "epochs"}, batch ${batchSize}, learning rate ${learningRate}, validation split ${validationSplit}`;
    return `  ${name.padEnd(width)}  ${title}\n  ${" ".repeat(width)}  ${settings}`;
  });
  return `\nRecipes:\n${lines.join("\n")}\n\nCtrl-C stops after the step it is in, and writes nothing.`;
}

/** commander's error in one line, with the nearest known name. */
async function usageError(error: CommanderError, command: Command, argv: readonly string[]): Promise<UsageError> {
  const name = /'([^']*)'/.exec(error.message)?.[1] ?? "";
  switch (error.code) {
    case "commander.unknownOption": {
      const known = [...command.options.map(({ long }) => long!), "--help"];
      return unknown("option", name.replace(/=.*/s, ""), known);
    }
    case "commander.unknownCommand":
      return unknown("command", name, commandNames(command));
    case "commander.help":
      // `fovea help trian`, for which commander would print the help of fovea.
      return unknown("command", argv[argv.indexOf("help") + 1] ?? "", commandNames(command));
    case "commander.missingArgument":
      return new UsageError(`the ${name} is missing; known: ${Object.keys(recipes).join(", ")}.`);
    case "commander.optionMissingArgument":
      return new UsageError(`${name} needs a value.`);
    default:
      return new UsageError(error.message.replace(/^error: /, ""));
  }
}

function commandNames(program: Command): string[] {
  return [...program.commands.map((known) => known.name()), "help"];
}
