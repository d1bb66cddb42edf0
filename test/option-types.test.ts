/**
 * Options as TypeScript sees them, by the tables that they are exported in, so that none can be forgotten: an option that is
 * not there, and a string outside of those that an option takes, do not compile. `tsc` is the judge.
 */

import { expect, it } from "vitest";
import {
  activations,
  constraints,
  initializers,
  layers,
  losses,
  metrics,
  optimizers,
  regularizers,
  schedules,
} from "../src/index.js";

/** The options among a function's arguments: the last one. */
type OptionsOf<F> = F extends (...given: infer A) => unknown
  ? Required<A> extends readonly [...unknown[], infer Last]
    ? NonNullable<Last>
    : never
  : never;

// The options are found where they are required, optional, and behind a tensor.
const found: [
  keyof OptionsOf<typeof layers.conv2d> & "filters",
  keyof OptionsOf<typeof optimizers.adam> & "beta1",
  keyof OptionsOf<typeof activations.softmax> & "axis",
] = ["filters", "beta1", "axis"];

/** Functions of a table whose options may have any name. */
type Open<Table> = {
  [Name in keyof Table]: string extends keyof OptionsOf<Table[Name]> ? Name : never;
}[keyof Table];

/** Options of a table that may be any string, as "function.option". */
type Loose<Table> = {
  [Name in keyof Table & string]: {
    [Key in keyof OptionsOf<Table[Name]> & string]-?: string extends OptionsOf<Table[Name]>[Key]
      ? `${Name}.${Key}`
      : never;
  }[keyof OptionsOf<Table[Name]> & string];
}[keyof Table & string];

/** What is neither strict nor a name that its user gives. */
type Lax<Table> = Open<Table> | Exclude<Loose<Table>, `${string}.name`>;

/** Takes the name of a table only if nothing in it is lax. */
function strict<Table>(_: Table, verdict: [Lax<Table>] extends [never] ? "strict" : Lax<Table>): string {
  return verdict as string;
}

it("are strict in every table", () => {
  const verdicts = [
    strict(layers, "strict"),
    strict(losses, "strict"),
    strict(metrics, "strict"),
    strict(optimizers, "strict"),
    strict(schedules, "strict"),
    strict(initializers, "strict"),
    strict(regularizers, "strict"),
    strict(constraints, "strict"),
    strict(activations, "strict"),
  ];
  expect(found.length).toBe(3);
  expect(new Set(verdicts)).toEqual(new Set(["strict"]));
});

it("would be found out if they were not", () => {
  const open = { any: (_: Readonly<Record<string, number>>) => 0 };
  const loose = { some: (_: { readonly mode: string; readonly name?: string }) => 0 };
  // @ts-expect-error options of any name
  strict(open, "strict");
  // @ts-expect-error an option that is any string
  strict(loose, "strict");
  expect([strict(open, "any"), strict(loose, "some.mode")]).toEqual(["any", "some.mode"]);
});
