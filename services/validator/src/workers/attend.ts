/** Does what the verifier asks: checks claims, signs, writes down, commits; reveals when it may; and signs what is certified of it. */
import { randomBytes } from "node:crypto";
import { unreachable } from "@mira/primitives";
import {
  attest,
  commit,
  type AssignedClaim,
  type Assignment,
  type Identity,
  type Report,
  type SignedAttestation,
  type Source,
} from "../domain/attest.ts";
import { countersign } from "../domain/countersign.ts";
import type { Journal, Task, Verifier } from "../ports.ts";
import { createLanes } from "./lanes.ts";

/** When the signal aborts, it says what it knows by then. */
export type CheckClaim = (
  claim: AssignedClaim,
  response: string,
  sources: readonly Source[],
  signal: AbortSignal,
) => Report | Promise<Report>;

export type AttendDependencies = {
  readonly identity: Identity;
  readonly verifier: Verifier;
  readonly journal: Journal;
  readonly check: CheckClaim;
  /** How long checkers may take over one assignment; absent: as long as there is to commit. */
  readonly checkMsMax?: number;
  readonly assignmentsAtOnceMax?: number;
  readonly onDone: (task: Task["kind"], verificationId: string) => void;
  /** Refused, or not to be reached: the verifier asks again while it still matters. */
  readonly onFailed: (task: Task["kind"], verificationId: string, reason: unknown) => void;
};

const SALT_BYTES = 32;
const NOTHING_WRITTEN = "nothing is written down about this verification: another journal was in use";

/** Until the signal aborts. Slow checkers hold up no reveal: of each verification tasks are done in order, of several side by side. */
export async function attend(dependencies: AttendDependencies, signal: AbortSignal): Promise<void> {
  const lanes = createLanes(dependencies.assignmentsAtOnceMax ?? 1);
  for await (const task of dependencies.verifier.watchTasks(signal)) {
    const verificationId = task.kind === "commit" ? task.assignment.verificationId : task.verificationId;
    const kind = task.kind === "commit" ? "slow" : "quick";
    await lanes.add(verificationId, kind, () => attendTo(task, verificationId, dependencies, signal));
  }
  await lanes.settled();
}

async function attendTo(
  task: Task,
  verificationId: string,
  dependencies: AttendDependencies,
  signal: AbortSignal,
): Promise<void> {
  try {
    const refusal = await doTask(task, dependencies, signal);
    if (refusal === undefined) dependencies.onDone(task.kind, verificationId);
    else dependencies.onFailed(task.kind, verificationId, refusal);
  } catch (error) {
    dependencies.onFailed(task.kind, verificationId, error);
  }
}

function doTask(
  task: Task,
  dependencies: AttendDependencies,
  signal: AbortSignal,
): Promise<string | undefined> {
  switch (task.kind) {
    case "commit":
      return doCommit(task.assignment, dependencies, signal);
    case "reveal":
      return doReveal(task.verificationId, dependencies);
    case "sign":
      return doSign(task, dependencies);
    default:
      return unreachable(task);
  }
}

async function doCommit(
  assignment: Assignment,
  dependencies: AttendDependencies,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { identity, verifier, journal } = dependencies;
  const { verificationId } = assignment;
  let attestations: readonly SignedAttestation[] | undefined = journal.find(verificationId);
  if (attestations === undefined) {
    const reports = await checkAll(assignment, dependencies, signal);
    // What was cut short by the end of this process is nobody's verdict: asked again, it is checked again.
    if (signal.aborted) return "this validator is stopping";
    const check = ({ claimId }: AssignedClaim): Report => reports.get(claimId) ?? NOTHING_SAID;
    attestations = attest(assignment, identity, { check, createSalt: () => randomBytes(SALT_BYTES) });
    await journal.record(verificationId, attestations);
  }
  const answer = await verifier.commit(verificationId, commit(verificationId, attestations, identity));
  return answer.ok ? undefined : `${answer.code}: ${answer.message}`;
}

const NOTHING_SAID: Report = { verdict: "unresolved", evidence: [] };
/** The rest of the time to commit is for signing, writing down and the way to the verifier. */
const CHECKING_SHARE = 0.8;
/** Without a deadline of the verifier's or of one's own. */
const CHECK_MS_MAX = 60_000;

async function checkAll(
  { claims, response, sources, commitByMs }: Assignment,
  { check, checkMsMax = CHECK_MS_MAX }: AttendDependencies,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Report>> {
  const leftMs = commitByMs === undefined ? checkMsMax : (Number(commitByMs) - Date.now()) * CHECKING_SHARE;
  const deadline = AbortSignal.timeout(Math.floor(Math.max(0, Math.min(checkMsMax, leftMs))));
  const within = AbortSignal.any([signal, deadline]);
  const checked = claims.map(async (claim) => {
    const report = await check(claim, response, sources, within);
    return [claim.claimId, report] as const;
  });
  return new Map(await Promise.all(checked));
}

async function doReveal(
  verificationId: string,
  { verifier, journal }: AttendDependencies,
): Promise<string | undefined> {
  const attestations = journal.find(verificationId);
  if (attestations === undefined) return NOTHING_WRITTEN;
  const answer = await verifier.reveal(verificationId, attestations);
  return answer.ok ? undefined : `${answer.code}: ${answer.message}`;
}

async function doSign(
  { verificationId, statement }: Extract<Task, { kind: "sign" }>,
  { identity, verifier, journal }: AttendDependencies,
): Promise<string | undefined> {
  const attestations = journal.find(verificationId);
  if (attestations === undefined) return NOTHING_WRITTEN;
  const signature = countersign(statement, verificationId, identity, attestations);
  if (!signature.ok) return `${signature.code}: ${signature.message}`;
  if (!(await journal.claimStatement(verificationId, statement)))
    return "another statement of this verification was signed before";
  const answer = await verifier.sign(verificationId, signature.value);
  return answer.ok ? undefined : `${answer.code}: ${answer.message}`;
}
