/** The verifier on a real database over real gRPC, with a directory, an audit log and validators that the test makes by hand. */
import { randomBytes } from "node:crypto";
import { toEvidenceMessage, verifier } from "@mira/api";
import {
  call,
  createGrpcClient,
  createLogger,
  createPool,
  startGrpcServer,
  stream,
  type GrpcClient,
} from "@mira/chassis";
import { signPayload } from "@mira/certificate";
import { decomposeBuiltIn } from "@mira/claims";
import { digestTerms, DRAW_FIXED, drawSubject, type Candidate } from "@mira/committee";
import { openEventStore, type EventStore } from "@mira/event-store";
import {
  computeCommitment,
  createKeyPair,
  deriveValidatorId,
  encodeAttestation,
  encodeAuditEntry,
  encodeBase58,
  encodeCommitments,
  encodeEvidence,
  encodeHex,
  encodeUtf8,
  parseBaseUnits,
  parseUnixMs,
  RefusalError,
  sha256,
  signIntent,
  succeed,
  unwrap,
  type KeyPair,
  type Result,
  type Verdict,
} from "@mira/primitives";
import { FakeClock } from "@mira/testing";
import type { VerifierApiDependencies } from "../src/api/dependencies.ts";
import { createQuotas } from "../src/api/quotas.ts";
import { toPort } from "../src/clients/decomposer.ts";
import { createVerifierApi } from "../src/api/verifier-api.ts";
import type { Quota } from "../src/domain/quota.ts";
import { createStandardPolicies } from "../src/policies.ts";
import { createGoldList } from "../src/store/gold.ts";
import { createProbeList, createProbeRepository } from "../src/store/probe-repository.ts";
import { createVerificationRepository } from "../src/store/verification-repository.ts";
import { openVerificationTable } from "../src/store/verification-table.ts";
import { advance, sweepDeadlines, type AdvanceDependencies } from "../src/workers/advance.ts";
import type { ProbeDependencies } from "../src/workers/probes.ts";
import { createBell } from "../src/workers/bell.ts";

export const NETWORK = "mira-test";
export const COMMIT_MS = 10_000;
export const REVEAL_MS = 5_000;
export const SIGN_MS = 2_000;
export const NETWORK_KEY = createKeyPair(new Uint8Array(32).fill(99));
export const RESPONSE = "12 % of 250 is 30. 7 times 8 is 54.";
const SILENT = createLogger({ service: "test", version: "0", level: "silent" });
const STAKE = parseBaseUnits(100n);

export type Client = GrpcClient<typeof verifier.VerifierServiceService>;
export type Verifier = AsyncDisposable & {
  readonly store: EventStore;
  readonly client: Client;
  readonly clock: FakeClock;
  readonly dependencies: VerifierApiDependencies;
  readonly probing: ProbeDependencies;
  /** Every deadline that has passed by the fake clock is acted upon. Resolves with what failed. */
  readonly sweep: () => Promise<readonly unknown[]>;
};

export type VerifierOptions = {
  readonly clock?: FakeClock;
  readonly bonded?: readonly Candidate[];
  readonly committeeSize?: number;
  readonly checkpoint?: string;
  readonly quota?: Quota;
};

