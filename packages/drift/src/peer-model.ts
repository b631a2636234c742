/**
 * A forecast of one validator's answer from its peers' answers, learnt from past claims alone, no truth needed. It is a conditional logit:
 * start from what a typical peer says, and lean towards those peers, here and per domain, whose answers this validator used to share.
 */
import { toOutcome, type ClaimAnswers } from "./answers.ts";

export type Forecast = {
  /** Probability of each answer, and last of none at all. */
  readonly own: Float64Array;
  /** The same for a typical member of the committee: shares of its answers, smoothed. */
  readonly typical: Float64Array;
  /** The leaning part of `own`; the rest of it is `typical`, in the proportion `idle`. */
  readonly leaning: Float64Array;
  readonly idle: number;
};

/** A parameter and the sum of its squared gradients (AdaGrad, Duchi et al. 2011), which makes each learn at the pace of its own data. */
export type Weight = [value: number, squares: number];
type SharedWeights = {
  /** How much sharper or flatter than the typical answer. */
  readonly sharpness: Weight;
  readonly abstention: Weight;
  readonly peers: Map<string, Weight>;
};
/** What is particular to a domain, and the claims seen there, with how many the leaning did not foresee. */
type DomainWeights = SharedWeights & { claims: number; missed: number };
export type PeerWeights = SharedWeights & { readonly domains: Map<string, DomainWeights> };

/** Steps of shared parameters. Between .1 and .4 the forecast's likelihood on claims it has not seen moves by less than 1 %. */
const STEP = 0.2;
/** Domains hold a fraction of the data, so they start slower and from a larger sum of squares: they stay near the shared value. */
const DOMAIN_STEP = 0.06;
const DOMAIN_SQUARES = 4;
/** Half an answer for everything nobody said. */
const SMOOTHING = 0.5;
/** Belief before any claim that one answer in ten follows no leaning, worth 20 claims. */
const IDLE_CLAIMS = 20;
const IDLE_PRIOR = 0.1;
/** Committees are drawn from at most this many peers with a weight of their own; those met later count as typical. */
const PEERS_MAX = 256;
const DOMAINS_MAX = 64;
const OTHER_DOMAIN = "";

export function createPeerWeights(): PeerWeights {
  return { sharpness: [1, 1], abstention: [0, 1], peers: new Map(), domains: new Map() };
}

export function forecast(weights: PeerWeights, claim: ClaimAnswers): Forecast {
  const { options } = claim;
  const domain = findDomain(weights, claim.domain);
  const typical = new Float64Array(options + 1).fill(SMOOTHING);
  const leaning = new Float64Array(options + 1);
  for (const { peer, answer } of claim.peers) {
    const said = toOutcome(answer, options);
    typical[said] = (typical[said] ?? 0) + 1;
    if (said < options) leaning[said] = (leaning[said] ?? 0) + readPeer(weights, domain, peer);
  }
  const total = claim.peers.length + SMOOTHING * (options + 1);
  const sharpness = weights.sharpness[0] + (domain?.sharpness[0] ?? 0);
  for (let outcome = 0; outcome <= options; outcome++) {
    typical[outcome] = (typical[outcome] ?? 0) / total;
    leaning[outcome] = (leaning[outcome] ?? 0) + sharpness * Math.log(typical[outcome] ?? 1);
  }
  leaning[options] = (leaning[options] ?? 0) + weights.abstention[0] + (domain?.abstention[0] ?? 0);
  normalise(leaning);
  const idle = computeIdle(domain);
  return {
    own: leaning.map((value, at) => (1 - idle) * value + idle * (typical[at] ?? 0)),
    typical,
    leaning,
    idle,
  };
}

/** One step towards the answer that was given, in place. A caller MUST forecast first: the other order looks ahead. */
export function learn(
  weights: PeerWeights,
  claim: ClaimAnswers,
  { own, typical, leaning, idle }: Forecast,
): void {
  const { options } = claim;
  const domain = createDomain(weights, claim.domain);
  const given = toOutcome(claim.answer, options);
  const led = ((1 - idle) * (leaning[given] ?? 0)) / (own[given] ?? 1);
  domain.claims += 1;
  domain.missed += 1 - led;
  for (const { peer, answer } of claim.peers) {
    const said = toOutcome(answer, options);
    if (said === options) continue;
    const gradient = led * ((said === given ? 1 : 0) - (leaning[said] ?? 0));
    const shared = createWeight(weights.peers, peer, 1);
    if (shared !== undefined) step(shared, gradient, STEP);
    const own = createWeight(domain.peers, peer, DOMAIN_SQUARES);
    if (own !== undefined) step(own, gradient, DOMAIN_STEP);
  }
  const sharper = led * computeSharpnessGradient(typical, leaning, given);
  step(weights.sharpness, sharper, STEP);
  step(domain.sharpness, sharper, STEP / 2);
  const silent = led * ((given === options ? 1 : 0) - (leaning[options] ?? 0));
  step(weights.abstention, silent, STEP);
  step(domain.abstention, silent, STEP);
}

