/** Which services a localnet runs, and the environment each gets. */
import { fileURLToPath } from "node:url";
import { encodeBase58, encodeHex, type KeyPair } from "@mira/primitives";
import type { Endpoints } from "@mira/client";
import {
  BLOCKHASHES,
  CERTIFICATES,
  createDevKey,
  EXECUTORS,
  PROBE_AUTHOR,
  REEXECUTOR,
  SETTLEMENT,
  VALIDATORS,
} from "./dev-keys.ts";
import type { Schema } from "./databases.ts";
import type { ServiceSpec } from "./supervisor.ts";

export type PlanInput = {
  readonly networkId: string;
  /** Of everything a service keeps on disk by itself: keys, journals, genesis. */
  readonly stateDir: string;
  readonly databaseUrls: Readonly<Record<Schema, string>>;
  readonly natsUrl: string;
  readonly endpoints: Endpoints;
  /** Of the logs over HTTP. */
  readonly logPort: number;
  /** Written as files before the services start. */
  readonly genesisFile: string;
  readonly challengeWindowMs: number;
  readonly genesisAtMs: number;
  readonly executors: number;
  readonly logLevel: string;
  /** By service name: laid over what the plan gives, for tests and benchmarks. */
  readonly overrides: Readonly<Record<string, Readonly<Record<string, string>>>>;
};

/** Key files to write before the services start: path -> hex seed. */
export type KeyFiles = ReadonlyMap<string, string>;

export type Plan = {
  readonly keyFiles: KeyFiles;
  /** Others ask it while they start. */
  readonly first: readonly ServiceSpec[];
  readonly rest: readonly ServiceSpec[];
  readonly validators: readonly ServiceSpec[];
};

export function planServices(input: PlanInput): Plan {
  const keyFiles = new Map<string, string>();
  const keyFile = (name: string): string => {
    const path = `${input.stateDir}/keys/${name}`;
    keyFiles.set(path, encodeHex(createDevKey(name).seed));
    return path;
  };
  const service = (name: string, kind: string, env: Record<string, string>): ServiceSpec => ({
    name,
    entry: fileURLToPath(new URL(`../../../services/${kind}/src/main.ts`, import.meta.url)),
    env: {
      MIRA_NETWORK_ID: input.networkId,
      MIRA_LOG_LEVEL: input.logLevel,
      ...targets(input.endpoints),
      ...env,
      ...input.overrides[kind],
      ...input.overrides[name],
    },
  });
  const stored = (name: Schema & keyof Endpoints, env: Record<string, string> = {}): ServiceSpec =>
    service(name, name, {
      MIRA_DATABASE_URL: input.databaseUrls[name],
      MIRA_NATS_URL: input.natsUrl,
      MIRA_GRPC_PORT: portOf(input.endpoints[name]),
      ...env,
    });
  const executors = Array.from(
    { length: input.executors },
    (_, index) => EXECUTORS[index] ?? `executor-${index + 1}`,
  );
  const executor = (name: string, role: string): ServiceSpec =>
    service(name, "executor", {
      MIRA_NATS_URL: input.natsUrl,
      MIRA_KEY_FILE: keyFile(name),
      MIRA_EXECUTOR_ROLE: role,
    });
  return {
    keyFiles,
    first: [
      stored("settlement", {
        MIRA_KEY_FILE: keyFile(SETTLEMENT),
        MIRA_SETTLEMENT_LOG_PORT: String(input.logPort),
        MIRA_GENESIS_FILE: input.genesisFile,
        MIRA_CHALLENGE_WINDOW: `${input.challengeWindowMs}ms`,
        MIRA_SETTLEMENT_EXECUTORS: executors.map(devKeyText).join(","),
        MIRA_SETTLEMENT_REEXECUTORS: devKeyText(REEXECUTOR),
      }),
    ],
    rest: [
      stored("sequencer", {
        MIRA_KEY_FILE: keyFile(BLOCKHASHES),
        MIRA_GENESIS_MS: String(input.genesisAtMs),
        // More lanes than executors cut a batch finer than anyone can run it.
        MIRA_SEQUENCER_LANES: String(input.executors),
      }),
      stored("sessions"),
      stored("staking"),
      stored("verifier", {
        MIRA_KEY_FILE: keyFile(CERTIFICATES),
        MIRA_PROBE_AUTHORS: devKeyText(PROBE_AUTHOR),
      }),
      ...executors.map((name) => executor(name, "execute")),
      executor(REEXECUTOR, "reexecute"),
    ],
    validators: VALIDATORS.map((name) => {
      const journal = `${input.stateDir}/journals/${name}.jsonl`;
      return service(name, "validator", { MIRA_KEY_FILE: keyFile(name), MIRA_VALIDATOR_JOURNAL: journal });
    }),
  };
}

function targets(endpoints: Endpoints): Record<string, string> {
  return Object.fromEntries(
    Object.entries(endpoints).map(([name, target]) => [`MIRA_${name.toUpperCase()}_TARGET`, target]),
  );
}

function portOf(target: string): string {
  return target.slice(target.lastIndexOf(":") + 1);
}

function devKeyText(name: string): string {
  return keyText(createDevKey(name));
}

function keyText(keyPair: KeyPair): string {
  return encodeBase58(keyPair.publicKey);
}