export async function openVerifier(databaseUrl: string, options: VerifierOptions = {}): Promise<Verifier> {
  const { clock = new FakeClock(Date.now()), bonded = VALIDATORS.map(toMember), committeeSize = 3 } = options;
  const pool = createPool(databaseUrl, { max: 8, name: "verifier", logger: SILENT });
  const store = openEventStore({ pool, schema: "verifier" });
  await store.migrate();
  const list = openVerificationTable(pool);
  await list.migrate();
  const gold = createGoldList(pool);
  await gold.migrate();
  const streams = createVerificationRepository(store, list, () => undefined);
  const bell = createBell();
  const auditLog = createAuditLog(streams, options.checkpoint ?? "checkpoint");
  const advancing: AdvanceDependencies = {
    networkId: NETWORK,
    streams,
    list,
    validators: { listBonded: () => Promise.resolve(succeed(bonded)) },
    auditLog,
    gold,
    clock,
    createNonce: () => randomBytes(32),
    announce: bell.ring,
    onCertified: () => undefined,
    signer: NETWORK_KEY,
    signMs: SIGN_MS,
    certificateValidityMs: 86_400_000,
  };
  const probeList = createProbeList(pool);
  await probeList.migrate();
  const begin = (verificationId: string): void =>
    void advance(verificationId, advancing).catch(() => undefined);
  const probing = { ...advancing, probes: createProbeRepository(store), probeList, probeUsesMax: 2, begin };
  const dependencies: VerifierApiDependencies = {
    ...probing,
    quotas: createQuotas(options.quota ?? { burst: 10_000, perMinute: 10_000 }, clock),
    probeAuthors: [encodeBase58(PROBE_AUTHOR.publicKey)],
    onOpened: () => undefined,
    policies: createStandardPolicies({ committeeSize, commitMs: COMMIT_MS, revealMs: REVEAL_MS }),
    decompose: toPort(decomposeBuiltIn),
    advance: (verificationId) => advance(verificationId, advancing),
    bell,
  };
  const service = {
    definition: verifier.VerifierServiceService,
    implementation: createVerifierApi(dependencies),
  };
  const server = await startGrpcServer({ services: [service], host: "127.0.0.1", port: 0, logger: SILENT });
  const client = createGrpcClient(verifier.VerifierServiceClient, server.address);
  return {
    store,
    client,
    clock,
    dependencies,
    probing,
    async sweep() {
      const failures: unknown[] = [];
      await sweepDeadlines(advancing, {
        signal: AbortSignal.abort(),
        onFailure: (error) => failures.push(error),
      });
      return failures;
    },
    async [Symbol.asyncDispose]() {
      client.close();
      await server.stop({ graceMs: 0 });
      await pool.end();
    },
  };
}

/** A log in which what a draw needs is the newest entry as soon as it is fixed. */
function createAuditLog(
  streams: VerifierApiDependencies["streams"],
  checkpoint: string,
): VerifierApiDependencies["auditLog"] {
  return {
    async findFixed(subject) {
      const [, verificationId = ""] = subject.split("/");
      const { state } = await streams.load(verificationId);
      const terms = state.status === "none" ? undefined : state.rounds.at(-1)?.terms;
      if (terms === undefined) return undefined;
      const entry = encodeAuditEntry({
        networkId: NETWORK,
        kind: DRAW_FIXED.kind,
        subject: drawSubject(verificationId, terms.round, terms.attempt),
        at: parseUnixMs(0),
        fields: [[DRAW_FIXED.field, encodeHex(digestTerms(terms))]],
      });
      return { entry, index: 0, treeSize: 1, path: [], checkpoint };
    },
    getCertificateProof: (certificateId) => Promise.resolve(succeed(`a proof of ${certificateId}`)),
  };
}

export const PROBE_AUTHOR = createKeyPair(new Uint8Array(32).fill(44));
export const VALIDATORS = [1, 2, 3].map((byte) => createKeyPair(new Uint8Array(32).fill(byte)));

/** Each with an operator and a family of its own. */
export function toMember({ publicKey }: KeyPair): Candidate {
  const validatorId = deriveValidatorId(publicKey);
  return {
    validatorId,
    publicKey,
    operator: encodeBase58(sha256(publicKey)),
    family: `family-${validatorId}`,
    stake: STAKE,
  };
}

export const ANY_POLICY = {
  policy: "",
  domain: "",
  valueAtStakeUnits: "",
  cursor: 0n,
  estimateOnly: false,
};

/** The first message of the stream, or the refusal. */
export async function openFor(
  { client }: Verifier,
  request: verifier.VerifyResponseRequest,
): Promise<Result<verifier.VerifyResponseResponse>> {
  const stopping = new AbortController();
  try {
    for await (const message of stream(client, "verifyResponse", request, { signal: stopping.signal }))
      return succeed(message);
    throw new Error("a stream without a message");
  } catch (error) {
    if (error instanceof RefusalError) return error.refusal;
    throw error;
  } finally {
    stopping.abort();
  }
}

