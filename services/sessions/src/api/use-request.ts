/** Between the message that asks for a use and what the evaluator judges. */
import type { sessions } from "@mira/api";
import type { ReserveCommand } from "../domain/decide-use.ts";
import { encodeBase58, parseLamports, refuse, succeed, type Result, type UnixMs } from "@mira/primitives";

/** A transaction has no more; a longer list is no transaction's. */
const INSTRUCTIONS_MAX = 64;
const ACCOUNTS_MAX = 256;
const DATA_BYTES_MAX = 1_232;

export function readUse(
  request: sessions.ReserveBudgetRequest,
  at: UnixMs,
): Result<ReserveCommand["request"], "REQUEST_INVALID"> {
  const { instructions, signers, writable, messageHash, feeLamports } = request;
  if (messageHash.length !== 32) return invalid("message_hash", "32 bytes", messageHash.length);
  if (instructions.length > INSTRUCTIONS_MAX)
    return invalid("instructions", `at most ${INSTRUCTIONS_MAX}`, instructions.length);
  const keys = [
    ...signers,
    ...writable,
    ...instructions.flatMap(({ program, accounts }) => [program, ...accounts]),
  ];
  if (keys.some((key) => key.length !== 32)) return invalid("accounts", "keys of 32 bytes", "others");
  const [feePayer] = signers;
  if (feePayer === undefined) return invalid("signers", "at least the fee payer", 0);
  const long = instructions.find(
    ({ accounts, data }) => accounts.length > ACCOUNTS_MAX || data.length > DATA_BYTES_MAX,
  );
  if (long !== undefined) return invalid("instructions", "what fits a transaction", long.data.length);
  return succeed({
    instructions: instructions.map(({ program, accounts, data }) => ({
      program: encodeBase58(program),
      accounts: accounts.map(encodeBase58),
      data,
    })),
    writable: writable.map(encodeBase58),
    signers: signers.map(encodeBase58),
    feePayer: encodeBase58(feePayer),
    feeLamports: parseLamports(feeLamports),
    at,
  });
}

function invalid(field: string, needed: string, got: string | number) {
  return refuse("REQUEST_INVALID", `the request's ${field} are not those of a transaction`, {
    field,
    needed,
    got,
  });
}
