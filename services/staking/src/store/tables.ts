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

export type FaultRow = {
  readonly fault_id: string;
  readonly validator_id: string;
  readonly kind: string;
  readonly verification_id: string;
  readonly round: number;
  readonly policy: string;
  readonly slash_units: string;
  readonly at_ms: string;
};

/** What others told of a validator's work: counts, added to with each message. */
export type StandingRow = {
  readonly validator_id: string;
  readonly agreed: string;
  readonly disagreed: string;
  readonly abstained: string;
  readonly probes_passed: string;
  readonly probes_failed: string;
  readonly drift_level: string;
};

export type Tables = {
  readonly "staking.probe_roots": { readonly set_id: string; readonly root: Buffer };
  readonly "staking.faults": FaultRow;
  readonly "staking.standings": StandingRow;
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
  );
  CREATE TABLE IF NOT EXISTS staking.faults (
    fault_id text PRIMARY KEY,
    validator_id text NOT NULL,
    kind text NOT NULL,
    verification_id text NOT NULL,
    round integer NOT NULL,
    policy text NOT NULL,
    slash_units numeric NOT NULL,
    at_ms bigint NOT NULL
  );
  CREATE INDEX IF NOT EXISTS faults_of_validator ON staking.faults (validator_id, at_ms);
  CREATE TABLE IF NOT EXISTS staking.probe_roots (
    set_id text PRIMARY KEY,
    root bytea NOT NULL
  );
  CREATE TABLE IF NOT EXISTS staking.standings (
    validator_id text PRIMARY KEY,
    agreed bigint NOT NULL DEFAULT 0,
    disagreed bigint NOT NULL DEFAULT 0,
    abstained bigint NOT NULL DEFAULT 0,
    probes_passed bigint NOT NULL DEFAULT 0,
    probes_failed bigint NOT NULL DEFAULT 0,
    drift_level text NOT NULL DEFAULT ''
  )`;

export async function migrateTables(pool: Pool): Promise<void> {
  await pool.query(MIGRATION);
}
