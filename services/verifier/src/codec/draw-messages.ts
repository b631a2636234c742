/** Draws between the domain's words and the contracts'. */
import type { types, verifier } from "@mira/api";
import type { DrawTerms } from "@mira/committee";
import type { FixedProof, Round } from "../domain/verification.ts";
import { toCommitteeMessage } from "./verification-messages.ts";

export function toTermsMessage({
  networkId: _networkId,
  verificationId: _verificationId,
  seated,
  ...same
}: DrawTerms): verifier.DrawTerms {
  return { ...same, seated: [...seated] };
}

export function fromTermsMessage(
  terms: verifier.DrawTerms,
  { networkId, verificationId }: Pick<DrawTerms, "networkId" | "verificationId">,
): DrawTerms {
  return { networkId, verificationId, ...terms };
}

export function toFixedMessage({ entry, index, treeSize, path, checkpoint }: FixedProof): types.EntryProof {
  return {
    entry,
    inclusion: { index: BigInt(index), treeSize: BigInt(treeSize), path: [...path] },
    checkpoint,
  };
}

export function fromFixedMessage({ entry, inclusion, checkpoint }: types.EntryProof): FixedProof {
  return {
    entry,
    index: Number(inclusion?.index ?? 0),
    treeSize: Number(inclusion?.treeSize ?? 0),
    path: inclusion?.path ?? [],
    checkpoint,
  };
}

/** Undefined while it is not drawn: until then its nonce is nobody's business. */
export function toDrawMessage(round: Round): verifier.Draw | undefined {
  const { terms, candidates, nonce, fixed, committee, claimIds } = round;
  if (terms === undefined || fixed === undefined) return undefined;
  return {
    terms: toTermsMessage(terms),
    candidates: candidates.map(toCommitteeMessage),
    nonce,
    fixed: toFixedMessage(fixed),
    drawn: committee.map(({ validatorId }) => validatorId),
    claimIds: [...claimIds],
  };
}
