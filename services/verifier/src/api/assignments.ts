/** For validators: the stream of what they are drawn for, and how they commit, reveal and sign. */
import type { verifier } from "@mira/api";
import type { CallContext } from "@mira/chassis";
import {
  bytesEqual,
  encodeBase58,
  refuse,
  RefusalError,
  succeed,
  verifyIntent,
  type Result,
} from "@mira/primitives";
import { decide } from "../domain/decide.ts";
import { showTo } from "../domain/privacy.ts";
import { findMember, getRound, listClaims } from "../domain/rounds.ts";
import type { CommitteeMember, OpenedVerification } from "../domain/verification.ts";
import { toClaimMessage } from "../codec/decomposition-messages.ts";
import { fromRevealMessage } from "../codec/verification-messages.ts";
import type { VerifierApiDependencies } from "./dependencies.ts";

/** Also how long a message that was lost stays lost: what is still to be done is sent again. */
const HEARTBEAT_MS = 5_000;
const OPEN_MAX = 1_000;

/** Sends what this validator has still to commit, reveal or sign, once per heartbeat until it has, and a heartbeat in between. */
export async function* watchAssignments(
  dependencies: VerifierApiDependencies,
  request: verifier.WatchAssignmentsRequest,
  call: CallContext,
): AsyncGenerator<verifier.WatchAssignmentsResponse> {
  const validatorId = authenticate(dependencies, request);
  const { clock, bell } = dependencies;
  const ear = bell.listen();
  let sent = new Set<string>();
  let beatAt = clock.now() + HEARTBEAT_MS;
  try {
    while (!call.signal.aborted) {
      for await (const { key, message } of listTasks(dependencies, validatorId))
        if (!sent.has(key)) {
          sent.add(key);
          yield message;
        }
      if (clock.now() >= beatAt) {
        yield { event: { $case: "heartbeat", value: { atMs: BigInt(clock.now()) } } };
        sent = new Set();
        beatAt = clock.now() + HEARTBEAT_MS;
      }
      await ear.wait({ timeoutMs: Math.max(1, beatAt - clock.now()), signal: call.signal });
    }
  } finally {
    ear.close();
  }
}

function authenticate(
  { networkId, clock }: VerifierApiDependencies,
  { hello }: verifier.WatchAssignmentsRequest,
): string {
  if (hello === undefined)
    throw new RefusalError(refuse("REQUEST_INVALID", "the request has no hello", { field: "hello" }));
  const intent = verifyIntent(hello, { networkId, purpose: "validator.hello", now: clock.now() });
  if (!intent.ok) throw new RefusalError(intent);
  if (!bytesEqual(intent.value.account, hello.publicKey))
    throw new RefusalError(
      refuse("INTENT_SIGNATURE_INVALID", "a hello is signed by the validator it names", {
        needed: encodeBase58(intent.value.account),
      }),
    );
  return encodeBase58(hello.publicKey);
}

type Task = { readonly key: string; readonly message: verifier.WatchAssignmentsResponse };

async function* listTasks(
  { list, streams }: VerifierApiDependencies,
  validatorId: string,
): AsyncGenerator<Task> {
  for (const verificationId of await list.listOpen(OPEN_MAX)) {
    const { state } = await streams.load(verificationId);
    const member = state.status === "none" ? undefined : findMember(state, validatorId);
    if (state.status === "none" || member === undefined) continue;
    const task = toTask(state, member);
    if (task !== undefined) yield task;
  }
}

function toTask(state: OpenedVerification, member: CommitteeMember): Task | undefined {
  const { validatorId } = member;
  const { verificationId, sources } = state.opened;
  if (state.status === "signing") return toSignTask(state, validatorId);
  const { committee, commitBy, revealBy } = getRound(state);
  if (!committee.includes(member)) return undefined;
  const hasCommitted = state.commits.has(validatorId);
  if (state.status === "committing" && !hasCommitted) {
    const value: verifier.Assignment = {
      verificationId,
      claims: listClaims(state, member).map(toClaimMessage),
      response: showTo(state.opened, member),
      sources: [...sources],
      commitByMs: BigInt(commitBy),
      revealByMs: BigInt(revealBy),
    };
    return { key: `commit/${verificationId}`, message: { event: { $case: "assignment", value } } };
  }
  if (state.status === "revealing" && hasCommitted && !state.reveals.has(validatorId))
    return {
      key: `reveal/${verificationId}`,
      message: { event: { $case: "reveal", value: { verificationId, revealByMs: BigInt(revealBy) } } },
    };
  return undefined;
}

function toSignTask(
  { opened: { verificationId }, proposal, reveals, signatures }: OpenedVerification,
  validatorId: string,
): Task | undefined {
  if (proposal === undefined || !reveals.has(validatorId) || signatures.has(validatorId)) return undefined;
  const { statement, signBy } = proposal;
  const value: verifier.SignRequest = { verificationId, statement, signByMs: BigInt(signBy) };
  return { key: `sign/${verificationId}`, message: { event: { $case: "sign", value } } };
}

export async function commitAttestations(
  { networkId, streams, clock, advance }: VerifierApiDependencies,
  request: verifier.CommitAttestationsRequest,
): Promise<Result<verifier.CommitAttestationsResponse>> {
  const { verificationId, validatorId, signature } = request;
  const wrong = request.commitments.find(({ commitment }) => commitment.length !== 32);
  if (wrong !== undefined)
    return refuse("REQUEST_INVALID", "a commitment has 32 bytes", {
      claimId: wrong.claimId,
      needed: 32,
      got: wrong.commitment.length,
    });
  const commitments = new Map(request.commitments.map(({ claimId, commitment }) => [claimId, commitment]));
  const command = {
    type: "commit",
    networkId,
    validatorId,
    commitments,
    signature,
    at: clock.now(),
  } as const;
  const handled = await streams.handle(verificationId, (state) => decide(command, state));
  if (!handled.ok) return handled;
  await advance(verificationId);
  return succeed({});
}

export async function revealAttestations(
  { networkId, streams, clock, advance }: VerifierApiDependencies,
  request: verifier.RevealAttestationsRequest,
): Promise<Result<verifier.RevealAttestationsResponse>> {
  const { verificationId, validatorId } = request;
  const command = {
    type: "reveal",
    networkId,
    validatorId,
    reveals: request.reveals.map(fromRevealMessage),
    at: clock.now(),
  } as const;
  const handled = await streams.handle(verificationId, (state) => decide(command, state));
  if (!handled.ok) return handled;
  await advance(verificationId);
  return succeed({});
}

export async function signStatement(
  { streams, clock, advance }: VerifierApiDependencies,
  { verificationId, validatorId, signature }: verifier.SignStatementRequest,
): Promise<Result<verifier.SignStatementResponse>> {
  const command = { type: "sign", validatorId, signature, at: clock.now() } as const;
  const handled = await streams.handle(verificationId, (state) => decide(command, state));
  if (!handled.ok) return handled;
  await advance(verificationId);
  return succeed({});
}
