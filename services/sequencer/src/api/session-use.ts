/** A transaction taken apart for the sessions service, which decides whether the session allows it. */
import { accountKeyBytes } from "@mira/runtime/wire";
import type { BudgetRequest } from "../ports.ts";
import type { Prepared } from "./prepare.ts";

export function describeUse(prepared: Prepared): Omit<BudgetRequest, "sessionId" | "messageHash"> {
  const { decoded, wire, accounts = [], fee } = prepared;
  // Lookups are resolved by now, so the accounts of an instruction are those that will be locked.
  const keys = accounts.map(({ key }) => accountKeyBytes(key));
  return {
    feeLamports: fee,
    signers: keys.slice(0, decoded.numRequiredSignatures),
    writable: keys.filter((_key, at) => accounts[at]?.writable === true),
    instructions: decoded.instructions.map((instruction) => ({
      program: keys[instruction.programIdIndex] ?? NO_KEY,
      accounts: [
        ...wire.subarray(instruction.accountsOffset, instruction.accountsOffset + instruction.accountsLength),
      ].map((index) => keys[index] ?? NO_KEY),
      data: wire.subarray(instruction.dataOffset, instruction.dataOffset + instruction.dataLength),
    })),
  };
}

/** No account of any transaction; the sessions service refuses it. */
const NO_KEY = new Uint8Array(0);
