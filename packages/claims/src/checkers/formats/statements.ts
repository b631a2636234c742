/** What a claim says of a format: of a JSON document, of CSV, or of a text beside a pattern. */
import type { Claim, Source } from "../../types.ts";
import { tokenize } from "../../text/tokens.ts";
import { findMeantBlock, type CodeBlock } from "../layout/code-blocks.ts";
import { saysOnly } from "../only.ts";
import type { Statement } from "../statement.ts";
import { readCsv } from "./csv/read-csv.ts";
import { findSchema, parseJson } from "./json/schema-of-sources.ts";
import { scanJson } from "./json/scan-json.ts";
import { validateJson } from "./json/validate.ts";
import { findUnknown, isValidAgain } from "./json/validate-again.ts";
import { runBounded } from "./regex/bounded.ts";
import { runRegex } from "./regex/match.ts";

export type Reader = (claim: Claim, response: string, sources: readonly Source[]) => Statement | undefined;

const BLOCK_WORDS =
  "following above below code block snippet document object data output response example file text syntactically syntax well formed valid correct";
const vocabulary = (words: string): ReadonlySet<string> => new Set(`${BLOCK_WORDS} ${words}`.split(" "));

function conclude(holds: boolean | undefined, witness: string, isWhole: boolean): Statement {
  const outcome = holds === undefined ? "" : holds ? ": holds" : ": fails";
  return { holds, isWhole, witness: `${witness}${outcome}` };
}

const place = ({ start, end }: CodeBlock): string => `block ${start} to ${end}`;
const isJson = ({ language }: CodeBlock): boolean => /^(?:json|)$/.test(language);
const isCsv = ({ language }: CodeBlock): boolean => /^(?:csv|)$/.test(language);

const JSON_WORDS = vocabulary("json parses parse");

/** "The following is valid JSON." */
export const readJsonSyntax: Reader = (claim, response) => {
  if (!/\bJSON\b/i.test(claim.text) || /\bschema\b/i.test(claim.text)) return undefined;
  if (!/\b(?:valid|well[- ]formed|correct|parses)\b/i.test(claim.text)) return undefined;
  const block = findMeantBlock(claim, response, isJson);
  if (block === undefined) return undefined;
  const { isValid, hasRepeatedKey } = scanJson(block.code);
  const agrees = isParsed(block.code) === isValid;
  const holds = agrees && !(isValid && hasRepeatedKey) ? isValid : undefined;
  return conclude(holds, `JSON in ${place(block)}`, saysOnly(claim.text, JSON_WORDS));
};

