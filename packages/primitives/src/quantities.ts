/** Every quantity has its own type and one parser, used at the edge. */
import type { Brand } from "./brand.ts";

/** Durable place of a transaction in the ledger's order: contiguous, from 0, never reissued. Safe integer. */
export type SequenceNumber = Brand<number, "SequenceNumber">;
/** Place of a batch, contiguous from 0. Safe integer. */
export type BatchNumber = Brand<number, "BatchNumber">;
/** Sequence number of the last transaction that write-locked the account, plus one; 0 = genesis or never. */
export type AccountVersion = Brand<number, "AccountVersion">;
export type Slot = Brand<number, "Slot">;
/** Milliseconds since 1970-01-01T00:00:00Z. */
export type UnixMs = Brand<number, "UnixMs">;
export type DurationMs = Brand<number, "DurationMs">;
/** 1 SOL = 1e9 lamports; 0..2^64-1. */
export type Lamports = Brand<bigint, "Lamports">;
/** Base units of MIRA on the base ledger: 1 MIRA = 1e9 units, never negative. */
export type BaseUnits = Brand<bigint, "BaseUnits">;

const U64_MAX = 2n ** 64n - 1n;

function parseIndex<T extends number>(name: string, value: unknown): T {
  const number =
    typeof value === "bigint"
      ? Number(value)
      : typeof value === "string" && /^\d{1,16}$/.test(value)
        ? Number(value)
        : value;
  if (typeof number !== "number" || !Number.isSafeInteger(number) || number < 0)
    throw new QuantityError(name, "a whole number from 0 to 2^53-1", value);
  return number as unknown as T;
}

function parseUnsigned<T extends bigint>(name: string, value: unknown, max: bigint | undefined): T {
  const amount =
    typeof value === "string" && /^\d{1,40}$/.test(value)
      ? BigInt(value)
      : typeof value === "number" && Number.isSafeInteger(value)
        ? BigInt(value)
        : value;
  if (typeof amount !== "bigint" || amount < 0n || (max !== undefined && amount > max))
    throw new QuantityError(
      name,
      max === undefined ? "a whole number from 0" : `a whole number from 0 to ${max}`,
      value,
    );
  return amount as unknown as T;
}

/** Thrown by the parsers of quantities: says what was needed and what was there. */
export class QuantityError extends TypeError {
  constructor(name: string, needed: string, value: unknown) {
    super(
      `${name}: needed ${needed}, got ${typeof value === "bigint" ? `${value}n` : ((JSON.stringify(value) as string | undefined) ?? String(value))}`,
    );
    this.name = "QuantityError";
  }
}

export const parseSequenceNumber = (value: unknown): SequenceNumber => parseIndex("sequence number", value);
export const parseBatchNumber = (value: unknown): BatchNumber => parseIndex("batch number", value);
export const parseAccountVersion = (value: unknown): AccountVersion => parseIndex("account version", value);
export const parseSlot = (value: unknown): Slot => parseIndex("slot", value);
export const parseUnixMs = (value: unknown): UnixMs => parseIndex("instant (Unix ms)", value);
export const parseLamports = (value: unknown): Lamports => parseUnsigned("lamports", value, U64_MAX);
export const parseBaseUnits = (value: unknown): BaseUnits =>
  parseUnsigned("MIRA base units", value, undefined);
