/** The tables behind the streams: validators, slashes, and the duties that events leave for the base ledger. */
import type { Kysely, Generated } from "kysely";
import type { Pool } from "pg";

export type ValidatorRow = {
  readonly number: Generated<string>;
  readonly validator_id: string;
  readonly public_key: Buffer;
  readonly operator: Buffer;
  readonly family: string;
  readonly bonded_units: string;
  readonly unbonding_units: string;
  readonly status: string;
  readonly bonded_ms: string;
  readonly unbonding_ends_ms: string | null;
};

export type SlashRow = {
  readonly evidence_id: string;
  readonly validator_id: string;
  readonly fault: string;
  readonly amount_units: string;
  readonly transfer_id: string | null;
  readonly at_ms: string;
};

export type DutyRow = {
  readonly duty_id: string;
  readonly kind: string;
  readonly validator_id: string;
  readonly reference: string;
  readonly operator: Buffer;
  readonly amount_units: string;
  readonly due_ms: string;
};

export type Tables = {
  readonly "staking.validators": ValidatorRow;
  readonly "staking.slashes": SlashRow;
  readonly "staking.duties": DutyRow;
};
export type Database = Kysely<Tables>;

const MIGRATION = `
  CREATE TABLE IF NOT EXISTS staking.validators (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    validator_id text NOT NULL UNIQUE,
    public_key bytea NOT NULL,
    operator bytea NOT NULL,
    family text NOT NULL,
    bonded_units numeric NOT NULL CHECK (bonded_units >= 0),
    unbonding_units numeric NOT NULL CHECK (unbonding_units >= 0),
    status text NOT NULL,
    bonded_ms bigint NOT NULL,
    unbonding_ends_ms bigint
  );
  CREATE TABLE IF NOT EXISTS staking.slashes (
    evidence_id text PRIMARY KEY,
    validator_id text NOT NULL,
    fault text NOT NULL,
    amount_units numeric NOT NULL,
    transfer_id text,
    at_ms bigint NOT NULL
  );
  CREATE TABLE IF NOT EXISTS staking.duties (
    duty_id text PRIMARY KEY,
    kind text NOT NULL,
    validator_id text NOT NULL,
    reference text NOT NULL,
    operator bytea NOT NULL,
    amount_units numeric NOT NULL,
    due_ms bigint NOT NULL
  )`;

export async function migrateTables(pool: Pool): Promise<void> {
  await pool.query(MIGRATION);
}
