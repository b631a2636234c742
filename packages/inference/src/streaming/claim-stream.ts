/** Claims one at a time: a verdict's posterior and every validator's reliability brought up to date in O(committee x classes). */
import { invariant } from "../invariant.ts";
import { softmaxRow } from "../numeric/rows.ts";

export type StreamOptions = {
  readonly classes: number;
  /** Pseudo-labels right and wrong of a validator nothing is known of. */
  readonly rightPrior?: number;
  readonly wrongPrior?: number;
  /** Validators that are remembered at once. A new one beyond it is a bug of the caller, who must have refused it. */
  readonly validatorsMax?: number;
};

export type StreamVote = { readonly validator: string; readonly label: number; readonly confidence?: number };

const RIGHT_PRIOR = 4;
const WRONG_PRIOR = 1;
const VALIDATORS_MAX = 1_000_000;
const START_CAPACITY = 64;

/**
 * The one-coin model, learnt as claims come: what a validator said is scored by the posterior of the claim it was said on, and
 * that score is added to its counts. A probe's known class is used instead of the posterior. A claim's posterior depends on the
 * claims before it and not on the order of its votes; the counts therefore depend on the order of claims, unlike `aggregate`.
 */
export class ClaimStream {
  readonly #classes: number;
  readonly #prior: { readonly right: number; readonly wrong: number };
  readonly #validatorsMax: number;
  readonly #numbers = new Map<string, number>();
  /** Right and all labels, prior included, of validator n at 2n and 2n + 1. */
  #counts = new Float64Array(2 * START_CAPACITY);

  constructor({ classes, rightPrior, wrongPrior, validatorsMax }: StreamOptions) {
    invariant(classes >= 2, () => `classes: needed 2 or more, got ${classes}`);
    this.#classes = classes;
    this.#prior = { right: rightPrior ?? RIGHT_PRIOR, wrong: (wrongPrior ?? WRONG_PRIOR) * (classes - 1) };
    this.#validatorsMax = validatorsMax ?? VALIDATORS_MAX;
  }

  /** Posterior of one claim from its committee's votes, which are then learnt from. `truth`: its class, when it is a probe. */
  observe(votes: readonly StreamVote[], truth?: number): Float64Array {
    const sorted = votes.toSorted((one, other) => compare(one, other));
    const posterior = this.peek(sorted);
    for (const { validator, label, confidence = 1 } of sorted) {
      const at = 2 * this.#number(validator);
      const right = truth === undefined ? (posterior[label] ?? 0) : Number(truth === label);
      this.#counts[at] = (this.#counts[at] ?? 0) + confidence * right;
      this.#counts[at + 1] = (this.#counts[at + 1] ?? 0) + confidence;
    }
    return posterior;
  }

  /** Posterior of one claim, learning nothing. */
  peek(votes: readonly StreamVote[]): Float64Array {
    const posterior = new Float64Array(this.#classes);
    for (const { validator, label, confidence = 1 } of votes.toSorted((one, other) => compare(one, other))) {
      invariant(
        label >= 0 && label < this.#classes,
        () => `label: needed 0..${this.#classes - 1}, got ${label}`,
      );
      const right = this.reliability(validator);
      const odds = Math.log((right * (this.#classes - 1)) / (1 - right));
      posterior[label] = (posterior[label] ?? 0) + confidence * odds;
    }
    softmaxRow(posterior, 0, this.#classes);
    return posterior;
  }

  /** Expected probability of a validator to be right. */
  reliability(validator: string): number {
    const at = this.#numbers.get(validator);
    if (at === undefined) return this.#prior.right / (this.#prior.right + this.#prior.wrong);
    return (this.#counts[2 * at] ?? 0) / (this.#counts[2 * at + 1] ?? 1);
  }

  get validators(): number {
    return this.#numbers.size;
  }

  #number(validator: string): number {
    const known = this.#numbers.get(validator);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    invariant(number < this.#validatorsMax, () => `validators: needed at most ${this.#validatorsMax}`);
    if (2 * number >= this.#counts.length) {
      const grown = new Float64Array(2 * this.#counts.length);
      grown.set(this.#counts);
      this.#counts = grown;
    }
    this.#numbers.set(validator, number);
    this.#counts[2 * number] = this.#prior.right;
    this.#counts[2 * number + 1] = this.#prior.right + this.#prior.wrong;
    return number;
  }
}

function compare(one: StreamVote, other: StreamVote): number {
  if (one.validator !== other.validator) return one.validator < other.validator ? -1 : 1;
  return one.label - other.label || (one.confidence ?? 1) - (other.confidence ?? 1);
}
