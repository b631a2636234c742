/** What every service stands on. */
export * from "./config/entries.ts";
export * from "./config/load.ts";
export * from "./config/service-spec.ts";
export { findCall, runDetached, type CallContext } from "./grpc/call-context.ts";
export { CallError } from "./grpc/call-error.ts";
export {
  call,
  createGrpcClient,
  type CallSettings,
  type ClientConstructor,
  type GrpcClient,
  type GrpcClientOptions,
} from "./grpc/client.ts";
export { serverStream, unary, type StreamHandler, type UnaryHandler } from "./grpc/handlers.ts";
export { DEFAULT_DEADLINE_MS, MESSAGE_BYTES_MAX } from "./grpc/limits.ts";
export {
  startGrpcServer,
  type GrpcServerOptions,
  type GrpcService,
  type RunningGrpcServer,
} from "./grpc/server.ts";
export { resumeStream, stream, type ResumeOptions } from "./grpc/stream.ts";
export { SYSTEM_CLOCK, type Clock, type ServeGrpc, type ServiceContext } from "./service/context.ts";
export { startHttpServer, type HttpServerOptions, type RunningHttpServer } from "./service/http-server.ts";
export { createLogger, type Logger, type LoggerOptions } from "./service/logger.ts";
export { createPool, type PoolOptions } from "./service/pool.ts";
export { Readiness, type Health, type ReadinessReport } from "./service/readiness.ts";
export { runService, type ServiceOptions } from "./service/run-service.ts";
export type { OnStop, Stop, StopOptions } from "./service/stops.ts";
export * from "./telemetry/names.ts";
export * from "./telemetry/spans.ts";
export { startTelemetry, type Telemetry, type TelemetryOptions } from "./telemetry/start.ts";
export {
  openEventSourcing,
  type EventSourcing,
  type EventSourcingConfig,
  type EventSourcingOptions,
} from "./service/event-sourcing.ts";
