/** The genesis that the operator names: a JSON document, or a file of lines for any number of accounts, read piece by piece. */
import { createReadStream, openSync, readFileSync, readSync, closeSync } from "node:fs";
import { createHash } from "node:crypto";
import { createInterface } from "node:readline";
import { sha256, succeed, type Result } from "@mira/primitives";
import {
  encodeWholeGenesis,
  invalid,
  isRecord,
  parseAccount,
  parseAllocations,
  parseGenesis,
  type Genesis,
  type GenesisAccount,
} from "../domain/genesis.ts";

export type GenesisSource = {
  readonly allocations: Genesis["allocations"];
  /** What it says it has. */
  readonly accountCount: number;
  /** Ascending by key; throws GenesisUnreadable. */
  readonly accounts: () => AsyncIterable<GenesisAccount>;
  /** Equal digests mean an equal genesis; the other way round need not hold. */
  readonly digest: () => Promise<Uint8Array>;
};

export class GenesisUnreadable extends Error {
  constructor(message: string) {
    super(`the genesis file: ${message}`);
    this.name = "GenesisUnreadable";
  }
}

/** The format of a file of lines: `{"genesis": 2, "accounts": 1000000, "allocations": [...]}`, then one account a line. */
const LINES_VERSION = 2;
/** Of the first line, allocations included. */
const HEAD_BYTES_MAX = 4 * 1024 * 1024;

export const EMPTY_GENESIS: GenesisSource = toSource({ accounts: [], allocations: [] });

/** Throws what reading and JSON.parse throw. */
export function readGenesisFile(path: string): Result<GenesisSource, "REQUEST_INVALID"> {
  const head = parseHead(readFirstLine(path));
  if (head !== undefined) return readLines(path, head);
  const document = parseGenesis(JSON.parse(readFileSync(path, "utf8")));
  return document.ok ? succeed(toSource(document.value)) : document;
}

function toSource(genesis: Genesis): GenesisSource {
  return {
    allocations: genesis.allocations,
    accountCount: genesis.accounts.length,
    // eslint-disable-next-line @typescript-eslint/require-await -- it is read like a file
    accounts: async function* () {
      yield* genesis.accounts;
    },
    digest: () => Promise.resolve(sha256(encodeWholeGenesis(genesis))),
  };
}

function readLines(path: string, head: Record<string, unknown>): Result<GenesisSource, "REQUEST_INVALID"> {
  const { accounts: accountCount } = head;
  if (typeof accountCount !== "number" || !Number.isSafeInteger(accountCount) || accountCount < 0)
    return invalid("accounts", "how many accounts follow, a line each");
  const allocations = parseAllocations(head["allocations"]);
  if (!allocations.ok) return allocations;
  return succeed({
    allocations: allocations.value,
    accountCount,
    accounts: () => readAccountLines(path),
    digest: () => digestFile(path),
  });
}

async function* readAccountLines(path: string): AsyncGenerator<GenesisAccount> {
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    number += 1;
    if (number === 1 || line === "") continue;
    const account = parseAccount(parseJson(line));
    if (account === undefined)
      throw new GenesisUnreadable(`line ${number} needs key and owner in base58, lamports in decimal`);
    yield account;
  }
}

async function digestFile(path: string): Promise<Uint8Array> {
  const hash = createHash("sha256");
  for await (const block of createReadStream(path)) hash.update(block as Buffer);
  return hash.digest();
}

function parseHead(line: string): Record<string, unknown> | undefined {
  const value = parseJson(line);
  return isRecord(value) && value["genesis"] === LINES_VERSION ? value : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readFirstLine(path: string): string {
  const file = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(HEAD_BYTES_MAX);
    const length = readSync(file, bytes, 0, HEAD_BYTES_MAX, 0);
    const end = bytes.subarray(0, length).indexOf("\n");
    return bytes.toString("utf8", 0, end < 0 ? length : end);
  } finally {
    closeSync(file);
  }
}
