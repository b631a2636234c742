/** Messages that settlement puts on other services' subjects. */
import { HEADER, SUBJECT } from "@mira/messaging";
import type { Publication } from "../ports.ts";

export function createPartitionPublication(
  id: string,
  payload: Uint8Array,
  excluded: readonly string[],
): Publication {
  const headers = excluded.length === 0 ? {} : { [HEADER.excludedExecutors]: excluded.join(",") };
  return { id, subject: SUBJECT.partitionReady, payload, headers };
}

export function createResultPublication(id: string, payload: Uint8Array): Publication {
  return { id, subject: SUBJECT.partitionExecuted, payload, headers: {} };
}
