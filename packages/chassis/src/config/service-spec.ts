/** The environment that every service reads. A service spreads this into its own specification. */
import { durationMs, oneOf, optional, port, seedFile, target, text, url } from "./entries.ts";
import type { ConfigOf } from "./load.ts";

export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal"] as const;

export const SERVICE_SPEC = {
  networkId: text("MIRA_NETWORK_ID", { pattern: /^[a-z0-9][a-z0-9.-]{0,62}$/ }),
  grpcHost: text("MIRA_GRPC_HOST", { default: "127.0.0.1" }),
  grpcPort: port("MIRA_GRPC_PORT", { default: 0 }),
  adminHost: text("MIRA_ADMIN_HOST", { default: "127.0.0.1" }),
  adminPort: port("MIRA_ADMIN_PORT", { default: 0 }),
  logLevel: oneOf("MIRA_LOG_LEVEL", LOG_LEVELS, { default: "info" }),
  /** Absent: no span leaves the process. */
  otlpEndpoint: optional(url("OTEL_EXPORTER_OTLP_ENDPOINT", { protocols: ["http", "https"] })),
  /** Between "not ready" and the end of intake: load balancers need it to look elsewhere. */
  drainDelayMs: durationMs("MIRA_DRAIN_DELAY", { default: 0, max: 60_000 }),
  /** From the signal to a forced end; terminationGracePeriodSeconds must be longer. */
  shutdownGraceMs: durationMs("MIRA_SHUTDOWN_GRACE", { default: 20_000, min: 100, max: 600_000 }),
} as const;

export type ServiceConfig = ConfigOf<typeof SERVICE_SPEC>;

/** Entries that some services need. */
export const databaseUrl = url("MIRA_DATABASE_URL", { protocols: ["postgres", "postgresql"] });
export const natsUrl = url("MIRA_NATS_URL", { protocols: ["nats", "tls"] });
export const keySeed = seedFile("MIRA_KEY_FILE");

type ServiceName = "SEQUENCER" | "SETTLEMENT" | "VERIFIER" | "STAKING" | "SESSIONS";

export function targetOf(service: ServiceName): ReturnType<typeof target> {
  return target(`MIRA_${service}_TARGET`);
}
