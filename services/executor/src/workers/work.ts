/** One partition in the hands of this executor. */
import type { Partition } from "@mira/runtime/wire";
import type { Need } from "../domain/waiting-room.ts";
import type { WorkMessage } from "../ports.ts";

export type Work = {
  readonly message: WorkMessage;
  readonly partition: Partition;
  readonly needs: readonly Need[];
  /** Deliveries to others that nobody answered. */
  readonly unanswered: number;
};
