/** What a session may do: grants made of caveats, one evaluator, usage, exposure. */
export * from "./caveat.ts";
export { describeCaveat, parseCaveat, parseInstruction, type Row } from "./caveat-text.ts";
export { CAVEATS_MAX, checkCaveats } from "./check-caveats.ts";
export type { Link } from "./link.ts";
export { evaluate, type Denied, type Verdict } from "./evaluate.ts";
export { computeExposure, type Exposure } from "./exposure.ts";
export { checkGrant, describeGrant, parseGrant, toGrant, type Grant } from "./grant.ts";
export { checkNarrower } from "./narrow.ts";
export { MEMO_PROGRAMS, SYSTEM_TRANSFER, TOKEN_PROGRAM, TOKEN_TRANSFER_CHECKED } from "./programs.ts";
export {
  readMovements,
  sumMovements,
  type ActionInstruction,
  type ActionRequest,
  type Spends,
} from "./request.ts";
export { commit, release, reserve, UNUSED, type Outcome, type Reservation, type Usage } from "./usage.ts";
