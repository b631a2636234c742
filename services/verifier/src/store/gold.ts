/** What validators said of claims of known truth: what their attestations are weighed by. */
import type { Pool, PoolClient } from "pg";
import type { GoldAnswer } from "../domain/weigh-by-probes.ts";
import type { GoldList } from "../ports.ts";

const MIGRATION = `
  CREATE TABLE IF NOT EXISTS verifier.gold (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    validator_id text NOT NULL,
    domain text NOT NULL,
    probe_id text NOT NULL,
    verdict text NOT NULL,
    truth text NOT NULL
  );
  CREATE INDEX IF NOT EXISTS gold_of_validator ON verifier.gold (domain, validator_id, number)`;

/** Of all members together: older answers say less of what a validator is today. */
const ANSWERS_MAX = 2_000;

type GoldRow = {
  readonly probe_id: string;
  readonly validator_id: string;
  readonly verdict: GoldAnswer["verdict"];
  readonly truth: GoldAnswer["truth"];
};

export function createGoldList(pool: Pool): GoldList & { readonly migrate: () => Promise<void> } {
  return {
    migrate: async () => {
      await pool.query(MIGRATION);
    },
    async read(validatorIds, domain) {
      const { rows } = await pool.query<GoldRow>(
        `SELECT probe_id, validator_id, verdict, truth FROM verifier.gold
         WHERE domain = $1 AND validator_id = ANY($2) ORDER BY number DESC LIMIT $3`,
        [domain, validatorIds, ANSWERS_MAX],
      );
      return rows.map((row) => ({
        probeId: row.probe_id,
        validatorId: row.validator_id,
        verdict: row.verdict,
        truth: row.truth,
      }));
    },
  };
}

/** Runs in the transaction of the event that scored them. */
export async function writeGold(
  client: PoolClient,
  domain: string,
  answers: readonly GoldAnswer[],
): Promise<void> {
  for (const { validatorId, probeId, verdict, truth } of answers)
    await client.query(
      "INSERT INTO verifier.gold (validator_id, domain, probe_id, verdict, truth) VALUES ($1, $2, $3, $4, $5)",
      [validatorId, domain, probeId, verdict, truth],
    );
}
