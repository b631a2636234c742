/** One grant of a chain of grants, as the evaluator looks at it. */
import type { UnixMs } from "@mira/primitives";
import type { Key } from "./caveat.ts";
import type { Grant } from "./grant.ts";
import type { Usage } from "./usage.ts";

/** One grant of a chain, with what is used of it. */
export type Link = {
  readonly sessionId: string;
  readonly owner: Key;
  readonly grant: Grant;
  readonly usage: Usage;
  /** When it was revoked, itself or by the owner's authority moving on; undefined: it stands. */
  readonly endedAt: UnixMs | undefined;
};
