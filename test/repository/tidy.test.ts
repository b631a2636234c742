/** The repository's own rules: lengths as a ratchet, codes documented, links that resolve, words that stay out. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { dirname, join, normalize } from "node:path";
import ts from "typescript";

const LIMITS = JSON.parse(readFileSync("test/repository/tidy-limits.json", "utf8")) as {
  readonly fileLinesMax: number;
  readonly functionLinesMax: number;
  /** Files and functions that are over the limits today, with their lengths: these numbers may only fall. */
  readonly longFiles: Readonly<Record<string, number>>;
  readonly longFunctions: Readonly<Record<string, number>>;
};
const FILES = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  encoding: "utf8",
})
  .split("\n")
  .filter((file) => file !== "" && existsSync(file));
const SOURCES = FILES.filter((file) => file.endsWith(".ts") && !file.includes("/gen/"));
const DOCUMENTS = FILES.filter((file) => file.endsWith(".md"));

test("files stay short: no file grows past the limit, and those over it only shrink", () => {
  const over = SOURCES.filter((file) => !file.endsWith(".test.ts"))
    .map((file) => [file, readFileSync(file, "utf8").split("\n").length - 1] as const)
    .filter(([file, lines]) => lines > (LIMITS.longFiles[file] ?? LIMITS.fileLinesMax));
  assert.deepEqual(over, [], "split these files by what they are about");
});

test("functions stay short: none grows past the limit, and those over it only shrink", () => {
  const over = SOURCES.filter((file) => !file.endsWith(".test.ts"))
    .flatMap(measureFunctions)
    .filter(([name, lines]) => lines > (LIMITS.longFunctions[name] ?? LIMITS.functionLinesMax));
  assert.deepEqual(over, [], "split these functions");
});

test("every source file opens with a sentence on what it is for", () => {
  const bare = SOURCES.filter((file) => !file.endsWith(".test.ts")).filter(
    (file) => !/^(#!.*\n)?\/(\*\*|\/)/.test(readFileSync(file, "utf8")),
  );
  assert.deepEqual(bare, []);
});

test("relative links in documents resolve", () => {
  const broken = DOCUMENTS.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)(#[^)]*)?\)/g)]
      .map((match) => normalize(join(dirname(file), match[1] ?? "")))
      .filter((target) => !existsSync(target))
      .map((target) => `${file} -> ${target}`),
  );
  assert.deepEqual(broken, []);
});

test("no escape from the type system", () => {
  const escapes = SOURCES.filter((file) => file !== "test/repository/tidy.test.ts").filter(
    (file) => /@ts-(ignore|nocheck|expect-error)/.test(readFileSync(file, "utf8")) || usesAny(file),
  );
  assert.deepEqual(escapes, []);
});

test("every invariant of docs/invariants.md names a test that exists", () => {
  const rows = readFileSync("docs/invariants.md", "utf8")
    .split("\n")
    .filter((line) => /^\| I\d+ /.test(line));
  assert.ok(rows.length > 0, "docs/invariants.md lists no invariant");
  const missing = rows.flatMap((row) =>
    [...row.matchAll(/`([^`]+\.test\.ts)`/g)]
      .map((match) => match[1] ?? "")
      .filter((file) => !existsSync(file)),
  );
  assert.deepEqual(missing, []);
  assert.deepEqual(
    rows.filter((row) => !row.includes(".test.ts`")),
    [],
    "these name no test",
  );
});

function usesAny(file: string): boolean {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, false);
  const visit = (node: ts.Node): boolean =>
    node.kind === ts.SyntaxKind.AnyKeyword || ts.forEachChild(node, visit) === true;
  return visit(source);
}

function measureFunctions(file: string): [name: string, lines: number][] {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
  const measured: [string, number][] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && "body" in node && node.body !== undefined) {
      const start = source.getLineAndCharacterOfPosition(node.getStart()).line;
      const end = source.getLineAndCharacterOfPosition(node.getEnd()).line;
      measured.push([`${file}:${nameOf(node, source)}`, end - start + 1]);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return measured;
}

function nameOf(node: ts.SignatureDeclaration, source: ts.SourceFile): string {
  if (node.name !== undefined) return node.name.getText(source);
  const parent = node.parent;
  return ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent)
    ? parent.name.getText(source)
    : "anonymous";
}
