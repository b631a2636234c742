/** Draws a committee from bonded validators: weighted by stake, without replacement, the same for the same seed in any order of input. */
import { CanonicalWriter, sha256 } from "@mira/primitives";
import type { CommitteeMember } from "./verification.ts";

/**
 * Draws up to `size` members. Each draw takes a point below the remaining stake from the seed's hash chain (64 more bits than the
 * stake has, so that the modulo's bias is below 2^-64) and the member whose stake covers it.
 */
export function drawCommittee(
  candidates: readonly CommitteeMember[],
  size: number,
  seed: Uint8Array,
): readonly CommitteeMember[] {
  const remaining = candidates
    .filter(({ stake }) => stake > 0n)
    .sort((left, right) => (left.validatorId < right.validatorId ? -1 : 1));
  const drawn: CommitteeMember[] = [];
  for (let round = 0; drawn.length < size && remaining.length > 0; round++) {
    const total = remaining.reduce((sum, { stake }) => sum + stake, 0n);
    const index = findCovering(remaining, drawNumber(seed, round) % total);
    drawn.push(...remaining.splice(index, 1));
  }
  return drawn;
}

function findCovering(members: readonly CommitteeMember[], point: bigint): number {
  let covered = 0n;
  return members.findIndex(({ stake }) => point < (covered += stake));
}

function drawNumber(seed: Uint8Array, round: number): bigint {
  const digest = sha256(new CanonicalWriter().text("mira:committee:v1").bytes(seed).u32(round).finish());
  return BigInt(`0x${Buffer.from(digest).toString("hex")}`);
}
