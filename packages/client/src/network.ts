/** Which network a client talks to: where its services answer, and the keys that offline checks need. */
import { readFileSync } from "node:fs";
import type { CertificateTrust } from "@mira/certificate";
import { refuse, succeed, type Result } from "@mira/primitives";

/** What checking a proof or certificate needs, and all it needs. */
export type NetworkTrust = CertificateTrust;

/** gRPC targets, `host:port`. */
export type Endpoints = {
  readonly sequencer: string;
  readonly settlement: string;
  readonly verifier: string;
  readonly staking: string;
  readonly sessions: string;
};

export type Network = NetworkTrust & {
  readonly endpoints: Endpoints;
  /** Where the audit log's files are served (C2SP tlog-tiles); absent: nowhere. */
  readonly logUrl?: string;
};

const SERVICES = [
  "sequencer",
  "settlement",
  "verifier",
  "staking",
  "sessions",
] as const satisfies readonly (keyof Endpoints)[];

/** Reads the file that `mira up` writes. */
export function readNetworkFile(path: string): Result<Network, "REQUEST_INVALID" | "NOT_FOUND"> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    return refuse("NOT_FOUND", "the network file cannot be read", {
      path,
      problem: error instanceof Error ? error.message : String(error),
    });
  }
  return parseNetwork(text, path);
}

export function parseNetwork(text: string, path = ""): Result<Network, "REQUEST_INVALID"> {
  const value = parseJson(text);
  const networkId = readText(value, "networkId");
  const logVerifierKey = readText(value, "logVerifierKey");
  const certificateKey = readText(value, "certificateKey");
  const targets = SERVICES.map((service) =>
    readText(isRecord(value) ? value["endpoints"] : undefined, service),
  );
  const [sequencer, settlement, verifier, staking, sessions] = targets;
  const logUrl = readText(value, "logUrl");
  if (
    networkId === undefined ||
    logVerifierKey === undefined ||
    certificateKey === undefined ||
    !sequencer ||
    !settlement ||
    !verifier ||
    !staking ||
    !sessions
  )
    return refuse("REQUEST_INVALID", "the network file is not complete", {
      path,
      needed: `networkId, logVerifierKey, certificateKey, endpoints.{${SERVICES.join(",")}}`,
    });
  return succeed({
    networkId,
    logVerifierKey,
    certificateKey,
    endpoints: { sequencer, settlement, verifier, staking, sessions },
    ...(logUrl === undefined ? {} : { logUrl }),
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function readText(value: unknown, name: string): string | undefined {
  const text = isRecord(value) ? value[name] : undefined;
  return typeof text === "string" && text !== "" ? text : undefined;
}
