/** A second validator for the part of JSON Schema whose meaning is the same in every draft. What it does not know is no ground for a verdict. */
import { runBounded } from "../regex/bounded.ts";

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };

const KEYWORDS = new Set(
  "type enum const properties required additionalProperties items minItems maxItems uniqueItems minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength pattern minProperties maxProperties allOf anyOf oneOf not".split(
    " ",
  ),
);
const ANNOTATIONS = new Set(
  "title description default examples $schema $id $comment readOnly writeOnly deprecated".split(" "),
);
const DEPTH_MAX = 32;
const NODES_MAX = 2000;

/** Why a schema is not judged: a keyword of one draft only, references, or its size. Undefined for one that is. */
export function findUnknown(schema: Json, depth = 0, budget = { nodes: NODES_MAX }): string | undefined {
  if (typeof schema === "boolean") return undefined;
  if (!isObject(schema)) return "a schema that is no object";
  if (depth > DEPTH_MAX || budget.nodes-- <= 0) return "a schema too large";
  for (const [key, value] of Object.entries(schema)) {
    if (!KEYWORDS.has(key) && !ANNOTATIONS.has(key)) return `keyword ${JSON.stringify(key).slice(0, 40)}`;
    const reason = ANNOTATIONS.has(key) ? undefined : findUnknownIn(key, value, depth + 1, budget);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function findUnknownIn(
  key: string,
  value: Json,
  depth: number,
  budget: { nodes: number },
): string | undefined {
  const isOf = (ok: boolean): string | undefined => (ok ? undefined : `${key} of an unknown form`);
  switch (key) {
    case "properties":
      if (!isObject(value)) return isOf(false);
      return firstOf(Object.values(value), (part) => findUnknown(part, depth, budget));
    case "allOf":
    case "anyOf":
    case "oneOf":
      if (!isArray(value) || value.length === 0) return isOf(false);
      return firstOf(value, (part) => findUnknown(part, depth, budget));
    case "items":
    case "not":
    case "additionalProperties":
      return isArray(value) ? isOf(false) : findUnknown(value, depth, budget);
    case "type":
      return isOf(
        (isArray(value) ? value : [value]).every((type) => typeof type === "string" && TYPES.has(type)),
      );
    case "enum":
      return isOf(isArray(value) && value.length > 0);
    case "required":
      return isOf(isArray(value) && value.every((name) => typeof name === "string"));
    case "pattern":
      return isOf(typeof value === "string");
    case "uniqueItems":
      return isOf(typeof value === "boolean");
    case "const":
      return undefined;
    case "multipleOf":
      return isOf(Number.isSafeInteger(value) && Number(value) > 0);
    case "minimum":
    case "maximum":
    case "exclusiveMinimum":
    case "exclusiveMaximum":
      return isOf(typeof value === "number");
    default:
      return isOf(Number.isSafeInteger(value) && Number(value) >= 0);
  }
}

function firstOf(parts: readonly Json[], find: (part: Json) => string | undefined): string | undefined {
  for (const part of parts) {
    const reason = find(part);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

const TYPES = new Set("null boolean number integer string array object".split(" "));

/** Undefined where a pattern cannot be run safely. Only for schemas in which findUnknown finds nothing. */
export function isValidAgain(schema: Json, value: Json): boolean | undefined {
  if (typeof schema === "boolean") return schema;
  if (!isObject(schema)) return undefined;
  return all(
    Object.entries(schema).map(
      ([key, rule]) =>
        () =>
          judge(key, rule, schema, value),
    ),
  );
}

/** False as soon as one is false; undefined when one is unknown and none is false. */
function all(checks: ReadonlyArray<() => boolean | undefined>): boolean | undefined {
  const answers = checks.map((check) => check());
  return answers.includes(false) ? false : answers.includes(undefined) ? undefined : true;
}

function judge(key: string, rule: Json, schema: JsonObject, value: Json): boolean | undefined {
  switch (key) {
    case "type":
      return (isArray(rule) ? rule : [rule]).some((type) => isOfType(value, type));
    case "enum":
      return isArray(rule) && rule.some((option) => isSame(option, value));
    case "const":
      return isSame(rule, value);
    case "not": {
      const inner = isValidAgain(rule, value);
      return inner === undefined ? undefined : !inner;
    }
    case "allOf":
      return isArray(rule) ? all(rule.map((part) => () => isValidAgain(part, value))) : undefined;
    case "anyOf":
    case "oneOf": {
      const answers = isArray(rule) ? rule.map((part) => isValidAgain(part, value)) : [];
      if (answers.includes(undefined)) return undefined;
      const passed = answers.filter((answer) => answer === true).length;
      return key === "anyOf" ? passed > 0 : passed === 1;
    }
    default:
      return judgeContent(key, rule, schema, value);
  }
}

/** Keywords that speak of one type only and leave all others alone. */
function judgeContent(key: string, rule: Json, schema: JsonObject, value: Json): boolean | undefined {
  if (typeof value === "number") return judgeNumber(key, Number(rule), value);
  if (typeof value === "string") return judgeString(key, rule, value);
  if (isArray(value)) return judgeArray(key, rule, value);
  return isObject(value) ? judgeObject(key, rule, schema, value) : true;
}

function judgeNumber(key: string, rule: number, value: number): boolean | undefined {
  switch (key) {
    case "minimum":
      return value >= rule;
    case "maximum":
      return value <= rule;
    case "exclusiveMinimum":
      return value > rule;
    case "exclusiveMaximum":
      return value < rule;
    case "multipleOf":
      // Beyond the safe integers, remainders are those of a rounded number.
      return Math.abs(value) > Number.MAX_SAFE_INTEGER ? undefined : value % rule === 0;
    default:
      return true;
  }
}

function judgeString(key: string, rule: Json, value: string): boolean | undefined {
  if (key === "pattern") return typeof rule === "string" ? runBounded(rule, value)?.search : undefined;
  if (key !== "minLength" && key !== "maxLength") return true;
  // Signs, not UTF-16 units.
  const length = Array.from(value).length;
  return key === "minLength" ? length >= Number(rule) : length <= Number(rule);
}

function judgeArray(key: string, rule: Json, value: readonly Json[]): boolean | undefined {
  switch (key) {
    case "items":
      return all(value.map((item) => () => isValidAgain(rule, item)));
    case "minItems":
      return value.length >= Number(rule);
    case "maxItems":
      return value.length <= Number(rule);
    case "uniqueItems":
      return (
        rule !== true || value.every((item, at) => !value.slice(0, at).some((other) => isSame(item, other)))
      );
    default:
      return true;
  }
}

function judgeObject(key: string, rule: Json, schema: JsonObject, value: JsonObject): boolean | undefined {
  switch (key) {
    case "required":
      return isArray(rule) && rule.every((name) => typeof name === "string" && Object.hasOwn(value, name));
    case "minProperties":
      return Object.keys(value).length >= Number(rule);
    case "maxProperties":
      return Object.keys(value).length <= Number(rule);
    case "properties":
      return all(
        Object.entries(isObject(rule) ? rule : {}).map(
          ([name, part]) =>
            () =>
              Object.hasOwn(value, name) ? isValidAgain(part, value[name] ?? null) : true,
        ),
      );
    case "additionalProperties": {
      const known = new Set(isObject(schema["properties"]) ? Object.keys(schema["properties"]) : []);
      const others = Object.keys(value).filter((name) => !known.has(name));
      return all(others.map((name) => () => isValidAgain(rule, value[name] ?? null)));
    }
    default:
      return true;
  }
}

function isOfType(value: Json, type: Json): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "integer":
      return Number.isInteger(value);
    case "array":
      return isArray(value);
    case "object":
      return isObject(value);
    default:
      return typeof value === type;
  }
}

function isSame(one: Json, other: Json): boolean {
  if (isArray(one) && isArray(other))
    return one.length === other.length && one.every((item, at) => isSame(item, other[at] ?? null));
  if (!isObject(one) || !isObject(other)) return one === other;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isSame(one[key] ?? null, other[key] ?? null))
  );
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
