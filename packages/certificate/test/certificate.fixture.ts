/** A network of the test's own: its keys, three validators of two operators and one more, and certificates that its log holds. */
import {
  certificateLogOrigin,
  createStatement,
  encodeEnvelope,
  encodeStatement,
  formatCertificateFile,
  signPayload,
  type AttestationFacts,
  type CertificateDraw,
  type CertificateMember,
  type CertificateTrust,
  type SentenceFacts,
  type Statement,
  type StatementFacts,
} from "@mira/certificate";
import type { ClaimPiece, Structure } from "@mira/claims";
import { digestTerms, DRAW_FIXED, drawSubject } from "@mira/committee";
import { aggregateStakeWeighted } from "@mira/inference";
import {
  computeInclusionPath,
  computeRoot,
  encodeBase64,
  encodeCheckpoint,
  formatVerifierKey,
  hashLeaf,
  signNote,
} from "@mira/merkle";
import {
  createKeyPair,
  deriveValidatorId,
  encodeAttestation,
  encodeAuditEntry,
  encodeBase58,
  encodeEvidence,
  encodeHex,
  encodeUtf8,
  parseUnixMs,
  sha256,
  type KeyPair,
  type Verdict,
} from "@mira/primitives";

export const NETWORK = "mira-test";
export const RESPONSE = "2 + 2 = 4. Água ferve a 50 graus 🙂. It rains.";
export const VERIFICATION = "v1";
export const AT = parseUnixMs(1_800_000_000_000);
export const BEFORE_EXPIRY = parseUnixMs(AT + 1_000);
const VALID_MS = 86_400_000;

const seeded = (byte: number): KeyPair => createKeyPair(new Uint8Array(32).fill(byte));
export const networkKey = seeded(8);
export const logKey = seeded(9);
export const stranger = seeded(10);
export const validators = [1, 2, 3].map(seeded);
/** The first two validators are one operator's. */
const operators = [21, 21, 22].map((byte) => encodeBase58(seeded(byte).publicKey));

export const trust: CertificateTrust = {
  networkId: NETWORK,
  logVerifierKey: formatVerifierKey(NETWORK, logKey.publicKey),
  certificateKey: encodeBase58(networkKey.publicKey),
};

export const committee: readonly CertificateMember[] = validators.map(({ publicKey }, index) => ({
  validatorId: deriveValidatorId(publicKey),
  operator: operators[index] ?? "",
  family: `family-${index}`,
  stakeUnits: "100",
}));

const TEXTS = ["2 + 2 = 4.", "Água ferve a 50 graus 🙂."];
const SPANS = TEXTS.map((text) => ({
  start: RESPONSE.indexOf(text),
  end: RESPONSE.indexOf(text) + text.length,
}));
const VERDICTS: readonly Verdict[] = ["supported", "refuted"];

export function attest(validator: KeyPair, at: number, verdict: Verdict): AttestationFacts {
  const claimId = `c${at + 1}`;
  const validatorId = deriveValidatorId(validator.publicKey);
  const evidence = [{ checker: "test", verdict, witness: `${TEXTS[at] ?? ""}: "looked at"` }];
  const attestation = encodeAttestation({
    networkId: NETWORK,
    verificationId: VERIFICATION,
    claimId,
    claimHash: sha256(encodeUtf8(TEXTS[at] ?? "")),
    validatorId,
    verdict,
    confidenceBps: 9_000,
    evidenceHash: sha256(encodeEvidence(evidence)),
  });
  const signature = validator.sign(attestation);
  return { validatorId, attestation, signature, verdict, confidenceBps: 9_000, weight: "100", evidence };
}

