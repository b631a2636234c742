/** Caveats as the words that are shown and signed, and back: one caveat has one text, and any other text is refused. */
import { decodeHex, decodeKey, parseLamports, unreachable } from "@mira/primitives";
import type {
  Amount,
  Argument,
  ArgumentType,
  Asset,
  Caveat,
  InstructionName,
  Key,
  Operator,
  Per,
} from "./caveat.ts";

/** Name and value of a field of the signed intent. */
export type Row = readonly [name: string, value: string];

export function describeCaveat(caveat: Caveat): Row {
  switch (caveat.kind) {
    case "programs":
      return ["programs", caveat.programs.join(", ")];
    case "instructions":
      return ["instructions", caveat.instructions.map(describeInstruction).join(", ")];
    case "argument":
      return ["argument", describeArgument(caveat)];
    case "accounts":
      return ["may write", caveat.accounts.join(", ")];
    case "recipients":
      return ["recipients", caveat.recipients.join(", ")];
    case "amount":
      return ["amount", describeAmount(caveat)];
    case "calls":
      return ["calls", `at most ${caveat.most}`];
    case "rate":
      return ["rate", `at most ${caveat.most} in any ${caveat.everyMs} ms`];
    case "fees":
      return ["fees", `at most ${caveat.most} lamports`];
    case "loss":
      return ["loss by one transaction", `at most ${caveat.most} ${describeAsset(caveat.asset)}`];
    case "redeemers":
      return ["redeemers", caveat.keys.join(", ")];
    case "sponsor":
      return ["fees paid by", caveat.key];
    default:
      return unreachable(caveat);
  }
}

/** undefined for what this version does not know: it could have been a restriction. */
export function parseCaveat(row: Row): Caveat | undefined {
  const caveat = readCaveat(row);
  if (caveat === undefined) return undefined;
  // One spelling only: what reads the same but is written otherwise is another row.
  return describeCaveat(caveat)[1] === row[1] ? caveat : undefined;
}

export function describeInstruction({ program, discriminator }: InstructionName): string {
  return `${program}:${discriminator}`;
}

function readCaveat([name, value]: Row): Caveat | undefined {
  switch (name) {
    case "programs":
      return readKeys(value, (programs) => ({ kind: "programs", programs }));
    case "instructions":
      return readInstructions(value);
    case "argument":
      return readArgument(value);
    case "may write":
      return readKeys(value, (accounts) => ({ kind: "accounts", accounts }));
    case "recipients":
      return readKeys(value, (recipients) => ({ kind: "recipients", recipients }));
    case "amount":
      return readAmount(value);
    case "calls":
      return readCount(/^at most (\d{1,15})$/, value, ([most = 0]) => ({ kind: "calls", most }));
    case "rate":
      return readCount(/^at most (\d{1,15}) in any (\d{1,15}) ms$/, value, ([most = 0, everyMs = 0]) => ({
        kind: "rate",
        most,
        everyMs,
      }));
    case "fees":
      return readFees(value);
    case "loss by one transaction":
      return readLoss(value);
    case "redeemers":
      return readKeys(value, (keys) => ({ kind: "redeemers", keys }));
    case "fees paid by":
      return isKey(value) ? { kind: "sponsor", key: value } : undefined;
    default:
      return undefined;
  }
}

function readKeys(value: string, make: (keys: readonly Key[]) => Caveat): Caveat | undefined {
  const keys = value.split(", ");
  return keys.every(isKey) ? make(keys) : undefined;
}

function readInstructions(value: string): Caveat | undefined {
  const instructions = value.split(", ").map(parseInstruction);
  return instructions.every((name) => name !== undefined)
    ? { kind: "instructions", instructions }
    : undefined;
}

export function parseInstruction(text: string): InstructionName | undefined {
  const [program = "", discriminator = "", ...rest] = text.split(":");
  if (rest.length > 0 || !isKey(program) || !/^([0-9a-f]{2}){1,16}$/.test(discriminator)) return undefined;
  return { program, discriminator };
}

function describeArgument({ of, offset, type, operator, values }: Argument): string {
  return `${describeInstruction(of)} ${type} at ${offset} ${operator} ${values.join(" | ")}`;
}

function readArgument(value: string): Argument | undefined {
  const pattern = /^(\S+) (u8|u16|u32|u64|bytes) at (\d{1,4}) (EQ|NEQ|LT|LTE|GT|GTE|ONE_OF) (.+)$/;
  const [, name = "", type = "", offset = "", operator = "", list = ""] = pattern.exec(value) ?? [];
  const of = parseInstruction(name);
  const values = list.split(" | ").map((text) => readValue(type, text));
  if (of === undefined || !values.every((one) => one !== undefined)) return undefined;
  return {
    kind: "argument",
    of,
    offset: Number(offset),
    type: type as ArgumentType,
    operator: operator as Operator,
    values,
  };
}

function readValue(type: string, text: string): bigint | string | undefined {
  if (type === "bytes") return /^([0-9a-f]{2}){1,64}$/.test(text) && decodeHex(text) ? text : undefined;
  return /^\d{1,20}$/.test(text) ? BigInt(text) : undefined;
}

function describeAsset(asset: Asset): string {
  return asset === "lamports" ? "lamports" : `units of ${asset}`;
}

function describePer(per: Per): string {
  return typeof per === "string" ? per : `${per.everyMs} ms`;
}

function describeAmount({ most, asset, per, feesIncluded }: Amount): string {
  return `at most ${most} ${describeAsset(asset)} per ${describePer(per)}${feesIncluded ? ", fees included" : ""}`;
}

function readAmount(value: string): Amount | undefined {
  const pattern =
    /^at most (\d{1,20}) (lamports|units of (\w+)) per (transaction|lifetime|(\d{1,15}) ms)(, fees included)?$/;
  const [matched, most = "", , mint, span = "", everyMs, fees] = pattern.exec(value) ?? [];
  if (matched === undefined || (mint !== undefined && !isKey(mint))) return undefined;
  const per: Per =
    everyMs === undefined ? (span as "transaction" | "lifetime") : { everyMs: Number(everyMs) };
  return {
    kind: "amount",
    asset: mint ?? "lamports",
    per,
    most: BigInt(most),
    feesIncluded: fees !== undefined,
  };
}

function readFees(value: string): Caveat | undefined {
  const [, most] = /^at most (\d{1,19}) lamports$/.exec(value) ?? [];
  return most === undefined ? undefined : { kind: "fees", most: parseLamports(most) };
}

function readLoss(value: string): Caveat | undefined {
  const [, most, , mint] = /^at most (\d{1,20}) (lamports|units of (\w+))$/.exec(value) ?? [];
  if (most === undefined || (mint !== undefined && !isKey(mint))) return undefined;
  return { kind: "loss", asset: mint ?? "lamports", most: BigInt(most) };
}

function readCount(
  pattern: RegExp,
  value: string,
  make: (numbers: readonly number[]) => Caveat,
): Caveat | undefined {
  const matched = pattern.exec(value);
  return matched === null ? undefined : make(matched.slice(1).map(Number));
}

function isKey(text: string): boolean {
  return decodeKey(text) !== undefined;
}
