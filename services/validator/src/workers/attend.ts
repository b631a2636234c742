/** Does what the verifier asks: checks claims, signs, writes down, commits; reveals when it may; and signs what is certified of it. */
import { randomBytes } from "node:crypto";
import { unreachable } from "@mira/primitives";
import {
  attest,
  commit,
  type Assignment,
  type Check,
  type Identity,
  type SignedAttestation,
} from "../domain/attest.ts";
import { countersign } from "../domain/countersign.ts";
import type { Journal, Task, Verifier } from "../ports.ts";

export type AttendDependencies = {
  readonly identity: Identity;
  readonly verifier: Verifier;
  readonly journal: Journal;
  readonly check: Check;
  readonly onDone: (task: Task["kind"], verificationId: string) => void;
  /** Refused, or not to be reached: the verifier asks again while it still matters. */
  readonly onFailed: (task: Task["kind"], verificationId: string, reason: unknown) => void;
};

const SALT_BYTES = 32;
const NOTHING_WRITTEN = "nothing is written down about this verification: another journal was in use";

/** One task after the other, until the signal aborts. */
export async function attend(dependencies: AttendDependencies, signal: AbortSignal): Promise<void> {
  for await (const task of dependencies.verifier.watchTasks(signal)) {
    const verificationId = task.kind === "commit" ? task.assignment.verificationId : task.verificationId;
    try {
      const refusal = await doTask(task, dependencies);
      if (refusal === undefined) dependencies.onDone(task.kind, verificationId);
      else dependencies.onFailed(task.kind, verificationId, refusal);
    } catch (error) {
      dependencies.onFailed(task.kind, verificationId, error);
    }
  }
}

function doTask(task: Task, dependencies: AttendDependencies): Promise<string | undefined> {
  switch (task.kind) {
    case "commit":
      return doCommit(task.assignment, dependencies);
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
  { identity, verifier, journal, check }: AttendDependencies,
): Promise<string | undefined> {
  const { verificationId } = assignment;
  let attestations: readonly SignedAttestation[] | undefined = journal.find(verificationId);
  if (attestations === undefined) {
    attestations = attest(assignment, identity, { check, createSalt: () => randomBytes(SALT_BYTES) });
    await journal.record(verificationId, attestations);
  }
  const answer = await verifier.commit(verificationId, commit(verificationId, attestations, identity));
  return answer.ok ? undefined : `${answer.code}: ${answer.message}`;
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
