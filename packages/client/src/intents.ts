/** Builds and signs the intents that change authority or move value. */
import { randomBytes } from "node:crypto";
import {
  describeBond,
  describeProbeImport,
  describeSessionGrant,
  describeUnbond,
  parseUnixMs,
  signIntent,
  type BondTerms,
  type Intent,
  type KeyPair,
  type ProbeClaim,
  type SessionGrant,
  type SignedIntent,
  type UnbondTerms,
} from "@mira/primitives";

/** How long a signed request may be presented: long enough for a retry, short enough to be forgotten. */
const VALID_FOR_MS = 2 * 60_000;

export function signSessionGrant(networkId: string, owner: KeyPair, grant: SessionGrant): SignedIntent {
  return sign(networkId, "session.grant", owner, describeSessionGrant(grant));
}

/** The owner or the session key itself may revoke. */
export function signSessionRevocation(networkId: string, signer: KeyPair, sessionId: string): SignedIntent {
  return sign(networkId, "session.revoke", signer, [["session", sessionId]]);
}

export function signBond(networkId: string, operator: KeyPair, terms: BondTerms): SignedIntent {
  return sign(networkId, "stake.bond", operator, describeBond(terms));
}

export function signUnbond(networkId: string, operator: KeyPair, terms: UnbondTerms): SignedIntent {
  return sign(networkId, "stake.unbond", operator, describeUnbond(terms));
}

/** What a validator says when it opens its stream of assignments. */
export function signValidatorHello(networkId: string, validator: KeyPair, validatorId: string): SignedIntent {
  return sign(networkId, "validator.hello", validator, [["validator", validatorId]]);
}

export function signProbeImport(
  networkId: string,
  author: KeyPair,
  probes: readonly ProbeClaim[],
): SignedIntent {
  return sign(networkId, "probes.import", author, describeProbeImport(probes));
}

function sign(
  networkId: string,
  purpose: Intent["purpose"],
  signer: KeyPair,
  fields: Intent["fields"],
): SignedIntent {
  const notAfter = parseUnixMs(Date.now() + VALID_FOR_MS);
  return signIntent(
    { networkId, purpose, account: signer.publicKey, epoch: 0, requestId: randomBytes(16), notAfter, fields },
    signer,
  );
}
