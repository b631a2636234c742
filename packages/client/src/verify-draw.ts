/** Offline: that a committee is the one that claims, candidates, a nonce and a signed checkpoint give, all fixed before it was known. */
import type { verifier } from "@mira/api";
import { verifyDraw, type Candidate, type DrawProof } from "@mira/committee";
import { parseBaseUnits, refuse, succeed, type Result } from "@mira/primitives";
import type { NetworkTrust } from "./network.ts";
import { verifyEntryProof } from "./verify-entry.ts";

export type VerifiedDraw = {
  readonly round: number;
  readonly attempt: number;
  /** In the order of the draw. */
  readonly drawn: readonly Candidate[];
  readonly candidates: number;
  /** Place of the entry that fixed it, and the size of the log it was drawn from. */
  readonly entry: { readonly index: number; readonly treeSize: number };
};

/** All draws of one verification, the first committee's first: a wider one is drawn around those who sit already. */
export function verifyDraws(
  verificationId: string,
  draws: readonly verifier.Draw[],
  trust: NetworkTrust,
): Result<readonly VerifiedDraw[], "PROOF_INVALID"> {
  const verified: VerifiedDraw[] = [];
  for (const draw of draws) {
    const seated = verified.flatMap(({ drawn }) => drawn);
    const one = verifyOne(verificationId, { draw, seated }, trust);
    if (!one.ok) return one;
    verified.push(one.value);
  }
  return succeed(verified);
}

function verifyOne(
  verificationId: string,
  { draw, seated }: { readonly draw: verifier.Draw; readonly seated: readonly Candidate[] },
  trust: NetworkTrust,
): Result<VerifiedDraw, "PROOF_INVALID"> {
  const entry = verifyEntryProof(draw.fixed, trust);
  if (!entry.ok) return entry;
  if (draw.terms === undefined) return refuse("PROOF_INVALID", "the draw has no terms");
  const candidates = draw.candidates.map(toCandidate);
  const proof: DrawProof = {
    terms: { networkId: trust.networkId, verificationId, ...draw.terms },
    candidates,
    seated,
    nonce: draw.nonce,
    checkpoint: draw.fixed?.checkpoint ?? "",
  };
  const drawn = verifyDraw(proof, entry.value);
  if (!drawn.ok) return drawn;
  const names = drawn.value.map(({ validatorId }) => validatorId).join();
  if (names !== draw.drawn.join())
    return refuse("PROOF_INVALID", "another committee is drawn from what was fixed", {
      needed: names,
      got: draw.drawn.join(),
    });
  const { index, treeSize } = entry.value;
  const { round, attempt } = draw.terms;
  return succeed({
    round,
    attempt,
    drawn: drawn.value,
    candidates: candidates.length,
    entry: { index, treeSize },
  });
}

function toCandidate({ stakeUnits, claimIds: _claimIds, ...same }: verifier.CommitteeMember): Candidate {
  return { ...same, stake: /^\d{1,40}$/.test(stakeUnits) ? parseBaseUnits(stakeUnits) : 0n };
}
