/** From verdicts to what is signed, and from signatures to the envelope: these very bytes are hashed, logged and handed out. */
import {
  computeCertificateId,
  createStatement,
  decodeStatement,
  encodeEnvelope,
  encodeStatement,
  signPayload,
  withholdVerdicts,
  type CertificateDraw,
  type CertificatePolicy,
  type ClaimFacts,
} from "@mira/certificate";
import { encodeBase64 } from "@mira/merkle";
import {
  encodeHex,
  encodeUtf8,
  invariant,
  sha256,
  unwrap,
  type KeyPair,
  type UnixMs,
} from "@mira/primitives";
import { listCommittee, listPanel } from "../domain/rounds.ts";
import { listVerdicts, type ClaimVerdict } from "../domain/verdict.ts";
import type { OpenedVerification, Round } from "../domain/verification.ts";
import { toPolicyTermsMessage } from "./policy-messages.ts";

export type StatementInput = {
  readonly networkId: string;
  readonly issuedAt: UnixMs;
  readonly expiresAt: UnixMs;
};

/** The bytes that validators are asked to sign. */
export function encodeProposal(verification: OpenedVerification, input: StatementInput): Uint8Array {
  const { opened, rounds } = verification;
  const { verificationId, response, sources, sentences, decomposer, terms } = opened;
  const statement = createStatement(
    {
      ...input,
      verificationId,
      response,
      sources,
      policy: describePolicy(verification),
      draws: rounds.flatMap((round) => describeDraw(round) ?? []),
      committee: listCommittee(verification).map(({ validatorId, operator, family, stake }) => ({
        validatorId,
        operator,
        family,
        stakeUnits: String(stake),
      })),
      decomposer,
      sentences: sentences.map(({ structure, ...sentence }) => ({
        ...sentence,
        ...(structure === undefined ? {} : { structure }),
      })),
      claims: listVerdicts(verification).map((verdict) => describeClaim(verification, verdict)),
    },
    { keepTexts: !terms.isPrivate },
  );
  return encodeStatement(statement);
}

export type SealedCertificate = {
  readonly certificateId: string;
  readonly envelope: Uint8Array;
  readonly withheld: string;
};

/** What was proposed, with the signatures that came. When they are of too few operators, the network alone says that nothing is decided. */
export function sealCertificate(verification: OpenedVerification, network: KeyPair): SealedCertificate {
  const { proposal, signatures } = verification;
  invariant(proposal !== undefined, "a certificate is sealed after its statement was proposed");
  const statement = unwrap(decodeStatement(proposal.statement));
  const { policy, claims } = statement.predicate;
  const members = listCommittee(verification).filter(({ validatorId }) => signatures.has(validatorId));
  const operators = new Set(members.map(({ operator }) => operator)).size;
  const isDecided = claims.some(({ verdict }) => verdict !== "unresolved");
  if (isDecided && operators < policy.operatorsMin) {
    const withheld = `too few validators signed: ${operators} operators of ${policy.operatorsMin} needed`;
    const payload = encodeStatement(withholdVerdicts(statement, withheld));
    return seal({ payload, signatures: [signPayload(payload, network)] }, withheld);
  }
  const payload = proposal.statement;
  const countersigned = members.flatMap(({ validatorId }) => {
    const sig = signatures.get(validatorId);
    return sig === undefined ? [] : [{ keyid: validatorId, sig }];
  });
  return seal({ payload, signatures: [signPayload(payload, network), ...countersigned] }, "");
}

function seal(envelope: Parameters<typeof encodeEnvelope>[0], withheld: string): SealedCertificate {
  const bytes = encodeEnvelope(envelope);
  return { certificateId: computeCertificateId(bytes), envelope: bytes, withheld };
}

/**
 * More than a third of the first committee's operators have to sign: with fewer than a third of them dishonest, one who signed is honest, and
 * those who will not sign cannot withhold a verdict. The verdict itself asks for more: two thirds of the stake that took a side.
 */
function describePolicy({ opened, rounds }: OpenedVerification): CertificatePolicy {
  const { terms } = opened;
  const text = JSON.stringify(toPolicyTermsMessage(terms), (_, value: unknown) =>
    typeof value === "bigint" ? String(value) : value,
  );
  const operators = new Set(rounds[0]?.committee.map(({ operator }) => operator)).size;
  return {
    id: terms.policy,
    text,
    sha256: encodeHex(sha256(encodeUtf8(text))),
    confidenceMin: terms.confidenceMin,
    operatorsMin: Math.floor(operators / 3) + 1,
  };
}

/** Undefined for committees of the first version, which were drawn without proof. */
function describeDraw({ terms, nonce, fixed }: Round): CertificateDraw | undefined {
  if (terms === undefined || fixed === undefined) return undefined;
  const { round, attempt, policy, seats, operatorSeatsMax, familySeatsMax, seated } = terms;
  return {
    round,
    attempt,
    policy,
    seats,
    operatorSeatsMax,
    familySeatsMax,
    claimsSha256: encodeHex(terms.claimsDigest),
    candidatesSha256: encodeHex(terms.candidatesDigest),
    nonce: encodeHex(nonce),
    seated,
    fixed: {
      entry: encodeBase64(fixed.entry),
      index: fixed.index,
      path: fixed.path.map(encodeBase64),
    },
    checkpoint: fixed.checkpoint,
  };
}

function describeClaim(verification: OpenedVerification, verdict: ClaimVerdict): ClaimFacts {
  const { claim, confidence, calibrationId, calibrated, method } = verdict;
  invariant(
    method === "stake-weighted@1",
    () => `a certificate can be computed again: ${method} is not known`,
  );
  const panel = listPanel(verification, claim.claimId).map(({ validatorId }) => validatorId);
  return {
    ...claim,
    verdict: verdict.verdict,
    method,
    confidence,
    reason: verdict.reason,
    ...(calibrationId === "" ? {} : { calibrated: { confidence: calibrated, calibrationId } }),
    ...(panel.length === listCommittee(verification).length ? {} : { assigned: panel }),
    attestations: verdict.attestations.map((one) => ({
      validatorId: one.member.validatorId,
      attestation: one.attestation,
      signature: one.signature,
      verdict: one.verdict,
      confidenceBps: Math.round(one.confidence * 10_000),
      weight: String(one.member.stake),
      evidence: one.evidence,
    })),
  };
}
