/** What a service's start function is given. */
import { parseUnixMs, type UnixMs } from "@mira/primitives";
import type { Meter, Tracer } from "@opentelemetry/api";
import type { GrpcServerOptions, RunningGrpcServer } from "../grpc/server.ts";
import type { Logger } from "./logger.ts";
import type { Health } from "./readiness.ts";
import type { OnStop } from "./stops.ts";

export type Clock = { readonly now: () => UnixMs };

export const SYSTEM_CLOCK: Clock = { now: () => parseUnixMs(Date.now()) };

/** Everything but `services` has a default: the configured address, the service's logger, readiness and telemetry. */
export type ServeGrpc = (
  options: Pick<GrpcServerOptions, "services"> & Partial<GrpcServerOptions>,
) => Promise<RunningGrpcServer>;

export type ServiceContext<Config> = {
  readonly config: Config;
  readonly logger: Logger;
  /** Aborts when draining begins: take no new work. What open calls still need is ended by onStop. */
  readonly signal: AbortSignal;
  readonly health: Health;
  readonly meter: Meter;
  readonly tracer: Tracer;
  readonly clock: Clock;
  /** Stops run in reverse order of registration, each within its deadline. */
  readonly onStop: OnStop;
  /** Starts the gRPC server, and registers its stop: call it last, so that calls end before what they need. */
  readonly serveGrpc: ServeGrpc;
  /** Ends the service as a signal would, with exit code 1: for a part that cannot go on. */
  readonly fail: (error: unknown) => void;
};
