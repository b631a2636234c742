/** Builds and signs the intents that change authority or move value. */
import { randomBytes } from "node:crypto";
import { describeGrant, toGrant, type Grant } from "@mira/authority";
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

/** The owner signs; what is passed on, the holder of the session that it comes from. `epoch` is the owner's authority epoch. */
export function signSessionGrant(
  networkId: string,
  signer: KeyPair,
  grant: SessionGrant | Grant,
  epoch = 0,
): SignedIntent {
  const fields = "caveats" in grant ? describeGrant(grant) : describeSessionGrant(grant);
  return sign({ networkId, epoch }, "session.grant", signer, fields);
}

/** The owner or the session key narrows a session. */
export function signSessionAmendment(
  networkId: string,
  signer: KeyPair,
  {
    sessionId,
    grant,
    epoch,
  }: { readonly sessionId: string; readonly grant: SessionGrant | Grant; readonly epoch: number },
): SignedIntent {
  const scope = "caveats" in grant ? grant : toGrant(grant);
  return sign({ networkId, epoch }, "session.amend", signer, [
    ["session", sessionId],
    ...describeGrant(scope),
  ]);
}

/** Ends the epoch that it names, and with it every session of the owner and every grant signed before. */
export function signAuthorityAdvance(networkId: string, owner: KeyPair, epoch: number): SignedIntent {
  return sign({ networkId, epoch }, "authority.advance", owner, [
    ["ends", `every session, and every signature of epoch ${epoch}`],
  ]);
}

/** The owner or the session key itself may revoke. */
export function signSessionRevocation(networkId: string, signer: KeyPair, sessionId: string): SignedIntent {
  return sign({ networkId }, "session.revoke", signer, [["session", sessionId]]);
}

export function signBond(networkId: string, operator: KeyPair, terms: BondTerms): SignedIntent {
  return sign({ networkId }, "stake.bond", operator, describeBond(terms));
}

export function signUnbond(networkId: string, operator: KeyPair, terms: UnbondTerms): SignedIntent {
  return sign({ networkId }, "stake.unbond", operator, describeUnbond(terms));
}

/** What a validator says when it opens its stream of assignments. */
export function signValidatorHello(networkId: string, validator: KeyPair, validatorId: string): SignedIntent {
  return sign({ networkId }, "validator.hello", validator, [["validator", validatorId]]);
}

export function signProbeImport(
  networkId: string,
  author: KeyPair,
  probes: readonly ProbeClaim[],
): SignedIntent {
  return sign({ networkId }, "probes.import", author, describeProbeImport(probes));
}

function sign(
  { networkId, epoch = 0 }: { readonly networkId: string; readonly epoch?: number },
  purpose: Intent["purpose"],
  signer: KeyPair,
  fields: Intent["fields"],
): SignedIntent {
  const notAfter = parseUnixMs(Date.now() + VALID_FOR_MS);
  return signIntent(
    { networkId, purpose, account: signer.publicKey, epoch, requestId: randomBytes(16), notAfter, fields },
    signer,
  );
}
