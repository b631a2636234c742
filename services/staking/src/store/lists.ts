/** Reads of the tables. */
import { InvariantViolation, parseBaseUnits, parseUnixMs } from "@mira/primitives";
import { Kysely, PostgresDialect, type Selectable } from "kysely";
import type { Pool } from "pg";
import type { SlashSummary, ValidatorStatus, ValidatorSummary } from "../domain/summary.ts";
import type { Duty, DutyList, ValidatorLists } from "../ports.ts";
import type { Database, DutyRow, SlashRow, Tables, ValidatorRow } from "./tables.ts";

export function openDatabase(pool: Pool): Database {
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}

export function createValidatorLists(database: Database): ValidatorLists {
  return {
    async listValidators({ bondedOnly, limit, afterNumber }) {
      let select = database
        .selectFrom("staking.validators")
        .selectAll()
        .where("number", ">", String(afterNumber))
        .orderBy("number")
        .limit(limit + 1);
      if (bondedOnly) select = select.where("status", "=", "bonded");
      const rows = await select.execute();
      const page = rows.slice(0, limit);
      return {
        validators: page.map(toValidator),
        nextNumber: rows.length > limit ? BigInt(page.at(-1)?.number ?? 0) : undefined,
      };
    },
    async listSlashes(validatorId, limit) {
      let select = database.selectFrom("staking.slashes").selectAll().orderBy("at_ms", "desc").limit(limit);
      if (validatorId !== "") select = select.where("validator_id", "=", validatorId);
      return (await select.execute()).map(toSlash);
    },
  };
}

export function createDutyList(database: Database): DutyList {
  return {
    async listDue(now, limit) {
      const rows = await database
        .selectFrom("staking.duties")
        .selectAll()
        .where("due_ms", "<=", String(now))
        .orderBy("due_ms")
        .limit(limit)
        .execute();
      return rows.map((row) => ({ dutyId: row.duty_id, duty: toDuty(row) }));
    },
    async remove(dutyId) {
      await database.deleteFrom("staking.duties").where("duty_id", "=", dutyId).execute();
    },
  };
}

function toValidator(row: Selectable<ValidatorRow>): ValidatorSummary {
  return {
    validatorId: row.validator_id,
    publicKey: row.public_key,
    operator: row.operator,
    family: row.family,
    bonded: parseBaseUnits(row.bonded_units),
    unbonding: parseBaseUnits(row.unbonding_units),
    status: row.status as ValidatorStatus,
    bondedAt: parseUnixMs(row.bonded_ms),
    unbondingEndsAt: row.unbonding_ends_ms === null ? undefined : parseUnixMs(row.unbonding_ends_ms),
  };
}

function toSlash(row: Selectable<SlashRow>): SlashSummary {
  const { evidence_id: evidenceId, validator_id: validatorId, fault } = row;
  return {
    evidenceId,
    validatorId,
    fault,
    amount: parseBaseUnits(row.amount_units),
    transferId: row.transfer_id ?? undefined,
    at: parseUnixMs(row.at_ms),
  };
}

function toDuty(row: Selectable<DutyRow>): Duty {
  const { validator_id: validatorId, reference, operator } = row;
  const amount = parseBaseUnits(row.amount_units);
  switch (row.kind) {
    case "post-bond":
      return { kind: "post-bond", validatorId, transferId: reference };
    case "slash":
      return { kind: "slash", validatorId, evidenceId: reference, amount };
    case "end-unbonding":
      return { kind: "end-unbonding", validatorId, transferId: reference };
    case "release":
      return { kind: "release", validatorId, operator, amount, transferId: reference };
    default:
      throw new InvariantViolation(`an unknown kind of duty: ${row.kind}`);
  }
}
