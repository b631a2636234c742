/** Messages that settlement puts on other services' subjects. */
import { SUBJECT } from "@mira/messaging";
import type { Publication } from "../ports.ts";

/** Names the executors whose results are refused anyway, so that they can leave the work to others. */
export const EXCLUDED_EXECUTORS_HEADER = "Mira-Excluded-Executors";

export function createPartitionPublication(
  id: string,
  payload: Uint8Array,
  excluded: readonly string[],
): Publication {
  const headers = excluded.length === 0 ? {} : { [EXCLUDED_EXECUTORS_HEADER]: excluded.join(",") };
  return { id, subject: SUBJECT.partitionReady, payload, headers };
}

export function createResultPublication(id: string, payload: Uint8Array): Publication {
  return { id, subject: SUBJECT.partitionExecuted, payload, headers: {} };
}
