/** The code checker: "the code below compiles", by a compiler in process. Nothing is run, and what needs packages is left open. */
import type { Checker, Claim, Finding, Proof } from "../../types.ts";
import { findMeantBlock, type CodeBlock } from "../layout/code-blocks.ts";
import { saysOnly } from "../only.ts";
import { readClaim } from "../reading.ts";
import { summarise, type Statement } from "../statement.ts";
import { isParsedByBabel } from "./babel-syntax.ts";
import { isTooDeep, type CodeCompiler, type CodeJudgement, type CodeKind } from "./compiler.ts";

/** Without a compiler every claim about code is left open. */
export function createCodeChecker(compiler?: CodeCompiler): Checker {
  return {
    name: "code",
    judges: "form",
    check: (claim, response) => check(claim, response, compiler),
    recheck: (proof, claim, response) => recheck(proof, claim, response, compiler),
  };
}

const KINDS: ReadonlyMap<string, CodeKind> = new Map([
  ["ts", "ts"],
  ["typescript", "ts"],
  ["tsx", "tsx"],
  ["js", "js"],
  ["javascript", "js"],
  ["mjs", "js"],
  ["jsx", "jsx"],
]);

const PARSES =
  /\b(?:parses|syntactically (?:valid|correct)|(?:no|without) syntax errors?|syntax is (?:valid|correct)|valid javascript)\b/i;
const COMPILES =
  /\b(?:compiles|type-?checks|(?:no|without) (?:type|compile|compilation|compiler) errors?|valid typescript)\b/i;
const VOCABULARY = new Set(
  "following above below code snippet block function program example script typescript javascript compiles compile parses parse type-checks typechecks type checks check syntactically syntax valid correct errors error without compilation compiler cleanly successfully".split(
    " ",
  ),
);
const CODE_CHARS_MAX = 20_000;

function check(claim: Claim, response: string, compiler: CodeCompiler | undefined): Finding {
  const reading = readClaim(claim);
  const [parses, compiles] = [PARSES.test(claim.text), COMPILES.test(claim.text)];
  if (reading === undefined || (!parses && !compiles)) return { verdict: "not-applicable" };
  const block = findMeantBlock(claim, response, ({ language }) => KINDS.has(language));
  const kind = KINDS.get(block?.language ?? "");
  if (block === undefined || kind === undefined) return { verdict: "not-applicable" };
  const place = `${kind} in block ${block.start} to ${block.end} ${compiles ? "compiles" : "parses"}`;
  const judgement = judge(block, kind, compiles, compiler);
  // "There are no errors" denies nothing that the checker looks for.
  const reservation = /\b(?:not|never|cannot|fails?|if|would|should|might|may|could)\b|n['’]t\b/i.test(
    claim.text,
  )
    ? (reading.reservation ?? "the claim is not a plain statement")
    : undefined;
  return summarise([toStatement(place, judgement, saysOnly(claim.text, VOCABULARY))], reservation);
}

function toStatement(place: string, judgement: CodeJudgement, isWhole: boolean): Statement {
  switch (judgement.is) {
    case "fine":
      return { holds: true, isWhole, witness: `${place}: holds` };
    case "wrong":
      return { holds: false, isWhole, witness: `${place}, ${judgement.problem}: fails` };
    case "unclear":
      return { holds: undefined, isWhole: false, witness: `${place}: open, ${judgement.why}` };
  }
}

/** Syntax by two parsers that have to agree; types by the one checker there is. */
function judge(
  { code }: CodeBlock,
  kind: CodeKind,
  withTypes: boolean,
  compiler: CodeCompiler | undefined,
): CodeJudgement {
  if (compiler === undefined) return { is: "unclear", why: "no compiler is loaded" };
  if (code.length > CODE_CHARS_MAX || isTooDeep(code)) return { is: "unclear", why: "it is too large" };
  try {
    const syntax = compiler.judgeSyntax(code, kind);
    const other = isParsedByBabel(code, kind);
    if (syntax.is === "wrong" && other === false) return syntax;
    if (syntax.is === "fine" && withTypes && kind === "ts") {
      const types = compiler.judgeTypes(code);
      return types.is === "fine" && other !== true ? DISAGREE : types;
    }
    if (withTypes && kind === "tsx") return { is: "unclear", why: "its elements need types from a package" };
    return syntax.is === "fine" && other === true ? syntax : DISAGREE;
  } catch (error) {
    // A compiler that runs out of stack, or trips over itself, says nothing about the code.
    if (error instanceof Error) return { is: "unclear", why: "the compiler gave up" };
    throw error;
  }
}

const DISAGREE: CodeJudgement = { is: "unclear", why: "two parsers disagree" };

const FORM =
  /^(ts|tsx|js|jsx) in block (\d{1,7}) to (\d{1,7}) (parses|compiles)(?:, TS(\d{4,5}) at line \d{1,5})?: (holds|fails)$/;
/** Numbers from here on are about types, not about syntax. */
const FIRST_TYPE_ERROR = 2000;

/** Syntax by the second parser alone. For types there is no second checker: they are checked anew, in a program of their own. */
function recheck(
  { verdict, witness }: Proof,
  claim: Claim,
  response: string,
  compiler: CodeCompiler | undefined,
): boolean {
  const match = FORM.exec(witness);
  if (match === null) return false;
  const [, kind, start, end, verb, problem, outcome] = match;
  if (verdict !== (outcome === "holds" ? "supported" : "refuted")) return false;
  if (!(verb === "compiles" ? COMPILES : PARSES).test(claim.text)) return false;
  const code = response.slice(Number(start), Number(end));
  const isParsed = isParsedByBabel(code, kind as CodeKind);
  const isAboutTypes = Number(problem) >= FIRST_TYPE_ERROR && Number(problem) < 8000;
  if (outcome === "fails" && !isAboutTypes) return isParsed === false;
  if (outcome === "holds" && isParsed !== true) return false;
  if (verb === "parses" || kind !== "ts") return outcome === "holds";
  return compiler?.judgeTypes(code).is === (outcome === "holds" ? "fine" : "wrong");
}
