/** One monitor per validator: claims and probes in, a level out. Constant work per observation; its state is plain data. */
import { invariant } from "@mira/primitives";
import { assertAnswers, toOutcome, type ClaimAnswers } from "./answers.ts";
import { challenge, createChallenger, scoreShift, type Challenger } from "./challenger.ts";
import { createGoldRates, learnGold, predictGoldRisk, type GoldRates } from "./gold.ts";
import { computeThresholds, type MonitorPlan, type Thresholds } from "./monitor-plan.ts";
import {
  computeForecastError,
  countDomainClaims,
  createPeerWeights,
  forecast,
  forgetCounts,
  fromPeerWeightsState,
  learn,
  toPeerWeightsState,
  type PeerWeights,
  type PeerWeightsState,
} from "./peer-model.ts";
import { accumulate, computeRiskAdjustedScore } from "./risk-adjusted-cusum.ts";
import { SPRT_START, updateSprt, type SprtState } from "./sprt.ts";

export type Observation =
  /** A claim the validator answered, probes among them, which look like any other. */
  | { readonly kind: "claim"; readonly claim: ClaimAnswers }
  /** The network scored a probe against truth it has not shown yet: evidence for a level, never for a conviction. */
  | { readonly kind: "probe"; readonly domain: string; readonly isCorrect: boolean }
  /** The truth of a probe was opened against its commitment, so that anyone can check the score. */
  | { readonly kind: "opened-probe"; readonly isCorrect: boolean };

/** `learning` raises nothing; `watch` opens an incident; `act` limits what the validator decides; `convict` is proof. */
export type DriftLevel = "learning" | "normal" | "watch" | "act" | "convict";

/** Sums of the three charts, each against its thresholds, and the test. */
export type DriftReport = {
  readonly level: DriftLevel;
  readonly shift: number;
  readonly identity: number;
  readonly gold: number;
  readonly sprt: SprtState;
  readonly observations: number;
};

/** Three readings bring the forecast within a few thousandths of a nat of where more would. */
const HISTORY_PASSES = 3;

export class DriftMonitor {
  readonly #plan: MonitorPlan;
  readonly #thresholds: Thresholds;
  #weights: PeerWeights = createPeerWeights();
  #challenger: Challenger = createChallenger();
  #rates: GoldRates = createGoldRates();
  #sprt: SprtState = SPRT_START;
  #sums = { shift: 0, identity: 0, gold: 0 };
  #claims = 0;
  #observations = 0;

  constructor(plan: MonitorPlan) {
    this.#plan = plan;
    this.#thresholds = computeThresholds(plan);
  }

