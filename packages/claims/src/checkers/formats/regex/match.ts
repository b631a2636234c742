/** Runs regular expressions in time proportional to pattern and text (Thompson's construction): no pattern is catastrophic here. */
import { parseRegex, type RegexNode } from "./parse.ts";

/** `next` are places of the program; a place without a test is passed through. */
type Step =
  | { readonly kind: "test"; readonly test: (unit: number) => boolean; next: number }
  | { readonly kind: "split"; readonly next: number[] }
  | { readonly kind: "start" | "end"; next: number }
  | { readonly kind: "match" };

const STEPS_MAX = 5000;
const TEXT_CHARS_MAX = 10_000;

export type RegexOutcome = {
  /** Somewhere in the text. */
  readonly search: boolean;
  /** From its first sign to its last. */
  readonly whole: boolean;
};

/** Undefined for a pattern that is refused, or a text that is too long. */
export function runRegex(pattern: string, text: string): RegexOutcome | undefined {
  const node = parseRegex(pattern);
  const program = node === undefined ? undefined : compile(node);
  if (program === undefined || text.length > TEXT_CHARS_MAX) return undefined;
  return { search: simulate(program, text, false), whole: simulate(program, text, true) };
}

function compile(node: RegexNode): Step[] | undefined {
  const program: Step[] = [];
  const isDone = emit(node, program);
  program.push({ kind: "match" });
  return isDone ? program : undefined;
}

/** Appends the steps of `node`; each part leads to the place after it. False when the program grows too long. */
function emit(node: RegexNode, program: Step[]): boolean {
  if (program.length > STEPS_MAX) return false;
  const next = program.length + 1;
  switch (node.kind) {
    case "char":
      program.push({ kind: "test", test: node.test, next });
      return true;
    case "start":
    case "end":
      program.push({ kind: node.kind, next });
      return true;
    case "all":
      return node.nodes.every((part) => emit(part, program));
    case "any":
      return emitAny(node.nodes, program);
    case "repeat":
      return emitRepeat(node, program);
  }
}

function emitAny(nodes: readonly RegexNode[], program: Step[]): boolean {
  const starts: number[] = [];
  program.push({ kind: "split", next: starts });
  const exits: number[][] = [];
  for (const node of nodes) {
    starts.push(program.length);
    if (!emit(node, program)) return false;
    const exit: number[] = [];
    program.push({ kind: "split", next: exit });
    exits.push(exit);
  }
  for (const exit of exits) exit.push(program.length);
  return true;
}

function emitRepeat({ node, min, max }: Extract<RegexNode, { kind: "repeat" }>, program: Step[]): boolean {
  for (let count = 0; count < min; count++) if (!emit(node, program)) return false;
  if (max === Infinity) {
    const choices: number[] = [program.length + 1];
    const start = program.length;
    program.push({ kind: "split", next: choices });
    if (!emit(node, program)) return false;
    program.push({ kind: "split", next: [start] });
    choices.push(program.length);
    return true;
  }
  const skips: number[][] = [];
  for (let count = min; count < max; count++) {
    const choices: number[] = [program.length + 1];
    program.push({ kind: "split", next: choices });
    skips.push(choices);
    if (!emit(node, program)) return false;
  }
  for (const choices of skips) choices.push(program.length);
  return true;
}

/** All places at once: a set of them for each sign of the text. */
function simulate(program: readonly Step[], text: string, isWhole: boolean): boolean {
  let places = new Set<number>();
  for (let at = 0; at <= text.length; at++) {
    if (at === 0 || !isWhole) spread(program, places, 0, at, text.length);
    const isMatched = [...places].some((place) => program[place]?.kind === "match");
    if (isMatched && (!isWhole || at === text.length)) return true;
    const next = new Set<number>();
    for (const place of places) {
      const step = program[place];
      if (step?.kind === "test" && at < text.length && step.test(text.charCodeAt(at)))
        spread(program, next, step.next, at + 1, text.length);
    }
    places = next;
  }
  return false;
}

function spread(program: readonly Step[], places: Set<number>, from: number, at: number, end: number): void {
  const pending = [from];
  for (let place = pending.pop(); place !== undefined; place = pending.pop()) {
    if (places.has(place)) continue;
    places.add(place);
    const step = program[place];
    if (step?.kind === "split") pending.push(...step.next);
    else if ((step?.kind === "start" && at === 0) || (step?.kind === "end" && at === end))
      pending.push(step.next);
  }
}
