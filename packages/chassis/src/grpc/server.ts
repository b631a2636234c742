/** A gRPC server with everything a service of Mira owes its callers: health, reflection, limits, deadlines, telemetry. */
import {
  Server,
  ServerCredentials,
  type ServerInterceptor,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { descriptorsPath } from "@mira/api";
import { metrics, trace } from "@opentelemetry/api";
import { HealthImplementation } from "grpc-health-check";
import type { Logger } from "../service/logger.ts";
import type { Readiness } from "../service/readiness.ts";
import { createServerTelemetry, type GrpcTelemetry } from "../telemetry/grpc-server-telemetry.ts";
import { Admission } from "./admission.ts";
import { DEFAULT_DEADLINE_MS, TRANSPORT_OPTIONS } from "./limits.ts";
import { addReflection } from "./reflection.ts";

const UNARY_CALLS_MAX = 1024;
const STREAMS_MAX = 512;
const STOP_GRACE_MS = 5000;
/** Connections are renewed so that clients find new replicas; long streams get ten minutes to end by themselves. */
const CONNECTION_AGE_MAX_MS = 60 * 60 * 1000;
const CONNECTION_AGE_GRACE_MS = 10 * 60 * 1000;

export type GrpcService = {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
};

export type GrpcServerOptions = {
  readonly services: readonly GrpcService[];
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
  readonly logger: Logger;
  readonly credentials?: ServerCredentials;
  readonly interceptors?: readonly ServerInterceptor[];
  /** Path of a FileDescriptorSet; default: that of @mira/api. */
  readonly descriptors?: string;
  /** Health answers SERVING exactly while this is ready; default: until the server stops. */
  readonly readiness?: Pick<Readiness, "watch">;
  readonly telemetry?: GrpcTelemetry;
  readonly defaultDeadlineMs?: number;
  readonly unaryCallsMax?: number;
  readonly streamsMax?: number;
};

export type RunningGrpcServer = {
  readonly port: number;
  /** `host:port`. */
  readonly address: string;
  /**
   * Refuses new calls with DRAINING, ends open streams with it, lets unary calls finish, and cuts what is left after
   * `graceMs` or when the signal aborts.
   */
  readonly stop: (options?: { readonly graceMs?: number; readonly signal?: AbortSignal }) => Promise<void>;
};

export async function startGrpcServer(options: GrpcServerOptions): Promise<RunningGrpcServer> {
  const admission = new Admission({
    logger: options.logger,
    defaultDeadlineMs: options.defaultDeadlineMs ?? DEFAULT_DEADLINE_MS,
    unaryCallsMax: options.unaryCallsMax ?? UNARY_CALLS_MAX,
    streamsMax: options.streamsMax ?? STREAMS_MAX,
  });
  const server = createServer(options, admission);
  const health = addServices(server, options);
  const port = await bind(server, options);
  return {
    port,
    address: `${options.host}:${port}`,
    stop: async ({ graceMs = STOP_GRACE_MS, signal } = {}) => {
      health.stop();
      admission.drain();
      await shutDown(server, { graceMs, signal, beforeForce: () => admission.cancel() });
    },
  };
}

function createServer(options: GrpcServerOptions, admission: Admission): Server {
  const telemetry = options.telemetry ?? {
    tracer: trace.getTracer("mira.chassis"),
    meter: metrics.getMeter("mira.chassis"),
  };
  return new Server({
    ...TRANSPORT_OPTIONS,
    "grpc.max_connection_age_ms": CONNECTION_AGE_MAX_MS,
    "grpc.max_connection_age_grace_ms": CONNECTION_AGE_GRACE_MS,
    interceptors: [createServerTelemetry(telemetry), admission.intercept, ...(options.interceptors ?? [])],
  });
}

function addServices(server: Server, options: GrpcServerOptions): { stop: () => void } {
  for (const { definition, implementation } of options.services)
    server.addService(definition, implementation);
  const names = options.services.map((service) => nameService(service.definition));
  addReflection(server, options.descriptors ?? descriptorsPath, names);
  return addHealth(server, names, options.readiness);
}

function addHealth(
  server: Server,
  names: readonly string[],
  readiness: GrpcServerOptions["readiness"],
): { stop: () => void } {
  const health = new HealthImplementation();
  health.addToServer(server);
  function announce(ready: boolean): void {
    for (const name of ["", ...names]) health.setStatus(name, ready ? "SERVING" : "NOT_SERVING");
  }
  if (readiness === undefined) announce(true);
  const unwatch = readiness?.watch(announce);
  return {
    stop: () => {
      unwatch?.();
      announce(false);
    },
  };
}

/** `mira.sequencer.v1.SequencerService`, from the path of its first method. */
function nameService(definition: ServiceDefinition): string {
  return Object.values(definition)[0]?.path.split("/")[1] ?? "";
}

async function bind(server: Server, options: GrpcServerOptions): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const credentials = options.credentials ?? ServerCredentials.createInsecure();
  server.bindAsync(`${options.host}:${options.port}`, credentials, (error, port) =>
    error === null ? resolve(port) : reject(error),
  );
  return promise;
}

/** tryShutdown waits for open streams without end, so it gets a grace and is then cut. */
async function shutDown(
  server: Server,
  options: { graceMs: number; signal: AbortSignal | undefined; beforeForce: () => void },
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  function force(): void {
    options.beforeForce();
    server.forceShutdown();
    resolve(undefined);
  }
  const timer = setTimeout(force, options.graceMs);
  options.signal?.addEventListener("abort", force, { once: true });
  server.tryShutdown(() => resolve(undefined));
  await promise;
  clearTimeout(timer);
  options.signal?.removeEventListener("abort", force);
}