  /**
   * A monitor that has learnt from what the validator did before, oldest first, and starts at once. What is read more than once teaches more:
   * prefer this to observing the history. No alarm comes of it, and no probe in it counts towards a conviction.
   */
  static fromHistory(plan: MonitorPlan, history: readonly Observation[]): DriftMonitor {
    const monitor = new DriftMonitor(plan);
    for (let pass = 0; pass < HISTORY_PASSES; pass++) {
      forgetCounts(monitor.#weights);
      for (const observation of history)
        if (observation.kind === "claim") monitor.#learnClaim(observation.claim);
    }
    for (const observation of history)
      if (observation.kind === "probe") learnGold(monitor.#rates, observation.domain, !observation.isCorrect);
    monitor.#claims = plan.learningClaims;
    return monitor;
  }

  observe(observation: Observation): DriftLevel {
    switch (observation.kind) {
      case "claim":
        this.#observeClaim(observation.claim);
        break;
      case "probe":
        this.#observeProbe(observation.domain, !observation.isCorrect);
        break;
      case "opened-probe":
        this.#sprt = updateSprt(this.#plan.sprt, this.#sprt, observation.isCorrect);
    }
    return this.level;
  }

  get level(): DriftLevel {
    const { shift, identity, gold } = this.#sums;
    const { watch, act, goldWatch, goldAct, goldSupport } = this.#thresholds;
    if (this.#sprt.verdict === "convicted") return "convict";
    if (this.#isLearning()) return "learning";
    const consensus = Math.max(shift, identity);
    if (gold >= goldAct || (gold >= goldSupport && consensus >= act)) return "act";
    return gold >= goldWatch || consensus >= watch ? "watch" : "normal";
  }

  report(): DriftReport {
    return { level: this.level, ...this.#sums, sprt: this.#sprt, observations: this.#observations };
  }

  /** An operator closed the incident: the charts start again at 0. What was learnt stays, and so does the test on probes. */
  acknowledge(): void {
    this.#sums = { shift: 0, identity: 0, gold: 0 };
    this.#challenger = createChallenger();
    this.#observations = 0;
  }

  /** Learns for the first `learningClaims`, and in each domain that is new later on; from then on the forecast stands still, or drift would teach it. */
  #observeClaim(claim: ClaimAnswers): void {
    const isNewDomain = countDomainClaims(this.#weights, claim.domain) < this.#plan.domainClaimsMin;
    if (this.#isLearning() || isNewDomain) this.#learnClaim(claim);
    else {
      assertAnswers(claim);
      const foreseen = forecast(this.#weights, claim);
      const allowance = computeForecastError(this.#weights);
      const shift = scoreShift(foreseen, toOutcome(claim.answer, claim.options));
      const identity = challenge(this.#challenger, claim, foreseen);
      this.#sums.shift = accumulate(this.#sums.shift, shift, allowance);
      this.#sums.identity = accumulate(this.#sums.identity, identity, allowance);
      this.#observations += 1;
    }
    this.#claims += 1;
  }

  #learnClaim(claim: ClaimAnswers): void {
    assertAnswers(claim);
    learn(this.#weights, claim, forecast(this.#weights, claim));
  }

  #observeProbe(domain: string, isError: boolean): void {
    if (this.#isLearning() || this.#rates.probes < this.#plan.learningProbes) {
      learnGold(this.#rates, domain, isError);
      return;
    }
    const risk = predictGoldRisk(this.#rates, domain);
    const score = computeRiskAdjustedScore(isError, risk, this.#plan.goldOddsRatio);
    this.#sums.gold = accumulate(this.#sums.gold, score);
  }

  #isLearning(): boolean {
    return this.#claims < this.#plan.learningClaims;
  }

  toState(): MonitorState {
    return {
      version: 1,
      claims: this.#claims,
      observations: this.#observations,
      sums: { ...this.#sums },
      sprt: this.#sprt,
      weights: toPeerWeightsState(this.#weights),
      challenger: { ...this.#challenger, peers: [...this.#challenger.peers] },
      rates: { ...this.#rates, domains: [...this.#rates.domains] },
    };
  }

  /** The plan is configuration and not part of the state: a restored monitor MUST be given the plan it was made with. */
  static restore(plan: MonitorPlan, state: MonitorState): DriftMonitor {
    assertVersion(state.version);
    const monitor = new DriftMonitor(plan);
    monitor.#claims = state.claims;
    monitor.#observations = state.observations;
    monitor.#sums = { ...state.sums };
    monitor.#sprt = state.sprt;
    monitor.#weights = fromPeerWeightsState(state.weights);
    monitor.#challenger = { ...state.challenger, peers: new Map(state.challenger.peers) };
    monitor.#rates = { ...state.rates, domains: new Map(state.rates.domains) };
    return monitor;
  }
}

/** Takes a number, since what is restored was parsed. */
function assertVersion(version: number): void {
  invariant(version === 1, `needed a state of version 1, got ${version}`);
}

type Entries<T> = ReadonlyArray<readonly [key: string, value: T]>;

/** Plain data: `JSON.stringify` of it is the same for the same observations, and what was parsed restores the monitor. */
export type MonitorState = {
  readonly version: 1;
  readonly claims: number;
  readonly observations: number;
  readonly sums: { readonly shift: number; readonly identity: number; readonly gold: number };
  readonly sprt: SprtState;
  readonly weights: PeerWeightsState;
  readonly challenger: Omit<Challenger, "peers"> & { readonly peers: Entries<number> };
  readonly rates: Omit<GoldRates, "domains"> & {
    readonly domains: Entries<readonly [probes: number, errors: number]>;
  };
};
