/** Golden vectors: bytes of every schema version ever written, kept for ever, and what they must read as today. */
import { decodeHex, encodeHex } from "@mira/primitives";
import { composeUpcasters, type Upcaster } from "./upcasters.ts";

export type GoldenVector = {
  readonly type: string;
  /** The version the bytes were written under. */
  readonly schemaVersion: number;
  readonly payloadHex: string;
  /** The bytes a reader gets today. */
  readonly readsAsHex: string;
};

export type GoldenVectorInput = {
  readonly vectors: readonly GoldenVector[];
  readonly upcasters: readonly Upcaster[];
  /** The newest schema version of every event type the service writes. */
  readonly newest: Readonly<Record<string, number>>;
  /** Decodes a payload of the newest version; what it throws is a problem. */
  readonly decode?: (type: string, payload: Uint8Array) => unknown;
};

/** Every problem, in words; none means that every version ever written can be read. A version without a vector is a problem. */
export function checkGoldenVectors({ vectors, upcasters, newest, decode }: GoldenVectorInput): string[] {
  const upcast = composeUpcasters(upcasters);
  const problems = findMissing(vectors, newest);
  for (const vector of vectors) {
    const name = `${vector.type}@${vector.schemaVersion}`;
    const payload = decodeHex(vector.payloadHex);
    if (payload === undefined) {
      problems.push(`${name}: the payload is not hexadecimal`);
      continue;
    }
    try {
      const read = upcast({ type: vector.type, schemaVersion: vector.schemaVersion, payload });
      if (read.schemaVersion !== newest[vector.type])
        problems.push(
          `${name}: reads as version ${read.schemaVersion}, not ${newest[vector.type] ?? "any known"}`,
        );
      if (encodeHex(read.payload) !== vector.readsAsHex)
        problems.push(`${name}: reads as ${encodeHex(read.payload)}`);
      decode?.(vector.type, read.payload);
    } catch (error) {
      problems.push(`${name}: ${String(error)}`);
    }
  }
  return problems;
}

function findMissing(vectors: readonly GoldenVector[], newest: Readonly<Record<string, number>>): string[] {
  const present = new Set(vectors.map((vector) => `${vector.type}@${vector.schemaVersion}`));
  return Object.entries(newest).flatMap(([type, version]) =>
    Array.from({ length: version }, (_, index) => `${type}@${index + 1}`)
      .filter((name) => !present.has(name))
      .map((name) => `${name}: no golden vector`),
  );
}
