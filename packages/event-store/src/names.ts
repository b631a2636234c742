/** Schema names go into SQL text, so only plain ones are taken. */
import { invariant } from "@mira/primitives";

export function assertSchemaName(schema: string): void {
  invariant(
    /^[a-z_][a-z0-9_]{0,62}$/.test(schema) && !schema.startsWith("pg_"),
    `a schema name needs lower-case letters, digits and _, at most 63: ${JSON.stringify(schema)}`,
  );
}

/** `%S%` in SQL text stands for the schema. */
export function fillSchema(sql: string, schema: string): string {
  return sql.replaceAll("%S%", schema);
}
