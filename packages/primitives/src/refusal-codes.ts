/** The registry of refusal codes: docs/errors.md and gRPC statuses are made from it. Codes are never renamed or reused. */
import { AUTHORITY_CODES } from "./refusal-codes/authority.ts";
import type { CodeGroup } from "./refusal-codes/code-entry.ts";
import { COMMON_CODES } from "./refusal-codes/common.ts";
import { LEDGER_CODES } from "./refusal-codes/ledger.ts";
import { VERIFICATION_CODES } from "./refusal-codes/verification.ts";

export type { CanonicalStatus } from "./refusal-codes/code-entry.ts";

export const REFUSAL_CODES = {
  ...COMMON_CODES,
  ...LEDGER_CODES,
  ...AUTHORITY_CODES,
  ...VERIFICATION_CODES,
} as const satisfies CodeGroup;

export type RefusalCode = keyof typeof REFUSAL_CODES;

export function isRefusalCode(code: string): code is RefusalCode {
  return Object.hasOwn(REFUSAL_CODES, code);
}
