/** Draws a committee: weighted by stake, without replacement, capped by operator and family; the same for the same seed in any order of input. */
import { CanonicalWriter, invariant, sha256 } from "@mira/primitives";

/** A bonded validator, as it may be drawn. */
export type Candidate = {
  readonly validatorId: string;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Who bonded it, in base58. */
  readonly operator: string;
  /** Family of model or checkers, as declared at bonding. */
  readonly family: string;
  /** Base units. */
  readonly stake: bigint;
};

/** How many of a committee one operator, and one family, may be. */
export type SeatCaps = { readonly operatorSeatsMax: number; readonly familySeatsMax: number };

export type Drawing = SeatCaps & {
  /** How many to draw. */
  readonly seats: number;
  /** 32 bytes. */
  readonly seed: Uint8Array;
  /** Those who sit already, from earlier rounds: they are not drawn again and count towards the caps. */
  readonly seated?: readonly Candidate[];
};

/**
 * Draws up to `seats` members, in the order of the draw; fewer when the caps leave nobody. Each draw takes a point below the eligible
 * stake from the seed's hash chain (at least 2^64 times the stake, so that the modulo's bias is below 2^-64) and the candidate
 * whose stake covers it. O(candidates × seats).
 */
export function drawCommittee<C extends Candidate>(
  candidates: readonly C[],
  { seats, seed, seated = [], ...caps }: Drawing,
): readonly C[] {
  const taken = new Set(seated.map(({ validatorId }) => validatorId));
  const counts = new SeatCounts(caps, seated);
  let eligible = candidates
    .filter((candidate) => candidate.stake > 0n && !taken.has(candidate.validatorId) && counts.has(candidate))
    .sort((left, right) => (left.validatorId < right.validatorId ? -1 : 1));
  const drawn: C[] = [];
  for (let round = 0; drawn.length < seats && eligible.length > 0; round++) {
    const chosen = findCovering(eligible, drawNumber(seed, round));
    drawn.push(chosen);
    counts.seat(chosen);
    eligible = eligible.filter((candidate) => candidate !== chosen && counts.has(candidate));
  }
  return drawn;
}

/** No committee under these caps has more seats; whether so many can be found is seen by drawing. */
export function countSeatsAtMost(candidates: readonly Candidate[], caps: SeatCaps): number {
  const staked = candidates.filter(({ stake }) => stake > 0n);
  return Math.min(
    sumCapped(staked, ({ operator }) => operator, caps.operatorSeatsMax),
    sumCapped(staked, ({ family }) => family, caps.familySeatsMax),
  );
}

class SeatCounts {
  readonly #caps: SeatCaps;
  readonly #operators = new Map<string, number>();
  readonly #families = new Map<string, number>();

  constructor(caps: SeatCaps, seated: readonly Candidate[]) {
    invariant(caps.operatorSeatsMax >= 1 && caps.familySeatsMax >= 1, "caps of at least one seat");
    this.#caps = caps;
    for (const candidate of seated) this.seat(candidate);
  }

  /** Whether the candidate's operator and family may have one more. */
  has({ operator, family }: Candidate): boolean {
    return (
      (this.#operators.get(operator) ?? 0) < this.#caps.operatorSeatsMax &&
      (this.#families.get(family) ?? 0) < this.#caps.familySeatsMax
    );
  }

  seat({ operator, family }: Candidate): void {
    this.#operators.set(operator, (this.#operators.get(operator) ?? 0) + 1);
    this.#families.set(family, (this.#families.get(family) ?? 0) + 1);
  }
}

function findCovering<C extends Candidate>(eligible: readonly C[], number: bigint): C {
  const total = eligible.reduce((sum, { stake }) => sum + stake, 0n);
  const point = number % total;
  let covered = 0n;
  const found = eligible.find(({ stake }) => point < (covered += stake));
  invariant(found !== undefined, "a point below the total is covered");
  return found;
}

/** Two digests, so that the number is 2^64 times larger than any stake of up to 448 bits. */
function drawNumber(seed: Uint8Array, round: number): bigint {
  const half = (part: number): string =>
    Buffer.from(
      sha256(new CanonicalWriter().text("mira:committee-draw:v2").bytes(seed).u32(round).u8(part).finish()),
    ).toString("hex");
  return BigInt(`0x${half(0)}${half(1)}`);
}

function sumCapped(
  candidates: readonly Candidate[],
  groupOf: (candidate: Candidate) => string,
  cap: number,
): number {
  const counts = new Map<string, number>();
  for (const candidate of candidates)
    counts.set(groupOf(candidate), (counts.get(groupOf(candidate)) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => sum + Math.min(count, cap), 0);
}
