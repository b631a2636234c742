/** The JSON Schema that a claim speaks of: the only source that is one, or the one whose title the claim names. */
import type { Source } from "../../../types.ts";
import { scanJson } from "./scan-json.ts";
import { isObject, type Json } from "./validate-again.ts";

const SCHEMA_CHARS_MAX = 64 * 1024;
const SIGNS = [
  "$schema",
  "type",
  "properties",
  "required",
  "items",
  "enum",
  "anyOf",
  "allOf",
  "oneOf",
  "const",
];

export function findSchema(
  claimText: string,
  sources: readonly Source[],
): { readonly source: Source; readonly schema: Json } | undefined {
  const schemas = sources.flatMap((source) => {
    const schema = readSchema(source.text);
    return schema === undefined ? [] : [{ source, schema }];
  });
  if (schemas.length < 2) return schemas[0];
  const said = claimText.toLowerCase();
  const named = schemas.filter(({ source: { title, sourceId } }) =>
    [title, sourceId].some((name) => name !== "" && said.includes(name.toLowerCase())),
  );
  return named.length === 1 ? named[0] : undefined;
}

export function readSchema(text: string): Json | undefined {
  if (text.length > SCHEMA_CHARS_MAX || !/^\s*\{/.test(text)) return undefined;
  const parsed = parseJson(text);
  return isObject(parsed) && SIGNS.some((sign) => Object.hasOwn(parsed, sign)) ? parsed : undefined;
}

/** Undefined unless both readers take it, and no key stands twice: which of the two counts is for each reader to choose. */
export function parseJson(text: string): Json | undefined {
  const { isValid, hasRepeatedKey } = scanJson(text);
  if (!isValid || hasRepeatedKey) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
