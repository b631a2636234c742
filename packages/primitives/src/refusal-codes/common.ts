/** Refusals that any service may give. */
import type { CodeGroup } from "./code-entry.ts";

export const COMMON_CODES = {
  REQUEST_INVALID: {
    status: "INVALID_ARGUMENT",
    meaning: "A field of the request is missing or malformed.",
    remedy: "Mend the field that the details name.",
  },
  REQUEST_ID_REUSED: {
    status: "ALREADY_EXISTS",
    meaning: "The request id was used before with another content.",
    remedy: "Use a new request id for a new request.",
  },
  NOT_FOUND: {
    status: "NOT_FOUND",
    meaning: "Nothing with that id is known as of the batch or version named.",
    remedy: "Check the id; wait if it was made a moment ago.",
  },
  NOT_LEADER: {
    status: "UNAVAILABLE",
    meaning: "This replica does not hold the lease.",
    remedy: "Retry; the leader answers.",
  },
  DRAINING: {
    status: "UNAVAILABLE",
    meaning: "The service is stopping and takes no new work.",
    remedy: "Retry against another replica.",
  },
  OVERLOADED: {
    status: "RESOURCE_EXHAUSTED",
    meaning: "A bounded queue is full.",
    remedy: "Slow down and retry after the time in retryAfterMs.",
  },
  CONCURRENT_CHANGE: {
    status: "ABORTED",
    meaning: "Someone else changed the same thing first.",
    remedy: "Read again and retry.",
  },
  DEPENDENCY_UNAVAILABLE: {
    status: "UNAVAILABLE",
    meaning: "A service that the asked one needs did not answer in time.",
    remedy: "Retry; look at that service if it lasts.",
  },
  APPEND_TOO_LARGE: {
    status: "INVALID_ARGUMENT",
    meaning: "One append has more events or bytes than a transaction may hold.",
    remedy: "Split it; the details name the limit.",
  },
} as const satisfies CodeGroup;
