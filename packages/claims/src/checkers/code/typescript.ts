/** TypeScript as a compiler for the code checker: in process, nothing is run, and no file but its own libraries is read. */
import type * as TypeScript from "typescript";
import type { CodeCompiler, CodeJudgement, CodeKind } from "./compiler.ts";

type Ts = typeof TypeScript;

/** Undefined where the package is not installed: it is an optional peer. */
export async function loadTypeScript(): Promise<CodeCompiler | undefined> {
  try {
    const loaded = (await import("typescript")) as Ts & { readonly default?: Ts };
    return createCompiler(loaded.default ?? loaded);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}

function createCompiler(ts: Ts): CodeCompiler {
  const libraries = new Map<string, TypeScript.SourceFile>();
  return {
    name: `TypeScript ${ts.version}`,
    judgeSyntax: (code, kind) => judgeSyntax(ts, code, kind),
    judgeTypes: (code) => judgeTypes(ts, code, libraries),
  };
}

function judgeSyntax(ts: Ts, code: string, kind: CodeKind): CodeJudgement {
  const { diagnostics = [] } = ts.transpileModule(code, {
    fileName: `code.${kind}`,
    reportDiagnostics: true,
    compilerOptions: {
      target: ts.ScriptTarget.ESNext,
      module: ts.ModuleKind.ESNext,
      jsx: ts.JsxEmit.Preserve,
      allowJs: true,
    },
  });
  const [first] = diagnostics.filter(({ category }) => category === ts.DiagnosticCategory.Error);
  return first === undefined ? { is: "fine" } : { is: "wrong", problem: describe(first) };
}

/** The number and the line are enough to find it again; messages change with versions. */
function describe({ code, file, start = 0 }: TypeScript.Diagnostic): string {
  const line = (file?.getLineAndCharacterOfPosition(start).line ?? 0) + 1;
  return `TS${code} at line ${line}`;
}

/** Names, modules, libraries and members that the surroundings of the code may have. */
const MISSING = new Set([
  2304, 2305, 2307, 2318, 2339, 2503, 2550, 2551, 2552, 2580, 2581, 2582, 2583, 2584, 2591, 2592, 2593, 2686,
  2688, 2732, 2792, 7016,
]);

function judgeTypes(ts: Ts, code: string, libraries: Map<string, TypeScript.SourceFile>): CodeJudgement {
  const file = ts.createSourceFile("code.ts", code, ts.ScriptTarget.ESNext, true);
  const heavy = findHeavy(ts, file);
  if (heavy !== undefined) return { is: "unclear", why: heavy };
  const loose = listErrors(ts, file, false, libraries);
  if (loose.some((error) => MISSING.has(error.code)))
    return { is: "unclear", why: "it uses names that are not defined in it" };
  const [first] = loose;
  if (first !== undefined) return { is: "wrong", problem: describe(first) };
  return listErrors(ts, file, true, libraries).length === 0
    ? { is: "fine" }
    : { is: "unclear", why: "the strict option decides" };
}

/** Types that compute can keep a checker busy for ever, and imports need what is not here. */
function findHeavy(ts: Ts, file: TypeScript.SourceFile): string | undefined {
  const heavy = new Set([
    ts.SyntaxKind.ConditionalType,
    ts.SyntaxKind.MappedType,
    ts.SyntaxKind.TemplateLiteralType,
    ts.SyntaxKind.TypeOperator,
    ts.SyntaxKind.IndexedAccessType,
  ]);
  const outside = new Set([
    ts.SyntaxKind.ImportDeclaration,
    ts.SyntaxKind.ImportEqualsDeclaration,
    ts.SyntaxKind.ImportType,
    ts.SyntaxKind.ExportDeclaration,
  ]);
  let found: string | undefined = file.referencedFiles.length > 0 ? "it refers to other files" : undefined;
  const visit = (node: TypeScript.Node, calls: number): void => {
    if (outside.has(node.kind)) found ??= "it imports from elsewhere";
    if (heavy.has(node.kind)) found ??= "it computes with types";
    const depth = ts.isCallExpression(node) ? calls + 1 : calls;
    if (depth > CALL_DEPTH_MAX) found ??= "its calls are nested too deep";
    if (found === undefined) ts.forEachChild(node, (child) => visit(child, depth));
  };
  visit(file, 0);
  return found;
}

/** Each level may double what overload resolution tries. */
const CALL_DEPTH_MAX = 6;

function listErrors(
  ts: Ts,
  file: TypeScript.SourceFile,
  strict: boolean,
  libraries: Map<string, TypeScript.SourceFile>,
): TypeScript.Diagnostic[] {
  const options: TypeScript.CompilerOptions = {
    noEmit: true,
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.ESNext,
    moduleDetection: ts.ModuleDetectionKind.Force,
    types: [],
    skipLibCheck: true,
    strict,
    noImplicitAny: strict,
  };
  const program = ts.createProgram(["code.ts"], options, createHost(ts, file, options, libraries));
  return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
}

/** Sees the code and TypeScript's own libraries: a path in hostile code leads nowhere. */
function createHost(
  ts: Ts,
  file: TypeScript.SourceFile,
  options: TypeScript.CompilerOptions,
  libraries: Map<string, TypeScript.SourceFile>,
): TypeScript.CompilerHost {
  const folder = ts.getDefaultLibFilePath(options).replace(/[^/\\]*$/, "");
  const readLibrary = (name: string): TypeScript.SourceFile | undefined => {
    const base = name.slice(folder.length);
    if (!name.startsWith(folder) || !/^lib(?:\.[\w.]+)?\.d\.ts$/.test(base)) return undefined;
    const known = libraries.get(base);
    if (known !== undefined) return known;
    const text = ts.sys.readFile(name);
    if (text === undefined) return undefined;
    const parsed = ts.createSourceFile(name, text, ts.ScriptTarget.ESNext);
    libraries.set(base, parsed);
    return parsed;
  };
  return {
    getSourceFile: (name) => (name === file.fileName ? file : readLibrary(name)),
    getDefaultLibFileName: (settings) => ts.getDefaultLibFilePath(settings),
    getCurrentDirectory: () => "",
    getCanonicalFileName: (name) => name,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => "\n",
    fileExists: (name) => name === file.fileName,
    readFile: () => undefined,
    writeFile: () => undefined,
  };
}
