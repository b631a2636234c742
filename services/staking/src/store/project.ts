/** Writes the tables in the transaction of the append: what an event obliges us to do is as durable as the event. */
import { InvariantViolation, unreachable } from "@mira/primitives";
import type { CompiledQuery, Insertable } from "kysely";
import type { PoolClient } from "pg";
import { summarize } from "../domain/summary.ts";
import type { KnownValidator, StakingEvent } from "../domain/validator.ts";
import type { Database, DutyRow } from "./tables.ts";

export async function projectStaking(
  database: Database,
  client: PoolClient,
  state: KnownValidator,
  events: readonly StakingEvent[],
): Promise<void> {
  await run(client, upsertValidator(database, state));
  for (const event of events)
    for (const query of projectEvent(database, state, event)) await run(client, query);
}

function projectEvent(
  database: Database,
  state: KnownValidator,
  event: StakingEvent,
): readonly CompiledQuery[] {
  const { validatorId, operator } = state;
  const duty = { validator_id: validatorId, operator: Buffer.from(operator) };
  switch (event.type) {
    case "StakeBonded":
      return [
        insertDuty(database, {
          ...duty,
          duty_id: `post-bond/${event.transferId}`,
          kind: "post-bond",
          reference: event.transferId,
          amount_units: String(event.amount),
          due_ms: "0",
        }),
      ];
    case "UnbondingStarted":
      return [
        insertDuty(database, {
          ...duty,
          duty_id: `end-unbonding/${validatorId}/${event.at}`,
          kind: "end-unbonding",
          reference: `release/${validatorId}/${event.at}`,
          amount_units: String(event.amount),
          due_ms: String(event.endsAt),
        }),
      ];
    case "StakeUnbonded":
      return [
        insertDuty(database, {
          ...duty,
          duty_id: event.transferId,
          kind: "release",
          reference: event.transferId,
          amount_units: String(event.amount),
          due_ms: "0",
        }),
      ];
    case "EvidenceAccepted":
      return projectEvidence(database, duty, event);
    case "ProbeJudged":
      return [];
    case "FaultRecorded":
      return projectFault(database, duty, event);
    case "StakeSlashed":
      return [
        database
          .updateTable("staking.slashes")
          .set({ transfer_id: event.transferId })
          .where("evidence_id", "=", event.evidenceId)
          .compile(),
      ];
    default:
      return unreachable(event);
  }
}

type Owner = Pick<Insertable<DutyRow>, "validator_id" | "operator">;

/** Nothing left to take: the validator is barred all the same, and there is no value to move. */
function projectEvidence(
  database: Database,
  owner: Owner,
  { evidenceId, fault, slash, at }: Extract<StakingEvent, { type: "EvidenceAccepted" }>,
): readonly CompiledQuery[] {
  const row = {
    evidence_id: evidenceId,
    validator_id: owner.validator_id,
    fault,
    amount_units: String(slash),
    transfer_id: null,
    at_ms: String(at),
  };
  const insert = database.insertInto("staking.slashes").values(row).compile();
  return slash === 0n ? [insert] : [insert, insertSlashDuty(database, owner, evidenceId, slash)];
}

function projectFault(
  database: Database,
  owner: Owner,
  event: Extract<StakingEvent, { type: "FaultRecorded" }>,
): readonly CompiledQuery[] {
  const { faultId, kind, verificationId, round, policy, slash, at } = event;
  const row = {
    fault_id: faultId,
    validator_id: owner.validator_id,
    kind,
    verification_id: verificationId,
    round,
    policy,
    slash_units: String(slash),
    at_ms: String(at),
  };
  const insert = database.insertInto("staking.faults").values(row).compile();
  return slash === 0n ? [insert] : [insert, insertSlashDuty(database, owner, faultId, slash)];
}

function upsertValidator(database: Database, state: KnownValidator): CompiledQuery {
  const { validatorId, publicKey, operator, family, bonded, unbonding, status, bondedAt, unbondingEndsAt } =
    summarize(state);
  const changing = {
    bonded_units: String(bonded),
    unbonding_units: String(unbonding),
    status,
    unbonding_ends_ms: unbondingEndsAt === undefined ? null : String(unbondingEndsAt),
  };
  return database
    .insertInto("staking.validators")
    .values({
      validator_id: validatorId,
      public_key: Buffer.from(publicKey),
      operator: Buffer.from(operator),
      family,
      bonded_ms: String(bondedAt),
      ...changing,
    })
    .onConflict((conflict) => conflict.column("validator_id").doUpdateSet(changing))
    .compile();
}

function insertSlashDuty(database: Database, owner: Owner, reference: string, slash: bigint): CompiledQuery {
  const duty_id = `slash/${reference}`;
  return insertDuty(database, {
    ...owner,
    duty_id,
    kind: "slash",
    reference,
    amount_units: String(slash),
    due_ms: "0",
  });
}

function insertDuty(database: Database, row: Insertable<DutyRow>): CompiledQuery {
  return database
    .insertInto("staking.duties")
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .compile();
}

async function run(client: PoolClient, query: CompiledQuery): Promise<void> {
  const result = await client.query(query.sql, [...query.parameters]);
  if (result.rowCount === null) throw new InvariantViolation(`a write without a row count: ${query.sql}`);
}
