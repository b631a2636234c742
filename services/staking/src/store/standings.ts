/** How validators have worked: counts of what the verifier tells, and of the faults recorded here. */
import { parseBaseUnits, parseUnixMs } from "@mira/primitives";
import { sql } from "kysely";
import type { PoolClient } from "pg";
import type { Standing } from "../domain/standing.ts";
import type { ProbeRoots, StandingChange, StandingList } from "../ports.ts";
import type { Database } from "./tables.ts";

export function createStandingList(database: Database): StandingList {
  return {
    async readStandings(validatorIds) {
      if (validatorIds.length === 0) return [];
      const [told, faults] = await Promise.all([
        database
          .selectFrom("staking.standings")
          .selectAll()
          .where("validator_id", "in", validatorIds)
          .execute(),
        database
          .selectFrom("staking.faults")
          .select([
            "validator_id",
            sql<string>`count(*)`.as("faults"),
            sql<string>`sum(slash_units)`.as("units"),
          ])
          .where("validator_id", "in", validatorIds)
          .groupBy("validator_id")
          .execute(),
      ]);
      const toldBy = new Map(told.map((row) => [row.validator_id, row]));
      const faultsBy = new Map(faults.map((row) => [row.validator_id, row]));
      return validatorIds.map((validatorId): Standing => {
        const row = toldBy.get(validatorId);
        const careless = faultsBy.get(validatorId);
        return {
          carelessFaults: Number(careless?.faults ?? 0),
          carelessUnits: parseBaseUnits(careless?.units ?? "0"),
          agreed: Number(row?.agreed ?? 0),
          disagreed: Number(row?.disagreed ?? 0),
          abstained: Number(row?.abstained ?? 0),
          probesPassed: Number(row?.probes_passed ?? 0),
          probesFailed: Number(row?.probes_failed ?? 0),
          driftLevel: row?.drift_level ?? "",
        };
      });
    },
    async listFaults(validatorId, limit) {
      const rows = await database
        .selectFrom("staking.faults")
        .selectAll()
        .where("validator_id", "=", validatorId)
        .orderBy("at_ms", "desc")
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        faultId: row.fault_id,
        kind: row.kind,
        verificationId: row.verification_id,
        round: row.round,
        policy: row.policy,
        slash: parseBaseUnits(row.slash_units),
        at: parseUnixMs(row.at_ms),
      }));
    },
  };
}

/** What probe sets were committed to: the first that was told stands. */
export function createProbeRoots(database: Database): ProbeRoots {
  return {
    async remember(setId, root) {
      await database
        .insertInto("staking.probe_roots")
        .values({ set_id: setId, root: Buffer.from(root) })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
    async find(setId) {
      const row = await database
        .selectFrom("staking.probe_roots")
        .select("root")
        .where("set_id", "=", setId)
        .executeTakeFirst();
      return row?.root;
    },
  };
}

const ADD = `
  INSERT INTO staking.standings AS s (validator_id, agreed, disagreed, abstained, probes_passed, probes_failed)
  VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT (validator_id) DO UPDATE SET
    agreed = s.agreed + excluded.agreed,
    disagreed = s.disagreed + excluded.disagreed,
    abstained = s.abstained + excluded.abstained,
    probes_passed = s.probes_passed + excluded.probes_passed,
    probes_failed = s.probes_failed + excluded.probes_failed`;

/** Runs in the transaction that also records the message as seen: what is told twice counts once. */
export async function addToStanding(client: PoolClient, change: StandingChange): Promise<void> {
  const { validatorId, agreed, disagreed, abstained, probesPassed, probesFailed } = change;
  await client.query(ADD, [validatorId, agreed, disagreed, abstained, probesPassed, probesFailed]);
}
