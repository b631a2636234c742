/** What narrows a grant: a closed list of typed caveats. What is not in this list is not known, and what is not known denies. */
import type { Lamports } from "@mira/primitives";

/** 32 bytes in base58. */
export type Key = string;
/** The word `lamports` for the native token, or the mint of an SPL token. Amounts are lamports, or the mint's base units. */
export type Asset = Key;

/** Over what an amount is counted. Periods are fixed windows anchored at the session's start; what is unused is forfeited. */
export type Per = "transaction" | "lifetime" | { readonly everyMs: number };

/** An instruction by program and the bytes its data starts with, in hexadecimal: compared as whole bytes, never as text. */
export type InstructionName = { readonly program: Key; readonly discriminator: string };

export type ArgumentType = "u8" | "u16" | "u32" | "u64" | "bytes";
export type Operator = "EQ" | "NEQ" | "LT" | "LTE" | "GT" | "GTE" | "ONE_OF";

export type Programs = { readonly kind: "programs"; readonly programs: readonly Key[] };
export type Instructions = {
  readonly kind: "instructions";
  readonly instructions: readonly InstructionName[];
};
/** Little-endian integers as bigint, bytes in hexadecimal. An instruction whose data ends before the argument does is denied. */
export type Argument = {
  readonly kind: "argument";
  readonly of: InstructionName;
  readonly offset: number;
  readonly type: ArgumentType;
  readonly operator: Operator;
  readonly values: readonly (bigint | string)[];
};
/** Every account that the transaction may write, the owner's own beside them. */
export type Accounts = { readonly kind: "accounts"; readonly accounts: readonly Key[] };
/** Every account that may receive: a wallet for lamports, a token account for tokens. */
export type Recipients = { readonly kind: "recipients"; readonly recipients: readonly Key[] };
export type Amount = {
  readonly kind: "amount";
  readonly asset: Asset;
  readonly per: Per;
  readonly most: bigint;
  /** Of lamports only: the fees count into this amount. */
  readonly feesIncluded: boolean;
};
export type Calls = { readonly kind: "calls"; readonly most: number };
/** At most so many in any stretch of so long: idle time earns nothing beyond it. */
export type Rate = { readonly kind: "rate"; readonly most: number; readonly everyMs: number };
export type Fees = { readonly kind: "fees"; readonly most: Lamports };
/** What the owner may lose of an asset by one whole transaction, fees left out; judged last, over all of its instructions. */
export type Loss = { readonly kind: "loss"; readonly asset: Asset; readonly most: bigint };
/** Whose signature, and nobody else's, makes use of the authority, also after it was passed on. */
export type Redeemers = { readonly kind: "redeemers"; readonly keys: readonly Key[] };
/** Who pays the fee instead of the owner. */
export type Sponsor = { readonly kind: "sponsor"; readonly key: Key };

export type Caveat =
  | Programs
  | Instructions
  | Argument
  | Accounts
  | Recipients
  | Amount
  | Calls
  | Rate
  | Fees
  | Loss
  | Redeemers
  | Sponsor;

export type CaveatKind = Caveat["kind"];

export function findCaveat<Kind extends CaveatKind>(
  caveats: readonly Caveat[],
  kind: Kind,
): Extract<Caveat, { kind: Kind }> | undefined {
  return listCaveats(caveats, kind)[0];
}

export function listCaveats<Kind extends CaveatKind>(
  caveats: readonly Caveat[],
  kind: Kind,
): readonly Extract<Caveat, { kind: Kind }>[] {
  return caveats.filter((caveat): caveat is Extract<Caveat, { kind: Kind }> => caveat.kind === kind);
}
