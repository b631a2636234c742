/** Probes: claims whose truth is known and committed to before anyone is asked; and what their author signs. */
import type { Verdict } from "./attestation.ts";
import { encodeHex } from "./bytes.ts";
import { CanonicalWriter } from "./canonical.ts";
import { sha256 } from "./hash.ts";
import type { Intent } from "./intent.ts";

export type ProbeTruth = Exclude<Verdict, "unresolved">;

export type ProbeClaim = {
  readonly claim: string;
  readonly truth: ProbeTruth;
  readonly domain: string;
};

export type Probe = ProbeClaim & {
  readonly probeId: string;
  /** 32 random bytes: without them the few truths there are could be tried against a leaf. */
  readonly salt: Uint8Array;
};

/** The leaf whose tree's root is committed to; opening a probe shows it. */
export function encodeProbe({ probeId, claim, truth, domain, salt }: Probe): Uint8Array {
  return new CanonicalWriter()
    .text("mira:probe:v1")
    .text(probeId)
    .text(claim)
    .text(truth)
    .text(domain)
    .fixed(salt, 32)
    .finish();
}

/** What an intent `probes.import` says: how many, and the digest of all of them in their order. */
export function describeProbeImport(probes: readonly ProbeClaim[]): Intent["fields"] {
  const writer = new CanonicalWriter().text("mira:probe-import:v1").u32(probes.length);
  for (const { claim, truth, domain } of probes) writer.text(claim).text(truth).text(domain);
  return [
    ["probes", String(probes.length)],
    ["probes sha256", encodeHex(sha256(writer.finish()))],
  ];
}
