/** Signals and fatal errors: the first signal drains, the second ends the process; a bug ends it at once. */
import { constants } from "node:os";
import type { Logger } from "./logger.ts";

export const EXIT_FAILURE = 1;
/** EX_CONFIG of sysexits.h: starting again will not help. */
export const EXIT_CONFIG = 78;

/** Calls `drain` on the first SIGTERM or SIGINT. */
export function listenForSignals(logger: Logger, drain: () => void): void {
  let draining = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.on(signal, () => {
      if (draining) process.exit(128 + constants.signals[signal]);
      draining = true;
      logger.info({ signal }, "draining; a second signal ends the process at once");
      drain();
    });
}

/** After an error that nobody expected the state is unknown: what is durable is in Postgres, the rest is forgotten. */
export function exitOnFatalErrors(logger: Logger): void {
  process.on("uncaughtException", (error, origin) => {
    logger.fatal({ error, origin }, "an unexpected error reached the process");
    process.exit(EXIT_FAILURE);
  });
}