/**
 * By how much log-likelihood per claim the forecast is wrong in control, in expectation, for having been learnt: k / 2n with k parameters and
 * n claims (Akaike 1974). Weights of peers per domain are not counted: they hardly move from the shared ones.
 */
export function computeForecastError({ peers, domains }: PeerWeights): number {
  const parameters = peers.size + SHARED_PARAMETERS + domains.size * DOMAIN_PARAMETERS;
  let claims = 0;
  for (const domain of domains.values()) claims += domain.claims;
  return parameters / (2 * Math.max(1, claims));
}

/** Sharpness and abstention; in a domain, the idle share as well. */
const SHARED_PARAMETERS = 2;
const DOMAIN_PARAMETERS = 3;

/** Reading the same history again teaches more, and is no more claims than it was. */
export function forgetCounts({ domains }: PeerWeights): void {
  for (const domain of domains.values()) [domain.claims, domain.missed] = [0, 0];
}

/** How many claims of this domain the model has learnt from. */
export function countDomainClaims(weights: PeerWeights, domain: string): number {
  return findDomain(weights, domain)?.claims ?? 0;
}

/** d log leaning[given] / d sharpness: log typical of what was given, less its mean. */
export function computeSharpnessGradient(
  typical: Float64Array,
  leaning: Float64Array,
  given: number,
): number {
  let gradient = Math.log(typical[given] ?? 1);
  for (let outcome = 0; outcome < leaning.length; outcome++)
    gradient -= (leaning[outcome] ?? 0) * Math.log(typical[outcome] ?? 1);
  return gradient;
}

/** Soft maximum, in place. */
export function normalise(scores: Float64Array): void {
  let highest = Number.NEGATIVE_INFINITY;
  for (const score of scores) if (score > highest) highest = score;
  let total = 0;
  for (let at = 0; at < scores.length; at++) {
    const value = Math.exp((scores[at] ?? 0) - highest);
    scores[at] = value;
    total += value;
  }
  for (let at = 0; at < scores.length; at++) scores[at] = (scores[at] ?? 0) / total;
}

function step(weight: Weight, gradient: number, size: number): void {
  weight[1] += gradient * gradient;
  weight[0] += (size * gradient) / Math.sqrt(weight[1]);
}

function readPeer(weights: PeerWeights, domain: DomainWeights | undefined, peer: string): number {
  return (weights.peers.get(peer)?.[0] ?? 0) + (domain?.peers.get(peer)?.[0] ?? 0);
}

function createWeight(peers: Map<string, Weight>, peer: string, squares: number): Weight | undefined {
  const found = peers.get(peer);
  if (found !== undefined || peers.size >= PEERS_MAX) return found;
  const created: Weight = [0, squares];
  peers.set(peer, created);
  return created;
}

function computeIdle(domain: DomainWeights | undefined): number {
  const [claims, missed] = [domain?.claims ?? 0, domain?.missed ?? 0];
  return (missed + IDLE_PRIOR * IDLE_CLAIMS) / (claims + IDLE_CLAIMS);
}

/** Past `DOMAINS_MAX` all further domains share one entry. */
function findDomain(weights: PeerWeights, domain: string): DomainWeights | undefined {
  return weights.domains.get(domain) ?? weights.domains.get(OTHER_DOMAIN);
}

function createDomain({ domains }: PeerWeights, domain: string): DomainWeights {
  const name = domains.has(domain) || domains.size < DOMAINS_MAX - 1 ? domain : OTHER_DOMAIN;
  const found = domains.get(name);
  if (found !== undefined) return found;
  const created: DomainWeights = {
    sharpness: [0, 1],
    abstention: [0, 1],
    peers: new Map(),
    claims: 0,
    missed: 0,
  };
  domains.set(name, created);
  return created;
}

/** Plain data, in the order things were first met: the same claims give the same bytes. */
export type PeerWeightsState = {
  readonly sharpness: Weight;
  readonly abstention: Weight;
  readonly peers: ReadonlyArray<readonly [peer: string, weight: Weight]>;
  readonly domains: ReadonlyArray<readonly [domain: string, weights: DomainState]>;
};
type DomainState = Omit<DomainWeights, "peers"> & Pick<PeerWeightsState, "peers">;

export function toPeerWeightsState(weights: PeerWeights): PeerWeightsState {
  const domains = [...weights.domains].map(
    ([name, domain]) => [name, { ...domain, peers: [...domain.peers] }] as const,
  );
  return structuredClone({ ...weights, peers: [...weights.peers], domains });
}

export function fromPeerWeightsState(state: PeerWeightsState): PeerWeights {
  const { domains, peers, ...rest } = structuredClone(state);
  const restored = domains.map(
    ([name, domain]) => [name, { ...domain, peers: new Map(domain.peers) }] as const,
  );
  return { ...rest, peers: new Map(peers), domains: new Map(restored) };
}
