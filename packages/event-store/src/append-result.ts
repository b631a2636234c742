/** What an append comes to: versions and position, or a refusal that says what was there. */
import { refuse, succeed, unreachable, type Refusal, type Result } from "@mira/primitives";
import { DatabaseError } from "pg";
import type { Answer, AppendCall } from "./append-call.ts";
import type { Append, AppendedBatch, AppendRefusalCode, Fence } from "./model.ts";

export type BatchResult = Result<AppendedBatch, AppendRefusalCode>;

const UNIQUE_VIOLATION = "23505";

/** Another append to the same stream was first. */
export function isCollision(error: unknown, schema: string): boolean {
  return (
    error instanceof DatabaseError &&
    error.code === UNIQUE_VIOLATION &&
    error.constraint === "events_stream_version" &&
    error.schema === schema
  );
}

export function toResult(
  answer: Answer,
  { order }: AppendCall,
  appends: readonly Append[],
  fence: Fence | undefined,
): BatchResult {
  switch (answer.outcome) {
    case "appended":
      return succeed({
        versions: toVersions(answer.heads, order, appends),
        lastPosition: answer.lastPosition,
      });
    case "not-leader":
      return refuseFence(fence, answer.epochInForce);
    case "conflict":
      return refuseVersion(answer.stream, answer.version, appends);
    default:
      return unreachable(answer);
  }
}

function toVersions(
  heads: readonly number[],
  order: readonly number[],
  appends: readonly Append[],
): number[] {
  const versions = appends.map((append) => append.events.length);
  heads.forEach((head, sortedIndex) => {
    const index = order[sortedIndex] ?? 0;
    versions[index] = head + (versions[index] ?? 0);
  });
  return versions;
}

function refuseFence(fence: Fence | undefined, epochInForce: number): Refusal<"NOT_LEADER"> {
  const { name, epoch } = fence ?? { name: "", epoch: 0 };
  return refuse("NOT_LEADER", `The lease ${name} is at epoch ${epochInForce}, this writer's is ${epoch}.`, {
    lease: name,
    epoch,
    epochInForce,
  });
}

function refuseVersion(
  stream: string,
  version: number,
  appends: readonly Append[],
): Refusal<"CONCURRENT_CHANGE"> {
  const expected = appends.find((append) => append.stream === stream)?.expectedVersion ?? "any";
  return refuse("CONCURRENT_CHANGE", `The stream ${stream} is at version ${version}, not ${expected}.`, {
    stream,
    expectedVersion: expected,
    version,
  });
}
