/**
 * Regular expressions that names of weights are searched for. They may come from a file, so none may take long: here a
 * name is walked once, with all places in the expression that its characters so far may have led to (Thompson, Regular
 * expression search algorithm, 1968), where JavaScript's own goes back and tries again, exponentially often for (a+)+b.
 * What needs going back is refused by name: references to groups, and looking ahead or behind.
 */

import { OptionError } from "../../core/errors.js";
import { formatReceived } from "../../core/received.js";

/** Whether one of some expressions is found anywhere in a text. @throws OptionError for a text that is too long. */
export type Search = (text: string) => boolean;

const MAX_LENGTH = 1000;
/** Places of all expressions together, with their repetitions written out. */
const MAX_STATES = 5000;

type Assertion = "^" | "$" | "\\b" | "\\B";

/** A place in an expression: what has to be there, and where it goes on. */
interface State {
  readonly test?: RegExp;
  readonly assertion?: Assertion;
  readonly next: State[];
}

type Node =
  | { readonly kind: "character"; readonly test: RegExp }
  | { readonly kind: "assertion"; readonly assertion: Assertion }
  | { readonly kind: "sequence" | "choice"; readonly parts: readonly Node[] }
  | { readonly kind: "repeat"; readonly part: Node; readonly least: number; readonly most: number };

const TOKEN = /\\(?:x[\da-f]{2}|u[\da-f]{4}|c[a-z]|.)|\[(?:\\.|[^\]\\])*\]|\(\?<?[=!]|\(\?:|\(\?<\w+>|\(\??|[\s\S]/iy;
const QUANTIFIER = /(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})\??/y;

/**
 * Makes expressions in JavaScript's syntax, without flags, ready.
 * @throws OptionError for what is no such expression, is too long, or needs going back.
 */
export function searchFor(sources: readonly string[]): Search {
  let states = 0;
  const begin: State = { next: [] };
  const end: State = { next: [] };
  for (const source of sources) {
    const refuse = (why: string) => new OptionError(`the expression ${formatReceived(source)} ${why}`);
    if (source.length > MAX_LENGTH) throw refuse(`has ${source.length} characters; ${MAX_LENGTH} are the most.`);
    try {
      new RegExp(source);
    } catch (error) {
      throw refuse(`is none: ${(error as Error).message}.`);
    }
    const state = (made: State): State => {
      if (++states > MAX_STATES) throw refuse("repeats too much.");
      return made;
    };
    begin.next.push(compile(parse(source, refuse), end, state));
  }
  return (text) => {
    if (text.length > MAX_LENGTH) {
      throw new OptionError(
        `a name of ${text.length} characters, ${formatReceived(text)}, is searched for expressions; ${MAX_LENGTH} are the most.`,
      );
    }
    return sources.length > 0 && search(begin, end, text);
  };
}

/** The parts of a source that JavaScript accepts. */
function parse(source: string, refuse: (why: string) => OptionError): Node {
  let at = 0;
  const matched = (expression: RegExp): RegExpExecArray | null => {
    expression.lastIndex = at;
    const found = expression.exec(source);
    at += found?.[0].length ?? 0;
    return found;
  };
  const choice = (): Node => {
    const parts: Node[] = [];
    do parts.push(sequence());
    while (source[at] === "|" && at++ >= 0);
    return { kind: "choice", parts };
  };
  const sequence = (): Node => {
    const parts: Node[] = [];
    while (at < source.length && source[at] !== "|" && source[at] !== ")") parts.push(repeated(single()));
    return { kind: "sequence", parts };
  };
  const single = (): Node => {
    const [token] = matched(TOKEN)!;
    if (/^\\[1-9k]/.test(token)) throw refuse(`refers to a group (${token}), which can take very long.`);
    if (/^\(\?<?[=!]/.test(token)) throw refuse(`looks ahead or behind (${token}), which can take very long.`);
    if (token === "(?") throw refuse("has a group with flags, which is not read.");
    if (token.startsWith("(")) {
      const inner = choice();
      at++;
      return inner;
    }
    if (token === "^" || token === "$" || token === "\\b" || token === "\\B") {
      return { kind: "assertion", assertion: token };
    }
    // One character at a time is left to JavaScript: nothing to go back to.
    const literal = /^[{}\]]$/.test(token) ? `\\${token}` : token;
    return { kind: "character", test: new RegExp(`^(?:${literal})$`) };
  };
  const repeated = (part: Node): Node => {
    const found = matched(QUANTIFIER);
    if (found === null) return part;
    const [, sign, least, comma, most] = found;
    if (sign !== undefined) {
      return { kind: "repeat", part, least: sign === "+" ? 1 : 0, most: sign === "?" ? 1 : Number.POSITIVE_INFINITY };
    }
    const end = comma === undefined ? Number(least) : most === "" ? Number.POSITIVE_INFINITY : Number(most);
    return { kind: "repeat", part, least: Number(least), most: end };
  };
  return choice();
}

/** The place where a part begins, if `next` is what follows it. */
function compile(node: Node, next: State, state: (made: State) => State): State {
  switch (node.kind) {
    case "character":
      return state({ test: node.test, next: [next] });
    case "assertion":
      return state({ assertion: node.assertion, next: [next] });
    case "sequence":
      return node.parts.reduceRight<State>((following, part) => compile(part, following, state), next);
    case "choice":
      return state({ next: node.parts.map((part) => compile(part, next, state)) });
    case "repeat": {
      let begin = next;
      if (node.most === Number.POSITIVE_INFINITY) {
        const loop = state({ next: [next] });
        loop.next.push(compile(node.part, loop, state));
        begin = loop;
      } else {
        for (let i = node.least; i < node.most; i++) begin = state({ next: [next, compile(node.part, begin, state)] });
      }
      for (let i = 0; i < node.least; i++) begin = state({ next: [compile(node.part, begin, state)] });
      return begin;
    }
  }
}

function search(begin: State, end: State, text: string): boolean {
  let places: State[] = [];
  for (let at = 0; at <= text.length; at++) {
    // It may begin at every character.
    const path = [begin, ...places];
    const seen = new Set<State>();
    const following: State[] = [];
    while (path.length > 0) {
      const place = path.pop()!;
      if (place === end) return true;
      if (seen.has(place)) continue;
      seen.add(place);
      const { test, assertion, next } = place;
      if (test !== undefined) {
        if (at < text.length && test.test(text[at]!)) following.push(...next);
      } else if (assertion === undefined || holds(assertion, text, at)) path.push(...next);
    }
    places = following;
  }
  return false;
}

/** Whether an assertion holds in front of a character. */
function holds(assertion: Assertion, text: string, at: number): boolean {
  if (assertion === "^") return at === 0;
  if (assertion === "$") return at === text.length;
  const isWord = (index: number): boolean => /^\w$/.test(text[index] ?? "");
  return (isWord(at - 1) !== isWord(at)) === (assertion === "\\b");
}
