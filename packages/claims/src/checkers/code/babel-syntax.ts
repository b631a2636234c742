/** A second parser of JavaScript and TypeScript, written by others than the first. */
import { parse, type ParserPlugin } from "@babel/parser";
import type { CodeKind } from "./compiler.ts";

const PLUGINS: Readonly<Record<CodeKind, ParserPlugin[]>> = {
  ts: ["typescript"],
  tsx: ["typescript", "jsx"],
  js: [],
  jsx: ["jsx"],
};

/** Undefined when the parser itself gives up. */
export function isParsedByBabel(code: string, kind: CodeKind): boolean | undefined {
  try {
    parse(code, { sourceType: "unambiguous", plugins: PLUGINS[kind] });
    return true;
  } catch (error) {
    return error instanceof SyntaxError ? false : undefined;
  }
}
