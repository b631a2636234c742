/** Attestations -> verdict by weight of stake: the baseline that every learned method has to beat. */
import { invariant, unreachable } from "./invariant.ts";

/** What is said of a claim. The same three words as in an attestation. */
export type Verdict = "supported" | "refuted" | "unresolved";

export type WeighedAttestation = {
  readonly validatorId: string;
  readonly verdict: Verdict;
  /** 0..1; counted in hundredths of a percent, so that sums are exact. */
  readonly confidence: number;
  /** Units of stake behind this attestation, 0 or more. */
  readonly stake: bigint;
};

export type InferredVerdict = {
  readonly verdict: Verdict;
  /** 0..1, rounded down to hundredths of a percent. 0 when unresolved. Not calibrated: see the README. */
  readonly confidence: number;
  readonly reason: string;
};

export type CommitteeOptions = {
  /** Stake of the whole committee, those who stayed silent included. Absent: everyone attested. */
  readonly committeeStake?: bigint;
};

const CONFIDENCE_PARTS = 10_000;

/**
 * The side with more stake wins when more than two thirds of the committee's stake took a side. A tie is split, not broken: it is
 * unresolved. Abstentions and silence count towards the committee and for nobody. Exact, and the same in any order of input.
 */
export function aggregateStakeWeighted(
  attestations: readonly WeighedAttestation[],
  options: CommitteeOptions = {},
): InferredVerdict {
  assertAttestations(attestations);
  const tally = countStake(attestations, options.committeeStake);
  const decided = tally.supported + tally.refuted;
  if (tally.committee === 0n) return leaveUnresolved("no stake was attested", tally);
  if (decided * 3n <= tally.committee * 2n)
    return leaveUnresolved("not more than two thirds of the committee's stake took a side", tally);
  if (tally.supported === tally.refuted) return leaveUnresolved("the stake is split evenly", tally);
  const verdict = tally.supported > tally.refuted ? "supported" : "refuted";
  const parts = sumConfidence(attestations, verdict) / tally.committee;
  return {
    verdict,
    confidence: Number(parts) / CONFIDENCE_PARTS,
    reason: `${verdict} by the greater stake (${describe(tally)})`,
  };
}

type Tally = {
  readonly supported: bigint;
  readonly refuted: bigint;
  readonly abstained: bigint;
  readonly silent: bigint;
  readonly committee: bigint;
};

function countStake(attestations: readonly WeighedAttestation[], committeeStake: bigint | undefined): Tally {
  let [supported, refuted, abstained] = [0n, 0n, 0n];
  for (const { verdict, stake } of attestations)
    switch (verdict) {
      case "supported":
        supported += stake;
        break;
      case "refuted":
        refuted += stake;
        break;
      case "unresolved":
        abstained += stake;
        break;
      default:
        return unreachable(verdict);
    }
  const attested = supported + refuted + abstained;
  const committee = committeeStake ?? attested;
  invariant(committee >= attested, () => `committee stake: needed at least ${attested}, got ${committee}`);
  return { supported, refuted, abstained, silent: committee - attested, committee };
}

/** Stake times confidence of one side, in hundredths of a percent of a unit. */
function sumConfidence(attestations: readonly WeighedAttestation[], side: Verdict): bigint {
  return attestations
    .filter(({ verdict }) => verdict === side)
    .reduce(
      (sum, { stake, confidence }) => sum + stake * BigInt(Math.round(confidence * CONFIDENCE_PARTS)),
      0n,
    );
}

/** What the caller has to have sorted out: one attestation a validator, no negative stake, confidence in range. */
function assertAttestations(attestations: readonly WeighedAttestation[]): void {
  const seen = new Set<string>();
  for (const { validatorId, stake, confidence } of attestations) {
    invariant(!seen.has(validatorId), () => `validator ${validatorId} has two attestations on one claim`);
    seen.add(validatorId);
    invariant(stake >= 0n, () => `stake of ${validatorId}: needed 0 or more, got ${stake}`);
    invariant(
      confidence >= 0 && confidence <= 1,
      () => `confidence of ${validatorId}: needed 0..1, got ${confidence}`,
    );
  }
}

function leaveUnresolved(why: string, tally: Tally): InferredVerdict {
  return { verdict: "unresolved", confidence: 0, reason: `${why} (${describe(tally)})` };
}

function describe({ supported, refuted, abstained, silent, committee }: Tally): string {
  return `of ${committee} units of stake: ${supported} supported, ${refuted} refuted, ${abstained} abstained, ${silent} silent`;
}
