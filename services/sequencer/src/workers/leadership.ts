/** Wins the lease, leads until it is lost, and tries again: at most one leader at a time, by Postgres's own word. */
import { delay } from "@mira/primitives";
import type { Logger } from "../ports.ts";
import type { Term } from "./term.ts";

export type LeaseHandle = {
  readonly epoch: number;
  readonly lost: AbortSignal;
  readonly renew: () => Promise<boolean>;
  readonly release: () => Promise<void>;
};

export type LeadershipOptions = {
  readonly acquire: () => Promise<LeaseHandle | undefined>;
  readonly beginTerm: (lease: LeaseHandle, signal: AbortSignal) => Promise<Term>;
  readonly leaseTtlMs: number;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly changed: (term: Term | undefined) => void;
};

const RETRY_MS = 250;
/** Renewed so often that a few lost tries do not cost the lease. */
const RENEWALS_PER_TTL = 4;

/** Runs until the signal aborts. A term that fails is ended, its lease released, and another is tried. */
export async function lead(options: LeadershipOptions): Promise<void> {
  const { acquire, logger, signal } = options;
  while (!signal.aborted) {
    try {
      const lease = await acquire();
      if (lease !== undefined) await serve(options, lease);
    } catch (error) {
      logger.warn({ error }, "not leading; trying again");
    }
    await delay(RETRY_MS, signal);
  }
}

async function serve(options: LeadershipOptions, lease: LeaseHandle): Promise<void> {
  const { beginTerm, changed, logger, signal } = options;
  const over = new AbortController();
  const end = () => over.abort();
  lease.lost.addEventListener("abort", end, { once: true });
  signal.addEventListener("abort", end, { once: true });
  const renewing = keepRenewing(lease, options.leaseTtlMs, logger, over.signal);
  try {
    const term = await beginTerm(lease, over.signal);
    logger.info({ epoch: lease.epoch, unsettled: term.window.speculation }, "leading");
    changed(term);
    const error = await term.ended;
    changed(undefined);
    if (error !== undefined) logger.error({ error, epoch: lease.epoch }, "stepping down");
    else logger.info({ epoch: lease.epoch }, "the term is over");
  } finally {
    over.abort();
    signal.removeEventListener("abort", end);
    await renewing;
    await lease.release().catch(() => undefined);
  }
}

async function keepRenewing(
  lease: LeaseHandle,
  ttlMs: number,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  while (await delay(ttlMs / RENEWALS_PER_TTL, signal))
    await lease.renew().catch((error: unknown) => logger.warn({ error }, "the lease was not renewed"));
}
