/** Staking's bonded validators and settlement's audit log, over gRPC. */
import { settlement, type staking } from "@mira/api";
import { formatTlogProof } from "@mira/certificate";
import { call, type GrpcClient } from "@mira/chassis";
import type { Candidate } from "@mira/committee";
import { encodeBase58, parseBaseUnits, refuse, succeed } from "@mira/primitives";
import { fromFixedMessage } from "../codec/draw-messages.ts";
import type { AuditLog, ValidatorDirectory } from "../ports.ts";

const PAGE_SIZE = 500;
/** A committee is drawn from at most this many. */
const VALIDATORS_MAX = 10_000;
const PROOF_DEADLINE_MS = 8_000;
const LOOK_DEADLINE_MS = 2_000;

export function createValidatorDirectory(
  client: GrpcClient<typeof staking.StakingServiceService>,
): ValidatorDirectory {
  return {
    async listBonded() {
      const members: Candidate[] = [];
      for (let pageToken = ""; members.length < VALIDATORS_MAX;) {
        const page = await call(client, "listValidators", {
          bondedOnly: true,
          pageSize: PAGE_SIZE,
          pageToken,
        });
        if (!page.ok) return page;
        members.push(
          ...page.value.validators.map(({ validatorId, publicKey, operator, family, bondedUnits }) => ({
            validatorId,
            publicKey,
            operator: encodeBase58(operator),
            family,
            stake: parseBaseUnits(bondedUnits),
          })),
        );
        pageToken = page.value.nextPageToken;
        if (pageToken === "") break;
      }
      return succeed(members);
    },
  };
}

export function createAuditLog(client: GrpcClient<typeof settlement.SettlementServiceService>): AuditLog {
  return {
    async findFixed(subject, waitMs) {
      const request = { by: { $case: "subject", value: subject } as const, wait: waitMs > 0 };
      const response = await call(client, "getEntryProof", request, {
        deadlineMs: Math.max(waitMs, LOOK_DEADLINE_MS),
      });
      // Not yet there, or settlement has no leader at the moment: looked for again.
      const proof = response.ok ? response.value.proof : undefined;
      return proof?.inclusion === undefined ? undefined : fromFixedMessage(proof);
    },
    async getCertificateProof(certificateId) {
      const response = await call(
        client,
        "getEntryProof",
        { by: { $case: "subject", value: certificateId }, wait: true, log: settlement.Log.CERTIFICATES },
        { deadlineMs: PROOF_DEADLINE_MS },
      );
      if (!response.ok) return response;
      const { proof } = response.value;
      if (proof?.inclusion === undefined)
        return refuse("NOT_FOUND", "the certificate is not in the log yet", { certificateId });
      const { index, path } = proof.inclusion;
      return succeed(formatTlogProof({ index: Number(index), path, checkpoint: proof.checkpoint }));
    },
  };
}
