/** Policies: who checks, how many, and when a verdict is sure enough; and how one holds for one verification. */
import { invariant, refuse, succeed, type BaseUnits, type Result } from "@mira/primitives";

export type PolicyTier = {
  /** Undefined: any value. */
  readonly valueMaxUnits: BaseUnits | undefined;
  readonly committeeSize: number;
  /** 0..1; a verdict of less is unresolved. */
  readonly confidenceMin: number;
};

export type Policy = {
  readonly name: string;
  readonly version: number;
  /** `*`: any. */
  readonly domains: readonly string[];
  /** By what is at stake, least first. */
  readonly tiers: readonly PolicyTier[];
  readonly operatorSeatsMax: number;
  /** Hundredths of a percent of the committee's seats that one family may have. */
  readonly familyShareBps: number;
  /** How often a committee is widened, to twice its size and one, while a claim is undecided. */
  readonly wideningsMax: number;
  readonly commitMs: number;
  readonly revealMs: number;
  /** Hundredths of a percent of the bond that a missing commitment or reveal costs. */
  readonly carelessSlashBps: number;
  /** No validator sees the whole response. */
  readonly isPrivate: boolean;
  /** Hundredths of a percent: probes mixed into verifications. */
  readonly probeRateBps: number;
  /** For each attestation asked for. */
  readonly priceUnits: BaseUnits;
};

/** A policy as it holds for one verification: kept with it, so that a change of configuration changes nothing that is open. */
export type PolicyTerms = {
  /** `name@version`. */
  readonly policy: string;
  readonly domain: string;
  readonly valueAtStake: BaseUnits;
  readonly committeeSize: number;
  readonly confidenceMin: number;
} & Pick<
  Policy,
  | "operatorSeatsMax"
  | "familyShareBps"
  | "wideningsMax"
  | "commitMs"
  | "revealMs"
  | "carelessSlashBps"
  | "isPrivate"
  | "priceUnits"
>;

export type PolicyChoice = {
  /** Name, or `name@version`; empty: the first. */
  readonly policy: string;
  readonly domain: string;
  readonly valueAtStake: BaseUnits;
};

const BPS = 10_000;

export function choosePolicy(
  policies: readonly Policy[],
  { policy: wanted, domain, valueAtStake }: PolicyChoice,
): Result<PolicyTerms, "POLICY_UNKNOWN" | "POLICY_NOT_APPLICABLE"> {
  const policy = findPolicy(policies, wanted);
  if (policy === undefined)
    return refuse("POLICY_UNKNOWN", "no such policy is configured", {
      got: wanted,
      there: policies.map(nameOf).join(", "),
    });
  if (!policy.domains.includes(domain) && !policy.domains.includes("*"))
    return refuse("POLICY_NOT_APPLICABLE", "the policy does not cover the domain", {
      policy: nameOf(policy),
      needed: policy.domains.join(", "),
      got: domain,
    });
  const tier = policy.tiers.find(
    ({ valueMaxUnits }) => valueMaxUnits === undefined || valueAtStake <= valueMaxUnits,
  );
  if (tier === undefined)
    return refuse("POLICY_NOT_APPLICABLE", "the policy does not cover so much at stake", {
      policy: nameOf(policy),
      neededMax: policy.tiers.at(-1)?.valueMaxUnits ?? 0,
      got: valueAtStake,
    });
  const { committeeSize, confidenceMin } = tier;
  const { operatorSeatsMax, familyShareBps, wideningsMax, commitMs, revealMs } = policy;
  const { carelessSlashBps, isPrivate, priceUnits } = policy;
  return succeed({
    policy: nameOf(policy),
    domain,
    valueAtStake,
    committeeSize,
    confidenceMin,
    operatorSeatsMax,
    familyShareBps,
    wideningsMax,
    commitMs,
    revealMs,
    carelessSlashBps,
    isPrivate,
    priceUnits,
  });
}

/** By name the newest version, by `name@version` that one. */
function findPolicy(policies: readonly Policy[], wanted: string): Policy | undefined {
  if (wanted === "") return policies[0];
  return policies
    .filter((policy) => policy.name === wanted || nameOf(policy) === wanted)
    .reduce<Policy | undefined>(
      (newest, policy) => (newest === undefined || policy.version > newest.version ? policy : newest),
      undefined,
    );
}

function nameOf({ name, version }: Policy): string {
  return `${name}@${version}`;
}

/** Seats in all, once the committee was widened so often: n, 2n+1, 4n+3, ... */
export function computeSize(terms: Pick<PolicyTerms, "committeeSize">, round: number): number {
  return (terms.committeeSize + 1) * 2 ** round - 1;
}

/** How many of so many seats one family may have: at least one. */
export function computeFamilySeats(
  { familyShareBps }: Pick<PolicyTerms, "familyShareBps">,
  size: number,
): number {
  invariant(size >= 1, "a committee of at least one");
  return Math.max(1, Math.floor((size * familyShareBps) / BPS));
}
