/**
 * Two alternatives that a forecast is put against, each giving the score of a CUSUM. `shift`: the validator has become half as much itself
 * and half a typical, less certain member. `identity`: it has become something else, learnt as it goes (a plug-in alternative, Robbins and
 * Siegmund 1973; Lorden and Pollak 2005): slower to start, and sees changes that leave agreement with the consensus where it was.
 */
import { toOutcome, type ClaimAnswers } from "./answers.ts";
import { computeSharpnessGradient, normalise, type Forecast } from "./peer-model.ts";

/** Halfway, on the geometric path, between its own forecast and the typical answer... */
const OWN_SHARE = 0.5;
/** ...with the typical answer flattened by half: what replaces a model unannounced is cheaper and so less certain than the rest. */
const TYPICAL_SHARE = 0.25;

export function scoreShift({ own, typical }: Forecast, given: number): number {
  let total = 0;
  for (let outcome = 0; outcome < own.length; outcome++)
    total += (own[outcome] ?? 0) ** OWN_SHARE * (typical[outcome] ?? 0) ** TYPICAL_SHARE;
  const [mine, theirs] = [own[given] ?? 1, typical[given] ?? 1];
  return Math.log((mine ** OWN_SHARE * theirs ** TYPICAL_SHARE) / total / mine);
}

/** What the challenger adds to the forecast's own logarithms. Peers it never met count as 0. */
export type Challenger = { sharpness: number; abstention: number; readonly peers: Map<string, number> };

/** A change shows after a few dozen claims of learning at this step. */
const STEP = 0.01;
/** And is forgotten over some 500 claims, so that chance leanings do not last. */
const FORGETTING = 0.0005;
const PEERS_MAX = 256;

export function createChallenger(): Challenger {
  return { sharpness: 0, abstention: 0, peers: new Map() };
}

/** Scores the answer, then learns from it, in place: the alternative never sees the answer it is judged on. */
export function challenge(challenger: Challenger, claim: ClaimAnswers, { own, typical }: Forecast): number {
  const { options } = claim;
  const given = toOutcome(claim.answer, options);
  const leaning = own.map((value, at) => Math.log(value) + challenger.sharpness * Math.log(typical[at] ?? 1));
  for (const { peer, answer } of claim.peers) {
    const said = toOutcome(answer, options);
    if (said < options) leaning[said] = (leaning[said] ?? 0) + (challenger.peers.get(peer) ?? 0);
  }
  leaning[options] = (leaning[options] ?? 0) + challenger.abstention;
  normalise(leaning);
  const score = Math.log((leaning[given] ?? 1) / (own[given] ?? 1));
  follow(challenger, claim, { typical, leaning, given });
  return score;
}

function follow(
  challenger: Challenger,
  { peers, options }: ClaimAnswers,
  { typical, leaning, given }: { typical: Float64Array; leaning: Float64Array; given: number },
): void {
  const keep = 1 - FORGETTING;
  for (const { peer, answer } of peers) {
    const said = toOutcome(answer, options);
    const gradient = said === options ? 0 : (said === given ? 1 : 0) - (leaning[said] ?? 0);
    const before = challenger.peers.get(peer);
    if (before === undefined && (gradient === 0 || challenger.peers.size >= PEERS_MAX)) continue;
    challenger.peers.set(peer, (before ?? 0) * keep + STEP * gradient);
  }
  const sharper = computeSharpnessGradient(typical, leaning, given);
  /** Logarithms of shares run to -4 where indicators run to 1: a third of the step keeps them at one pace. */
  challenger.sharpness = challenger.sharpness * keep + (STEP / 3) * sharper;
  const silent = (given === options ? 1 : 0) - (leaning[options] ?? 0);
  challenger.abstention = challenger.abstention * keep + STEP * silent;
}
