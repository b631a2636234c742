/** mira.settlement.result.refused.v1: what the refused result brought is taken out of the cache. */
import { events } from "@mira/api";
import type { ResultOrigins } from "../domain/result-origins.ts";
import type { Logger } from "../ports.ts";

export type RefusalReactorParts = {
  readonly origins: ResultOrigins;
  /** In base58. */
  readonly executorId: string;
  readonly forget: (key: string, version: number) => void;
  readonly logger: Logger;
};

export function reactToResultRefused(payload: Uint8Array, parts: RefusalReactorParts): void {
  const refused = events.ResultRefused.decode(payload);
  const { executorId, partition } = refused;
  const batchNumber = Number(refused.batchNumber);
  if (executorId === parts.executorId)
    parts.logger.error(
      { alert: true, batch: batchNumber, partition, code: refused.refusal?.code },
      "settlement refused a result of this executor",
    );
  for (const { key, version } of parts.origins.refuse({ batchNumber, partition, executorId }))
    parts.forget(key, version);
}
