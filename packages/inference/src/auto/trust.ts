/** Whether a panel is to be believed, and if not, why: said in words that can stand in a certificate. */
import type { Structure } from "./structure.ts";

export type Trust = {
  /** False: no verdict of this panel may be certified. */
  readonly trusted: boolean;
  /** False: models of validators do harm here, the plain vote is all there is. */
  readonly modelled: boolean;
  readonly reason: string;
};

/** Independent crowds show none or some thousandths of a nat; panels of models that err together show several hundredths. */
const GROUP_EVIDENCE_MAX = 0.01;
/** 1 under independence. Crowds with a few copies or spammers reach 2. */
const PAIR_DISPERSION_MAX = 2.5;
/** Two blocs that contradict each other cannot be told apart by labels alone. */
const CONTRARY_SHARE_MAX = 0.05;
/** Inference refines a vote. One that overturns a quarter of it rests on its model, not on the labels. */
const OVERRULED_SHARE_MAX = 0.25;
/** A handful of validators with one blind spot looks like a handful that is right: only a crowd shows the difference. */
const VALIDATORS_MIN = 20;
/** Fewer pairs that share items could hide anything. */
const PAIRS_MIN = 100;

export function showsGroups(groupEvidence: number): boolean {
  return groupEvidence > GROUP_EVIDENCE_MAX;
}

export function judgeStructure(structure: Structure): Trust {
  const refuse = (reason: string): Trust => ({ trusted: false, modelled: false, reason });
  const { groupEvidence, pairDispersion, contraryShare, overruledShare } = structure;
  if (structure.validators < VALIDATORS_MIN)
    return refuse(
      `${structure.validators} validators are too few to tell a shared error from the truth without probes`,
    );
  if (showsGroups(groupEvidence))
    return refuse(`validators err together on groups of items (${groupEvidence.toFixed(3)} nats a label)`);
  if (pairDispersion > PAIR_DISPERSION_MAX)
    return refuse(
      `pairs of validators agree beyond what independent errors explain (dispersion ${pairDispersion.toFixed(2)})`,
    );
  if (contraryShare > CONTRARY_SHARE_MAX)
    return refuse(`a bloc contradicts the rest (${(100 * contraryShare).toFixed(1)} % of the information)`);
  if (overruledShare > OVERRULED_SHARE_MAX)
    return refuse(`the model overrules the vote on ${(100 * overruledShare).toFixed(0)} % of the items`);
  if (structure.pairs < PAIRS_MIN)
    return {
      trusted: false,
      modelled: true,
      reason: `only ${structure.pairs} pairs of validators share enough items to be compared`,
    };
  return { trusted: true, modelled: true, reason: "labels are consistent with independent errors" };
}
