/** Postgres and NATS as child processes of this one: no container, no system service, loopback only. */
export { findFreePort } from "./free-port.ts";
export { startPostgres } from "./postgres.ts";
export type { PostgresOptions, PostgresRole, RunningPostgres } from "./postgres.ts";
export { startNats } from "./nats.ts";
export type { NatsOptions, RunningNats } from "./nats.ts";
export { findNatsServer } from "./nats-binary.ts";
export type { NatsServerBinary } from "./nats-binary.ts";
export { NatsServerMissing } from "./nats-server-missing.ts";
export { ChildFailed } from "./child.ts";
export { createTemporaryFolder } from "./temporary-folder.ts";
export type { TemporaryFolder } from "./temporary-folder.ts";
export { findPostgresBinaries } from "./postgres-binaries.ts";
