/** The newest probe's record on disk: a restart does not ask again what is known, nor forget what was found. */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { asFields, parseJson } from "../chat/parse-answer.ts";
import type { CapabilityRecord } from "./capability-record.ts";

export type CapabilityStore = {
  readonly read: () => Promise<CapabilityRecord | undefined>;
  readonly write: (record: CapabilityRecord) => Promise<void>;
};

/** A record that cannot be read is as good as none: the probe is made again. */
export function openCapabilityFile(path: string): CapabilityStore {
  return {
    async read() {
      const text = await readFile(path, "utf8").catch(() => undefined);
      const record = text === undefined ? undefined : parseJson(text);
      return isRecord(record) ? record : undefined;
    },
    async write(record) {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await writeFile(`${path}.new`, `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600 });
      await rename(`${path}.new`, path);
    },
  };
}

const KINDS = {
  url: "string",
  model: "string",
  servedModel: "string",
  fingerprint: "string",
  probedAt: "number",
  promptDigest: "string",
  modelDigest: "string",
  style: "string",
  schemaEnforced: "boolean",
  topLogprobs: "number",
  determinism: "string",
  usageReturned: "boolean",
} as const satisfies Partial<Record<keyof CapabilityRecord, string>>;

function isRecord(value: Readonly<Record<string, unknown>> | undefined): value is CapabilityRecord {
  const injection = asFields(value?.["injection"]);
  return (
    value !== undefined &&
    typeof injection?.["tried"] === "number" &&
    typeof injection["resisted"] === "number" &&
    ["json-schema", "json-object", "letter"].includes(String(value["style"])) &&
    Object.entries(KINDS).every(([key, kind]) => typeof value[key] === kind)
  );
}