export function createFacts(change: Partial<StatementFacts> = {}): StatementFacts {
  return {
    networkId: NETWORK,
    verificationId: VERIFICATION,
    response: RESPONSE,
    sources: [{ sourceId: "s1", text: "a source" }],
    issuedAt: AT,
    expiresAt: parseUnixMs(AT + VALID_MS),
    policy: {
      id: "default@1",
      text: "{}",
      sha256: encodeHex(sha256(encodeUtf8("{}"))),
      operatorsMin: 2,
      confidenceMin: 0.5,
    },
    draws: [createDraw()],
    committee,
    decomposer: { id: "rules@1" },
    sentences: [
      ...SPANS.map((span, claim): SentenceFacts => {
        const structure: Structure = {
          kind: "within",
          scope: "quotation",
          ...span,
          part: { kind: "claim", claim },
        };
        return { ...span, kind: "claim", category: "fact", reason: "", structure };
      }),
      {
        start: RESPONSE.indexOf("It rains"),
        end: RESPONSE.length,
        kind: "ambiguous",
        category: "ambiguous",
        reason: "when and where is not said",
        structure: { kind: "open", reason: "when and where is not said" },
      },
    ],
    claims: TEXTS.map((text, at) => {
      const verdict = VERDICTS[at] ?? "unresolved";
      const attestations = validators.map((validator) => attest(validator, at, verdict));
      const weighed = attestations.map(({ validatorId }) => ({
        validatorId,
        verdict,
        confidence: 0.9,
        stake: 100n,
      }));
      const { confidence, reason } = aggregateStakeWeighted(weighed, { committeeStake: 300n });
      const span = SPANS[at] ?? { start: 0, end: 0 };
      return {
        claimId: `c${at + 1}`,
        text,
        ...span,
        pieces: divide(text, span.start),
        verdict,
        method: "stake-weighted@1",
        confidence,
        reason,
        attestations,
      };
    }),
    ...change,
  };
}

/** Two stretches, and the space between them put in. */
function divide(text: string, start: number): readonly ClaimPiece[] {
  const space = text.indexOf(" ");
  return [
    { start, end: start + space },
    { insert: " " },
    { start: start + space + 1, end: start + text.length },
  ];
}

/** Fixed in an audit log of nine entries, at the sixth place. */
export function createDraw(): CertificateDraw {
  const digests = { claimsDigest: sha256(encodeUtf8("claims")), candidatesDigest: sha256(encodeUtf8("all")) };
  const nonce = new Uint8Array(32).fill(7);
  const seats = {
    round: 0,
    attempt: 0,
    policy: "default@1",
    seats: 3,
    operatorSeatsMax: 2,
    familySeatsMax: 1,
  };
  const terms = { networkId: NETWORK, verificationId: VERIFICATION, ...seats, seated: [], ...digests };
  const entry = encodeAuditEntry({
    networkId: NETWORK,
    at: AT,
    kind: DRAW_FIXED.kind,
    subject: drawSubject(VERIFICATION, 0, 0),
    fields: [[DRAW_FIXED.field, encodeHex(digestTerms({ ...terms, nonceHash: sha256(nonce) }))]],
  });
  const { path, checkpoint } = log(entry, { origin: NETWORK, size: 9, index: 5 });
  return {
    ...seats,
    claimsSha256: encodeHex(digests.claimsDigest),
    candidatesSha256: encodeHex(digests.candidatesDigest),
    nonce: encodeHex(nonce),
    seated: [],
    fixed: { entry: encodeBase64(entry), index: 5, path: path.map(encodeBase64) },
    checkpoint,
  };
}

export type LogOptions = {
  readonly key?: KeyPair;
  readonly origin?: string;
  readonly size?: number;
  readonly index?: number;
};

/** A record in a log whose other leaves are about other things. */
export function log(
  record: Uint8Array,
  { key = logKey, origin = certificateLogOrigin(NETWORK), size = 13, index = 10 }: LogOptions = {},
) {
  const leaves = Array.from({ length: size }, (_, at) =>
    hashLeaf(at === index ? record : encodeUtf8(`record ${at}`)),
  );
  const checkpoint = signNote(encodeCheckpoint({ origin, size, root: computeRoot(leaves) }), origin, key);
  return { index, path: computeInclusionPath(leaves, index), checkpoint };
}

export type CertifyOptions = LogOptions & {
  readonly signers?: readonly KeyPair[];
  readonly network?: KeyPair;
};

/** Signed and logged as the network would: whatever is wrong with it is wrong inside. */
export function certify(
  statement: Statement = createStatement(createFacts()),
  options: CertifyOptions = {},
): Uint8Array {
  return certifyPayload(encodeStatement(statement), options);
}

export function certifyPayload(
  payload: Uint8Array,
  { signers = validators, network = networkKey, ...logging }: CertifyOptions = {},
): Uint8Array {
  const signatures = [network, ...signers].map((keyPair) => signPayload(payload, keyPair));
  const envelope = encodeEnvelope({ payload, signatures });
  return formatCertificateFile({ envelope, proof: log(envelope, logging) });
}