function isParsed(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const SCHEMA_WORDS = vocabulary(
  "json schema against conforms conform complies comply with matches match satisfies satisfy validates validate follows follow adheres adhere supplied given provided source",
);

/** "The JSON below conforms to the schema." The schema has to be among the sources. */
export const readJsonSchema: Reader = (claim, response, sources) => {
  if (!/\bschema\b/i.test(claim.text)) return undefined;
  if (
    !/\b(?:valid|conforms?|compl(?:y|ies)|match(?:es)?|satisf(?:y|ies)|validates?|follows?|adheres?)\b/i.test(
      claim.text,
    )
  )
    return undefined;
  const block = findMeantBlock(claim, response, isJson);
  if (block === undefined) return undefined;
  const found = findSchema(claim.text, sources);
  if (found === undefined)
    return conclude(undefined, `${place(block)}: no single schema among the sources`, false);
  const names = `${found.source.title} ${found.source.sourceId}`.toLowerCase();
  const isWhole = saysOnly(claim.text, new Set([...SCHEMA_WORDS, ...names.split(/[^\p{L}\p{N}]+/u)]));
  const subject = `JSON in ${place(block)} by schema ${JSON.stringify(found.source.sourceId)}`;
  const value = parseJson(block.code);
  if (value === undefined) return conclude(undefined, `${subject}: not read as one document`, false);
  const unknown = findUnknown(found.schema);
  if (unknown !== undefined) return conclude(undefined, `${subject}: ${unknown} is not judged`, false);
  const validation = validateJson(found.schema, value);
  if (validation === undefined || isValidAgain(found.schema, value) !== validation.isValid)
    return conclude(undefined, `${subject}: two validators do not come to one answer`, false);
  const detail = validation.isValid ? "" : `, ${JSON.stringify(validation.failure.slice(0, 200))}`;
  return conclude(validation.isValid, `${subject}${detail}`, isWhole);
};

const CSV_WORDS = vocabulary(
  "csv columns column fields field rows row records record lines line each every has have contains contain with",
);

/** "The CSV has 3 columns", "each row has 3 fields", "the CSV has 10 rows". */
export const readCsvShape: Reader = (claim, response) => {
  if (!/\bCSV\b/i.test(claim.text)) return undefined;
  const block = findMeantBlock(claim, response, isCsv);
  const records = block === undefined ? undefined : readCsv(block.code);
  const said = /\b(columns?|fields?|rows?|records?|lines?)\b/i;
  const tokens = tokenize(claim.text) ?? [];
  const counts = tokens.filter(({ figure }) => figure !== undefined);
  const [count, ...others] = counts;
  const value = count?.figure?.value;
  if (block === undefined || count === undefined || value?.d !== 1n || others.length > 0) return undefined;
  const after = tokens.slice(tokens.indexOf(count) + 1, tokens.indexOf(count) + 3);
  const noun = after.map(({ text }) => said.exec(text)?.[1]).find((word) => word !== undefined);
  if (noun === undefined) return undefined;
  const subject = `CSV in ${place(block)} has ${count.text} ${noun}`;
  if (records === undefined) return conclude(undefined, `${subject}: not read as CSV`, false);
  const isWhole = saysOnly(claim.text, CSV_WORDS);
  const number = Number(value.n);
  return /^(?:column|field)/i.test(noun)
    ? conclude(judgeWidth(records, number), subject, isWhole)
    : conclude(judgeHeight(records, number), subject, isWhole);
};

/** Records of different widths have no number of columns. */
function judgeWidth(records: readonly (readonly string[])[], count: number): boolean | undefined {
  const widths = new Set(records.map(({ length }) => length));
  if (!widths.has(count)) return false;
  return widths.size === 1 ? true : undefined;
}

/** The first line may be a header, and count as a row or not. */
function judgeHeight(records: readonly unknown[], count: number): boolean | undefined {
  return count === records.length || count === records.length - 1 ? undefined : false;
}

const PATTERN_WORDS = vocabulary(
  "regex regexp regular expression pattern matches match satisfies fits string",
);

/** "`ab-12` matches the pattern `^[a-z]+-\d+$`", either way round. */
export const readPatternMatch: Reader = (claim) => {
  if (!/\b(?:regex(?:p)?|regular expression|pattern)\b/i.test(claim.text)) return undefined;
  if (!/\b(?:match(?:es)?|satisfies|fits)\b/i.test(claim.text)) return undefined;
  const spans = [...claim.text.matchAll(/`([^`\n]{1,300})`/g)];
  const [first, second, ...more] = spans;
  if (first === undefined || second === undefined || more.length > 0) return undefined;
  const between = claim.text.slice(first.index + first[0].length, second.index);
  const isPatternLast = /\b(?:regex(?:p)?|regular expression|pattern)\b/i.test(between);
  const [pattern, text] = isPatternLast
    ? [second[1] ?? "", first[1] ?? ""]
    : [first[1] ?? "", second[1] ?? ""];
  const subject = `pattern ${JSON.stringify(pattern)} on ${JSON.stringify(text)}`;
  const [linear, other] = [runRegex(pattern, text), runBounded(pattern, text)];
  if (linear === undefined || other === undefined)
    return conclude(
      undefined,
      `${subject}: this pattern is not run twice, by two engines, in bounded time`,
      false,
    );
  // "Matches" means a part of the text to some, all of it to others.
  const isClear =
    linear.search === linear.whole && other.search === linear.search && other.whole === linear.whole;
  const rest = claim.text.replaceAll(/`[^`\n]{1,300}`/g, " ");
  return conclude(isClear ? linear.whole : undefined, subject, saysOnly(rest, PATTERN_WORDS));
};
