/** Confirms a witness about a format by the other reader of each: own JSON scanner and validator, counting of commas, JavaScript's engine. */
import type { Claim, Proof, Source } from "../../types.ts";
import { countCsv } from "./csv/read-csv.ts";
import { scanJson } from "./json/scan-json.ts";
import { findUnknown, isValidAgain, type Json } from "./json/validate-again.ts";
import { runBounded } from "./regex/bounded.ts";

const FORM =
  /^(?:(JSON|CSV) in block (\d{1,7}) to (\d{1,7})(?: by schema ("(?:[^"\\]|\\.){1,200}"))?(?: has (\S{1,30}) (\w{1,8}))?(?:, "(?:[^"\\]|\\.){0,400}")?|pattern ("(?:[^"\\]|\\.){1,700}") on ("(?:[^"\\]|\\.){1,700}")): (holds|fails)$/;

export function recheckFormats(
  { verdict, witness }: Proof,
  claim: Claim,
  response: string,
  sources: readonly Source[],
): boolean {
  const match = FORM.exec(witness);
  if (match === null) return false;
  const [, kind, start, end, schemaId, count, noun, pattern, text, outcome] = match;
  if (verdict !== (outcome === "holds" ? "supported" : "refuted")) return false;
  if (pattern !== undefined && text !== undefined)
    return doesMatch(claim, pattern, text) === (outcome === "holds");
  const block = response.slice(Number(start), Number(end));
  if (!/^(?:`{3,}|~{3,})/.test(response.slice(Number(end)).trimStart())) return false;
  if (kind === "CSV") return hasShape(block, count ?? "", noun ?? "", claim) === (outcome === "holds");
  if (schemaId === undefined) return scanJson(block).isValid === (outcome === "holds");
  const source = sources.find(({ sourceId }) => sourceId === JSON.parse(schemaId));
  return source !== undefined && conforms(source.text, block) === (outcome === "holds");
}

function doesMatch(claim: Claim, pattern: string, text: string): boolean | undefined {
  const [source, on] = [JSON.parse(pattern) as string, JSON.parse(text) as string];
  if (!claim.text.includes(`\`${source}\``) || !claim.text.includes(`\`${on}\``)) return undefined;
  const outcome = runBounded(source, on);
  return outcome?.search === outcome?.whole ? outcome?.whole : undefined;
}

function conforms(schemaText: string, block: string): boolean | undefined {
  const schema = JSON.parse(schemaText) as Json;
  return findUnknown(schema) === undefined ? isValidAgain(schema, JSON.parse(block) as Json) : undefined;
}

const SMALL = "zero one two three four five six seven eight nine ten eleven twelve".split(" ");

function hasShape(block: string, count: string, noun: string, claim: Claim): boolean | undefined {
  const widths = countCsv(block);
  const word = SMALL.indexOf(count.toLowerCase());
  const number = word < 0 ? Number(count.replaceAll(",", "")) : word;
  if (widths === undefined || !claim.text.includes(count)) return undefined;
  if (!/^(?:column|field)/i.test(noun))
    return number === widths.length || number === widths.length - 1 ? undefined : false;
  if (!widths.includes(number)) return false;
  return new Set(widths).size === 1 ? true : undefined;
}
