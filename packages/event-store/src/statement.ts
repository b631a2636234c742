/** Runs a prepared statement whose parameters are written straight into the message that leaves: see bind-message.ts. */
import pg from "pg";
import type { Connection, Pool, PoolClient, QueryArrayConfig } from "pg";
import { encodeBind, type Parameter } from "./bind-message.ts";
import { createMessageBuffers } from "./message-buffers.ts";

export type Statement = {
  /** Prepared once for each connection. */
  readonly name: string;
  readonly text: string;
  /** MUST stay as they are until the statement is answered. */
  readonly parameters: readonly Parameter[];
};

const buffers = createMessageBuffers();
/** Postgres takes names of so many bytes. */
const NAME_BYTES_MAX = 63;

/** The rows, as text. Errors are the driver's. */
export async function runStatement<Row extends readonly string[]>(
  client: Pool | PoolClient,
  { name, text, parameters }: Statement,
): Promise<Row[]> {
  const shortName = name.slice(0, NAME_BYTES_MAX);
  const message = encodeBind(shortName, parameters, buffers.take);
  const query = createQuery({ name: shortName, text }, message);
  const { promise, resolve, reject } = Promise.withResolvers<Row[]>();
  client.query<[...Row]>(query, (error: Error | undefined, result) => {
    if (error) reject(error);
    else resolve(result.rows);
  });
  const rows = await promise;
  // Answered, so Postgres has all of it. After an error some of it may still be on its way: then it is not used again.
  buffers.giveBack(message);
  return rows;
}

/** The driver's own query in all but its Bind message. */
function createQuery(
  { name, text }: { readonly name: string; readonly text: string },
  message: Buffer,
): QueryArrayConfig {
  const config = { name, text, values: [], rowMode: "array" as const };
  const query = new pg.Query(config);
  const submit = query.submit.bind(query);
  query.submit = (connection) => submit(withBind(connection, message));
  return Object.assign(query, config);
}

function withBind(connection: Connection, message: Buffer): Connection {
  const bind = (): void => {
    if (connection.stream.writable) connection.stream.write(message);
  };
  return Object.create(connection, { bind: { value: bind } }) as Connection;
}
