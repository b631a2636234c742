/** Mixes claims of known truth into the work, and opens them when nobody is asked any more. */
import { computeInclusionPath, hashLeaf } from "@mira/merkle";
import { encodeBase58, encodeProbe, encodeUtf8, sha256 } from "@mira/primitives";
import { composeProbe } from "../domain/compose-probe.ts";
import { decide } from "../domain/decide.ts";
import { listAnswers, type OpenedUse } from "../domain/probe-answers.ts";
import { decideProbes, type KnownProbe } from "../domain/probe-set.ts";
import type { OpenedVerification, ProbeUse } from "../domain/verification.ts";
import type {
  ChosenProbe,
  Clock,
  ProbeList,
  ProbeStreams,
  ValidatorDirectory,
  VerificationStreams,
} from "../ports.ts";

export type ProbeDependencies = {
  readonly networkId: string;
  readonly streams: VerificationStreams;
  readonly probes: ProbeStreams;
  readonly probeList: ProbeList;
  readonly validators: ValidatorDirectory;
  readonly clock: Clock;
  readonly createNonce: () => Uint8Array;
  /** How often one probe is asked before it is retired: whoever meets a claim again may know it. */
  readonly probeUsesMax: number;
  /** Has the first committee drawn. */
  readonly begin: (verificationId: string) => void;
};

const OPENED_AT_ONCE = 32;

/**
 * Opens a verification of probes beside a real one: of its domain, under its policy, with as many claims. Resolves with its id; undefined
 * when there are no probes of that domain or nobody to ask.
 */
export async function askProbes(
  { opened }: OpenedVerification,
  dependencies: ProbeDependencies,
): Promise<string | undefined> {
  const { networkId, streams, probeList, validators, clock, createNonce, begin } = dependencies;
  const chosen = await probeList.choose(opened.terms.domain, Math.max(1, opened.claims.length));
  const bonded = await validators.listBonded();
  if (chosen.length === 0 || !bonded.ok) return undefined;
  const requestId = encodeBase58(createNonce());
  const verificationId = deriveVerificationId(networkId, requestId);
  const uses = await markUsed(chosen, verificationId, dependencies);
  const asked = chosen.filter(({ probeId }) => uses.has(probeId));
  if (asked.length === 0) return undefined;
  const composed = composeProbe(asked);
  const at = clock.now();
  const command = {
    type: "open",
    opened: {
      type: "VerificationOpened",
      verificationId,
      requestId,
      sources: [],
      terms: opened.terms,
      decomposer: opened.decomposer,
      at,
      ...composed,
      probes: asked.flatMap(({ probeId }, index) => {
        const use = uses.get(probeId);
        return use === undefined ? [] : [{ ...use, claimId: `c${index + 1}` }];
      }),
    },
    draw: { networkId, candidates: bonded.value, nonce: createNonce(), at },
  } as const;
  const handled = await streams.handle(verificationId, (state) => decide(command, state));
  if (!handled.ok) return undefined;
  begin(verificationId);
  return verificationId;
}

/** First the use, then the question: a probe that was asked is never thought unused. */
async function markUsed(
  chosen: readonly ChosenProbe[],
  verificationId: string,
  { probes, clock, probeUsesMax: usesMax }: ProbeDependencies,
): Promise<ReadonlyMap<string, Omit<ProbeUse, "claimId">>> {
  const uses = new Map<string, Omit<ProbeUse, "claimId">>();
  for (const [index, { probeId, setId }] of chosen.entries()) {
    const claimId = `c${index + 1}`;
    const command = { type: "use", probeId, verificationId, claimId, usesMax, at: clock.now() } as const;
    const used = await probes.handle(setId, (state) => decideProbes(command, state));
    const truth = used.ok
      ? used.value.state.probes.find((probe) => probe.probeId === probeId)?.truth
      : undefined;
    if (truth !== undefined) uses.set(probeId, { setId, probeId, truth });
  }
  return uses;
}

export function deriveVerificationId(networkId: string, requestId: string): string {
  return encodeBase58(sha256(encodeUtf8(`mira:verification:v1:${networkId}:${requestId}`)));
}

/** A claim that a caller sends is known to the caller: a probe of that text has leaked. */
export async function retireLeaked(
  claims: readonly string[],
  { probes, probeList, clock }: ProbeDependencies,
): Promise<void> {
  for (const { setId, probeId } of await probeList.findByClaims(claims)) {
    const command = { type: "retire", probeId, reason: "a caller asked about it", at: clock.now() } as const;
    await probes.handle(setId, (state) => decideProbes(command, state));
  }
}

/** Opens retired probes whose every use has its verdict, with all that was attested to them. */
export async function openRetired(dependencies: ProbeDependencies): Promise<void> {
  const { probes, probeList, clock } = dependencies;
  for (const { setId, probeId } of await probeList.listRetired(OPENED_AT_ONCE)) {
    const { state } = await probes.load(setId);
    const index = state.probes.findIndex((probe) => probe.probeId === probeId);
    const probe = state.probes[index];
    const uses = probe === undefined ? undefined : await collectUses(probe, dependencies);
    if (uses === undefined) continue;
    const leaves = state.probes.map((one) => hashLeaf(encodeProbe(one)));
    const path = computeInclusionPath(leaves, index);
    const command = { type: "openProbe", probeId, path, uses, at: clock.now() } as const;
    await probes.handle(setId, (now) => decideProbes(command, now));
  }
}

/** Undefined while anyone may still be asked. A use whose verification was never opened had no answers. */
async function collectUses(
  { uses }: KnownProbe,
  { streams }: ProbeDependencies,
): Promise<readonly OpenedUse[] | undefined> {
  const opened: OpenedUse[] = [];
  for (const { verificationId, claimId } of uses) {
    const { state } = await streams.load(verificationId);
    if (state.status === "none") opened.push({ verificationId, claimId, answers: [] });
    else if (state.status === "certified") opened.push(listAnswers(state, claimId));
    else return undefined;
  }
  return opened;
}