export async function open(
  service: Verifier,
  response = RESPONSE,
  requestId = randomBytes(8).toString("hex"),
): Promise<Result<verifier.VerifyResponseResponse>> {
  return openFor(service, { ...ANY_POLICY, requestId, response, sources: [] });
}

/** One validator's work on one verification. */
export type Attested = {
  readonly validator: KeyPair;
  readonly commit: verifier.CommitAttestationsRequest;
  readonly reveal: verifier.RevealAttestationsRequest;
};

export async function attest(
  { dependencies }: Verifier,
  validator: KeyPair,
  verificationId: string,
  verdicts: readonly Verdict[] = ["supported", "refuted"],
): Promise<Attested> {
  const { state } = await dependencies.streams.load(verificationId);
  if (state.status === "none") throw new Error("no such verification");
  const validatorId = deriveValidatorId(validator.publicKey);
  const reveals = state.opened.claims.map(({ claimId, text }, at) => {
    const verdict = verdicts[at] ?? "unresolved";
    const evidence = [{ checker: "arithmetic", verdict, witness: text }];
    const attestation = encodeAttestation({
      networkId: NETWORK,
      verificationId,
      claimId,
      claimHash: sha256(encodeUtf8(text)),
      validatorId,
      verdict,
      confidenceBps: 10_000,
      evidenceHash: sha256(encodeEvidence(evidence)),
    });
    return {
      claimId,
      attestation,
      signature: validator.sign(attestation),
      salt: randomBytes(32),
      evidence: evidence.map(toEvidenceMessage),
    };
  });
  const commitments = reveals.map(({ claimId, attestation, salt }) => ({
    claimId,
    commitment: computeCommitment(attestation, salt),
  }));
  const signature = validator.sign(encodeCommitments(NETWORK, verificationId, validatorId, commitments));
  return {
    validator,
    commit: { verificationId, validatorId, commitments, signature },
    reveal: { verificationId, validatorId, reveals },
  };
}

/** Signs what is proposed, as these validators would be asked to. */
export async function signAll(
  { client, dependencies }: Verifier,
  verificationId: string,
  validators: readonly KeyPair[],
): Promise<void> {
  const { state } = await dependencies.streams.load(verificationId);
  const proposal = state.status === "signing" ? state.proposal : undefined;
  if (proposal === undefined) throw new Error(`nothing is to be signed: ${state.status}`);
  for (const validator of validators) {
    const validatorId = deriveValidatorId(validator.publicKey);
    const { sig: signature } = signPayload(proposal.statement, validator);
    unwrap(await call(client, "signStatement", { verificationId, validatorId, signature }));
  }
}

export function hello({ clock }: Verifier, validator: KeyPair, account = validator.publicKey) {
  const validatorId = deriveValidatorId(account);
  const notAfter = parseUnixMs(clock.now() + 60_000);
  const intent = {
    networkId: NETWORK,
    purpose: "validator.hello",
    account,
    epoch: 0,
    requestId: randomBytes(16),
    notAfter,
    fields: [["validator", validatorId]],
  } as const;
  return { hello: signIntent(intent, validator) };
}

/** The stream of one validator, as texts: "commit v", "reveal v", "sign v", "heartbeat". */
export function watch(
  service: Verifier,
  validator: KeyPair,
): { readonly seen: string[]; readonly stop: () => Promise<void> } {
  const stopping = new AbortController();
  const seen: string[] = [];
  const reading = (async () => {
    const { signal } = stopping;
    for await (const { event } of stream(service.client, "watchAssignments", hello(service, validator), {
      signal,
    }))
      seen.push(
        event?.$case === "assignment"
          ? `commit ${event.value.verificationId}`
          : event?.$case === "reveal"
            ? `reveal ${event.value.verificationId}`
            : event?.$case === "sign"
              ? `sign ${event.value.verificationId}`
              : "heartbeat",
      );
  })();
  reading.catch(() => undefined);
  return {
    seen,
    stop: async () => {
      stopping.abort();
      await reading.catch(() => undefined);
    },
  };
}

export function codeOf(result: Result<unknown>): string {
  return result.ok ? "accepted" : result.code;
}
