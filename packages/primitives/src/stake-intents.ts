/** What bonding and unbonding stake say, as fields of a signed intent. */
import { decodeKey, encodeBase58 } from "./bytes.ts";
import { findIntentField, type Intent } from "./intent.ts";
import { parseBaseUnits, type BaseUnits } from "./quantities.ts";
import { refuse, succeed, type Result } from "./refusal.ts";

export type BondTerms = {
  /** The 32-byte key with which the validator signs attestations. */
  readonly validatorKey: Uint8Array;
  /** Family of model or checkers, for caps on correlated validators. */
  readonly family: string;
  readonly amountUnits: BaseUnits;
};

export type UnbondTerms = Omit<BondTerms, "family">;

export function describeBond(terms: BondTerms): Intent["fields"] {
  return [
    ["validator", encodeBase58(terms.validatorKey)],
    ["family", terms.family],
    ["amount units", String(terms.amountUnits)],
    ["debit", `bond of the account's MIRA to bond/${encodeBase58(terms.validatorKey)}`],
  ];
}

export function describeUnbond(terms: UnbondTerms): Intent["fields"] {
  return [
    ["validator", encodeBase58(terms.validatorKey)],
    ["amount units", String(terms.amountUnits)],
  ];
}

export function parseBond(intent: Intent): Result<BondTerms, "REQUEST_INVALID"> {
  const terms = parseTerms(intent);
  if (!terms.ok) return terms;
  const family = findIntentField(intent, "family") ?? "";
  if (!/^[a-z0-9][a-z0-9.-]{0,62}$/.test(family))
    return refuse("REQUEST_INVALID", "the bond's family is not valid", {
      field: "family",
      needed: "a-z, 0-9, dot and dash, up to 63 characters",
    });
  return exactly(intent, { ...terms.value, family }, describeBond);
}

export function parseUnbond(intent: Intent): Result<UnbondTerms, "REQUEST_INVALID"> {
  const terms = parseTerms(intent);
  return terms.ok ? exactly(intent, terms.value, describeUnbond) : terms;
}

/** A validator's name everywhere: its key in base58. */
export function deriveValidatorId(validatorKey: Uint8Array): string {
  return encodeBase58(validatorKey);
}

function parseTerms(intent: Intent): Result<UnbondTerms, "REQUEST_INVALID"> {
  const validatorKey = decodeKey(findIntentField(intent, "validator") ?? "");
  if (validatorKey === undefined)
    return refuse("REQUEST_INVALID", "the validator's key is not valid", {
      field: "validator",
      needed: "one key in base58",
    });
  const amount = findIntentField(intent, "amount units") ?? "";
  if (!/^[1-9]\d{0,29}$/.test(amount))
    return refuse("REQUEST_INVALID", "the amount is not valid", {
      field: "amount units",
      needed: "a whole number above zero",
    });
  return succeed({ validatorKey, amountUnits: parseBaseUnits(amount) });
}

/** A field that this version does not know could change the meaning: it is refused, not overlooked. */
function exactly<Terms>(
  intent: Intent,
  terms: Terms,
  describe: (terms: Terms) => Intent["fields"],
): Result<Terms, "REQUEST_INVALID"> {
  return JSON.stringify(describe(terms)) === JSON.stringify(intent.fields)
    ? succeed(terms)
    : refuse("REQUEST_INVALID", "the intent has fields beside those of its purpose, or in another order", {
        field: "fields",
      });
}
