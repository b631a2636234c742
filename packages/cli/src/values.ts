/** Values as people type and read them: SOL and MIRA amounts, durations, keys and names of development accounts. */
import { readFileSync } from "node:fs";
import { createDevKey, DEV_ACCOUNTS, FAUCET, operatorOf, PROBE_AUTHOR, VALIDATORS } from "@mira/localnet";
import {
  bytesEqual,
  createKeyPair,
  decodeHex,
  decodeKey,
  encodeBase58,
  parseSequenceNumber,
  parseUnixMs,
  refuse,
  RefusalError,
  succeed,
  type KeyPair,
  type Result,
  type SequenceNumber,
  type UnixMs,
} from "@mira/primitives";

const DECIMALS = 9;
const NAMES: readonly string[] = [
  FAUCET,
  PROBE_AUTHOR,
  ...DEV_ACCOUNTS,
  ...VALIDATORS,
  ...VALIDATORS.map(operatorOf),
];

/** `1.5` -> 1500000000: both SOL and MIRA have nine decimals. */
export function parseAmount(text: string): Result<bigint> {
  const match = /^(\d{1,12})(?:\.(\d{1,9}))?$/.exec(text);
  if (match === null)
    return refuse("REQUEST_INVALID", `"${text}" is not an amount`, {
      needed: "a decimal number with up to nine decimals, such as 1.5",
    });
  return succeed(BigInt(`${match[1] ?? "0"}${(match[2] ?? "").padEnd(DECIMALS, "0")}`));
}

export function formatAmount(units: bigint): string {
  const digits = units.toString().padStart(DECIMALS + 1, "0");
  const decimals = digits.slice(-DECIMALS).replace(/0+$/, "");
  return `${digits.slice(0, -DECIMALS)}${decimals === "" ? "" : `.${decimals}`}`;
}

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `15m`, `2h`, `30s`. */
export function parseDuration(text: string): Result<number> {
  const match = /^(\d{1,6})([smhd])$/.exec(text);
  const unit = UNITS_MS[match?.[2] ?? ""];
  return match === null || unit === undefined
    ? refuse("REQUEST_INVALID", `"${text}" is not a duration`, { needed: "such as 30s, 15m, 2h or 1d" })
    : succeed(Number(match[1]) * unit);
}

/** `2026-11-24T22:00:00Z`, or any other form of ISO 8601. */
export function parseInstant(text: string): Result<UnixMs> {
  const ms = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isFinite(ms) && ms >= 0
    ? succeed(parseUnixMs(ms))
    : refuse("REQUEST_INVALID", `"${text}" is not an instant`, {
        needed: "ISO 8601, such as 2026-11-24T22:00:00Z",
      });
}

export function parseSequence(text: string): Result<SequenceNumber> {
  return /^\d{1,15}$/.test(text)
    ? succeed(parseSequenceNumber(text))
    : refuse("REQUEST_INVALID", `"${text}" is not a sequence number`, { needed: "a whole number" });
}

/** A development account's name, or a public key in base58. */
export function parseKey(text: string): Result<Uint8Array> {
  if (NAMES.includes(text)) return succeed(createDevKey(text).publicKey);
  const key = decodeKey(text);
  return key === undefined
    ? refuse("REQUEST_INVALID", `"${text}" is neither a key in base58 nor a development account`, {
        needed: `a key, or one of ${NAMES.join(", ")}`,
      })
    : succeed(key);
}

/** A development account's name, or the path of a file with a secret key: 64 hexadecimal digits, or Solana's JSON array. */
export function readKeyPair(text: string): Result<KeyPair> {
  if (NAMES.includes(text)) return succeed(createDevKey(text));
  const seed = parseSeed(readIfThere(text));
  return seed === undefined
    ? refuse("REQUEST_INVALID", `"${text}" is neither a development account nor a readable key file`, {
        needed: `one of ${NAMES.join(", ")}, or a file with 64 hexadecimal digits or Solana's JSON array`,
      })
    : succeed(createKeyPair(seed));
}

function parseSeed(content: string | undefined): Uint8Array | undefined {
  const hex = decodeHex(content?.trim() ?? "");
  return hex?.length === 32 ? hex : parseSolanaSeed(content ?? "");
}

/** Solana's file: 32 bytes of seed, then the public key that belongs to it. */
function parseSolanaSeed(content: string): Uint8Array | undefined {
  const numbers = parseJson(content);
  if (!Array.isArray(numbers) || numbers.length !== 64 || !numbers.every(isByte)) return undefined;
  const bytes = Uint8Array.from(numbers);
  const seed = bytes.subarray(0, 32);
  return bytesEqual(createKeyPair(seed).publicKey, bytes.subarray(32)) ? seed : undefined;
}

function isByte(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 255;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** The development account's name beside its key, where it is one. */
export function describeKey(key: Uint8Array): string {
  const text = encodeBase58(key);
  const name = NAMES.find((candidate) => encodeBase58(createDevKey(candidate).publicKey) === text);
  return name === undefined ? text : `${name} (${text})`;
}

export function formatInstant(ms: number | bigint): string {
  return new Date(Number(ms)).toISOString();
}

export function parseCount(option: string, text: string, min: number, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max))
    throw new RefusalError(
      refuse("REQUEST_INVALID", `${option}: needed a whole number from ${min} to ${max}, got "${text}"`, {
        field: option,
      }),
    );
  return value;
}
