/** Error rates on probes by domain, pooled where a domain has few: the risks of the stratified gold CUSUM. */

/** Probes and errors seen while learning, in all and per domain. */
export type GoldRates = {
  probes: number;
  errors: number;
  readonly domains: Map<string, readonly [probes: number, errors: number]>;
};

/** Belief in an error rate of one in four before any probe, worth two. */
const PRIOR_PROBES = 2;
const PRIOR_RATE = 0.25;
/** Probes' worth of belief that a domain is like the others: domains of MMLU-Pro differ by some .15, which is what 10 probes tell. */
const POOLING_PROBES = 10;
const DOMAINS_MAX = 64;
/** A risk of 1 would make an error no evidence at all, and a right answer infinite. */
const RISK_MAX = 0.95;

export function createGoldRates(): GoldRates {
  return { probes: 0, errors: 0, domains: new Map() };
}

/** In place. */
export function learnGold(rates: GoldRates, domain: string, isError: boolean): void {
  rates.probes += 1;
  rates.errors += isError ? 1 : 0;
  const known = rates.domains.get(domain);
  if (known === undefined && rates.domains.size >= DOMAINS_MAX) return;
  const [probes, errors] = known ?? [0, 0];
  rates.domains.set(domain, [probes + 1, errors + (isError ? 1 : 0)]);
}

/**
 * The learnt error rate, and one standard error of the overall rate above it: what is not known of a validator speaks for it. Errors about
 * single domains fall out over the mix; the one they share does not.
 */
export function predictGoldRisk(rates: GoldRates, domain: string): number {
  const known = rates.probes + PRIOR_PROBES;
  const overall = (rates.errors + PRIOR_PROBES * PRIOR_RATE) / known;
  const [probes, errors] = rates.domains.get(domain) ?? [0, 0];
  const rate = (errors + POOLING_PROBES * overall) / (probes + POOLING_PROBES);
  return Math.min(RISK_MAX, rate + Math.sqrt((overall * (1 - overall)) / known));
}
