/** JSON against a schema, by Ajv, with patterns run by an engine that no pattern can stall. */
import { Ajv } from "ajv";
import { runRegex } from "../regex/match.ts";
import { isObject, type Json } from "./validate-again.ts";

export type Validation = {
  readonly isValid: boolean;
  /** Where and what, of the first failure: `/age must be integer`. */
  readonly failure: string;
};

class PatternRefused extends Error {}

/** Undefined for a schema or a pattern that cannot be used. */
export function validateJson(schema: Json, value: Json): Validation | undefined {
  if (!isObject(schema)) return undefined;
  const ajv = new Ajv({ strict: false, validateFormats: false, logger: false, code: { regExp: LINEAR } });
  try {
    const { $id: _id, $schema: _draft, ...rules } = schema;
    const validate = ajv.compile(rules);
    const isValid = validate(value);
    const [error] = validate.errors ?? [];
    return {
      isValid,
      failure: error === undefined ? "" : `${error.instancePath} ${error.message ?? error.keyword}`.trim(),
    };
  } catch (error) {
    // Whatever Ajv makes of a schema that is none, there is no verdict in it.
    if (error instanceof Error) return undefined;
    throw error;
  }
}

const LINEAR = Object.assign(
  (pattern: string) => ({
    test: (text: string): boolean => {
      const outcome = runRegex(pattern, text);
      if (outcome === undefined) throw new PatternRefused(pattern);
      return outcome.search;
    },
  }),
  { code: "linear" },
);
