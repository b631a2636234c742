/** The contents of a log's tiles and entry bundles, read from Postgres. */
import { HASH_BYTES, TILE_WIDTH, type Tile } from "@mira/merkle";
import type { Pool } from "pg";
import type { LogName } from "./schema.ts";

/** Levels of the tree between one level of tiles and the next. */
const TILE_HEIGHT = 8;

export class LogFilesStore {
  readonly #pool: Pool;
  readonly #log: LogName;

  constructor(pool: Pool, log: LogName) {
    this.#pool = pool;
    this.#log = log;
  }

  /** `width` hashes side by side; undefined when not all of them are there. */
  async readTile({
    level,
    index,
    width,
  }: Tile & { readonly level: number }): Promise<Uint8Array | undefined> {
    const result = await this.#pool.query<{ hash: Buffer }>({
      name: `read-${this.#log}-tile`,
      text: `SELECT hash FROM settlement.${this.#log}_nodes WHERE level = $1 AND index >= $2 AND index < $3 ORDER BY index`,
      values: [level * TILE_HEIGHT, index * TILE_WIDTH, index * TILE_WIDTH + width],
    });
    const bytes = Buffer.concat(result.rows.map(({ hash }) => hash));
    return bytes.length === width * HASH_BYTES ? bytes : undefined;
  }

  /** `width` entries in order; undefined when not all of them are there. */
  async readEntries(index: number, width: number): Promise<Uint8Array[] | undefined> {
    const result = await this.#pool.query<{ entry: Buffer }>({
      name: `read-${this.#log}-bundle`,
      text: `SELECT entry FROM settlement.${this.#log}_entries WHERE index >= $1 AND index < $2 ORDER BY index`,
      values: [index * TILE_WIDTH, index * TILE_WIDTH + width],
    });
    return result.rows.length === width ? result.rows.map(({ entry }) => entry) : undefined;
  }
}
