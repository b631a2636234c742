/** Bonds each development validator's stake, once: a kept data folder has them already. */
import { callUnary, type MiraClient } from "@mira/client";
import { staking } from "@mira/api";
import { delay, deriveValidatorId, parseBaseUnits, unwrap } from "@mira/primitives";
import { createDevKey, operatorOf, VALIDATORS } from "./dev-keys.ts";
import { BOND_UNITS } from "./genesis.ts";

const DEADLINE_MS = 20_000;

export async function bondValidators(client: MiraClient): Promise<void> {
  for (const name of VALIDATORS) {
    const validatorKey = createDevKey(name).publicKey;
    const known = await callUnary(client.channels.staking, staking.StakingServiceService.getValidator, {
      validatorId: deriveValidatorId(validatorKey),
    });
    if (known.ok) continue;
    await bondPatiently(client, name, validatorKey);
  }
}

/** Settlement may still be taking up its lease. */
async function bondPatiently(client: MiraClient, name: string, validatorKey: Uint8Array): Promise<void> {
  const terms = { validatorKey, family: `${name}.built-in`, amountUnits: parseBaseUnits(BOND_UNITS) };
  const signal = AbortSignal.timeout(DEADLINE_MS);
  for (;;) {
    const bonded = await client.bond(createDevKey(operatorOf(name)), terms);
    if (bonded.ok) return;
    if ((bonded.code !== "NOT_LEADER" && bonded.code !== "CONCURRENT_CHANGE") || !(await delay(100, signal)))
      unwrap(bonded);
  }
}
