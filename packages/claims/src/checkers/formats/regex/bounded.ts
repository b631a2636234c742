/** The platform's own regular expressions, for patterns and texts whose backtracking is known to end soon. */
import { parseRegex, type RegexNode } from "./parse.ts";

/** Ways to match, at most: a second opinion may cost milliseconds. */
const WAYS_MAX = 1_000_000;

/** Undefined where the pattern is refused or the text too long for it. */
export function runBounded(pattern: string, text: string): { search: boolean; whole: boolean } | undefined {
  const node = parseRegex(pattern);
  const ways = node === undefined ? Infinity : countWays(node, text.length + 1, false) * (text.length + 1);
  if (ways > WAYS_MAX) return undefined;
  return { search: new RegExp(pattern).test(text), whole: new RegExp(`^(?:${pattern})$`).test(text) };
}

/** Upper bound of the ways to match. A choice inside a repetition multiplies with each round: Infinity. */
function countWays(node: RegexNode, length: number, isRepeated: boolean): number {
  switch (node.kind) {
    case "char":
    case "start":
    case "end":
      return 1;
    case "all":
      return node.nodes.reduce((ways, part) => ways * countWays(part, length, isRepeated), 1);
    case "any":
      return isRepeated
        ? Infinity
        : node.nodes.reduce((ways, part) => ways + countWays(part, length, isRepeated), 0);
    case "repeat": {
      if (node.max === node.min) return countWays(node.node, length, isRepeated || node.min > 1);
      return isRepeated
        ? Infinity
        : Math.min(node.max - node.min + 1, length) * countWays(node.node, length, true);
    }
  }
}
