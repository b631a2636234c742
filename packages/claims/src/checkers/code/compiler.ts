/** What the code checker asks of a compiler. TypeScript is one; it is large, so it is loaded only where it is wanted. */

export type CodeKind = "ts" | "tsx" | "js" | "jsx";

/** `unclear`: it depends on what is not there, a package, a name from elsewhere, an option, or on the compiler's patience. */
export type CodeJudgement =
  | { readonly is: "fine" }
  | { readonly is: "wrong"; readonly problem: string }
  | { readonly is: "unclear"; readonly why: string };

export type CodeCompiler = {
  /** Name and version, for the witness. */
  readonly name: string;
  readonly judgeSyntax: (code: string, kind: CodeKind) => CodeJudgement;
  /** Of TypeScript without imports only. */
  readonly judgeTypes: (code: string) => CodeJudgement;
};

/** Deeper brackets exhaust the stack of any parser that descends. */
const DEPTH_MAX = 100;

export function isTooDeep(code: string): boolean {
  let [depth, deepest] = [0, 0];
  for (const sign of code) {
    if ("([{<".includes(sign)) deepest = Math.max(deepest, ++depth);
    else if (")]}>".includes(sign)) depth = Math.max(0, depth - 1);
  }
  return deepest > DEPTH_MAX;
}
